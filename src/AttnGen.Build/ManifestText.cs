using System.Globalization;
using System.Text;

namespace AttnGen.Build;

/// <summary>The manifest that the compiler reads: file, tensor, type and shape, or what is wrong with the folder.</summary>
internal static class ManifestText
{
    public static string Of(IEnumerable<(string File, List<TensorFacts> Tensors)> files)
    {
        var text = new StringBuilder("{");
        var firstFile = true;
        foreach (var (file, tensors) in files)
        {
            String(text.Append(firstFile ? "\n" : ",\n"), file);
            text.Append(": {");
            firstFile = false;
            var firstTensor = true;
            foreach (var tensor in tensors)
            {
                String(text.Append(firstTensor ? "\n " : ",\n "), tensor.Name);
                String(text.Append(": {\"dtype\": "), tensor.Type);
                text.Append(", \"shape\": [").Append(string.Join(", ", tensor.Shape)).Append("]}");
                firstTensor = false;
            }

            text.Append("\n}");
        }

        return text.Append("\n}\n").ToString();
    }

    /// <summary>An object of texts.</summary>
    public static string OfPairs(IEnumerable<(string Key, string Value)> pairs)
    {
        var text = new StringBuilder("{");
        bool isFirst = true;
        foreach (var (key, value) in pairs)
        {
            String(text.Append(isFirst ? "\n" : ",\n"), key);
            String(text.Append(": "), value);
            isFirst = false;
        }

        return text.Append("\n}\n").ToString();
    }

    public static string OfProblem(ProblemException problem) => OfProblem(problem.Message, problem.IsUnsupported);

    /// <summary>What is wrong, in place of the tensors.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="isUnsupported">Whether the files are sound, and have what is not supported.</param>
    public static string OfProblem(string sentence, bool isUnsupported = false)
    {
        var text = new StringBuilder(isUnsupported ? "{\"__unsupported__\": " : "{\"__error__\": ");
        String(text, sentence);
        return text.Append("}\n").ToString();
    }

    private static void String(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c is < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029')
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        text.Append('"');
    }
}
