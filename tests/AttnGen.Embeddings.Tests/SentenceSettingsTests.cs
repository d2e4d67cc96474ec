using System.Text.Json;
using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;

namespace AttnGen.Embeddings.Tests;

/// <summary>How sentence-transformers' files of a folder decide what becomes of texts, by the version that wrote them.</summary>
public class SentenceSettingsTests
{
    private const string Model = "config_sentence_transformers.json";
    private const string Input = "sentence_bert_config.json";

    // White space at the ends is a token to it, as to RoBERTa's.
    private static readonly string[] s_bytes = ["a", "b", "c", "Ġ", "Ċ", "A", "B", ":", "q"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}", " a\n", "Ġ a Ċ")]
    [InlineData("""{"__version__": {"sentence_transformers": "5.4.0"}}""", " a\n", "Ġ a Ċ")]
    [InlineData("""{"__version__": {"sentence_transformers": "5.3.9"}}""", " a\n", "a")]
    [InlineData("""{"__version__": {"sentence_transformers": "2.0.0"}}""", "\u001F a \n", "a")]
    [InlineData("""{"__version__": {"transformers": "4.0.0"}}""", " a\n", "Ġ a Ċ")]
    [InlineData("""{"prompts": {"p": " q:"}, "default_prompt_name": "p"}""", "a ", "Ġ q : a Ġ")]
    [InlineData("""{"prompts": {"p": " q:"}, "default_prompt_name": "p", "__version__": {"sentence_transformers": "5.3.0"}}""", "a ", "q : a")]
    public void White_space_at_the_ends_of_a_text(string config, string text, string expected) => Assert.Equal(expected, Read(text, (Model, config)));

    [Theory]
    [InlineData("{}", "A B", "A Ġ B")]
    [InlineData("""{"do_lower_case": false}""", "A B", "A Ġ B")]
    [InlineData("""{"do_lower_case": true}""", "A B", "a Ġ b")]
    public void Lower_case(string input, string text, string expected)
    {
        Assert.Equal(expected, Read(text, (Input, input)));
        Assert.Equal(expected, Read(text, (Input, input), (Model, """{"__version__": {"sentence_transformers": "5.3.0"}}""")));
    }

    /// <summary>Since 5.4 it is a step of the tokenizer, which added tokens do not go through; before, the whole text is put in lower case.</summary>
    [Theory]
    [InlineData(true, "a <MASK> b", "a Ġ <MASK> Ġ b")]
    [InlineData(false, "a <MASK> b", "a Ġ < m a s k > Ġ b")]
    public void Added_tokens_in_lower_case(bool isNew, string text, string expected) =>
        Assert.Equal(expected, Read(text, ["<", "m", "s", "k", ">"], (Input, """{"do_lower_case": true}"""), (Model, isNew ? "{}" : """{"__version__": {"sentence_transformers": "5.3.0"}}""")));

    /// <summary>A tokenizer of every kind gets the step, whether it comes from tokenizer.json or from the parts of one.</summary>
    [Fact]
    public void Every_kind_of_tokenizer_gets_the_step()
    {
        (string, string) config = ("tokenizer_config.json", """{"do_lower_case": false}""");
        var words = ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nA\nb\nB\né\n");
        Check([words, config], "A B,É [MASK]", "A B [UNK] [UNK] [MASK]", "a b [UNK] é [MASK]");

        const string Bert = """
            {"added_tokens": [{"id": 4, "content": "[MASK]", "special": true}, {"id": 7, "content": "AB", "normalized": true, "special": false}],
             "normalizer": NORMALIZER, "pre_tokenizer": {"type": "BertPreTokenizer"},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1, "A": 2, "b": 3, "[MASK]": 4, "B": 5, "ab": 6, "AB": 7}}}
            """;
        const string Plain = """{"type": "BertNormalizer", "lowercase": false}""";

        // Added tokens that are looked for in the normalised text were normalised by the tokenizer's own steps, before this one was there: AB is not found any more.
        Check([("tokenizer.json", Bert.Replace("NORMALIZER", Plain, StringComparison.Ordinal)), config], "A B [MASK] AB", "A B [MASK] AB", "a b [MASK] ab");
        Check([("tokenizer.json", Bert.Replace("NORMALIZER", "null", StringComparison.Ordinal)), config], "A B", "A B", "a b");

        // One that has such a step keeps its order of steps: B is replaced before.
        const string Has = """{"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "B"}, "content": "a"}, {"type": "Lowercase"}]}""";
        Check([("tokenizer.json", Bert.Replace("NORMALIZER", Has, StringComparison.Ordinal)), config], "A B", "a a", "a a");

        const string Bpe = """{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "normalizer": {"type": "NFC"}, "model": {"type": "BPE", "vocab": {"a": 0, "A": 1, "b": 2, "B": 3, "Ġ": 4}, "merges": []}}""";
        Check([("tokenizer.json", Bpe)], "A B", "A Ġ B", "a Ġ b");
        Check([("tokenizer.json", Bpe), ("tokenizer_config.json", """{"add_prefix_space": true}""")], "A B", "Ġ A Ġ B", "Ġ a Ġ b");
        const string Characters = """{"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "BPE", "vocab": {"a": 0, "A": 1, "b": 2, "B": 3}, "merges": []}}""";
        Check([("tokenizer.json", Characters)], "A B", "A B", "a b");
        const string Unigram = """{"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["A", -1], ["b", -1], ["B", -1]]}}""";
        Check([("tokenizer.json", Unigram)], "A B", "A B", "a b");

        static void Check((string, string)[] files, string text, string expected, string lower)
        {
            foreach (var (isLower, tokens) in new[] { (false, expected), (true, lower) })
            {
                var tokenizer = TokenizerLoader.Load(new ModelFiles(Tokens.Open(files), "test"), isLower);
                Assert.Equal(tokens, Tokens.Of(tokenizer, text));
            }
        }
    }

    [Theory]
    [InlineData("ΑΒΣ", "αβς")]
    [InlineData("ΣΑ Σ ΑΣ.", "σα σ ας.")]
    [InlineData("ΑΣ'Α ΑΣ\u0301", "ασ'α ας\u0301")]
    [InlineData("İK\u212A", "i\u0307kk")]
    [InlineData("\U00010400\uD800", "\U00010428\uD800")]
    public void Lower_case_is_pythons(string text, string expected) => Assert.Equal(expected, TextLower.Of(text));

    [Theory]
    [InlineData("""{"prompts": {"query": null}, "default_prompt_name": "query"}""", "a")]
    [InlineData("""{"default_prompt_name": "document"}""", "a")]
    [InlineData("""{"prompts": {"document": "q:"}, "default_prompt_name": "document"}""", "q : a")]
    [InlineData("""{"prompts": {"document": "q:", "document": "b"}, "default_prompt_name": "document"}""", "b a")]
    [InlineData("""{"prompts": {"s": "q:"}, "default_prompt_name": "s", "model_type": "CrossEncoder"}""", "a")]
    [InlineData("""{"prompts": {"s": "q:"}, "default_prompt_name": null}""", "a")]
    public void Default_prompts(string config, string expected) => Assert.Equal(expected, Read("a", (Model, config)));

    [Theory]
    [InlineData("""{"prompts": {"find": "q:"}, "default_prompt_name": "search"}""", "config_sentence_transformers.json: default_prompt_name is 'search', but there is no such prompt; there are 'find', 'query', 'document'")]
    [InlineData("""{"prompts": {"find": 5}}""", "prompts: 'find' is 5, but must be a string or null")]
    [InlineData("""{"prompts": [1], "default_prompt_name": "find"}""", "prompts is [1], but must be an object")]
    [InlineData("{,}", "config_sentence_transformers.json is not JSON")]
    public void What_a_folder_says_wrongly_is_refused_when_it_is_loaded(string config, string expected)
    {
        var exception = Assert.Throws<InvalidDataException>(() => Settings((Model, config)));
        Assert.StartsWith("'test': ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_supported_is_refused_when_it_is_loaded()
    {
        Assert.Contains("the key 'matryoshka', which is not known", Assert.Throws<NotSupportedException>(() => Settings((Model, """{"matryoshka": 3}"""))).Message, StringComparison.Ordinal);
        Assert.Contains("truncation 'only_first' is not supported", Assert.Throws<NotSupportedException>(() => Settings((Input, """{"processing_kwargs": {"text": {"truncation": "only_first"}}}"""))).Message, StringComparison.Ordinal);
        Assert.Contains("is not UTF-8", Assert.Throws<InvalidDataException>(() => SentenceSettings.Read(new ModelFiles(name => name == Model ? new MemoryStream([0x7B, 0xFF]) : null, "test"))).Message, StringComparison.Ordinal);
    }

    /// <summary>As in the reference, the folder's own cut leaves the length of the rest alone; one that is asked for does not.</summary>
    [Fact]
    public async Task Vectors_are_cut_as_the_folder_says()
    {
        using var model = new FakeEncoder(normalized: true);
        var tokenizer = Tokens.Bert("{}", "a");
        var generator = new TextEmbeddingGenerator(model, tokenizer, Settings((Model, """{"truncate_dim": 2}""")), null, false);
        Assert.Equal(2, generator.Dimensions);
        Assert.Equal([10, 3], generator.Embed("a"));
        var made = await generator.GenerateAsync(["a"], cancellationToken: Cancellation);
        Assert.Equal([10, 3], made[0].Vector.ToArray());
        Assert.Equal(10 / Math.Sqrt(109), (await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 2 }, Cancellation))[0].Vector.ToArray()[0], 1e-6);

        var asked = new TextEmbeddingGenerator(model, tokenizer, Settings((Model, """{"truncate_dim": 2}""")), new TextEmbeddingOptions { Dimensions = 3 }, false);
        Assert.Equal(3, asked.Dimensions);
        Assert.Equal(10 / Math.Sqrt(113), asked.Embed("a")[0], 1e-6);
        Assert.Equal(4, new TextEmbeddingGenerator(model, tokenizer, Settings((Model, """{"truncate_dim": 64}""")), null, false).Dimensions);
        Assert.Equal(1, new TextEmbeddingGenerator(model, tokenizer, Settings((Model, """{"truncate_dim": 2}""")), new TextEmbeddingOptions { Normalize = true }, false).Embed("a").Sum(x => (double)x * x), 1e-6);
    }

    [Theory]
    [InlineData("""{"prompt": 5}""", "AdditionalProperties has prompt of type JsonElement; give a string.")]
    [InlineData("""{"prompt_name": ["query"]}""", "AdditionalProperties has prompt_name of type JsonElement; give a string.")]
    [InlineData("""{"prompt": "q:", "prompt_name": "find"}""", "Both a prompt and the prompt name 'find' are given")]
    [InlineData("""{"prompt_name": "search"}""", "There is no prompt 'search'; config_sentence_transformers.json has document, find, query.")]
    [InlineData("""{"prompt": "a b c q a b c q a b c q a b c q"}""", "nothing of a text would be read")]
    public async Task Prompts_of_a_call_that_are_refused(string properties, string expected)
    {
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, Tokens.Bert("{}", "a", "b", "c", "q", ":"), Settings((Model, """{"prompts": {"find": "q:"}}""")), null, false);
        var options = new EmbeddingGenerationOptions { AdditionalProperties = new(JsonSerializer.Deserialize<Dictionary<string, object?>>(properties)!) };
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], options, Cancellation));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Equal("options", exception.ParamName);
        Assert.Empty(model.Calls);
    }

    [Fact]
    public async Task Prompts_of_a_call()
    {
        using var model = new FakeEncoder();
        var tokenizer = Tokens.Bert("{}", "a", "b", "c", "q", ":");
        var generator = new TextEmbeddingGenerator(model, tokenizer, Settings((Model, """{"prompts": {"find": "q: "}, "default_prompt_name": "find"}""")), null, false);
        foreach (var (properties, expected) in new (AdditionalPropertiesDictionary?, string)[]
        {
            (null, "q: a"), (new() { ["prompt"] = null }, "q: a"), (new() { ["prompt"] = "" }, "a"), (new() { ["prompt"] = JsonSerializer.SerializeToElement("b ") }, "b a"),
            (new() { ["prompt_name"] = "query" }, "a"), (new() { ["other"] = 5 }, "q: a"),
        })
        {
            model.Calls.Clear();
            await generator.GenerateAsync(["a", "a"], new EmbeddingGenerationOptions { AdditionalProperties = properties }, Cancellation);
            Assert.All(model.Calls, call => Assert.Equal(tokenizer.Encode(expected), call.Ids));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["prompt"] = 5 } }, Cancellation));
    }

    /// <summary>A prompt that fills the window leaves the same vector of every text.</summary>
    [Fact]
    public void A_prompt_must_leave_room_for_a_text()
    {
        using var model = new FakeEncoder();
        var tokenizer = Tokens.Bert("{}", "a", "b", "c", "q", ":");
        TextEmbeddingGenerator Create(int limit, string? prompt = null, string? name = null) =>
            new(model, tokenizer, Settings((Model, """{"prompts": {"find": "a b c "}, "default_prompt_name": "find"}""")), new TextEmbeddingOptions { MaxTokens = limit, Prompt = prompt, PromptName = name }, false);
        Assert.Equal(6f, Create(6).Embed("a")[1]);
        Assert.Contains("config_sentence_transformers.json: default_prompt_name: The prompt 'a b c ' has 5 tokens with the special ones, and a text may have 5", Assert.Throws<InvalidDataException>(() => Create(5)).Message, StringComparison.Ordinal);
        Assert.Contains("The prompt 'a b c ' has 5 tokens", Assert.Throws<ArgumentException>(() => Create(5, name: "find")).Message, StringComparison.Ordinal);
        Assert.Contains("The prompt 'a b c a' has 6 tokens", Assert.Throws<ArgumentException>(() => Create(5, "a b c a")).Message, StringComparison.Ordinal);
        Assert.Equal(3f, Create(5, "").Embed("a")[1]);
        Assert.Contains("give one of them", Assert.Throws<ArgumentException>(() => Create(9, "a", "find")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Create(9, name: "search"));
    }

    /// <summary>A token was added, and the table not made larger: found when the two come together, not at the first text with it.</summary>
    [Fact]
    public void A_token_beyond_the_models_table_is_refused()
    {
        var tokenizer = Tokens.Bert("""{"additional_special_tokens": ["c"]}""", "a", "b", "c");
        FakeLogits Model(int vocabulary, int logits = 1, bool perToken = false) => new(FakeModel.Describe(logits: logits, perToken: perToken, vocabulary: vocabulary), _ => new float[logits]);
        _ = new Reranker(Model(8), tokenizer);
        const string Expected = "the tokenizer has the token 'b' with id 6, and its ids go up to 7; the model's table has 6 rows";
        foreach (var create in new Action[]
        {
            () => _ = new Reranker(Model(6), tokenizer), () => _ = new TextClassifier(Model(6, 2), tokenizer), () => _ = new TokenClassifier(Model(6, 2, true), tokenizer),
        })
        {
            var exception = Assert.Throws<ArgumentException>(create);
            Assert.Contains(Expected, exception.Message, StringComparison.Ordinal);
            Assert.Equal("tokenizer", exception.ParamName);
        }

        var added = Tokens.FromFiles(
            ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"), ("tokenizer_config.json", """{"added_tokens_decoder": {"6": {"content": "<name>", "special": true}}}"""));
        Assert.Null(added.FindBeyond(7));
        Assert.Equal((6, "<name>", 6), added.FindBeyond(6));
    }

    private static SentenceSettings Settings(params (string, string)[] files) => SentenceSettings.Read(new ModelFiles(Tokens.Open([Tokens.Modules, .. files]), "test"));

    private static string Read(string text, params (string, string)[] files) => Read(text, [], files);

    /// <summary>The tokens of a text, as a generator of the folder gives them to its model.</summary>
    private static string Read(string text, string[] more, params (string, string)[] files)
    {
        var vocabulary = string.Join(", ", s_bytes.Concat(more).Select((token, id) => $"\"{token}\": {id + 1}"));
        var tokens = $$$"""
            {"added_tokens": [{"id": 0, "content": "<MASK>", "special": true}], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
             "model": {"type": "BPE", "vocab": {"<MASK>": 0, {{{vocabulary}}}}, "merges": []}}
            """;
        var all = new ModelFiles(Tokens.Open([("tokenizer.json", tokens), Tokens.Modules, .. files]), "test");
        var settings = SentenceSettings.Read(all);
        var tokenizer = TokenizerLoader.Load(all, settings.LowersInTokenizer);
        using var model = new FakeEncoder(maxTokens: 64);
        new TextEmbeddingGenerator(model, tokenizer, settings, null, false).Embed(text);
        return string.Join(' ', model.Calls.Single().Ids.Select(tokenizer.FindToken));
    }
}
