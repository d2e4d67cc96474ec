using System.Text;
using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Language models' folders without tokenizer.json: the vocabulary's own files give what the published tokenizer.json gives.</summary>
public class OwnFilesTests
{
    [Fact]
    public void Llama_2_by_its_SentencePiece_file()
    {
        var tokenizer = Load("llama2", (1, "<s>", 3), (2, "</s>", 3), (0, "<unk>", 2));
        Same("llama2", tokenizer);
        Assert.Equal("BPE", tokenizer.Kind);
    }

    [Fact]
    public void Gemma_by_its_SentencePiece_file() => Same("gemma3", Load("gemma3", (0, "<pad>", 3), (1, "<eos>", 3), (2, "<bos>", 3), (3, "<unk>", 2)));

    [Fact]
    public void Qwen_by_its_vocabulary_and_merges()
    {
        var folder = Published.Folder("qwen3");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var model = json.RootElement.GetProperty("model");
        var merges = string.Join('\n', model.GetProperty("merges").EnumerateArray().Select(static merge => merge.ValueKind == JsonValueKind.String ? merge.GetString() : $"{merge[0].GetString()} {merge[1].GetString()}"));
        Same("qwen3", Tokens.FromFiles(
            ("vocab.json", model.GetProperty("vocab").GetRawText()), ("merges.txt", "#version: 0.2\n" + merges + "\n"),
            ("tokenizer_config.json", File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")))));
    }

    // Before a text, and in the older form after each special token too, stands the mark of a space.
    [Theory]
    [InlineData("{}", "a", "<s> ▁a")]
    [InlineData("{}", "<s>a b</s>b", "<s> <s> ▁a ▁b </s> ▁b")]
    [InlineData("""{"legacy": false}""", "<s>a b</s>b", "<s> <s> a ▁b </s> b")]
    [InlineData("""{"legacy": false}""", "a b</s> b", "<s> ▁a ▁b </s> ▁b")]
    [InlineData("""{"add_prefix_space": false}""", "a b", "<s> a ▁b")]
    [InlineData("""{"legacy": false, "add_prefix_space": false}""", "a b", "<s> a ▁b")]
    [InlineData("""{"add_bos_token": false, "add_eos_token": true}""", "a", "▁a </s>")]
    [InlineData("{}", "ab", "<s> ▁ab")]
    [InlineData("{}", "é", "<s> ▁ <0xC3> <0xA9>")]
    public void Llama_puts_spaces_as_it_is_told(string config, string text, string expected)
    {
        var tokenizer = Small(config);
        Assert.Equal(expected, string.Join(' ', tokenizer.Encode(text).Select(tokenizer.FindToken)));
    }

    [Theory]
    [InlineData("{}", "a b")]
    [InlineData("""{"legacy": false}""", "a b")]
    [InlineData("""{"add_prefix_space": false}""", "a b")]
    [InlineData("{}", " a")]
    [InlineData("{}", "é a")]
    public void Llama_gives_the_text_back(string config, string text)
    {
        var tokenizer = Small(config);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false)));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: true));
    }

    [Fact]
    public void T5_is_what_its_tokenizer_json_is()
    {
        var map = Convert.ToBase64String(Goldens.Map);
        var json = Goldens.Load("unigram-xlmr", change: node =>
        {
            // The pieces of the file, in its order, then the gaps.
            var vocabulary = new System.Text.Json.Nodes.JsonArray();
            var file = new SentencePieceFile(Goldens.SentencePiece("unigram-xlmr"));
            for (var i = 0; i < file.Pieces.Count; i++)
            {
                vocabulary.Add(new System.Text.Json.Nodes.JsonArray(file.Pieces[i].ToString(), file.Scores[i]));
            }

            var added = new System.Text.Json.Nodes.JsonArray();
            foreach (var (text, id) in new[] { ("<unk>", 0), ("<s>", 1), ("</s>", 2) })
            {
                added.Add(Special(text, id));
            }

            foreach (var symbol in file.Symbols.Where(symbol => !symbol.Control))
            {
                var one = Special(symbol.Text, Enumerable.Range(0, file.Pieces.Count).First(i => file.Pieces[i].SequenceEqual(symbol.Text)));
                one["special"] = false;
                added.Add(one);
            }

            for (var i = 9; i >= 0; i--)
            {
                added.Add(Special($"<extra_id_{i}>", vocabulary.Count));
                vocabulary.Add(new System.Text.Json.Nodes.JsonArray($"<extra_id_{i}>", 0.0));
            }

            node["added_tokens"] = added;
            node["model"]!["vocab"] = vocabulary;
            node["model"]!["unk_id"] = 0;
            node["normalizer"] = System.Text.Json.Nodes.JsonNode.Parse($$"""{"type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": "{{map}}"}, {"type": "Strip", "strip_left": false, "strip_right": true}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]}""");
            node["pre_tokenizer"] = System.Text.Json.Nodes.JsonNode.Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""");
            node["decoder"] = System.Text.Json.Nodes.JsonNode.Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""");
            node["post_processor"] = System.Text.Json.Nodes.JsonNode.Parse("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}""");
        });
        var own = TextTokenizer.Load(
            file => file switch
            {
                "spiece.model" => new MemoryStream(Goldens.SentencePiece("unigram-xlmr")),
                "tokenizer_config.json" => new MemoryStream(Encoding.UTF8.GetBytes("""{"tokenizer_class": "T5Tokenizer", "extra_ids": 10, "pad_token": "</s>"}""")),
                _ => null,
            },
            "T5");
        foreach (var text in Goldens.Texts)
        {
            var ids = json.Encode(text);
            Assert.True(ids.SequenceEqual(own.Encode(text)), $"{JsonSerializer.Serialize(text)}: {string.Join(' ', own.Encode(text).Select(own.FindToken))} instead of {string.Join(' ', ids.Select(own.FindToken))}");
            Assert.Equal(json.Decode(ids), own.Decode(ids));
            Assert.Equal(json.Decode(ids, skipSpecialTokens: true), own.Decode(ids, skipSpecialTokens: true));
        }

        var end = own.VocabularySize - 1;
        Assert.Equal([end, end - 1, 2], own.Encode("<extra_id_0><extra_id_1>"));

        static System.Text.Json.Nodes.JsonNode Special(string text, int id) => new System.Text.Json.Nodes.JsonObject { ["id"] = id, ["content"] = text, ["special"] = true };
    }

    [Fact]
    public void Marian_has_pieces_of_one_file_and_ids_of_another()
    {
        var spm = SpmFile.Write(1, [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁the", -1, 1), ("▁", -3, 1), ("a", -4, 1), ("b", -4, 1), ("▁ab", -2, 1)], unknown: 0, byteFallback: false);
        const string Vocabulary = """{"</s>": 0, "<unk>": 1, "▁the": 2, "▁le": 3, "a": 4, "▁ab": 5, "▁": 6, ">>fra<<": 7, "t": 8, "<pad>": 9}""";
        var tokenizer = TextTokenizer.Load(
            file => file switch
            {
                "source.spm" => new MemoryStream(spm),
                "vocab.json" => new MemoryStream(Encoding.UTF8.GetBytes(Vocabulary)),
                "tokenizer_config.json" => new MemoryStream("""{"tokenizer_class": "MarianTokenizer"}"""u8.ToArray()),
                _ => null,
            },
            "Marian");
        Assert.Equal([2, 5, 0], tokenizer.Encode("the ab"));
        Assert.Equal([7, 2, 0], tokenizer.Encode(">>fra<< the"));
        Assert.Equal([2, 4, 1, 0], tokenizer.Encode("theab")); // b is a piece, but has no id
        Assert.Equal([6, 1, 0], tokenizer.Encode("éü")); // one unknown token
        Assert.Equal([2, 5], tokenizer.Encode("the ab", addSpecialTokens: false));
        Assert.Equal("le the ab", tokenizer.Decode([9, 3, 2, 5, 6, 0], skipSpecialTokens: true));
        Assert.Equal("<pad> le</s>", tokenizer.Decode([9, 3, 0]));
        Assert.Equal((9, 1, 10), (tokenizer.PadTokenId, tokenizer.UnknownTokenId, tokenizer.VocabularySize));
        Assert.Equal(7, tokenizer.FindId(">>fra<<"));
        Assert.Equal("▁le", tokenizer.FindToken(3));
        Assert.Equal([2, 5, 0], EncodePair(tokenizer, "the", "ab"));
    }

    [Fact]
    public void A_file_of_another_type_is_refused()
    {
        var unigram = SpmFile.Write(1, [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("a", -1, 1)], unknown: 0, byteFallback: true);
        var exception = Assert.Throws<NotSupportedException>(() => Small("{}", unigram));
        Assert.Contains("a SentencePiece model of type 1 with byte fallback; accepted: type 2 (BPE)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("extra_ids -1", Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(
            file => file switch
            {
                "spiece.model" => new MemoryStream(Goldens.SentencePiece("unigram-xlmr")),
                "tokenizer_config.json" => new MemoryStream("""{"tokenizer_class": "T5Tokenizer", "extra_ids": -1}"""u8.ToArray()),
                _ => null,
            },
            "T5")).Message, StringComparison.Ordinal);
    }

    private static int[] EncodePair(TextTokenizer tokenizer, string first, string second)
    {
        var ids = new int[tokenizer.CountPair(first, second)];
        tokenizer.EncodePair(first, second, ids);
        return ids;
    }

    private static TextTokenizer Small(string config, byte[]? file = null)
    {
        var bytes = Enumerable.Range(0, 256).Select(one => ($"<0x{one:X2}>", 0f, 6));
        file ??= SpmFile.Write(
            2, [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. bytes, ("▁a", -1, 1), ("▁ab", -2, 1), ("▁b", -3, 1), ("▁", -4, 1), ("a", -5, 1), ("b", -6, 1)], unknown: 0, byteFallback: true);
        return TextTokenizer.Load(
            name => name switch
            {
                "tokenizer.model" => new MemoryStream(file),
                "tokenizer_config.json" => new MemoryStream(Encoding.UTF8.GetBytes(config)),
                "config.json" => new MemoryStream("""{"model_type": "llama"}"""u8.ToArray()),
                _ => null,
            },
            "Llama");
    }

    // A published tokenizer's vocabulary as a SentencePiece file: what is merged earlier has a higher score.
    private static TextTokenizer Load(string name, params (int Id, string Text, int Type)[] specials)
    {
        var folder = Published.Folder(name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var user = json.RootElement.GetProperty("added_tokens").EnumerateArray().ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("special").GetBoolean());
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var merge in json.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray())
        {
            ranks.TryAdd(merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Replace(" ", "", StringComparison.Ordinal) : merge[0].GetString() + merge[1].GetString(), ranks.Count);
        }

        var pieces = json.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(piece => piece.Value.GetInt32())
            .Select((piece, id) => (piece.Name, -(float)ranks.GetValueOrDefault(piece.Name, ranks.Count + id), specials.FirstOrDefault(one => one.Id == id && one.Text == piece.Name) is { Text: not null } special ? special.Type
                : user.TryGetValue(piece.Name, out var isSpecial) ? isSpecial ? 3 : 4
                : piece.Name is ['<', '0', 'x', _, _, '>'] ? 6 : 1)).ToList();
        var unknown = pieces.FindIndex(piece => piece.Name == "<unk>");
        var file = SpmFile.Write(2, pieces, unknown, byteFallback: true);
        return TextTokenizer.Load(
            asked => asked switch
            {
                "tokenizer.model" => new MemoryStream(file),
                "tokenizer_config.json" => File.OpenRead(Path.Combine(folder, asked)),
                _ => null,
            },
            name);
    }

    private static void Same(string name, TextTokenizer tokenizer)
    {
        var (golden, texts) = (Published.Json(name), Published.Texts);
        for (var i = 0; i < texts.Length; i++)
        {
            foreach (var special in new[] { false, true })
            {
                int[] expected = Published.Ids(golden.GetProperty(special ? "ids_special" : "ids")[i]), ids = tokenizer.Encode(texts[i], special);
                Assert.True(expected.SequenceEqual(ids), $"{i} {JsonSerializer.Serialize(texts[i])}: {string.Join(' ', ids)} instead of {string.Join(' ', expected)}");
                Assert.Equal(golden.GetProperty(special ? "keep_special" : "keep")[i].GetString(), tokenizer.Decode(ids));
                Assert.Equal(golden.GetProperty(special ? "skip_special" : "skip")[i].GetString(), tokenizer.Decode(ids, skipSpecialTokens: true));
            }
        }
    }
}
