using System.Reflection;
using System.Text;
using AttnGen.Gguf;

namespace AttnGen.Tokenizers;

/// <summary>
/// The tokenizer's files that a hub's folder of the same model would have, made of a GGUF file's metadata: tokenizer.json and tokenizer_config.json. So a
/// GGUF file's tokenizer is the folder's.
/// </summary>
internal static class GgufTokenizerFiles
{
    private const string Extension = ".gguf";

    /// <summary>A GGUF file, or the only one of a folder that has neither a tokenizer nor a model of its own, as such files; null: the path is another folder's.</summary>
    public static Func<string, Stream?>? Of(string path)
    {
        if (File.Exists(path))
        {
            return Over(() => File.OpenRead(path), path);
        }

        if (!Directory.Exists(path) || TokenizerLoader.Files.Append("config.json").Any(file => File.Exists(Path.Combine(path, file))))
        {
            return null;
        }

        string[] files = [.. Directory.EnumerateFiles(path).Where(file => file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)).Take(2)];
        return files.Length == 1 ? Over(() => File.OpenRead(files[0]), files[0]) : null;
    }

    /// <summary>The files of a model that is embedded in an assembly: those that are there, or, where that is a GGUF file, those that its metadata make.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="prefix">What the names of the model's resources begin with.</param>
    /// <param name="name">What messages call the model.</param>
    public static Func<string, Stream?> OfResources(Assembly assembly, string prefix, string name) =>
        Array.Find(assembly.GetManifestResourceNames(), one => one.StartsWith(prefix, StringComparison.Ordinal) && one.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)) is { } file
            ? Over(() => assembly.GetManifestResourceStream(file)!, name)
            : one => assembly.GetManifestResourceStream(prefix + one);

    /// <summary>The files of a GGUF file that is anywhere.</summary>
    /// <param name="open">Opens it; the stream can seek.</param>
    /// <param name="name">What messages call it.</param>
    public static Func<string, Stream?> Over(Func<Stream> open, string name)
    {
        Lazy<byte[]> json = new(() => Make(open, name, whole: true)), config = new(() => Make(open, name, whole: false));
        return file => file is TokenizerJson.File or TokenizerConfig.File ? new MemoryStream((file == TokenizerJson.File ? json : config).Value, writable: false) : null;
    }

    // tokenizer.json, or tokenizer_config.json.
    private static byte[] Make(Func<Stream> open, string name, bool whole)
    {
        try
        {
            using var stream = open();
            var header = GgufHeader.Read(stream, Path.GetFileName(name));
            var tokens = GgufTokens.Read(header, stream) ?? throw new FileNotFoundException($"'{name}' has no tokenizer: its metadata lack {GgufTokens.TokensKey}; take the tokenizer of the folder that it was made of.");
            return whole ? new GgufTokenizerJson(header, stream, tokens).Make() : Encoding.UTF8.GetBytes(tokens.Config(withTemplate: true));
        }
        catch (GgufProblem problem) when (problem.IsUnsupported)
        {
            throw new NotSupportedException(problem.Message, problem);
        }
        catch (GgufProblem problem)
        {
            throw new InvalidDataException(problem.Message, problem);
        }
    }
}
