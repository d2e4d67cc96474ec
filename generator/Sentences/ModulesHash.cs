using System.Globalization;

namespace AttnGen.Sentences;

/// <summary>
/// What a folder's modules mean, as one number, and which of it counts. A class is compiled for it; where a program gives another folder, that folder's must be the same. Files that say the same in
/// other words (flags for a name, another order of keys, another version's defaults) have the same number.
/// </summary>
internal static class ModulesHash
{
    // Behind the number: what the class says itself.
    private const char Pooled = 'p', Normalized = 'n';

    /// <summary>Of a folder that says nothing.</summary>
    public static string Nothing { get; } = Number("");

    /// <summary>The number, sixteen hexadecimal digits, and a letter for what the class says itself.</summary>
    /// <param name="modules">The folder's, read without problems.</param>
    /// <param name="isPooled">Whether the class says how its hidden states are pooled.</param>
    /// <param name="isNormalized">Whether the class says if its vectors are scaled to length 1.</param>
    public static string Of(SentenceModules modules, bool isPooled, bool isNormalized) =>
        Number(modules.Description(isPooled, isNormalized)) + (isPooled ? Pooled : "") + (isNormalized ? Normalized : "");

    /// <summary>Why a folder does not make vectors as the class of a number does; null: it does.</summary>
    /// <param name="compiled">The number.</param>
    /// <param name="open">A file's text by its path in the folder; null: it is not there.</param>
    /// <param name="config">The folder's config_sentence_transformers.json.</param>
    /// <param name="input">The folder's sentence_bert_config.json.</param>
    public static string? Differs(string compiled, Func<string, string?> open, SentenceConfig config, SentenceInput input)
    {
        bool isPooled = compiled.Contains(Pooled), isNormalized = compiled.Contains(Normalized);
        var problems = new List<SentenceProblem>();
        var modules = SentenceModules.Read(open, config, input, problems, isPooled);
        if (problems.Count > 0)
            return problems[0].Message;
        string says = modules.Description(isPooled, isNormalized);
        return Of(modules, isPooled, isNormalized) == compiled ? null : says.Length > 0 ? says : modules.IsListed ? "no pooling and no change of the vector" : "there is no modules.json, which is the mean of the tokens";
    }

    // FNV-1a, 64 bits.
    private static string Number(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 1099511628211);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
