using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Texts behind regular expressions of a Split are cut within matches, too: at runs of one class, where that is without effect.</summary>
public class SplitExpressionTests
{
    // Of tokenizer.json as they are published.
    private static readonly Dictionary<string, string[]> s_published = new()
    {
        ["Llama 3"] = [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
        ["Qwen 2"] = [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
        ["GPT-4"] = [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
        ["GPT-4o"] =
        [
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
        ["DeepSeek 3"] =
        [
            @"\p{N}{1,3}", @"[一-龥぀-ゟ゠-ヿ]+",
            @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
        ["GPT-2"] = [@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"],
    };

    private static readonly string[] s_normalizers =
    [
        """{"type": "NFC"}""", """{"type": "NFKC"}""", """{"type": "NFD"}""", """{"type": "Lowercase"}""", """{"type": "StripAccents"}""", """{"type": "Nmt"}""",
        """{"type": "Precompiled", "precompiled_charsmap": "MAP"}""", """{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", """{"type": "Replace", "pattern": {"String": "a"}, "content": "b\n"}""",
    ];

    private static readonly string[] s_pieces =
    [
        "a", "l", "s", "t", "re", "ll", "Ab", "é", "e\u0301", "か\u3099", "中", "\u1100\u1161", "1", "23", "٣", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u00A0", "\u2028", ".", "!?", "'", "'l", "'S", "/", "👍", "👩‍👧", "🇩🇪",
        "\u0301", "\u0001", "\uD83D", "\uDC4D", "𐍈", "_", "\u2581", "\u200D", "\u0600", "ﬁ", "½",
    ];

    public static TheoryData<string, string> Published
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in s_published.Keys)
            {
                data.Add(name, "wordpiece-cased"); // words that are too long are one token, whose place is the word's
                data.Add(name, "bpe-modernbert");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Cut_within_matches_a_text_has_the_same_ids(string expression, string vocabulary)
    {
        var random = new Random(43);
        for (var round = 0; round < 12; round++)
        {
            var normalizers = $"[{string.Join(',', Enumerable.Range(0, Math.Max(0, random.Next(-1, 3))).Select(_ => s_normalizers[random.Next(s_normalizers.Length)]))}]";
            var (whole, parts) = (Load(vocabulary, expression, normalizers), Load(vocabulary, expression, normalizers));
            for (var i = 0; i < 60; i++)
            {
                Check(whole, parts, Text(random, s_pieces), random, normalizers);
            }
        }
    }

    /// <summary>Expressions that nobody has published: choices put together by chance.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Of_any_expression_a_text_that_is_cut_has_the_same_ids(int seed)
    {
        var random = new Random(seed);
        string[] sets = ["a", "b", "[ab]", "[a1]", "1", @"\d", @"\p{L}", "[^a]", @"[^\s1]", @"\s", " ", @"[\r\n]", @"\S", "'", "."];
        string[] counts = ["", "", "+", "+", "*", "?", "{1,2}", "{1,3}", "++", "{2,}", "{2}"];
        string[] ends = ["", "", "", "", @"|\s+(?!\S)|\s+", @"|\s*[\r\n]+|\s+(?!\S)|\s+"];
        string[] behaviors = ["Isolated", "Isolated", "Removed", "MergedWithPrevious", "Contiguous"];
        var cut = 0;
        for (var round = 0; round < 250; round++)
        {
            var expression = string.Join('|', Enumerable.Range(0, random.Next(1, 4)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Item())))) + ends[random.Next(ends.Length)];
            var (behavior, invert) = (behaviors[random.Next(behaviors.Length)], random.Next(3) == 0);
            var split = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = expression }, ["behavior"] = behavior, ["invert"] = invert };
            var (whole, parts) = (Load("wordpiece-cased", [split], "[]"), Load("wordpiece-cased", [split], "[]"));
            for (var i = 0; i < 25; i++)
            {
                cut += Check(whole, parts, Text(random, ["a", "b", "1", "'", " ", "\n", "c"]), random, $"{expression} {behavior} {invert}");
            }
        }

        Assert.True(cut > 250, $"{cut} texts were not read to the end");

        string Item()
        {
            var one = sets[random.Next(sets.Length)];
            return random.Next(8) switch
            {
                0 => $"(?={one}{(random.Next(2) == 0 ? "+" : "")})",
                1 => $"(?!{one})",
                2 => $"(?:{one}{counts[random.Next(counts.Length)]}|{sets[random.Next(sets.Length)]})",
                _ => one + counts[random.Next(counts.Length)],
            };
        }
    }

    internal static TextTokenizer Load(string vocabulary, string expression, string normalizers) => Load(
        vocabulary,
        [.. s_published[expression].Select(one => new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = one }, ["behavior"] = "Isolated", ["invert"] = false })],
        normalizers);

    private static TextTokenizer Load(string vocabulary, JsonObject[] splits, string normalizers) => Goldens.Load(vocabulary, change: json =>
    {
        var steps = new JsonArray([.. splits.Select(split => split.DeepClone())]);
        if (vocabulary.StartsWith("bpe", StringComparison.Ordinal))
        {
            steps.Add(JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}"""));
        }

        json["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = JsonNode.Parse(normalizers) };
        json["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = steps };
        json["added_tokens"] = new JsonArray();
        json["post_processor"] = null;
    });

    // Long runs of a few pieces, so that there are places within matches and sometimes nothing else.
    private static string Text(Random random, string[] pieces)
    {
        var text = "";
        for (var run = random.Next(1, 6); run > 0; run--)
        {
            var some = Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(_ => pieces[random.Next(pieces.Length)]).ToArray();
            text += string.Concat(Enumerable.Range(0, random.Next(1, random.Next(3) == 0 ? 60 : 8)).Select(_ => some[random.Next(some.Length)]));
        }

        return text;
    }

    // Returns 1 if a window of a few tokens was full before the text was read to its end.
    private static int Check(TextTokenizer whole, TextTokenizer parts, string text, Random random, string what)
    {
        whole.Chunk = (1 << 28, 1 << 28);
        parts.Chunk = (random.Next(1, 4), 4 + random.Next(4));
        var count = whole.Count(text);
        var (ids, spans) = (new int[count], new TokenSpan[count]);
        whole.Encode(text, ids, spans, out _);
        what = $"{what}: '{string.Concat(text.Select(one => one is >= ' ' and < '\u007F' ? one.ToString() : $"\\u{(int)one:X4}"))}'";
        Assert.True(count == parts.Count(text), $"{what}: {parts.Count(text)} tokens instead of {count}");
        var (foundIds, foundSpans) = (new int[count], new TokenSpan[count]);
        parts.Encode(text, foundIds, foundSpans, out _);
        for (var i = 0; i < count; i++)
        {
            Assert.True(ids[i] == foundIds[i] && spans[i] == foundSpans[i], $"{what}, token {i}: {foundIds[i]} {foundSpans[i]} instead of {ids[i]} {spans[i]}");
        }

        var few = Math.Min(count, 2);
        parts.Encode(text, foundIds.AsSpan(0, few), default, out _, out var readAll);
        Assert.Equal(ids[..few], foundIds[..few]);
        return readAll ? 0 : 1;
    }
}
