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
        bool normalize = false;
        if (Json(files, "modules.json", problems) is { } modules)
        {
            foreach (var module in modules.Items)
            {
                string type = module["type"]?.Text ?? "";
                string name = type.Substring(type.LastIndexOf('.') + 1);
                if (name == "Normalize")
                    normalize = true;
                else if (name == "Pooling" && module["path"]?.Text is { } path && path != "1_Pooling")
                    problems.Add(new Problem(Descriptors.ModelUnsupported, $"modules.json: the module 'Pooling' in '{path}' is not supported; supported is '1_Pooling'"));
                else if (name is not ("Transformer" or "Pooling"))
                    problems.Add(new Problem(Descriptors.ModelUnsupported, $"modules.json: the module '{name}' ({module["path"]?.Text}) is not supported; supported are 'Transformer', 'Pooling', 'Normalize'"));
            }
        }

        var modes = new List<string>();
        if (Json(files, "1_Pooling/config.json", problems) is { } pooling)
        {
            foreach (var (flag, name, kind) in s_modes)
            {
                if (pooling[flag]?.Kind == JsonKind.True || pooling["pooling_mode"] is { Kind: JsonKind.String } mode && mode.Text == name
                    || pooling["pooling_mode"] is { Kind: JsonKind.Array } list && list.Items.Any(item => item.Text == name))
                    modes.Add(kind.ToString());
            }

            if (modes.Count == 0)
                problems.Add(new Problem(Descriptors.ModelUnsupported, $"1_Pooling/config.json names no pooling that is known; known are {string.Join(", ", s_modes.Select(m => $"'{m.Flag}'"))}"));
        }

        // Older versions named the file after the architecture (sentence_roberta_config.json …).
        string limits = files.Files.FirstOrDefault(file => file.Name.StartsWith("sentence_", StringComparison.Ordinal) && file.Name.EndsWith("_config.json", StringComparison.Ordinal))?.Name ?? "";
        int longest = Json(files, limits, problems)?["max_seq_length"] is { } limit && limit.TryGetInteger(out long tokens) && tokens is > 0 and <= int.MaxValue ? (int)tokens : 0;
        return new(modes.ToEquatable(), normalize, longest);
    }

    private static JsonValue? Json(FolderFiles files, string name, List<Problem> problems)
    {
        if (files.Text(name) is not { } text)
            return null;
        try
        {
            return JsonValue.Parse(text);
        }
        catch (JsonException e)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"{name} is no JSON: {e.Message}"));
            return null;
        }
    }
}
