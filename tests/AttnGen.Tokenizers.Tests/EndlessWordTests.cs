using System.Text;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Words without end are read in parts, too: ids and places are those of the whole word, cut.</summary>
public class EndlessWordTests
{
    public static TheoryData<string> Cases => Goldens.Cases;

    /// <summary>Vocabularies of random merges over few letters: what a merge may reach is then most of the word. Learnt in order, or in any order as converters write them.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public void Of_any_merges_a_words_beginning_has_the_same_ids(int seed, bool ordered)
    {
        var random = new Random(seed);
        var (streamed, tokens) = (0, 0);
        for (var round = 0; round < 40; round++)
        {
            var letters = "abcé"[..random.Next(1, 5)];
            var fuse = random.Next(2) == 0;
            var (suffix, prefix) = (random.Next(4) == 0 ? "</w>" : "", random.Next(4) == 0 ? "##" : "");
            var json = Bpe(random, letters, random.Next(1, 40), ordered, fuse, suffix, prefix, wholeWords: random.Next(4) == 0);
            var (whole, parts) = (Tokens.FromFiles(("tokenizer.json", json)), Tokens.FromFiles(("tokenizer.json", json)));
            whole.Chunk = (1 << 28, 1 << 28);
            parts.Chunk = (random.Next(1, 9), 9 + random.Next(64)); // a word is looked at again and again
            for (var i = 0; i < 4; i++)
            {
                var alphabet = random.Next(3) == 0 ? letters + "?" : letters; // the last one is unknown
                var piece = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => alphabet[random.Next(alphabet.Length)]));
                var text = random.Next(2) == 0
                    ? string.Concat(Enumerable.Range(0, random.Next(1000, 2500)).Select(_ => alphabet[random.Next(alphabet.Length)]))
                    : string.Concat(Enumerable.Repeat(piece, 2500 / piece.Length + 1))[random.Next(9)..];
                Same(whole, parts, text, random, $"{json}: {text[..20]}");
                parts.Encode(text, new int[8], default, out _, out var readAll);
                streamed += readAll ? 0 : 1;
                tokens++;
            }
        }

        Assert.True(streamed > tokens / (ordered ? 2 : 20), $"{streamed} of {tokens} texts were not read to the end");
    }

    /// <summary>The same on bytes, where a character may be cut by merges and only its beginning may be cut at.</summary>
    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void Of_any_merges_of_bytes_a_words_beginning_has_the_same_ids(int seed, bool ordered)
    {
        var random = new Random(seed);
        var (streamed, tokens) = (0, 0);
        for (var round = 0; round < 40; round++)
        {
            var letters = "aé中b\U00010348"[..(random.Next(1, 6) is var some && some == 5 ? 6 : some)];
            var bytes = string.Concat(Encoding.UTF8.GetBytes(letters).Distinct().Select(one => BpeTokenizer.ByteCharacter(one)));
            var json = Bpe(random, bytes, random.Next(1, 40), ordered, fuse: false, "", "", wholeWords: random.Next(4) == 0, bytes: true);
            var (whole, parts) = (Tokens.FromFiles(("tokenizer.json", json)), Tokens.FromFiles(("tokenizer.json", json)));
            whole.Chunk = (1 << 28, 1 << 28);
            parts.Chunk = (random.Next(1, 9), 9 + random.Next(64));
            var alphabet = letters.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
            for (var i = 0; i < 4; i++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(300, 1500)).Select(_ => alphabet[random.Next(alphabet.Length)]));
                Same(whole, parts, text, random, $"{json}: {text[..20]}");
                parts.Encode(text, new int[8], default, out _, out var readAll);
                streamed += readAll ? 0 : 1;
                tokens++;
            }
        }

        Assert.True(streamed > tokens / (ordered ? 2 : 20), $"{streamed} of {tokens} texts were not read to the end");
    }

    /// <summary>Vocabularies of random pieces with few scores, so that many ways through a word are equally good.</summary>
    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public void Of_any_pieces_a_words_beginning_has_the_same_ids(int seed, bool byteFallback)
    {
        var random = new Random(seed);
        var (streamed, tokens) = (0, 0);
        for (var round = 0; round < 80; round++)
        {
            var letters = "abcé\U00010348"[..(random.Next(1, 6) is var some && some == 5 ? 6 : some)];
            var alphabet = (random.Next(3) == 0 ? letters + "?!" : letters).EnumerateRunes().Select(rune => rune.ToString()).ToArray(); // two are unknown
            var json = Unigram(random, letters, random.Next(1, 30), byteFallback, random.Next(2) == 0 ? "!" : ""); // of one of them a byte may have no token
            var (whole, parts) = (Tokens.FromFiles(("tokenizer.json", json)), Tokens.FromFiles(("tokenizer.json", json)));
            whole.Chunk = (1 << 28, 1 << 28);
            parts.Chunk = (random.Next(1, 9), 9 + random.Next(64));
            for (var i = 0; i < 4; i++)
            {
                var piece = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => alphabet[random.Next(alphabet.Length)]));
                var text = random.Next(2) == 0
                    ? string.Concat(Enumerable.Range(0, random.Next(300, 1500)).Select(_ => alphabet[random.Next(alphabet.Length)]))
                    : string.Concat(Enumerable.Repeat(piece, 1500 / piece.Length + 1));
                Same(whole, parts, text, random, $"{json}: {text[..20]}");
                parts.Encode(text, new int[8], default, out _, out var readAll);
                streamed += readAll ? 0 : 1;
                tokens++;
            }
        }

        Assert.True(streamed > tokens / 2, $"{streamed} of {tokens} texts were not read to the end");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_any_tokenizer_a_long_word_has_the_same_ids(string name)
    {
        var random = new Random(41);
        var (whole, parts) = (Goldens.Load(name), Goldens.Load(name));
        whole.Chunk = (1 << 28, 1 << 28);
        string[] pieces =
        [
            "a", "t", "the", "abcdefgh", "ing", "0", "1234567", " ", "  \n", "\u00A0", ".", "'", "''s", "'l", "!?", "é", "e\u0301", "привет", "中日本", "한글", "\u1100\u1161", "か\u3099", "👍", "👍🏽🚀", "\uD83D", "\uDC4D",
            "\u0301", "\u0301\u0323\u0327", "\u0001", "\u200B", "[CL", "[MAS", "<s", "##", "\u2581", "\u2581a", "ﬁ", "x\u0345", "𐍈", "\U00020000",
        ];
        foreach (var piece in pieces)
        {
            parts.Chunk = random.Next(2) == 0 ? (256, 4096) : (random.Next(1, 9), 9 + random.Next(100));
            var text = string.Concat(Enumerable.Repeat(piece, 3000 / piece.Length));
            Same(whole, parts, text, random, piece);
            Same(whole, parts, "A word, " + text + " and one.", random, piece);
        }

        for (var round = 0; round < 8; round++)
        {
            var some = Enumerable.Range(0, random.Next(1, 4)).Select(_ => pieces[random.Next(pieces.Length)]).ToArray();
            var text = string.Concat(Enumerable.Range(0, 600).Select(_ => some[random.Next(some.Length)]));
            Same(whole, parts, text, random, string.Join('|', some));
        }
    }

    private static void Same(TextTokenizer whole, TextTokenizer parts, string text, Random random, string what)
    {
        var count = whole.Count(text);
        Assert.True(count == parts.Count(text), $"{what}: {parts.Count(text)} tokens instead of {count}");
        var (ids, spans) = (new int[count], new TokenSpan[count]);
        whole.Encode(text, ids, spans, out _);
        var special = whole.SpecialTokens;
        foreach (var limit in new[] { count, special + random.Next(count - special + 1), Math.Min(count, special + 5) })
        {
            var (foundIds, foundSpans) = (new int[limit], new TokenSpan[limit]);
            Assert.Equal(limit, parts.Encode(text, foundIds, foundSpans, out var truncated));
            Assert.Equal(limit < count, truncated);
            var before = whole.SpecialTokensBefore;
            for (var i = before; i < limit - special + before; i++)
            {
                Assert.True(ids[i] == foundIds[i] && spans[i] == foundSpans[i], $"{what}, {limit} of {count}, token {i}: {foundIds[i]} {foundSpans[i]} instead of {ids[i]} {spans[i]}");
            }

            var alone = new int[limit]; // where places are not asked for, more may be certain
            Assert.Equal(limit, parts.Encode(text, alone));
            Assert.True(foundIds.SequenceEqual(alone), $"{what}, {limit} of {count}");
        }
    }

    private static string Bpe(Random random, string letters, int merges, bool ordered, bool fuse, string suffix, string prefix, bool wholeWords, bool bytes = false)
    {
        var vocabulary = new List<string> { "<unk>" };
        foreach (var letter in letters)
        {
            foreach (var before in new[] { "", prefix }.Distinct())
            {
                foreach (var after in new[] { "", suffix }.Distinct())
                {
                    vocabulary.Add(before + letter + after);
                }
            }
        }

        var lines = new List<(string Left, string Right)>();
        for (var i = 0; i < merges * 20 && lines.Count < merges; i++)
        {
            var (left, right) = (vocabulary[random.Next(1, vocabulary.Count)], vocabulary[random.Next(1, vocabulary.Count)]);
            if ((suffix.Length > 0 && left.EndsWith(suffix, StringComparison.Ordinal)) || (prefix.Length > 0 && !right.StartsWith(prefix, StringComparison.Ordinal)) || left.Length + right.Length > 24 || lines.Contains((left, right)))
            {
                continue;
            }

            var both = left + right[prefix.Length..];
            if (ordered && vocabulary.Contains(both))
            {
                continue;
            }

            lines.Add((left, right));
            if (!vocabulary.Contains(both))
            {
                vocabulary.Add(both);
            }
        }

        var order = ordered ? lines.ToArray() : [.. lines.OrderBy(_ => random.Next())];
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = "<unk>",
            ["continuing_subword_prefix"] = prefix.Length > 0 ? prefix : null,
            ["end_of_word_suffix"] = suffix.Length > 0 ? suffix : null,
            ["fuse_unk"] = fuse,
            ["byte_fallback"] = false,
            ["ignore_merges"] = wholeWords,
            ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. order.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
        };
        return File(model, bytes ? new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = random.Next(2) == 0 } : null);
    }

    internal static string Unigram(Random random, string letters, int pieces, bool byteFallback, string withoutByte = "!")
    {
        var alphabet = letters.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        var all = new List<string> { "<unk>" };
        all.AddRange(alphabet.Where(_ => random.Next(8) != 0));
        for (var i = 0; i < pieces; i++)
        {
            all.Add(string.Concat(Enumerable.Range(0, random.Next(2, 12)).Select(_ => alphabet[random.Next(alphabet.Length)])));
        }

        all.AddRange(byteFallback ? Enumerable.Range(0, 256).Where(one => !withoutByte.Contains((char)one)).Select(one => $"<0x{one:X2}>") : []);
        var scores = new double[] { -1, -2, -2.5, -3, -7.1, -0.3 };
        return File(new JsonObject
        {
            ["type"] = "Unigram",
            ["unk_id"] = 0,
            ["byte_fallback"] = byteFallback,
            ["vocab"] = new JsonArray([.. all.Distinct().Select(piece => (JsonNode)new JsonArray(piece, scores[random.Next(scores.Length)]))]),
        }, null);
    }

    private static string File(JsonObject model, JsonObject? splitter) => new JsonObject
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray(),
        ["normalizer"] = null,
        ["pre_tokenizer"] = splitter,
        ["post_processor"] = null,
        ["decoder"] = null,
        ["model"] = model,
    }.ToJsonString();
}
