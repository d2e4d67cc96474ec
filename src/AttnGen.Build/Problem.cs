namespace AttnGen.Build;

/// <summary>What is wrong with a model folder: one sentence that goes into the manifest, so that the compiler can show it at the attribute.</summary>
internal sealed class ProblemException(string sentence) : Exception(sentence);

/// <summary>Foreign text in a sentence.</summary>
internal static class Show
{
    /// <summary>In quotes, on one line, shortened.</summary>
    public static string Quote(string text)
    {
        var line = new string([.. text.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c)]);
        return text.Length > 80 ? $"'{line}…'" : $"'{line}'";
    }
}
