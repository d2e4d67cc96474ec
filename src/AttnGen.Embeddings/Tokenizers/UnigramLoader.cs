using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>Reads what a Unigram model's text goes through: the normaliser and the pre-tokenizer of tokenizer.json.</summary>
internal static class UnigramLoader
{
    private const string Accepted = "Sequence of Precompiled, NFC, NFD, NFKC, NFKD, StripAccents, Lowercase, Strip, Replace of a text or of ' {2,}'";

    public static NormalizerStep[] ReadSteps(ModelFiles files, JsonElement element)
    {
        var steps = new List<NormalizerStep>();
        Add(element);
        return [.. steps];

        void Add(JsonElement step)
        {
            switch (step.String("type"))
            {
                case null when step.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null:
                    break;
                case "Sequence" when step.TryMember("normalizers", out var all) && all.ValueKind == JsonValueKind.Array:
                    foreach (var one in all.EnumerateArray())
                    {
                        Add(one);
                    }

                    break;
                case "Precompiled" when step.TryMember("precompiled_charsmap", out var map) && map.ValueKind == JsonValueKind.String && map.TryGetBytesFromBase64(out var bytes):
                    AddMap(files, TokenizerJson.File, bytes, steps);
                    break;
                case "NFC" or "NFD" or "NFKC" or "NFKD":
                    steps.Add(new NormalizerStep.Form(step.String("type")!.Contains('K', StringComparison.Ordinal), step.String("type")!.EndsWith('C')));
                    break;
                case "StripAccents":
                    steps.Add(new NormalizerStep.StripAccents());
                    break;
                case "Lowercase":
                    steps.Add(new NormalizerStep.Lowercase());
                    break;
                case "Strip":
                    steps.Add(new NormalizerStep.Strip(step.Flag("strip_left") ?? true, step.Flag("strip_right") ?? true));
                    break;
                case "Replace" when step.TryMember("pattern", out var pattern) && step.TryString("content", out var content)
                    && (pattern.String("String") is { Length: > 0 } || pattern.String("Regex") is " {2,}"):
                    steps.Add(pattern.String("String") is { } text ? new NormalizerStep.Replace(text, false, content) : new NormalizerStep.Replace("  ", true, content));
                    break;
                default:
                    throw files.Unsupported(TokenizerJson.File, $"the normalizer {TokenizerLoader.Describe(step)} for a Unigram model", Accepted);
            }
        }
    }

    public static void AddMap(ModelFiles files, string file, byte[] bytes, List<NormalizerStep> steps)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        try
        {
            steps.Add(new NormalizerStep.Precompiled(new PrecompiledMap(bytes)));
        }
        catch (FormatException exception)
        {
            throw files.Malformed(file, exception.Message, exception);
        }
    }

    public static UnigramOptions ReadOptions(ModelFiles files, JsonElement element)
    {
        var options = new UnigramOptions(SplitWhiteSpace: false, UnigramPrefix.Never, SplitMarks: false);
        var marks = 0;
        Add(element);
        return marks == 1 ? options : throw Refuse(element);

        void Add(JsonElement part)
        {
            switch (part.String("type"))
            {
                case "Sequence" when part.TryMember("pretokenizers", out var all) && all.ValueKind == JsonValueKind.Array:
                    foreach (var one in all.EnumerateArray())
                    {
                        Add(one);
                    }

                    break;
                case "WhitespaceSplit" when marks == 0:
                    options = options with { SplitWhiteSpace = true };
                    break;
                case "Metaspace" when part.String("replacement") is null or "\u2581":
                    marks++;
                    options = options with
                    {
                        Prefix = part.Flag("add_prefix_space") == false ? UnigramPrefix.Never : part.String("prepend_scheme") switch
                        {
                            null or "always" => UnigramPrefix.Always,
                            "first" => UnigramPrefix.First,
                            "never" => UnigramPrefix.Never,
                            _ => throw Refuse(part),
                        },
                        SplitMarks = part.Flag("split") ?? true,
                    };
                    break;
                default:
                    throw Refuse(part);
            }
        }

        NotSupportedException Refuse(JsonElement part) =>
            files.Unsupported(TokenizerJson.File, $"the pre_tokenizer {TokenizerLoader.Describe(part)} for a Unigram model", "Metaspace with '\u2581', alone or after WhitespaceSplit");
    }
}
