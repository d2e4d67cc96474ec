using System.Text;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>A long text is read in parts and only as far as is needed; its ids are those of the whole text, cut.</summary>
public class LongTextTests
{
    // In one part, whatever the length.
    private static readonly (int Least, int Most) s_whole = (1 << 28, 1 << 28);

    private static readonly string[] s_pieces =
    [
        "a", "b", "the ", "x", "ing", "Word", "ABC", "1", "23", " ", " ", "  ", "\n", "\t", "\r\n", "\u00A0", "\u3000", "\u2028", ".", ",", "'", "'s", "'re ", "''", "``", "!?", "(", "=", "#", "##", "_",
        "é", "ü", "İ", "ß", "Ω", "Å", "ﬁ", "½", "²", "中", "日本", "，", "。", "한", "글", "\u1100", "\u1161", "\u11A8", "か\u3099", "ｶﾞ", "ไทย", "שלום", "العربية",
        "\u0301", "\u0323", "\u0327", "\u0345", "\u302E", "\u302F", "\U0001D165", "\U0001D16D", "\U00016FF0", "\u0483", "\u0903", "\u20DD", "\u0591", "\u034F", "\u0F71", "\u0F72",
        "≠", "≮", "\u037E", "\u1FEF", "\u0600", "\u200B", "\u200D", "\u0000", "\u0001", "\u001C", "\u007F", "\u0085", "\uFEFF", "\uFFFD", "\uE000", "👍", "👩‍👩‍👧", "🇩🇪🇫", "\uD83D", "\uDC4D",
        "\u2581", "\u2581a", "[MASK]", " [MASK] ", "[CLS]", "<mask>", " <mask>", "<s>", "</s>", "<unk>", "[UNK]", "<0x0A>", "[", "<", "a<", "豈", "\U0002F800", "\u0958",
    ];

    private static readonly string[] s_normalizers =
    [
        """{"type": "NFC"}""", """{"type": "NFD"}""", """{"type": "NFKC"}""", """{"type": "NFKD"}""", """{"type": "StripAccents"}""", """{"type": "Lowercase"}""", """{"type": "Nmt"}""",
        """{"type": "Strip", "strip_left": true, "strip_right": true}""", """{"type": "Strip", "strip_left": false, "strip_right": true}""", """{"type": "Prepend", "prepend": "▁"}""",
        """{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""", """{"type": "Replace", "pattern": {"String": "''"}, "content": "\""}""",
        """{"type": "Replace", "pattern": {"String": "a"}, "content": " b "}""", """{"type": "Replace", "pattern": {"String": "."}, "content": ""}""",
        """{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", """{"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}""",
        """{"type": "Replace", "pattern": {"Regex": "[0-9]+(?= )"}, "content": "0"}""", """{"type": "Replace", "pattern": {"Regex": "\\p{P}"}, "content": "́"}""",
        """{"type": "Precompiled", "precompiled_charsmap": "MAP"}""", """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""",
        """{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "strip_accents": true, "lowercase": false}""",
    ];

    private static readonly string[] s_splitters =
    [
        """{"type": "BertPreTokenizer"}""", """{"type": "Whitespace"}""", """{"type": "WhitespaceSplit"}""", """{"type": "Punctuation", "behavior": "Isolated"}""",
        """{"type": "Punctuation", "behavior": "MergedWithPrevious"}""", """{"type": "Punctuation", "behavior": "MergedWithNext"}""", """{"type": "Punctuation", "behavior": "Contiguous"}""",
        """{"type": "Digits", "individual_digits": true}""", """{"type": "Digits", "individual_digits": false}""", """{"type": "CharDelimiterSplit", "delimiter": "b"}""",
        """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""",
        """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": true}""", """{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithNext", "invert": false}""",
        """{"type": "Split", "pattern": {"String": "the"}, "behavior": "Isolated", "invert": false}""", """{"type": "Split", "pattern": {"String": "x"}, "behavior": "Removed", "invert": true}""",
        """{"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}| ?\\p{L}+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false}""",
        """{"type": "Split", "pattern": {"Regex": "\\w+|[^\\w\\s]+"}, "behavior": "Removed", "invert": true}""", """{"type": "Split", "pattern": {"Regex": "\\d(?=\\D)"}, "behavior": "MergedWithPrevious", "invert": false}""",
        """{"type": "Split", "pattern": {"Regex": "(?<=a)b|^a|x$"}, "behavior": "Isolated", "invert": false}""", """{"type": "Split", "pattern": {"Regex": "\\s*[\\r\\n]+|.(?=.́)|[A-Z]?[a-z]+"}, "behavior": "Isolated", "invert": false}""",
    ];

    private static readonly string[] s_bytes =
    [
        """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}""", """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}""",
        """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}""",
    ];

    // Found before and after normalisation, as words, with white space on each side.
    private const string OddTokens = """
        [{"id": 0, "content": "the ", "normalized": true, "special": false}, {"id": 0, "content": "23", "single_word": true, "normalized": true, "special": false},
         {"id": 0, "content": "[MASK]", "lstrip": true, "normalized": false, "special": true}, {"id": 0, "content": "Word", "rstrip": true, "normalized": true, "special": false},
         {"id": 0, "content": "!?", "lstrip": true, "rstrip": true, "normalized": true, "special": false}, {"id": 0, "content": "<s>", "rstrip": true, "single_word": true, "normalized": false, "special": true},
         {"id": 0, "content": "  ", "normalized": true, "special": false}]
        """;

    public static TheoryData<string> Cases => Goldens.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_in_the_smallest_parts_a_text_has_the_same_ids(string name)
    {
        var (whole, parts) = (Goldens.Load(name), Goldens.Load(name));
        whole.Chunk = s_whole;
        var random = new Random(23);
        foreach (var text in Texts(random, 1500))
        {
            var least = random.Next(1, 4);
            parts.Chunk = (least, least + random.Next(3));
            Check(whole, parts, text, random);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_as_it_is_a_long_text_has_the_same_ids(string name)
    {
        var (whole, parts) = (Goldens.Load(name), Goldens.Load(name));
        whole.Chunk = s_whole;
        var random = new Random(29);
        for (var round = 0; round < 12; round++)
        {
            var text = round % 3 == 0
                ? string.Join(' ', Enumerable.Range(0, 3000).Select(_ => Goldens.Texts[random.Next(Goldens.Texts.Length)]))[..random.Next(500, 20_000)]
                : string.Concat(Enumerable.Range(0, 400).Select(_ => Text(random, random.Next(1, 30)) + (random.Next(20) == 0 ? new string(" a\u0301中\u0001."[random.Next(6)], random.Next(2000)) : "")));
            Check(whole, parts, text, random);
        }
    }

    // Parts of pipelines in any order: what none of the layouts has.
    [Theory]
    [InlineData("wordpiece-uncased", 1)]
    [InlineData("wordpiece-cased", 2)]
    [InlineData("bpe-characters", 3)]
    [InlineData("bpe-characters", 4)]
    [InlineData("bpe-modernbert", 5)]
    [InlineData("bpe-roberta", 6)]
    [InlineData("unigram-xlmr", 7)]
    [InlineData("unigram-albert", 8)]
    public void Any_pipeline_has_the_same_ids_in_parts(string name, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var normalizers = Enumerable.Range(0, random.Next(5)).Select(_ => s_normalizers[random.Next(s_normalizers.Length)]).ToArray();
            var splitters = Enumerable.Range(0, random.Next(4)).Select(_ => s_splitters[random.Next(s_splitters.Length)])
                .Concat(name is "bpe-modernbert" or "bpe-roberta" ? [s_bytes[random.Next(s_bytes.Length)]] : []).ToArray();
            var tokens = random.Next(3) == 0 ? OddTokens : null;
            var (whole, parts) = (Load(), Load());
            whole.Chunk = s_whole;
            try
            {
                foreach (var text in Texts(random, 120))
                {
                    var least = random.Next(1, 3);
                    parts.Chunk = (least, least + random.Next(3));
                    Check(whole, parts, text, random);
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"{string.Join(' ', normalizers)} | {string.Join(' ', splitters)} | {tokens is not null}: {exception.Message}");
            }

            TextTokenizer Load() => Goldens.Load(name, change: json =>
            {
                json["normalizer"] = Sequence("normalizers", normalizers);
                json["pre_tokenizer"] = Sequence("pretokenizers", splitters);
                if (tokens is not null)
                {
                    json["added_tokens"] = JsonNode.Parse(tokens);
                }
            });
        }

        static JsonNode Sequence(string member, string[] parts) => JsonNode.Parse($$"""{"type": "Sequence", "{{member}}": [{{string.Join(',', parts)}}]}""")!;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cut_on_the_left_a_text_keeps_its_last_ids(string name)
    {
        var (whole, parts) = (Goldens.Load(name), Goldens.Load(name, """{"truncation_side": "left"}"""));
        Assert.Equal(TruncationSide.Right, whole.TruncationSide);
        Assert.Equal(TruncationSide.Left, parts.TruncationSide);
        whole.Chunk = s_whole;
        var random = new Random(31);
        var any = 0;
        foreach (var text in Texts(random, 600))
        {
            var least = random.Next(1, 4);
            parts.Chunk = (least, least + random.Next(20));
            var count = whole.Count(text);
            var (ids, spans) = (new int[count], new TokenSpan[count]);
            whole.Encode(text, ids, spans, out _);
            var (before, special) = (whole.SpecialTokensBefore, whole.SpecialTokens);
            for (var limit = special; limit <= count; limit += random.Next(1, 5))
            {
                var (foundIds, foundSpans) = (new int[limit], new TokenSpan[limit]);
                Assert.Equal(limit, parts.Encode(text, foundIds, foundSpans, out var truncated));
                Assert.Equal(limit < count, truncated);
                int[] expected = [.. ids[..before], .. ids[(before + count - limit)..]];
                TokenSpan[] expectedSpans = [.. spans[..before], .. spans[(before + count - limit)..]];
                Assert.True(expected.SequenceEqual(foundIds) && expectedSpans.SequenceEqual(foundSpans), $"{Show(text)} up to {limit}");
                any += truncated ? 1 : 0;
            }
        }

        Assert.True(any > 1000);
    }

    /// <summary>Behind an added token a text begins anew and has its space before it; one that is read from there on must have it, too. That shows where a word has more tokens without the space.</summary>
    [Theory]
    [InlineData("bpe-roberta", """{"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}""")]
    [InlineData("unigram-xlmr", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}, {"type": "Punctuation", "behavior": "Isolated"}""")]
    public void Read_from_right_behind_an_added_token_a_text_keeps_its_space(string name, string splitter)
    {
        var bare = Load(splitter.Replace("true, \"trim", "false, \"trim", StringComparison.Ordinal).Replace("always", "never", StringComparison.Ordinal), "{}");
        var (whole, left) = (Load(splitter, "{}"), Load(splitter, """{"truncation_side": "left"}"""));
        whole.Chunk = s_whole;
        var words = Goldens.Texts.SelectMany(text => text.Split(' ')).Where(word => word.Length > 0 && word.All(char.IsLetter) && bare.Count(word) > whole.Count(word)).Distinct().Take(20).ToArray();
        Assert.NotEmpty(words);
        foreach (var word in words)
        {
            var text = string.Concat(Enumerable.Repeat("a word. ", 20)) + "[M]" + word + " and more";
            var ids = whole.Encode(text);
            Assert.Contains(whole.FindId("[M]")!.Value, ids);
            for (var length = word.Length; length < word.Length + 16; length++)
            {
                left.Chunk = (length, length); // the last so many characters are read first
                for (var limit = 1; limit < 12; limit++)
                {
                    Assert.Equal(ids[^limit..], left.Encode(text, limit));
                }
            }
        }

        TextTokenizer Load(string splitter, string config) => Goldens.Load(name, config, json =>
        {
            json["pre_tokenizer"] = JsonNode.Parse($$"""{"type": "Sequence", "pretokenizers": [{{splitter}}]}""");
            json["post_processor"] = null;
            json["added_tokens"] = JsonNode.Parse("""[{"id": 0, "content": "[M]", "normalized": false, "special": true}]""");
        });
    }

    private static void Check(TextTokenizer whole, TextTokenizer parts, string text, Random random)
    {
        var count = whole.Count(text);
        var (ids, spans) = (new int[count + 1], new TokenSpan[count + 1]);
        Assert.Equal(count, whole.Encode(text, ids, spans, out _));
        Assert.True(count == parts.Count(text), $"{Show(text)}: {parts.Count(text)} tokens instead of {count}");

        var (foundIds, foundSpans) = (new int[count + 1], new TokenSpan[count + 1]);
        var special = whole.SpecialTokens;
        foreach (var limit in new[] { count + 1, count, special + random.Next(count - special + 1), special + random.Next(Math.Min(8, count - special + 1)), count - 1 })
        {
            if (limit < special)
            {
                continue;
            }

            var written = parts.Encode(text, foundIds.AsSpan(0, limit), foundSpans.AsSpan(0, limit), out var truncated);
            var kept = Math.Min(limit, count);
            var before = whole.SpecialTokensBefore;
            Assert.True(written == kept, $"{Show(text)} up to {limit}: {written} of {count}");
            Assert.True(truncated == limit < count, $"{Show(text)} up to {limit} of {count}: cut {truncated}");
            for (var i = 0; i < kept - special; i++)
            {
                Assert.True(
                    ids[before + i] == foundIds[before + i] && spans[before + i] == foundSpans[before + i],
                    $"{Show(text)} up to {limit}, token {i}: {foundIds[before + i]} {foundSpans[before + i]} instead of {ids[before + i]} {spans[before + i]}");
            }
        }
    }

    private static IEnumerable<string> Texts(Random random, int count)
    {
        foreach (var text in Goldens.Texts)
        {
            yield return text;
        }

        for (var i = 0; i < count; i++)
        {
            yield return Text(random, random.Next(1, 25));
        }
    }

    private static string Text(Random random, int pieces)
    {
        var text = new StringBuilder();
        var (from, many) = (random.Next(s_pieces.Length), random.Next(2) == 0 ? s_pieces.Length : 12);
        for (var i = 0; i < pieces; i++)
        {
            text.Append(random.Next(4) == 0 ? s_pieces[random.Next(20)] : s_pieces[(from + random.Next(many)) % s_pieces.Length]);
        }

        return text.ToString();
    }

    private static string Show(string text) => text.Length < 200 ? $"'{string.Concat(text.Select(one => one is >= ' ' and < '\u007F' ? one.ToString() : $"\\u{(int)one:X4}"))}'" : $"a text of {text.Length} characters";
}
