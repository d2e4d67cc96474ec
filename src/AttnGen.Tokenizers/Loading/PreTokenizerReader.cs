using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>The pre_tokenizer of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private const string ByteLevel = "ByteLevel";
    public const string Gpt2Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly PartTable<PreTokenizerStep> s_table = new("pre_tokenizer", new()
    {
        ["BertPreTokenizer"] = (_, _) => Bert(),
        ["Whitespace"] = (_, _) => [new PreTokenizerStep.Words()],
        ["WhitespaceSplit"] = (_, _) => [AtSpaces()],
        ["Punctuation"] = (_, element) => Behavior(element) is { } behavior ? [new PreTokenizerStep.AtCharacters(Characters.IsPunctuation, behavior)] : null,
        ["Digits"] = (_, element) =>
            [new PreTokenizerStep.AtCharacters(Characters.IsNumber, element.Flag("individual_digits") ?? false ? SplitBehavior.Isolated : SplitBehavior.Contiguous)],
        ["Split"] = ReadSplit,
        ["CharDelimiterSplit"] = (_, element) => element.TryString("delimiter", out var delimiter) && TryRune(delimiter, out var _)
            ? [new PreTokenizerStep.AtText(delimiter, SplitBehavior.Removed, invert: false)]
            : null,
        ["Metaspace"] = ReadMetaspace,
        [ByteLevel] = (_, element) =>
        [
            .. element.Flag("add_prefix_space") ?? true ? (PreTokenizerStep[])[new PreTokenizerStep.PrefixSpace()] : [],
            .. element.Flag("use_regex") ?? true ? (PreTokenizerStep[])[new PreTokenizerStep.Gpt2()] : [],
        ],
    });

    /// <summary>BERT's: at spaces and at punctuation.</summary>
    public static PreTokenizerStep[] Bert() => [AtSpaces(), new PreTokenizerStep.AtCharacters(Characters.IsPunctuation, SplitBehavior.Isolated)];

    /// <summary>The steps.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="json">The file.</param>
    /// <param name="prefixSpace">What tokenizer_config.json says of a space before the text; it wins over a ByteLevel that stands alone.</param>
    /// <param name="bytes">Whether ByteLevel is the last of them: what follows is a vocabulary of bytes.</param>
    public static PreTokenizerStep[] Read(ModelFiles files, TokenizerJson json, bool? prefixSpace, out bool bytes)
    {
        var elements = json.PreTokenizers;
        var last = Array.FindIndex(elements, IsByteLevel);
        bytes = last >= 0;
        return !bytes || last == elements.Length - 1
            ? [.. WithPrefix(s_table.Read(files, elements), IsByteLevel(json.PreTokenizer) ? prefixSpace : null)]
            : throw files.Unsupported(TokenizerJson.File, $"the pre_tokenizer {elements[last + 1].Describe()} after {ByteLevel}", $"{ByteLevel} as the last one");
    }

    /// <summary>The same for a model that has no vocabulary of bytes.</summary>
    public static PreTokenizerStep[] ReadCharacters(ModelFiles files, TokenizerJson json)
    {
        var steps = Read(files, json, prefixSpace: null, out var bytes);
        return !bytes ? steps : throw files.Unsupported(TokenizerJson.File, $"the pre_tokenizer {ByteLevel} for a {json.ModelType} model", $"{ByteLevel} with BPE");
    }

    /// <summary>Whether the text is split as GPT-2's is, and if so, whether a space is put before it.</summary>
    public static bool IsGpt2(TokenizerJson json, TokenizerConfig config, out bool prefixSpace)
    {
        prefixSpace = false;
        switch (json.PreTokenizers)
        {
            case [var only] when IsByteLevel(only) && only.Flag("use_regex") != false:
                // tokenizer_config.json wins over a ByteLevel that stands alone, as in the reference.
                prefixSpace = (IsByteLevel(json.PreTokenizer) ? config.Flag("add_prefix_space") : null) ?? only.Flag("add_prefix_space") ?? true;
                return true;
            case [var split, var bytes]:
                return IsByteLevel(bytes) && bytes.Flag("use_regex") == false && bytes.Flag("add_prefix_space") == false
                    && split.String("type") is "Split" && split.String("behavior") is "Isolated" && split.Flag("invert") != true
                    && split.TryMember("pattern", out var pattern) && pattern.String("Regex") == Gpt2Expression;
            default:
                return false;
        }
    }

    /// <summary>What splits texts as the file says, if it does so by an expression that is known, without a gap, and into bytes; else null.</summary>
    public static WordSplitter? Splitter(TokenizerJson json) =>
        json.PreTokenizers is [var split, var bytes] && IsByteLevel(bytes) && bytes.Flag("use_regex") == false && bytes.Flag("add_prefix_space") == false
        && split.String("type") is "Split" && split.TryMember("pattern", out var pattern) && pattern.TryString("Regex", out var expression)
        && (Behavior(split), split.Flag("invert") ?? false) is (SplitBehavior.Isolated, false) or (SplitBehavior.Removed, true)
            ? WordSplitter.Find(expression)
            : null;

    private static IEnumerable<PreTokenizerStep> WithPrefix(PreTokenizerStep[] steps, bool? wanted) => wanted is not { } space ? steps
        : steps.Where(step => step is not PreTokenizerStep.PrefixSpace).Prepend(new PreTokenizerStep.PrefixSpace()).Skip(space ? 0 : 1);

    private static bool IsByteLevel(JsonElement element) => element.String("type") == ByteLevel;

    private static PreTokenizerStep.AtCharacters AtSpaces() => new(Characters.IsWhiteSpace, SplitBehavior.Removed);

    private static PreTokenizerStep[]? ReadSplit(ModelFiles files, JsonElement element)
    {
        if (!element.TryMember("pattern", out var pattern) || Behavior(element) is not { } behavior)
        {
            return null;
        }

        var invert = element.Flag("invert") ?? false;
        return pattern.TryString("Regex", out var expression) ? [new PreTokenizerStep.AtMatches(TokenizerJson.Pattern(files, "pre_tokenizer", expression), behavior, invert)]
            : pattern.TryString("String", out var text) && text.Length > 0 ? [new PreTokenizerStep.AtText(text, behavior, invert)]
            : null;
    }

    /// <summary>The members that a Metaspace has as a pre_tokenizer and as a decoder.</summary>
    public static bool TryMetaspace(JsonElement element, out Rune mark, out PrependScheme scheme)
    {
        var known = element.String("prepend_scheme") switch
        {
            null => element.Flag("add_prefix_space") ?? true ? PrependScheme.Always : PrependScheme.Never,
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => (PrependScheme?)null,
        };
        scheme = known ?? PrependScheme.Always;
        return TryRune(element.String("replacement") ?? "\u2581", out mark) && known is not null;
    }

    private static PreTokenizerStep[]? ReadMetaspace(ModelFiles files, JsonElement element)
    {
        if (!TryMetaspace(element, out var mark, out var scheme))
        {
            return null;
        }

        var spaced = element.Flag("add_prefix_space") ?? true;
        return spaced || scheme == PrependScheme.Never
            ? [new PreTokenizerStep.Metaspace(mark, scheme, element.Flag("split") ?? true)]
            : throw files.Malformed(TokenizerJson.File, "the pre_tokenizer Metaspace has add_prefix_space false and another prepend_scheme than never");
    }

    private static SplitBehavior? Behavior(JsonElement element) => element.String("behavior") switch
    {
        null or "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => null,
    };

    /// <summary>A text that is one character.</summary>
    public static bool TryRune(string text, out Rune rune) =>
        Rune.DecodeFromUtf16(text, out rune, out var length) == OperationStatus.Done && length == text.Length;
}
