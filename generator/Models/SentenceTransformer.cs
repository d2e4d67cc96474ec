using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>What sentence-transformers keeps beside a model: pooling, normalisation, the longest text.</summary>
internal sealed record SentenceTransformer(EquatableArray<string> Pooling, bool Normalize, int MaxSequence)
{
    // Both spellings: a flag for each mode (all that are true stand side by side, in this order), or "pooling_mode".
    private static readonly (string Flag, string Name, PoolingKind Kind)[] s_modes =
    [
        ("pooling_mode_cls_token", "cls", PoolingKind.FirstToken),
        ("pooling_mode_max_tokens", "max", PoolingKind.Max),
        ("pooling_mode_mean_tokens", "mean", PoolingKind.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", PoolingKind.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", "weightedmean", PoolingKind.WeightedMean),
        ("pooling_mode_lasttoken", "lasttoken", PoolingKind.LastToken),
    ];

    public static SentenceTransformer Read(FolderFiles files, List<Problem> problems)
    {
        bool normalize = Json(files, "modules.json", problems) is { } modules && Modules(modules, problems);
        var modes = new List<string>();
        if (Json(files, "1_Pooling/config.json", problems) is { } pooling)
        {
            // A mode that is named counts alone, in any letters; else each flag does, and the mean's is set unless it is unset.
            var named = pooling["pooling_mode"] switch
            {
                { Kind: JsonKind.String } one => new[] { one.Text.ToLowerInvariant() },
                { Kind: JsonKind.Array } several => several.Items.Select(item => item.Text.ToLowerInvariant()).ToArray(),
                _ => null,
            };
            foreach (var (flag, name, kind) in s_modes)
            {
                if (named is not null ? named.Contains(name) : pooling[flag] is { } set ? set.Kind == JsonKind.True : kind == PoolingKind.Mean)
                    modes.Add(kind.ToString());
            }

            foreach (string unknown in named?.Where(name => s_modes.All(mode => mode.Name != name)) ?? [])
                problems.Add(new Problem(Descriptors.ModelUnsupported, $"1_Pooling/config.json: pooling_mode '{Text.Short(unknown)}' is not supported; supported are {string.Join(", ", s_modes.Select(m => $"'{m.Name}'"))}"));
            foreach (var (flag, _, _) in s_modes)
            {
                if (pooling[flag] is { Kind: not (JsonKind.True or JsonKind.False) } other)
                    problems.Add(new Problem(Descriptors.ModelConfig, $"1_Pooling/config.json: {flag} is {other.Show()}, but must be true or false"));
            }

            if (pooling["include_prompt"]?.Kind == JsonKind.False)
                problems.Add(new Problem(Descriptors.ModelUnsupported, "1_Pooling/config.json: include_prompt false is not supported; supported is true"));
            if (modes.Count == 0 && problems.Count == 0)
                problems.Add(new Problem(Descriptors.ModelUnsupported, $"1_Pooling/config.json names no pooling that is known; known are {string.Join(", ", s_modes.Select(m => $"'{m.Flag}'"))}"));
        }

        // Older versions named the file after the architecture (sentence_roberta_config.json …).
        string limits = files.Files.FirstOrDefault(file => file.Name.StartsWith("sentence_", StringComparison.Ordinal) && file.Name.EndsWith("_config.json", StringComparison.Ordinal))?.Name ?? "";
        int longest = 0;
        if (Json(files, limits, problems)?["max_seq_length"] is { } limit)
        {
            if (limit.TryGetInteger(out long tokens) && tokens is > 0 and <= int.MaxValue)
                longest = (int)tokens;
            else
                problems.Add(new Problem(Descriptors.ModelConfig, $"{limits}: max_seq_length is {limit.Show()}, but must be an integer above 0"));
        }

        return new(modes.ToEquatable(), normalize, longest);
    }

    /// <summary>The modules in their order: the transformer, then pooling, then whether vectors are scaled to length 1. Dropout does nothing once a model is trained.</summary>
    private static bool Modules(JsonValue modules, List<Problem> problems)
    {
        bool normalize = false;
        int at = 0;
        foreach (var module in modules.Items)
        {
            string type = module["type"]?.Text ?? "", path = module["path"]?.Text ?? "";
            string name = type.Substring(type.LastIndexOf('.') + 1);
            if (name == "Dropout")
                continue;
            bool fits = name switch { "Transformer" => at == 0 && path.Length == 0, "Pooling" => at == 1 && path == "1_Pooling", "Normalize" => at >= 1, _ => false };
            normalize |= fits && name == "Normalize";
            at++;
            if (!fits)
            {
                string supported = name switch
                {
                    "Transformer" => "supported is the folder itself ('') at place 1",
                    "Pooling" => "supported is '1_Pooling' at place 2, after 'Transformer'",
                    "Normalize" => "supported is 'Normalize' after 'Transformer' and 'Pooling'",
                    _ => "supported are 'Transformer', 'Pooling', 'Dropout', 'Normalize'",
                };
                problems.Add(new Problem(Descriptors.ModelUnsupported, $"modules.json: the module '{Text.Short(name)}' in '{Text.Short(path)}' at place {Text.Of(at)} is not supported; {supported}"));
            }
        }

        return normalize;
    }

    private static JsonValue? Json(FolderFiles files, string name, List<Problem> problems) =>
        files.Text(name) is { } text ? FolderFiles.Parse(text, name, problems) : null;
}
