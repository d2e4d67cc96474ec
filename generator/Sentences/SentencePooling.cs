using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>What a pooling's configuration says.</summary>
internal static class SentencePooling
{
    /// <summary>The pooling where nothing is said.</summary>
    public const string Mean = "Mean";

    // Both spellings: "pooling_mode", or a flag for each mode. All that are true stand side by side, in this order. Member is that of the public enum Pooling.
    private static readonly (string Flag, string Name, string Member)[] s_modes =
    [
        ("pooling_mode_cls_token", "cls", "FirstToken"),
        ("pooling_mode_max_tokens", "max", "Max"),
        ("pooling_mode_mean_tokens", "mean", Mean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", "MeanSqrtLength"),
        ("pooling_mode_weightedmean_tokens", "weightedmean", "WeightedMean"),
        ("pooling_mode_lasttoken", "lasttoken", "LastToken"),
    ];

    private static string Known => string.Join(", ", s_modes.Select(mode => KeyedObject.Quote(mode.Name)));

    /// <summary>The poolings whose vectors stand side by side, in their order, by the names of the public enum; none, and a problem, where they are not known.</summary>
    public static IReadOnlyList<string> Read(KeyedObject pooling, SentenceVersion version)
    {
        foreach (string size in new[] { "word_embedding_dimension", "embedding_dimension" })
            pooling.Count(size);
        pooling.Only("include_prompt", value => value.Kind == JsonKind.True, "is true");
        var flags = s_modes.ToDictionary(mode => mode.Flag, mode => pooling.Flag(mode.Flag));

        // A mode that is named counts alone.
        if (pooling.Raw("pooling_mode") is { } named && (named.Kind != JsonKind.Null || version.IsFrom54))
        {
            var names = named.Kind == JsonKind.Array ? named.Items : [named];
            if (names.Count == 0 || names.Any(name => name.Kind != JsonKind.String))
            {
                pooling.Wrong("pooling_mode", named, $"one of {Known} or a list of them");
                return [];
            }

            // Up to 5.3 the library puts the name in lower case; later ones take it as it is, and fail.
            var compared = version.IsFrom54 ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            foreach (var unknown in names.Where(name => s_modes.All(mode => !mode.Name.Equals(name.Text, compared))))
                pooling.Report(SentenceFault.Unsupported, $"pooling_mode {KeyedObject.Quote(unknown.Text)} is not supported; supported are {Known}");
            return [.. names.SelectMany(name => s_modes.Where(mode => mode.Name.Equals(name.Text, compared))).Select(mode => mode.Member)];
        }

        // Up to 5.3 each flag has its own default, and the mean's is true; later ones take the flags that are true, and the mean where none is.
        var modes = s_modes.Where(mode => flags[mode.Flag] ?? (mode.Member == Mean && !version.IsFrom54)).Select(mode => mode.Member).ToList();
        if (modes.Count == 0 && version.IsFrom54)
            modes.Add(Mean);
        if (modes.Count == 0)
            pooling.Report(SentenceFault.Unsupported, $"it names no pooling that is known; known are {string.Join(", ", s_modes.Select(mode => KeyedObject.Quote(mode.Flag)))}");
        return modes;
    }
}
