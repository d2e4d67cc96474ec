using System.Text;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>What a long text costs: memory for what is read at once, time in proportion to what is read.</summary>
public class LongTextCostTests
{
    private const int Long = 10_000_000;
    private const int MostOfUnigram = 100; // bytes a character, as docs/embeddings.md says
    private const string Marks = "\u0301\u0323\u0327\u0345\u0334\u05B0\u3099\u0315\u0F71\u302E\u302F\u031B"; // of many classes

    public static TheoryData<string> Kinds => [.. "words,letters,other letters,accents,far letters,spaces,white space,marks,kept marks,controls,invisible,ideographs,brackets,token at the end,dots,half pairs,second halves,halves and pairs,one emoji,emoji,far ideographs,far marks,digits,token beginnings".Split(',')];

    public static TheoryData<string> Tokenizers => ["bpe-roberta", "bpe-modernbert", "bpe-characters", "unigram-xlmr", "unigram-albert", "words by their case", "runs of spaces to one", "digits apart", "NFKC, words, digits, punctuation"];

    public static TheoryData<string, string, string> Steps
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var normalizer in new[] { "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase", "Nmt" })
            {
                data.Add($$"""{"type": "{{normalizer}}"}""", "null", "a" + Marks);
            }

            const string Spaces = "a                    ";
            data.Add("""{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": true, "lowercase": true}""", "null", "\u302E\u0345\u302A\u16FF0\u302F");
            data.Add("""{"type": "Precompiled", "precompiled_charsmap": "MAP"}""", "null", "a" + Marks);
            data.Add("""{"type": "Replace", "pattern": {"Regex": " +x"}, "content": "y"}""", "null", " ");
            data.Add("""{"type": "Replace", "pattern": {"Regex": "\\s*[\\r\\n]+|\\s+$"}, "content": "y"}""", "null", " ");
            data.Add("""{"type": "Replace", "pattern": {"Regex": "[a-z]*1[a-z]+|[a-z]{2,}-"}, "content": "y"}""", "null", "abc");
            data.Add("""{"type": "Replace", "pattern": {"Regex": "a++b"}, "content": "y"}""", "null", "a");
            data.Add("""{"type": "Replace", "pattern": {"String": "aab"}, "content": "y"}""", "null", "a");
            data.Add("null", """{"type": "Split", "pattern": {"Regex": "\\s+x|\\p{L}*\\p{N}|\\s+(?!\\S)"}, "behavior": "Isolated", "invert": false}""", Spaces);
            data.Add("null", """{"type": "Split", "pattern": {"Regex": "\\p{L}*\\p{N}"}, "behavior": "MergedWithNext", "invert": false}""", "abc");
            data.Add("null", """{"type": "Punctuation", "behavior": "Contiguous"}""", ".");
            data.Add("null", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""", " a");
            return data;
        }
    }

    // WordPiece with BERT's normaliser: whatever the text, no memory that grows with it.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_of_ten_million_characters_needs_no_memory(string kind)
    {
        var tokenizer = Tokens.Bert("{}", "a", "b", "##a", "##b", "中", ".", "[");
        var text = LongText.Of(kind, Long);
        var ids = new int[256];
        tokenizer.Encode("a b \u0301 中", ids);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, ids);
        tokenizer.Count(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_word_that_is_too_long_is_unknown_and_what_follows_is_read(string kind)
    {
        var tokenizer = Tokens.Bert("{}", "a", "b", "##a", "##b", "中", ".", "[");
        var whole = Tokens.Bert("{}", "a", "b", "##a", "##b", "中", ".", "[");
        whole.Chunk = (1 << 28, 1 << 28);
        foreach (var text in new[] { LongText.Of(kind, 20_000) + " b.", "a" + LongText.Of(kind, 20_000) + " b.", "\u302F\u302E" + LongText.Of(kind, 20_000) + "\u302F\u302E\u302F b." })
        {
            var count = whole.Count(text);
            var (ids, spans) = (new int[count], new TokenSpan[count]);
            var (foundIds, foundSpans) = (new int[count], new TokenSpan[count]);
            whole.Encode(text, ids, spans, out _);
            Assert.Equal(count, tokenizer.Encode(text, foundIds, foundSpans, out var truncated));
            Assert.False(truncated);
            Assert.Equal(ids, foundIds);
            Assert.Equal(spans, foundSpans);
            Assert.Equal(count, tokenizer.Count(text));
        }
    }

    // The window is full soon, and nothing more is read.
    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Of_a_long_text_only_the_beginning_is_read(string name)
    {
        var tokenizer = Goldens.Load(name);
        var left = Goldens.Load(name, """{"truncation_side": "left"}""");
        var text = LongText.Of("words", 8_000_000);
        var ids = new int[256];
        foreach (var one in new[] { tokenizer, left })
        {
            Assert.Equal(0, Allocated.Least(() => one.Encode(text, ids)));
            LongText.CheckRatio(length => one.Encode(text.AsSpan(0, length), ids), 40_000, 8_000_000, most: 50);
        }

        var start = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Count(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - start, 0, 1 << 20);
        tokenizer.Encode(text, ids, default, out var truncated, out var readAll);
        Assert.True(truncated);
        Assert.False(readAll);
    }

    // One word, no place to cut: a small multiple of what is read.
    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void A_word_without_end_needs_memory_in_proportion(string name)
    {
        var tokenizer = Goldens.Load(name);
        var text = LongText.Of("letters", 1_000_000);
        var ids = new int[256];
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, ids);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 160 * text.Length);
        LongText.CheckRatio(length => tokenizer.Count(text.AsSpan(0, length)), 4_000, 64_000, most: 100);
    }

    // Neither does it need memory, unless a step of the tokenizer leaves it no place to cut, or the first token depends on the last character.
    [Theory]
    [InlineData("wordpiece-cased", "")]
    [InlineData("bpe-roberta", "")]
    [InlineData("a space before", "")]
    [InlineData("bpe-modernbert", "spaces,marks,kept marks,far marks")]
    [InlineData("bpe-characters", "spaces")]
    [InlineData("unigram-xlmr", "marks,kept marks,controls,far marks")]
    [InlineData("unigram-albert", "accents,far letters,spaces,white space,marks,kept marks,controls,invisible,half pairs,second halves,halves and pairs,one emoji,emoji,far ideographs,far marks")]
    public void A_text_without_end_needs_no_memory(string name, string exceptions) => CheckNoMemory(Goldens.Load(name), exceptions);

    // The same with published expressions in front of the vocabulary of bytes.
    [Theory]
    [InlineData("Llama 3", "white space")]
    [InlineData("Qwen 2", "white space")]
    [InlineData("GPT-4", "white space")]
    [InlineData("GPT-4o", "letters,other letters,accents,far letters,white space,marks,kept marks,ideographs,token at the end,far ideographs,far marks")]
    [InlineData("DeepSeek 3", "letters,white space,marks,kept marks,controls,invisible,token at the end,far marks")]
    public void Behind_a_published_expression_neither(string name, string exceptions) => CheckNoMemory(SplitExpressionTests.Load("bpe-modernbert", name, "[]"), exceptions);

    // A run of unknown characters is one token whose end is its last character's, but of bytes only the place depends on that.
    [Fact]
    public void Unknown_text_as_bytes_needs_no_memory_where_places_are_not_asked_for()
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", EndlessWordTests.Unigram(new Random(1), "ab", 4, byteFallback: true, withoutByte: "")));
        CheckNoMemory(tokenizer, "");
    }

    // Whether the first token is a or aa depends on the last character. What is kept of each has a size.
    [Fact]
    public void Where_best_paths_never_meet_memory_is_bounded_by_the_text()
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", """
            {"version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
             "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", -10], ["a", -2], ["aa", -1]]}}
            """));
        var text = new string('a', 1_000_001);
        var ids = new int[16];
        tokenizer.Encode(text.AsSpan(0, 50_000), ids);
        Assert.Equal(2, ids[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, ids);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1, ids[0]);
        Assert.InRange(bytes, 2 * text.Length, MostOfUnigram * text.Length);
    }

    private static void CheckNoMemory(TextTokenizer tokenizer, string exceptions)
    {
        var ids = new int[256];
        var found = new List<string>();
        foreach (var kind in Kinds.Select(kind => kind.Data))
        {
            var text = LongText.Of(kind, 500_000);
            tokenizer.Encode(text.AsSpan(0, 50_000), ids);
            tokenizer.Count(text.AsSpan(0, 50_000));
            var before = GC.GetAllocatedBytesForCurrentThread();
            tokenizer.Encode(text, ids);
            tokenizer.Count(text);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(bytes <= 450L * text.Length, $"{kind}: {(double)bytes / text.Length:F1} bytes a character");
            found.AddRange(bytes > 1 << 20 ? [kind] : []);
        }

        Assert.True(exceptions == string.Join(',', found), $"memory grows with {string.Join(',', found)}");
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Every_step_takes_time_in_proportion(string normalizer, string splitter, string piece)
    {
        var tokenizer = Goldens.Load("wordpiece-uncased", change: json => (json["normalizer"], json["pre_tokenizer"]) = (JsonNode.Parse(normalizer), JsonNode.Parse(splitter)));
        var text = string.Concat(Enumerable.Repeat(piece, 64_000 / piece.Length + 1));
        var ids = new int[512];
        LongText.CheckRatio(length => tokenizer.Encode(text.AsSpan(0, length), ids), 4_000, 64_000, most: 100);
    }

    [Fact]
    public void Marks_of_the_report_take_time_in_proportion()
    {
        var tokenizer = TextTokenizer.Load(Shared.Require("golden", "reports", "nfc-marks"));
        var random = new Random(1);
        var text = "a" + string.Concat(Enumerable.Range(0, 64_000).Select(_ => Marks[random.Next(Marks.Length)]));
        var ids = new int[512];
        LongText.CheckRatio(length => tokenizer.Count(text.AsSpan(0, length)), 4_000, 64_000, most: 100);
        LongText.CheckRatio(length => tokenizer.Encode(text.AsSpan(0, length), ids), 4_000, 64_000, most: 100);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(1000)]
    public void Marks_are_put_in_canonical_order(int length)
    {
        var random = new Random(length);
        for (var round = 0; round < 200; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, length)).Select(_ => random.Next(12) == 0 ? "aé한\u1100\u1161\u11A8ﬁ"[random.Next(7)] : "\u0301\u0323\u0327\u0345\u0334\u05B0\u3099\u0315\u031B\u0308"[random.Next(10)]));
            foreach (var compatibility in new[] { false, true })
            {
                // The decompositions one after the other, then each mark before those of a higher class that stand directly before it.
                var marks = new List<Rune>();
                foreach (var rune in text.EnumerateRunes().SelectMany(rune => Normalize(rune.ToString(), compatibility, compose: false).EnumerateRunes()))
                {
                    var place = marks.Count;
                    for (var combining = Characters.CombiningClass(rune.Value); combining != 0 && place > 0 && Characters.CombiningClass(marks[place - 1].Value) > combining;)
                    {
                        place--;
                    }

                    marks.Insert(place, rune);
                }

                var expected = string.Concat(marks);
                Assert.Equal(expected, Normalize(text, compatibility, compose: false));
                Assert.Equal(Normalize(expected, compatibility, compose: true), Normalize(text, compatibility, compose: true));
            }
        }

        static string Normalize(string text, bool compatibility, bool compose)
        {
            var to = new NormalizedText(16);
            Nfc.Normalize(text, compatibility, compose, ref to);
            var normalized = to.Text.ToString();
            to.Dispose();
            return normalized;
        }
    }

    [Theory]
    [InlineData("""{"id": 0, "content": " ", "rstrip": true, "normalized": false, "special": false}""", " ")]
    [InlineData("""{"id": 0, "content": "a", "lstrip": true, "single_word": true, "normalized": false, "special": false}""", "a          ")]
    [InlineData("""{"id": 0, "content": "  x", "lstrip": true, "rstrip": true, "normalized": true, "special": false}""", " ")]
    [InlineData("""{"id": 0, "content": "aaaaaaaaab", "normalized": false, "special": true}""", "a")]
    public void Added_tokens_are_found_in_time_in_proportion(string token, string piece)
    {
        var tokenizer = Goldens.Load("wordpiece-uncased", change: json => json["added_tokens"] = JsonNode.Parse($"[{token}]"));
        var text = string.Concat(Enumerable.Repeat(piece, 64_000 / piece.Length + 1));
        LongText.CheckRatio(length => tokenizer.Count(text.AsSpan(0, length)), 4_000, 64_000, most: 100);
    }

    [Fact]
    public void What_one_huge_text_needs_is_not_kept()
    {
        var huge = Scratch.Rent<int>(5_000_000);
        Scratch.Return(huge);
        Assert.NotSame(huge, Scratch.Rent<int>(5_000_000));
        var small = Scratch.Rent<TokenSpan>(5_000);
        Scratch.Return(small);
        Assert.Same(small, Scratch.Rent<TokenSpan>(5_000));
    }
}
