using System.Text;

namespace AttnGen.Tokenizers.Tests;

/// <summary>What is read, and what is refused: never ids that would be wrong.</summary>
public class TokenizerLoaderTests
{
    private const string WordPiece = """
        {
          "version": "1.0",
          "truncation": {"max_length": 128, "strategy": "LongestFirst", "stride": 0},
          "padding": null,
          "added_tokens": [
            {"id": 1, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
            {"id": 2, "content": "[CLS]", "special": true},
            {"id": 3, "content": "[SEP]", "special": true},
            {"id": 9, "content": "Über", "normalized": true, "special": false},
            {"id": 10, "content": "new", "single_word": true, "normalized": false, "special": false},
            {"id": 11, "content": "<r>", "rstrip": true, "normalized": false, "special": false}
          ],
          "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
          "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
          "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 5,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "##b": 5, "é": 6, "e": 7, "A": 8}}
        }
        """;

    [Fact]
    public void Tokenizer_json_is_read_whole()
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", WordPiece), ("vocab.txt", "nothing"));
        Assert.Equal([2, 4, 5, 7, 3], tokenizer.Encode("Ab é"));
        Assert.Equal([2, 1, 3], tokenizer.Encode("abbbbb")); // the file's own limit of a word
        Assert.Equal([2, 4, 9, 4, 3], tokenizer.Encode("a ÜBER a")); // looked for in the normalised text
        Assert.Equal([2, 4, 10, 4, 1, 3], tokenizer.Encode("a new a renew")); // only as a word
        Assert.Equal([2, 4, 1, 3], tokenizer.Encode("a \u24D0new")); // a letter in a circle is a letter
        Assert.Equal([2, 4, 11, 4, 3], tokenizer.Encode("a<r>  a"));
        Assert.Equal(0, tokenizer.PadTokenId);
        Assert.Equal(1, tokenizer.UnknownTokenId);
        Assert.Equal(6, tokenizer.FindId("é"));
        Assert.Null(tokenizer.FindId("zzz"));
        Assert.Equal("##b", tokenizer.FindToken(5));
        Assert.Null(tokenizer.FindToken(1000));
    }

    [Fact]
    public void Tokenizer_config_wins_over_tokenizer_json()
    {
        var tokenizer = Tokens.FromFiles(("tokenizer.json", WordPiece), ("tokenizer_config.json", "{\"do_lower_case\": false}"));
        Assert.Equal([2, 8, 6, 3], tokenizer.Encode("A é"));
        Assert.Equal([2, 4, 6, 3], Tokens.FromFiles(("tokenizer.json", WordPiece), ("tokenizer_config.json", "{\"strip_accents\": false}")).Encode("A É"));
        var general = Tokens.FromFiles(("tokenizer.json", WordPiece), ("tokenizer_config.json", "{\"do_lower_case\": false, \"tokenizer_class\": \"PreTrainedTokenizerFast\"}"));
        Assert.Equal(Tokens.FromFiles(("tokenizer.json", WordPiece)).Encode("A é"), general.Encode("A é"));
    }

    [Theory]
    [InlineData("\"type\": \"WordPiece\", \"unk", "\"type\": \"WordLevel\", \"unk", "a model of type 'WordLevel'", "WordPiece, BPE, Unigram")]
    [InlineData("\"type\": \"BertNormalizer\"", "\"type\": \"Other\"", "the normalizer", "BertNormalizer")]
    [InlineData("\"type\": \"BertNormalizer\", ", "", "the normalizer {", "BertNormalizer, NFC, NFD")]
    [InlineData("{\"type\": \"BertPreTokenizer\"}", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"ByteLevel\"}, {\"type\": \"Digits\"}]}", "{\"type\": \"Digits\"} after ByteLevel", "as the last one")]
    [InlineData("{\"type\": \"BertPreTokenizer\"}", "{\"type\": \"UnicodeScripts\"}", "the pre_tokenizer {\"type\": \"UnicodeScripts\"}", "BertPreTokenizer")]
    [InlineData("{\"type\": \"BertPreTokenizer\"}", "{\"type\": \"ByteLevel\"}", "ByteLevel for a WordPiece model", "BPE")]
    [InlineData("{\"type\": \"BertPreTokenizer\"}", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\\\\b\"}, \"behavior\": \"Isolated\"}", "'\\b' of the regular expression", "\\p{..}")]
    [InlineData("{\"type\": \"BertPreTokenizer\"}", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{Han}\"}, \"behavior\": \"Isolated\"}", "'\\p{Han}' of the regular expression", "general categories")]
    [InlineData("\"type\": \"TemplateProcessing\"", "\"type\": \"Other\"", "Other", "RobertaProcessing")]
    public void What_is_not_supported_is_refused(string old, string with, string found, string accepted)
    {
        Assert.Contains(old, WordPiece, StringComparison.Ordinal);
        var exception = Assert.Throws<NotSupportedException>(() => Tokens.FromFiles(("tokenizer.json", WordPiece.Replace(old, with, StringComparison.Ordinal))));
        Assert.Contains("tokenizer.json of 'test'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains(accepted, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"tokenizer_class\": \"BertJapaneseTokenizer\"}", "BertJapanese")]
    [InlineData("{\"do_basic_tokenize\": false}", "do_basic_tokenize")]
    public void A_vocabulary_of_another_kind_is_refused(string config, string found) =>
        Assert.Contains(found, Assert.Throws<NotSupportedException>(() => Tokens.Bert(config, "a")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("max_input_chars_per_word", "\"5\"")]
    [InlineData("continuing_subword_prefix", "2")]
    public void A_member_of_the_model_of_another_kind_is_no_default(string member, string value) =>
        Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("tokenizer.json", WordPiece.Replace($"\"{member}\"", $"\"{member}\": {value}, \"old\"", StringComparison.Ordinal))));

    [Fact]
    public void Missing_files_are_named()
    {
        Assert.Contains("vocab.txt", Assert.Throws<FileNotFoundException>(() => Tokens.FromFiles()).Message, StringComparison.Ordinal);
        Assert.Contains("merges.txt", Assert.Throws<FileNotFoundException>(() => Tokens.FromFiles(("vocab.json", "{\"a\": 0}"), ("config.json", "{\"model_type\": \"roberta\"}"))).Message, StringComparison.Ordinal);
        Assert.Contains("[CLS]", Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("vocab.txt", "a\nb"))).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => TextTokenizer.Load(Path.Combine(Path.GetTempPath(), "no such folder of a model")));
        Assert.Throws<NotSupportedException>(() => Tokens.FromFiles(("spiece.model", "x"), ("config.json", "{\"model_type\": \"pegasus\"}")));
        Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("spiece.model", "x"), ("config.json", "{\"model_type\": \"albert\"}")));
    }

    [Fact]
    public void A_merge_without_its_tokens_names_the_file_and_the_merge()
    {
        var message = Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(
            ("vocab.json", """{"<s>": 0, "</s>": 1, "a": 2, "b": 3}"""), ("merges.txt", "#version: 0.2\na b\n"), ("config.json", """{"model_type": "roberta"}"""))).Message;
        Assert.StartsWith("merges.txt of 'test' cannot be read: merge 0 ('a' and 'b')", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WordPiece)]
    [InlineData("""{"added_tokens": [], "normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "ByteLevel"}, "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0]}, "model": {"type": "BPE", "vocab": {"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4}, "merges": ["a b"]}}""")]
    [InlineData("""{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAAA"}, {"type": "Replace", "pattern": {"String": "x"}, "content": "y"}]}, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"}, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1.5]]}}""")]
    public void Damaged_files_are_refused_or_read_and_nothing_else(string json)
    {
        var random = new Random(11);
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.NotNull(Tokens.FromFiles(("tokenizer.json", json)).Encode("ab é <s>"));
        string[] tokens = ["null", "{}", "[]", "-1", "1e99", "\"x\"", "\"\"", "true", "0", ",", "}", "]", "\\"];
        for (var round = 0; round < 5000; round++)
        {
            var text = new List<byte>(bytes);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                var length = Math.Min(random.Next(8), text.Count - at);
                text.RemoveRange(at, length);
                text.InsertRange(at, random.Next(3) == 0 ? [(byte)random.Next(256)] : Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
            }

            var damaged = text.ToArray();
            try
            {
                TextTokenizer.Load(name => name == "tokenizer.json" ? new MemoryStream(damaged) : null, "test").Encode("ab é a中x <s> new", 16);
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("test", exception.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void What_was_added_to_a_vocabulary_is_looked_for_in_the_text()
    {
        (string, string) vocabulary = ("vocab.txt", string.Join('\n', Tokens.BertSpecials) + "\nhello\nnew\nword\n");

        // Older folders: a list of texts and ids, of which special ones stand in the map, too.
        var old = Tokens.FromFiles(
            vocabulary, ("added_tokens.json", "{\"New Word\": 9, \"[A]\": 8}"), ("special_tokens_map.json", "{\"additional_special_tokens\": [\"[A]\", \"hello\"]}"));
        Assert.Equal([2, 5, 8, 9, 9, 6, 3], old.Encode("hello [A] new word NEW WORD new"));
        Assert.Equal([2, 5, 1, 3], old.Encode("helloa"));
        Assert.Equal([2, 1, 1, 3], old.Encode("[a"));

        // Newer ones: every token that is none of the model's own pieces, with its options.
        var described = Tokens.FromFiles(
            vocabulary,
            ("tokenizer_config.json", """
                {"added_tokens_decoder": {
                  "4": {"content": "[MASK]", "lstrip": true, "special": true},
                  "8": {"content": "[A]", "lstrip": false, "rstrip": true, "normalized": false, "single_word": false, "special": true},
                  "40": {"content": "NewWord", "lstrip": false, "rstrip": false, "normalized": true, "single_word": true, "special": false}}}
                """));
        Assert.Equal([2, 5, 8, 9, 4, 3], described.Encode("hello[A]  newword [MASK]")); // 40 is no id that follows
        Assert.Equal([2, 1, 3], described.Encode("newwords"));
    }

    [Fact]
    public void Many_added_tokens_are_read_in_a_moment()
    {
        const int Many = 30_000;
        var tokenizer = Tokens.FromFiles(
            ("vocab.txt", string.Join('\n', Tokens.BertSpecials)), ("added_tokens.json", $"{{{string.Join(',', Enumerable.Range(0, Many).Select(i => $"\"<{i}>\": {i + 5}"))}}}"));
        Assert.Equal([2, Many + 4, 5, 3], tokenizer.Encode($"<{Many - 1}><0>"));
    }

    [Theory]
    [InlineData("added_tokens.json", "{\"x\": \"y\"}", "added_tokens.json")]
    [InlineData("added_tokens.json", "{\"x\": -1}", "'x' has no id")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}", "added_tokens_decoder 'x'")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"9\": {}}}", "added_tokens_decoder '9'")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": []}", "added_tokens_decoder is []")]
    [InlineData("tokenizer_config.json", "{\"additional_special_tokens\": {}}", "additional_special_tokens is {}")]
    [InlineData("special_tokens_map.json", "{\"additional_special_tokens\": [4]}", "has 4")]
    [InlineData("tokenizer_config.json", "{\"cls_token\": 5}", "cls_token is 5")]
    [InlineData("special_tokens_map.json", "{\"cls_token\": {}}", "cls_token is {}")]
    [InlineData("tokenizer_config.json", "{\"do_lower_case\": \"false\"}", "do_lower_case is \"false\"")]
    [InlineData("tokenizer_config.json", "{\"cls_token\": \"\\ud800\"}", "tokenizer_config.json of 'test' cannot be read")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"\\ud800\": {}}}", "tokenizer_config.json of 'test' cannot be read")]
    [InlineData("added_tokens.json", "{\"\\udc00\": 7}", "added_tokens.json of 'test' cannot be read")]
    [InlineData("config.json", "{\"model_type\": \"\\ud800\"}", "config.json of 'test' cannot be read")]
    public void What_is_no_token_or_no_flag_is_refused(string file, string text, string named) =>
        Assert.Contains(
            named, Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("vocab.txt", string.Join('\n', Tokens.BertSpecials)), (file, text))).Message, StringComparison.Ordinal);
}
