using System.Text;
using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>Reads what a text goes through: the normaliser and the pre-tokenizer of tokenizer.json.</summary>
internal static class PipelineLoader
{
    private const string Normalizers =
        "BertNormalizer, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, StripAccents, Lowercase, Strip, Prepend, Replace, and a Sequence of them";

    private const string PreTokenizers =
        "BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits, Split, CharDelimiterSplit, Metaspace, ByteLevel at the end (BPE), and a Sequence of them";

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
                case "BertNormalizer":
                    steps.Add(new NormalizerStep.Bert(ReadBert(step)));
                    break;
                case "Precompiled" when step.TryMember("precompiled_charsmap", out var map) && map.ValueKind == JsonValueKind.String && map.TryGetBytesFromBase64(out var bytes):
                    AddMap(files, TokenizerJson.File, bytes, steps);
                    break;
                case "NFC" or "NFD" or "NFKC" or "NFKD":
                    steps.Add(new NormalizerStep.Form(step.String("type")!.Contains('K', StringComparison.Ordinal), step.String("type")!.EndsWith('C')));
                    break;
                case "Nmt":
                    steps.Add(new NormalizerStep.Nmt());
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
                case "Prepend" when step.TryString("prepend", out var prefix):
                    steps.Add(new NormalizerStep.Prepend(prefix));
                    break;
                case "Replace" when step.TryMember("pattern", out var pattern) && step.TryString("content", out var content):
                    if (pattern.TryString("String", out var text) && text.Length > 0)
                    {
                        steps.Add(new NormalizerStep.Replace(text, content));
                    }
                    else if (pattern.TryString("Regex", out var expression))
                    {
                        steps.Add(new NormalizerStep.ReplaceMatches(Pattern(files, "normalizer", expression), content));
                    }
                    else
                    {
                        throw Refuse(step);
                    }

                    break;
                default:
                    throw Refuse(step);
            }
        }

        NotSupportedException Refuse(JsonElement step) => files.Unsupported(TokenizerJson.File, $"the normalizer {TokenizerLoader.Describe(step)}", Normalizers);
    }

    public static BertNormalizer ReadBert(JsonElement element)
    {
        var lower = element.Flag("lowercase") ?? true;
        return new BertNormalizer(
            element.Flag("clean_text") ?? true,
            element.Flag("handle_chinese_chars") ?? true,
            element.Flag("strip_accents") ?? lower,
            lower);
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

    /// <summary>The steps; byteLevel: whether ByteLevel, which must be the last, is among them.</summary>
    public static PreTokenizerStep[] ReadPreTokenizers(ModelFiles files, JsonElement element, out bool byteLevel)
    {
        var steps = new List<PreTokenizerStep>();
        var bytes = false;
        Add(element);
        byteLevel = bytes;
        return [.. steps];

        void Add(JsonElement step)
        {
            if (bytes)
            {
                throw files.Unsupported(TokenizerJson.File, $"the pre_tokenizer {TokenizerLoader.Describe(step)} after ByteLevel", "ByteLevel as the last one");
            }

            switch (step.String("type"))
            {
                case null when step.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null:
                    break;
                case "Sequence" when step.TryMember("pretokenizers", out var all) && all.ValueKind == JsonValueKind.Array:
                    foreach (var one in all.EnumerateArray())
                    {
                        Add(one);
                    }

                    break;
                case "BertPreTokenizer":
                    steps.Add(new PreTokenizerStep.AtCharacters(Characters.IsWhiteSpace, SplitBehavior.Removed));
                    steps.Add(new PreTokenizerStep.AtCharacters(Characters.IsPunctuation, SplitBehavior.Isolated));
                    break;
                case "Whitespace":
                    steps.Add(new PreTokenizerStep.Words());
                    break;
                case "WhitespaceSplit":
                    steps.Add(new PreTokenizerStep.AtCharacters(Characters.IsWhiteSpace, SplitBehavior.Removed));
                    break;
                case "Punctuation":
                    steps.Add(new PreTokenizerStep.AtCharacters(Characters.IsPunctuation, Behavior(step)));
                    break;
                case "Digits":
                    steps.Add(new PreTokenizerStep.AtCharacters(Characters.IsNumber, step.Flag("individual_digits") ?? false ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                    break;
                case "CharDelimiterSplit" when step.TryString("delimiter", out var delimiter) && Rune.DecodeFromUtf16(delimiter, out _, out var length) == System.Buffers.OperationStatus.Done && length == delimiter.Length:
                    steps.Add(new PreTokenizerStep.AtText(delimiter, SplitBehavior.Removed, false));
                    break;
                case "Split" when step.TryMember("pattern", out var pattern):
                    AddSplit(step, pattern);
                    break;
                case "Metaspace":
                    steps.Add(ReadMetaspace(step));
                    break;
                case "ByteLevel":
                    if (step.Flag("add_prefix_space") ?? true)
                    {
                        steps.Add(new PreTokenizerStep.PrefixSpace());
                    }

                    if (step.Flag("use_regex") ?? true)
                    {
                        steps.Add(new PreTokenizerStep.Gpt2());
                    }

                    bytes = true;
                    break;
                default:
                    throw Refuse(step);
            }
        }

        void AddSplit(JsonElement step, JsonElement pattern)
        {
            var invert = step.Flag("invert") ?? false;
            if (pattern.TryString("Regex", out var expression))
            {
                steps.Add(new PreTokenizerStep.AtMatches(Pattern(files, "pre_tokenizer", expression), Behavior(step), invert));
            }
            else if (pattern.TryString("String", out var text) && text.Length > 0)
            {
                steps.Add(new PreTokenizerStep.AtText(text, Behavior(step), invert));
            }
            else
            {
                throw Refuse(step);
            }
        }

        SplitBehavior Behavior(JsonElement step) => step.String("behavior") switch
        {
            null or "Isolated" => SplitBehavior.Isolated,
            "Removed" => SplitBehavior.Removed,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            _ => throw Refuse(step),
        };

        PreTokenizerStep.Metaspace ReadMetaspace(JsonElement step)
        {
            var replacement = step.String("replacement") ?? "\u2581";
            if (Rune.DecodeFromUtf16(replacement, out var mark, out var length) != System.Buffers.OperationStatus.Done || length != replacement.Length)
            {
                throw Refuse(step);
            }

            var prefix = step.String("prepend_scheme") switch
            {
                null => step.Flag("add_prefix_space") == false ? PrependScheme.Never : PrependScheme.Always,
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                _ => throw Refuse(step),
            };
            return step.Flag("add_prefix_space") == false && prefix != PrependScheme.Never
                ? throw files.Malformed(TokenizerJson.File, "the pre_tokenizer Metaspace has add_prefix_space false and another prepend_scheme than never")
                : new PreTokenizerStep.Metaspace(mark, prefix, step.Flag("split") ?? true);
        }

        NotSupportedException Refuse(JsonElement step) => files.Unsupported(TokenizerJson.File, $"the pre_tokenizer {TokenizerLoader.Describe(step)}", PreTokenizers);
    }

    private static TextPattern Pattern(ModelFiles files, string where, string expression)
    {
        try
        {
            return new TextPattern(expression);
        }
        catch (FormatException exception)
        {
            throw files.Unsupported(
                TokenizerJson.File, $"a {where} with {exception.Message}", "regular expressions of characters, classes in [], \\p{..} of general categories, \\s \\d \\w, groups, |, *, +, ?, {n,m}, look-ahead, ^ and $");
        }
    }
}
