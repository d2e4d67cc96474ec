using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace AttnGen.Tokenizers.Tests;

public class UnigramTests
{
    private static readonly object s_metaspace = new { type = "Metaspace", replacement = "▁", add_prefix_space = true };

    [Fact]
    public void The_best_path_wins_and_unknown_neighbours_are_one()
    {
        (string, double)[] pieces = [("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5), ("abcd", 10)];
        var tokenizer = FromJson(pieces, null, new { type = "Metaspace", replacement = "▁", prepend_scheme = "never", split = false });
        Assert.Equal([8, 1, 5, 0], tokenizer.Encode("abcdacdxx"));
        Assert.Equal([0, 1, 0], tokenizer.Encode("xyaz"));
        Assert.Equal([], tokenizer.Encode(""));
    }

    [Theory]
    [InlineData("ab a", "▁ab ▁a")]
    [InlineData("  ab   a ", "▁ab ▁a")]
    [InlineData("a\tb\u3000ab", "▁a ▁ b ▁ab")]
    [InlineData("aa", "▁a a")]
    [InlineData("a<mask>a", "▁a <mask> ▁a")]
    public void XLM_R_splits_at_white_space(string text, string tokens)
    {
        (string, double)[] pieces = [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁", -3), ("▁a", -1), ("▁ab", -2), ("a", -4), ("b", -4), ("<mask>", 0)];
        var tokenizer = FromJson(pieces, null, new { type = "Sequence", pretokenizers = new[] { new { type = "WhitespaceSplit" }, s_metaspace } }, unknown: 3, added: ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]);
        Assert.Equal(tokens, Tokens.Of(tokenizer, text));
    }

    [Fact]
    public void Metaspace_alone_keeps_runs_and_may_stand_at_the_beginning_only()
    {
        (string, double)[] pieces = [("<unk>", 0), ("▁", -3), ("▁a", -1), ("a", -2), ("<x>", 0)];
        Assert.Equal("▁a ▁ ▁a", Tokens.Of(FromJson(pieces, null, s_metaspace), "a  a"));
        Assert.Equal("▁a <x> a", Tokens.Of(FromJson(pieces, null, new { type = "Metaspace", replacement = "▁", prepend_scheme = "first" }, added: ["<x>"]), "a<x>a"));
        Assert.Equal("▁a <x> ▁a", Tokens.Of(FromJson(pieces, null, s_metaspace, added: ["<x>"]), "a<x>a"));
        Assert.Equal("▁a ▁a", Tokens.Of(FromJson(pieces, new { type = "Sequence", normalizers = new object[] { new { type = "Strip", strip_left = false, strip_right = true }, new { type = "Replace", pattern = new { Regex = " {2,}" }, content = "▁" } } }, s_metaspace), "a   a  "));
    }

    [Theory]
    [InlineData("\uFB01", "fi")]
    [InlineData("x\uFB01y", "xfiy")]
    [InlineData("\u00A0a", " a")]
    [InlineData("q\u0301", "Q")] // a grapheme of a few bytes is looked for as a whole
    [InlineData("q\u0308", "q\u0308")]
    [InlineData("\u00ADa", "a")] // to nothing
    [InlineData("\uFB01\u0301", "fi")] // the shortest beginning counts for the grapheme, and the rest of it goes
    [InlineData("\uFB01\u0301\u0301", "fi\u0301\u0301")] // too long: code point by code point
    public void A_character_map_is_read_as_the_reference_reads_it(string text, string expected)
    {
        var map = CharacterMap([("\uFB01", "fi"), ("\u00A0", " "), ("q\u0301", "Q"), ("\u00AD", "")]);
        var to = new NormalizedText(16);
        NormalizerStep.Apply([new NormalizerStep.Precompiled(new PrecompiledMap(map))], text, ref to);
        Assert.Equal(expected, to.Text.ToString());
        to.Dispose();
    }

    [Fact]
    public void The_sentencepiece_file_of_XLM_R_gets_fairseqs_ids()
    {
        var file = SentencePiece([("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁a", -1, 1), ("b", -2, 1), ("▁fi", -2, 1)], CharacterMap([("\uFB01", "fi")]));
        var tokenizer = TextTokenizer.Load(name => name switch
        {
            "sentencepiece.bpe.model" => new MemoryStream(file),
            "config.json" => new MemoryStream("{\"model_type\": \"xlm-roberta\"}"u8.ToArray()),
            _ => null,
        }, "XLM-R");
        Assert.Equal([0, 4, 5, 6, 3, 2], tokenizer.Encode("ab \uFB01 x"));
        Assert.Equal([0, 4, 7, 2], tokenizer.Encode("a <mask>"));
        Assert.Equal(1, tokenizer.PadTokenId);
        Assert.Equal(3, tokenizer.UnknownTokenId);
    }

    [Fact]
    public void The_sentencepiece_file_of_ALBERT_is_in_lower_case_without_accents()
    {
        var file = SentencePiece([("<pad>", 0, 3), ("<unk>", 0, 2), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("[MASK]", 0, 3), ("▁e", -1, 1), ("\"", -1, 1), ("tm", -1, 1), ("▁", -1, 1)], []);
        var tokenizer = Load(file);
        Assert.Equal([2, 5, 5, 6, 8, 7, 3], tokenizer.Encode("É e`` ™"));
        Assert.Equal([2, 5, 4, 3], tokenizer.Encode("e [MASK]"));
        Assert.Equal(0, tokenizer.PadTokenId);
        var types = new int[8];
        var ids = new int[8];
        Assert.Equal(5, tokenizer.EncodePair("e", "e", ids, types));
        Assert.Equal([0, 0, 0, 1, 1], types[..5]);

        // The trainer's field 40, once more and beyond the pieces.
        Assert.Contains("unknown piece 99 is none of 9", Assert.Throws<InvalidDataException>(() => Load([.. file, 0x12, 3, 0xC0, 0x02, 99])).Message, StringComparison.Ordinal);

        static TextTokenizer Load(byte[] file) => TextTokenizer.Load(name => name switch
        {
            "spiece.model" => new MemoryStream(file),
            "tokenizer_config.json" => new MemoryStream("{\"tokenizer_class\": \"AlbertTokenizer\"}"u8.ToArray()),
            _ => null,
        }, "ALBERT");
    }

    [Fact]
    public void Random_texts_have_the_ids_of_another_implementation()
    {
        var random = new Random(7);
        string[] words = [.. Enumerable.Range(0, 300).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => (char)('a' + random.Next(6))))).Distinct()];
        (string, float, int)[] pieces =
        [
            ("<pad>", 0, 3), ("<unk>", 0, 2), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("[MASK]", 0, 3),
            .. words.Select(word => (random.Next(2) == 0 ? word : "▁" + word, -1 - 8 * random.NextSingle(), 1)),
            .. "abcde".Select(letter => (letter.ToString(), -9 - random.NextSingle(), 1)), ("▁", -9.5f, 1),
        ];
        var file = SentencePiece(pieces, []);
        var own = TextTokenizer.Load(name => name switch
        {
            "spiece.model" => new MemoryStream(file),
            "config.json" => new MemoryStream("{\"model_type\": \"albert\"}"u8.ToArray()),
            _ => null,
        }, "random");
        var other = SentencePieceTokenizer.Create(new MemoryStream(file), addBeginningOfSentence: false, addEndOfSentence: false);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(1, 8)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)('a' + random.Next(6))))));

            // The other one gives an unknown token for each character; the reference one for neighbours.
            Assert.Equal(Join(other.EncodeToIds(text)), Join(own.Encode(text)[1..^1]));
        }
    }

    private static IEnumerable<int> Join(IReadOnlyList<int> ids) => ids.Where((id, i) => id != 1 || i == 0 || ids[i - 1] != 1);

    private static TextTokenizer FromJson((string Piece, double Score)[] pieces, object? normalizer, object preTokenizer, int unknown = 0, string[]? added = null) => Tokens.FromFiles(("tokenizer.json", JsonSerializer.Serialize(new
    {
        added_tokens = (added ?? []).Select(token => new { id = Array.FindIndex(pieces, piece => piece.Piece == token), content = token, special = true, normalized = false }),
        normalizer,
        pre_tokenizer = preTokenizer,
        model = new { type = "Unigram", unk_id = unknown, vocab = pieces.Select(piece => new object[] { piece.Piece, piece.Score }) },
    })));

    // piece: 1 = { text: 1, score: 2, kind: 3 }; trainer: 2 = { type: 3, unk_id: 40 }; normalizer: 3 = { map: 2, dummy prefix: 3, extra white space: 4, escape: 5 }
    private static byte[] SentencePiece((string Text, float Score, int Kind)[] pieces, byte[] map)
    {
        var file = new List<byte>();
        foreach (var (text, score, kind) in pieces)
        {
            Field(file, 1, [.. Bytes(1, Encoding.UTF8.GetBytes(text)), 2 << 3 | 5, .. BitConverter.GetBytes(score), 3 << 3, (byte)kind]);
        }

        var unknown = Array.FindIndex(pieces, piece => piece.Kind == 2);
        Field(file, 2, [3 << 3, 1, .. Number(40 << 3), (byte)unknown, .. Number(41 << 3), 2, .. Number(42 << 3), 3]);
        Field(file, 3, [.. Bytes(2, map), 3 << 3, 1, 4 << 3, 1, 5 << 3, 1]);
        return [.. file];

        static void Field(List<byte> to, int number, byte[] content) => to.AddRange(Bytes(number, content));
        static byte[] Bytes(int number, byte[] content) => [.. Number(number << 3 | 2), .. Number(content.Length), .. content];
        static byte[] Number(int value)
        {
            var bytes = new List<byte>();
            for (; value >= 0x80; value >>= 7)
            {
                bytes.Add((byte)(value | 0x80));
            }

            bytes.Add((byte)value);
            return [.. bytes];
        }
    }

    // A double array of a few keys: each node's children stand at (node ^ offset) ^ label.
    private static byte[] CharacterMap((string From, string To)[] entries)
    {
        var texts = new List<byte>();
        var root = new Trie();
        foreach (var (from, to) in entries)
        {
            var node = root;
            foreach (var one in Encoding.UTF8.GetBytes(from))
            {
                if (!node.Children.TryGetValue(one, out var child))
                {
                    node.Children[one] = child = new Trie();
                }

                node = child;
            }

            node.Value = texts.Count;
            texts.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        var units = new uint[4096];
        var used = new bool[units.Length];
        var bases = new HashSet<int>();
        used[0] = true;
        Place(root, 0, 0);
        return [.. BitConverter.GetBytes(4 * units.Length), .. units.SelectMany(BitConverter.GetBytes), .. texts];

        void Place(Trie node, int at, byte label)
        {
            var labels = node.Children.Keys.Select(key => (int)key).Concat(node.Value is null ? [] : [0]).ToArray();
            var start = Enumerable.Range(1, units.Length - 257).First(candidate => !bases.Contains(candidate) && labels.All(one => !used[candidate ^ one]));
            bases.Add(start);
            units[at] = (uint)(at ^ start) << 10 | (node.Value is null ? 0u : 0x100u) | label;
            foreach (var one in labels)
            {
                used[start ^ one] = true;
            }

            if (node.Value is { } value)
            {
                units[start] = 0x80000000 | (uint)value;
            }

            foreach (var (key, child) in node.Children)
            {
                Place(child, start ^ key, key);
            }
        }
    }

    private sealed class Trie
    {
        public SortedDictionary<byte, Trie> Children { get; } = [];

        public int? Value { get; set; }
    }
}
