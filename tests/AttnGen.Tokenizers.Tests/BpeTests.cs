using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

public class BpeTests
{
    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData(" a", " a")]
    [InlineData("  a", " | a")]
    [InlineData("a  b   c", "a| | b|  | c")]
    [InlineData("a\n\nb", "a|\n|\n|b")]
    [InlineData("a \n b", "a| \n| b")]
    [InlineData("a\tb", "a|\t|b")]
    [InlineData("a  ", "a|  ")]
    [InlineData(" ", " ")]
    [InlineData("it's we're I'LL", "it|'s| we|'re| I|'|LL")]
    [InlineData("'tis 'x", "'t|is| '|x")]
    [InlineData("a1b22 3", "a|1|b|22| 3")]
    [InlineData("x²½Ⅳ!", "x|²½Ⅳ|!")]
    [InlineData("naïve東京。 ok", "naïve東京|。| ok")]
    [InlineData("a\u00A0b\u3000 c", "a|\u00A0|b|\u3000| c")]
    [InlineData("👩‍👩 !?", "👩‍👩| !?")]
    [InlineData("e\u0301a", "e|\u0301|a")]
    public void Words_are_those_of_GPT2s_expression(string text, string words)
    {
        var found = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = WordSplitter.Gpt2.Length(text.AsSpan(at));
            found.Add(text.Substring(at, length));
            at += length;
        }

        Assert.Equal(words, string.Join('|', found));
    }

    [Fact]
    public void RoBERTa_without_tokenizer_json()
    {
        var tokenizer = Roberta("{}");
        Assert.Equal("byte-level BPE", tokenizer.Kind);
        Assert.Equal([0, Id('a'), Id('b'), 2], tokenizer.Encode("ab"));
        Assert.Equal([0, 261, 2], tokenizer.Encode(" ab"));
        Assert.Equal([0, 261, 4, Id('Ġ'), 2], tokenizer.Encode(" ab  <mask> ")); // the mask takes the spaces before it
        Assert.Equal(1, tokenizer.PadTokenId);
        var ids = new int[10];
        var types = new int[10];
        Assert.Equal(6, tokenizer.EncodePair("a", "b", ids, types));
        Assert.Equal([0, Id('a'), 2, 2, Id('b'), 2], ids[..6]);
        Assert.All(types[..6], type => Assert.Equal(0, type));

        Assert.Equal([0, 261, 2], Roberta("{\"add_prefix_space\": true}").Encode("ab"));
        Assert.Equal([0, 261, 0, 261, 2], Roberta("{\"add_prefix_space\": true}").Encode("ab<s>ab"));
    }

    [Fact]
    public void Unpaired_surrogates_are_the_bytes_of_U_FFFD()
    {
        var tokenizer = Roberta("{}");
        Assert.Equal(tokenizer.Encode("a\uFFFD"), tokenizer.Encode("a\uD800"));
        Assert.Equal(5 + 1, tokenizer.Encode("a\uFFFD").Length);
    }

    [Fact]
    public void ModernBERT_composes_and_has_tokens_for_runs_of_spaces()
    {
        var vocabulary = Bytes(("[UNK]", 300), ("[CLS]", 301), ("[SEP]", 302), ("[PAD]", 303), ("[MASK]", 304));
        var tokenizer = Tokens.FromFiles(("tokenizer.json", JsonSerializer.Serialize(new
        {
            added_tokens = new object[]
            {
                new { id = 262, content = "   ", normalized = true, special = false },
                new { id = 263, content = "  ", normalized = true, special = false },
                new { id = 304, content = "[MASK]", lstrip = true, normalized = false, special = true },
            },
            normalizer = new { type = "NFC" },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            post_processor = new
            {
                type = "TemplateProcessing",
                single = new object[] { Special("[CLS]"), Text("A"), Special("[SEP]") },
                pair = new object[] { Special("[CLS]"), Text("A"), Special("[SEP]"), Text("B"), Special("[SEP]") },
                special_tokens = new Dictionary<string, object> { ["[CLS]"] = new { ids = new[] { 301 } }, ["[SEP]"] = new { ids = new[] { 302 } } },
            },
            model = new { type = "BPE", dropout = (double?)null, unk_token = (string?)null, continuing_subword_prefix = (string?)null, byte_fallback = false, vocab = vocabulary, merges = new[] { "Ã ©" } },
        })), ("tokenizer_config.json", "{\"pad_token\": \"[PAD]\"}"));

        Assert.Equal([301, 261, 302], tokenizer.Encode("é"));
        Assert.Equal([301, 261, 302], tokenizer.Encode("e\u0301"));
        Assert.Equal([301, Id('a'), 262, Id('b'), 263, Id('c'), 302], tokenizer.Encode("a   b  c"));
        Assert.Equal([301, Id('a'), 304, Id('b'), 302], tokenizer.Encode("a  [MASK]b"));
        Assert.Equal(303, tokenizer.PadTokenId);

        static object Special(string id) => new { SpecialToken = new { id, type_id = 0 } };
        static object Text(string id) => new { Sequence = new { id, type_id = 0 } };
    }

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("a\u0327\u0301", "\u00E1\u0327")]
    [InlineData("a\u0301\u0327", "\u00E1\u0327")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("\uAC00\u11A8", "각")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\u0958", "\u0915\u093C")] // excluded from composition
    [InlineData("\u1E0B\u0323", "\u1E0D\u0307")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u1EBF\u0301", "\u1EBF\u0301")]
    [InlineData("x", "x")]
    public void Texts_are_composed(string text, string composed)
    {
        var to = new NormalizedText(16);
        Nfc.Normalize(text, ref to);
        Assert.Equal(composed, to.Text.ToString());
        to.Dispose();
    }

    [Fact]
    public void A_long_word_does_not_take_long()
    {
        var tokenizer = Roberta("{}");
        Assert.Equal(200_000 + 2, tokenizer.Count(string.Concat(Enumerable.Repeat("ba", 100_000))));
    }

    private static int Id(char character) => 5 + character switch
    {
        'Ġ' => 0x20,
        _ => character,
    };

    private static Dictionary<string, int> Bytes(params (string Token, int Id)[] more)
    {
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(value => BpeTokenizer.ByteCharacter(value).ToString(), value => 5 + value);
        vocabulary["Ã©"] = 261;
        foreach (var (token, id) in more)
        {
            vocabulary[token] = id;
        }

        return vocabulary;
    }

    private static TextTokenizer Roberta(string config)
    {
        var vocabulary = Bytes(("<s>", 0), ("<pad>", 1), ("</s>", 2), ("<unk>", 3), ("<mask>", 4), ("Ġa", 270));
        vocabulary["Ġab"] = 261;
        vocabulary.Remove("Ã©");
        return Tokens.FromFiles(
            ("vocab.json", JsonSerializer.Serialize(vocabulary)), ("merges.txt", "#version: 0.2\nĠ a\nĠa b\n"), ("config.json", "{\"model_type\": \"roberta\"}"), ("tokenizer_config.json", config));
    }

    [Fact]
    public void Prefixes_that_no_vocabulary_has_are_refused_when_loaded()
    {
        var json = """{"model": {"type": "BPE", "continuing_subword_prefix": "PREFIX", "vocab": {"a": 0}, "merges": []}}""".Replace("PREFIX", new string('x', 63), StringComparison.Ordinal);
        Assert.Contains("continuing_subword_prefix", Assert.Throws<NotSupportedException>(() => Tokens.FromFiles(("tokenizer.json", json))).Message, StringComparison.Ordinal);
    }
}
