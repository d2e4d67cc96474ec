using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Every decoder of tokenizer.json, alone and after others, against the Hugging Face library; Goldens/README.md says how the file was made.</summary>
public class DecoderTests
{
    private static readonly Lazy<JsonElement> s_golden = new(() => Goldens.Json("decoders.json"));

    public static TheoryData<string> Cases => [.. s_golden.Value.GetProperty("cases").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Texts_are_those_of_the_reference(string name)
    {
        var golden = s_golden.Value.GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        var tokenizer = Load(golden.GetProperty("decoder"));
        TextDecoder[] decoders = [tokenizer.CreateDecoder(), tokenizer.CreateDecoder(skipSpecialTokens: true)];
        Assert.Equal(60, golden.GetProperty("rows").GetArrayLength());
        foreach (var row in golden.GetProperty("rows").EnumerateArray())
        {
            int[] ids = [.. row[0].GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            foreach (var skip in new[] { false, true })
            {
                var expected = row[skip ? 2 : 1].GetString()!;
                var given = tokenizer.Decode(ids, skip);
                Assert.True(expected == given, $"{row[0]} skip {skip}: {JsonSerializer.Serialize(given)} instead of {JsonSerializer.Serialize(expected)}");
                var pieces = "";
                foreach (var id in ids)
                {
                    pieces += decoders[skip ? 1 : 0].Append(id).ToString();
                    Assert.StartsWith(pieces, expected, StringComparison.Ordinal);
                }

                Assert.Equal(expected, pieces + decoders[skip ? 1 : 0].End().ToString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_was_begun_is_forgotten(string name)
    {
        var tokenizer = Load(s_golden.Value.GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name).GetProperty("decoder"));
        var decoder = tokenizer.CreateDecoder();
        var random = new Random(9);
        for (var round = 0; round < 200; round++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(tokenizer.VocabularySize))];
            for (var i = random.Next(6); i > 0; i--)
            {
                decoder.Append(random.Next(tokenizer.VocabularySize));
            }

            decoder.Reset();
            var text = string.Concat(ids.Select(id => decoder.Append(id).ToString()).ToArray());
            Assert.Equal(tokenizer.Decode(ids), text + decoder.End().ToString());
        }
    }

    [Theory]
    [InlineData("""{"type": "Whistle"}""", "the decoder {\"type\":\"Whistle\"}; accepted: ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace, WordPiece, BPEDecoder, CTC, and a Sequence of them")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Whistle"}]}""", "Whistle")]
    [InlineData("""{"type": "Strip", "content": "ab", "start": 1, "stop": 0}""", "Strip")]
    [InlineData("""{"type": "Fuse", "x_new": 1}""", "the member decoder Fuse.x_new")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "\\bx"}, "content": ""}""", "decoder")]
    [InlineData("""{"type": "CTC", "pad_token": 1, "word_delimiter_token": "|", "cleanup": true}""", "decoder CTC.pad_token is 1")]
    public void What_is_not_known_is_refused_when_text_is_asked_for(string decoder, string part)
    {
        var tokenizer = Load(JsonDocument.Parse(decoder).RootElement);
        Assert.NotEmpty(tokenizer.Encode("a"));
        foreach (var ask in new Action[] { () => tokenizer.Decode([0]), () => tokenizer.CreateDecoder(), () => tokenizer.TryGetBytes(0, new byte[9], out _) })
        {
            var exception = Assert.ThrowsAny<Exception>(ask);
            Assert.True(exception is NotSupportedException or InvalidDataException, exception.GetType().Name);
            Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ids_that_are_far_apart_need_no_table()
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", """{"decoder": {"type": "Fuse"}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 2000000000}, "merges": []}}"""));
        Assert.Equal(2_000_000_001, tokenizer.VocabularySize);
        Assert.Equal("ab", tokenizer.Decode([0, 1, 2_000_000_000, int.MaxValue, -5]));
    }

    private static TextTokenizer Load(JsonElement decoder)
    {
        var vocabulary = new JsonObject();
        foreach (var piece in s_golden.Value.GetProperty("vocab").EnumerateArray())
        {
            vocabulary[piece.GetString()!] = vocabulary.Count;
        }

        var json = new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse(s_golden.Value.GetProperty("added_tokens").GetRawText()),
            ["decoder"] = JsonNode.Parse(decoder.GetRawText()),
            ["model"] = new JsonObject { ["type"] = "WordPiece", ["unk_token"] = "a", ["continuing_subword_prefix"] = "##", ["max_input_chars_per_word"] = 100, ["vocab"] = vocabulary },
        };
        return Tokens.FromFiles(("tokenizer.json", json.ToJsonString()));
    }
}
