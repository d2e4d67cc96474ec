using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Ids of small tokenizers of every kind against those of the Hugging Face tokenizers; Goldens/README.md says how they were made.</summary>
public class TokenizerGoldenTests
{
    public static TheoryData<string> Cases => Goldens.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ids_are_those_of_the_reference(string name)
    {
        var golden = Goldens.Case(name);
        Check(golden, Tokens.FromFiles(("tokenizer.json", Goldens.TokenizerJson(golden))));
    }

    [Theory]
    [InlineData("unigram-xlmr", "sentencepiece.bpe.model", "xlm-roberta")]
    [InlineData("unigram-albert", "spiece.model", "albert")]
    public void A_sentencepiece_file_has_the_ids_of_its_tokenizer_json(string name, string file, string type)
    {
        Check(Goldens.Case(name), TextTokenizer.Load(
            asked => asked == file ? new MemoryStream(Goldens.SentencePiece(name))
                : asked == "config.json" ? new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { model_type = type }))
                : null,
            name));
    }

    [Fact]
    public void Vocabulary_files_have_the_ids_of_their_tokenizer_json()
    {
        var wordPiece = JsonNode.Parse(Goldens.TokenizerJson(Goldens.Case("wordpiece-uncased")))!["model"]!["vocab"]!.AsObject();
        Check(Goldens.Case("wordpiece-uncased"), Tokens.FromFiles(
            ("vocab.txt", string.Join('\n', wordPiece.OrderBy(one => (int)one.Value!).Select(one => one.Key)) + "\n"), ("config.json", "{\"model_type\": \"bert\"}")));
        var bpe = JsonNode.Parse(Goldens.TokenizerJson(Goldens.Case("bpe-roberta")))!["model"]!;
        Check(Goldens.Case("bpe-roberta"), Tokens.FromFiles(
            ("vocab.json", bpe["vocab"]!.ToJsonString()),
            ("merges.txt", "#version: 0.2\n" + string.Join('\n', bpe["merges"]!.AsArray().Select(merge => (string)merge!)) + "\n"),
            ("config.json", "{\"model_type\": \"roberta\"}")));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Spans_are_within_the_text_and_nothing_is_allocated(string name)
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", Goldens.TokenizerJson(Goldens.Case(name))));
        var ids = new int[1 << 10];
        var spans = new TokenSpan[ids.Length];
        foreach (var text in Goldens.Texts)
        {
            var count = tokenizer.Encode(text, ids, spans, out _);
            foreach (var span in spans[..count])
            {
                Assert.InRange(span.Start, 0, span.End);
                Assert.InRange(span.End, span.Start, text.Length);
            }
        }

        Assert.Equal(0, Allocated.Least(() =>
        {
            foreach (var text in Goldens.Texts)
            {
                tokenizer.Encode(text, ids);
                tokenizer.Count(text);
            }
        }));
    }

    [Fact]
    public void Any_string_has_ids()
    {
        var random = new Random(11);
        var tokenizers = Goldens.All.Select(golden => Tokens.FromFiles(("tokenizer.json", Goldens.TokenizerJson(golden)))).ToArray();
        for (var round = 0; round < 300; round++)
        {
            var text = string.Create(random.Next(1, 40), random, static (to, random) =>
            {
                foreach (ref var character in to)
                {
                    character = random.Next(3) switch { 0 => (char)random.Next(0xD800, 0xE000), 1 => (char)random.Next(0x20, 0x7F), _ => (char)random.Next(0x10000) };
                }
            });
            foreach (var tokenizer in tokenizers)
            {
                var ids = tokenizer.Encode(text);
                Assert.Equal(tokenizer.Count(text), ids.Length);
                var cut = tokenizer.Encode(text, tokenizer.SpecialTokens + 3);
                Assert.InRange(cut.Length, tokenizer.SpecialTokens, tokenizer.SpecialTokens + 3);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_damaged_file_is_read_or_refused(string name)
    {
        var random = new Random(17);
        var json = Goldens.TokenizerJson(Goldens.Case(name)).Replace(Convert.ToBase64String(Goldens.Map), "", StringComparison.Ordinal);
        for (var round = 0; round < 60; round++)
        {
            var damaged = round % 2 == 0 ? Damage(JsonNode.Parse(json)!, random).ToJsonString() : Cut(json, random);
            try
            {
                Tokens.FromFiles(("tokenizer.json", damaged)).Encode("Ä <mask> the é 12,3 日\uD800");
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("tokenizer.json of 'test'", exception.Message, StringComparison.Ordinal);
            }
        }

        static string Cut(string json, Random random)
        {
            var at = random.Next(json.Length);
            var end = Math.Min(json.Length, at + random.Next(1, 5));
            return random.Next(4) == 0 ? json[..at] : json[..at] + (random.Next(2) == 0 ? "" : "\"[]{}:,0-null"[random.Next(13)].ToString()) + json[end..];
        }

        // Another value at one place outside the vocabulary, or none.
        static JsonNode Damage(JsonNode root, Random random)
        {
            var places = new List<JsonNode>();
            Collect(root);
            var place = places[random.Next(places.Count)];
            JsonNode? value = random.Next(8) switch { 0 => null, 1 => "", 2 => "type", 3 => -1, 4 => 1e30, 5 => true, 6 => new JsonArray(), _ => new JsonObject() };
            if (place.Parent is JsonArray array)
            {
                array[place.GetElementIndex()] = value;
            }
            else if (random.Next(3) == 0)
            {
                place.Parent!.AsObject().Remove(place.GetPropertyName());
            }
            else
            {
                place.Parent!.AsObject()[place.GetPropertyName()] = value;
            }

            return root;

            void Collect(JsonNode node)
            {
                if (node is JsonObject members)
                {
                    foreach (var (_, member) in members)
                    {
                        Each(member);
                    }
                }
                else if (node is JsonArray elements)
                {
                    foreach (var element in elements.Take(3))
                    {
                        Each(element);
                    }
                }

                void Each(JsonNode? child)
                {
                    if (child is not null)
                    {
                        places.Add(child);
                        if (child is not JsonObject { Count: > 50 })
                        {
                            Collect(child);
                        }
                    }
                }
            }
        }
    }

    private static void Check(JsonElement golden, TextTokenizer tokenizer)
    {
        var texts = Goldens.Texts;
        var (from, step) = (golden.GetProperty("from").GetInt32(), golden.GetProperty("step").GetInt32());
        var failures = new List<string>();
        var at = from;
        foreach (var expected in golden.GetProperty("ids").EnumerateArray())
        {
            Compare(texts[at], expected.GetString()!, tokenizer.Encode(texts[at]));
            Assert.Equal(tokenizer.Encode(texts[at]).Length, tokenizer.Count(texts[at]));
            at += step;
        }

        Assert.True(at >= texts.Length);
        if (golden.TryGetProperty("pairs", out var pairs))
        {
            foreach (var pair in pairs.EnumerateArray())
            {
                var (first, second) = (texts[pair[0].GetInt32()], texts[pair[1].GetInt32()]);
                var ids = new int[tokenizer.CountPair(first, second)];
                var types = new int[ids.Length];
                Assert.Equal(ids.Length, tokenizer.EncodePair(first, second, ids, types));
                Compare($"{first}|{second}", pair[2].GetString()!, ids);
                Compare($"types of {first}|{second}", pair[3].GetString()!, types);
            }
        }

        Assert.Empty(failures);

        void Compare(string what, string expected, int[] found)
        {
            var given = string.Join(' ', found.Select(id => id.ToString(CultureInfo.InvariantCulture)));
            if (expected != given)
            {
                failures.Add($"'{what}': {given} instead of {expected}");
            }
        }
    }
}
