using AttnGen.Sentences;

using AttnGen.Tokenizers;

namespace AttnGen.Embeddings.Tests;

/// <summary>What a folder says of a cross-encoder: what becomes of the logit, prompts, white space, and segments.</summary>
public class CrossEncoderTests
{
    private const string Model = "config_sentence_transformers.json";
    private const string Config = "config.json";
    private const string Identity = "torch.nn.modules.linear.Identity";
    private const string Tanh = "torch.nn.modules.activation.Tanh";

    private static readonly TextTokenizer s_tokenizer = Tokens.Bert("{}", "a", "b", "c", "q", ":");

    /// <summary>Where the activation stands: since 5.4 in a file of its own, from 4.0 on in an object of config.json, before that in a key of it.</summary>
    [Theory]
    [InlineData("{}", "{}", 0.62245934)]
    [InlineData("{}", $$"""{"sbert_ce_default_activation_function": "{{Identity}}"}""", 0.5)]
    [InlineData("{}", $$$"""{"sentence_transformers": {"activation_fn": "{{{Identity}}}", "version": "4.1.0"}}""", 0.5)]
    [InlineData("{}", $$$"""{"sentence_transformers": {"activation_fn": "{{{Tanh}}}"}, "sbert_ce_default_activation_function": "{{{Identity}}}"}""", 0.46211715)]
    [InlineData("{}", $$$"""{"sentence_transformers": {"activation_fn": null}, "sbert_ce_default_activation_function": "{{{Identity}}}"}""", 0.62245934)]
    [InlineData("{}", $$$"""{"sentence_transformers": {"version": "4.0.0"}, "sbert_ce_default_activation_function": "{{{Identity}}}"}""", 0.5)]
    [InlineData("{}", """{"sbert_ce_default_activation_function": null}""", 0.62245934)]
    [InlineData($$"""{"activation_fn": "{{Identity}}", "model_type": "CrossEncoder"}""", "{}", 0.5)]
    [InlineData($$"""{"activation_fn": "{{Identity}}"}""", $$$"""{"sentence_transformers": {"activation_fn": "{{{Tanh}}}"}}""", 0.5)]
    [InlineData("""{"activation_fn": null}""", $$$"""{"sentence_transformers": {"activation_fn": "{{{Tanh}}}"}}""", 0.46211715)]
    [InlineData("""{"activation_fn": "torch.nn.Tanh"}""", "{}", 0.46211715)]
    [InlineData("""{"activation_fn": "torch.nn.modules.activation.Sigmoid"}""", "{}", 0.62245934)]
    public void The_folder_says_what_becomes_of_a_score(string model, string config, double expected)
    {
        Assert.Equal(expected, Score(0.5f, null, (Model, model), (Config, config)), 1e-6);
        Assert.Equal(0.5f, Score(0.5f, new RerankerOptions { Activation = ScoreActivation.None }, (Model, model), (Config, config)));
        Assert.Equal(0.62245934, Score(0.5f, new RerankerOptions { Activation = ScoreActivation.Sigmoid }, (Model, model), (Config, config)), 1e-6);
    }

    /// <summary>Values of the formulas in torch's documentation, with the arguments that its constructors have by default.</summary>
    [Theory]
    [InlineData("Identity", -6.5, -0.75, 0.25, 7.5)]
    [InlineData("Sigmoid", 0.00150118226, 0.320821301, 0.562176501, 0.999447221)]
    [InlineData("Tanh", -0.999995479, -0.635148952, 0.244918662, 0.999999388)]
    [InlineData("ReLU", 0, 0, 0.25, 7.5)]
    [InlineData("ReLU6", 0, 0, 0.25, 6)]
    [InlineData("LeakyReLU", -0.065, -0.0075, 0.25, 7.5)]
    [InlineData("PReLU", -1.625, -0.1875, 0.25, 7.5)]
    [InlineData("ELU", -0.998496561, -0.527633447, 0.25, 7.5)]
    [InlineData("CELU", -0.998496561, -0.527633447, 0.25, 7.5)]
    [InlineData("SELU", -1.75545615, -0.927632016, 0.262675247, 7.88025741)]
    [InlineData("GELU", -2.61040038e-10, -0.169970514, 0.149676581, 7.5)]
    [InlineData("SiLU", -0.00975768467, -0.240615976, 0.140544125, 7.49585416)]
    [InlineData("Mish", -0.00976500869, -0.276494715, 0.16957241, 7.49999542)]
    [InlineData("Softplus", 0.00150231016, 0.386871006, 0.82593942, 7.50055293)]
    [InlineData("Softsign", -0.866666667, -0.428571429, 0.2, 0.882352941)]
    [InlineData("LogSigmoid", -6.50150231, -1.13687101, -0.57593942, -0.000552931475)]
    [InlineData("Tanhshrink", -5.50000452, -0.114851048, 0.0050813376, 6.50000061)]
    [InlineData("Hardtanh", -1, -0.75, 0.25, 1)]
    [InlineData("Hardsigmoid", 0, 0.375, 0.541666667, 1)]
    [InlineData("Hardswish", 0, -0.28125, 0.135416667, 7.5)]
    [InlineData("Hardshrink", -6.5, -0.75, 0, 7.5)]
    [InlineData("Softshrink", -6, -0.25, 0, 7)]
    public void Every_activation_that_takes_one_number(string name, double low, double below, double above, double high)
    {
        foreach (var (x, expected) in new[] { (-6.5f, low), (-0.75f, below), (0.25f, above), (7.5f, high) })
        {
            var score = Score(x, null, (Model, $$"""{"activation_fn": "torch.nn.modules.activation.{{name}}"}"""));
            Assert.True(Math.Abs(score - expected) <= 4e-7 * Math.Max(Math.Abs(expected), 1e-9), $"{name}({x}) is {score:G9}, not {expected:G9}");
        }
    }

    [Theory]
    [InlineData("torch.nn.modules.activation.Softmax")]
    [InlineData("torch.nn.modules.activation.RReLU")]
    [InlineData("torch.nn.modules.activation.Threshold")]
    [InlineData("torch.nn.modules.activation.MultiheadAttention")]
    [InlineData("torch.nn.functional.sigmoid")]
    [InlineData("torch.sigmoid")]
    [InlineData("mine.Identity")]
    [InlineData("Identity")]
    [InlineData("torch.nn.modules.activation.sigmoid")]
    [InlineData("")]
    public void Other_activations_are_refused_by_name(string path)
    {
        foreach (var files in new[] { (Model, $$"""{"activation_fn": "{{path}}"}"""), (Config, $$$"""{"sentence_transformers": {"activation_fn": "{{{path}}}"}}"""), (Config, $$"""{"sbert_ce_default_activation_function": "{{path}}"}""") })
        {
            var exception = Assert.Throws<NotSupportedException>(() => Score(1, null, files));
            Assert.Contains($"the activation function '{path}', which is not supported", exception.Message, StringComparison.Ordinal);
            Assert.Equal(1f, Score(1, new RerankerOptions { Activation = ScoreActivation.None }, files)); // who says what becomes of it needs no name
        }
    }

    [Theory]
    [InlineData("""{"sentence_transformers": {"activation_fn": 5}}""", "config.json: sentence_transformers: activation_fn is 5, but must be a string or null")]
    [InlineData("""{"sentence_transformers": {"version": "old"}}""", "version is 'old', but must be a version such as \"4.1.0\"")]
    [InlineData("""{"sentence_transformers": {"version": 4}}""", "version is 4, but must be a string")]
    [InlineData("""{"sentence_transformers": "4.1.0"}""", "config.json: sentence_transformers is \"4.1.0\", but must be an object")]
    [InlineData("""{"sbert_ce_default_activation_function": {}}""", "config.json: sbert_ce_default_activation_function is an object, but must be a string or null")]
    public void Settings_of_config_json_that_are_refused(string config, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Score(1, null, (Config, config))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_without_a_row_is_refused_by_its_name()
    {
        Assert.Contains("the key 'pooling', which is not known; known are 'activation_fn', 'version'", Assert.Throws<NotSupportedException>(() => Score(1, null, (Config, """{"sentence_transformers": {"pooling": "mean"}}"""))).Message, StringComparison.Ordinal);
        Assert.Equal(["activation_fn", "version"], SentenceKeys.Names(SentenceKeys.CrossEncoder)); // each of them is tested here
    }

    [Theory]
    [InlineData("""{"model_type": "CrossEncoder", "prompts": {"s": "q : "}, "default_prompt_name": "s"}""", "q : a")]
    [InlineData("""{"model_type": "CrossEncoder", "prompts": {"s": "q : "}}""", "a")]
    [InlineData("""{"model_type": "CrossEncoder", "prompts": {"s": null}, "default_prompt_name": "s"}""", "a")]
    [InlineData("""{"prompts": {"s": "q : "}, "default_prompt_name": "s"}""", "a")]
    public void A_default_prompt_stands_before_the_first_text(string config, string first)
    {
        Assert.Equal(Shown(first, "b"), Shown("a", "b", null, (Model, config)));
        Assert.Equal(Shown("c a", "b"), Shown("a", "b", new RerankerOptions { Prompt = "c " }, (Model, config)));
        Assert.Equal(Shown("a", "b"), Shown("a", "b", new RerankerOptions { Prompt = "" }, (Model, config)));
    }

    [Fact]
    public void Prompts_of_rerankers_are_chosen_by_name()
    {
        (string, string) file = (Model, """{"model_type": "CrossEncoder", "prompts": {"s": "q : ", "t": "c "}, "default_prompt_name": "s"}""");
        Assert.Equal(Shown("c a", "b"), Shown("a", "b", new RerankerOptions { PromptName = "t" }, file));
        Assert.Contains("There is no prompt 'query'; config_sentence_transformers.json has s, t.", Assert.Throws<ArgumentException>(() => Ids("a", "b", new RerankerOptions { PromptName = "query" }, file)).Message, StringComparison.Ordinal);
        Assert.Equal("options", Assert.Throws<ArgumentException>(() => Ids("a", "b", new RerankerOptions { PromptName = "t", Prompt = "a" }, file)).ParamName);
        Assert.Contains("nothing of a text would be read", Assert.Throws<ArgumentException>(() => Ids("a", "b", new RerankerOptions { PromptName = "s", MaxTokens = 5 }, file)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Ids("a", "b", new RerankerOptions { MaxTokens = 5 }, file));
        Assert.Equal(6, Ids("a", "b", new RerankerOptions { MaxTokens = 6 }, file).Ids.Length);
    }

    /// <summary>CrossEncoder keeps white space at the ends since 4.0.</summary>
    [Theory]
    [InlineData("{}", "{}", false)]
    [InlineData("{}", """{"sentence_transformers": {"version": "4.0.0"}}""", false)]
    [InlineData("{}", """{"sentence_transformers": {"version": "3.4.1"}}""", true)]
    [InlineData("""{"__version__": {"sentence_transformers": "3.0.0"}}""", "{}", true)]
    [InlineData("""{"__version__": {"sentence_transformers": "5.3.0"}}""", """{"sentence_transformers": {"version": "3.0.0"}}""", false)]
    public void White_space_at_the_ends_of_a_pair(string model, string config, bool strips)
    {
        const string Tokenizer = """{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "Ġ": 2, "Ċ": 3}, "merges": []}}""";
        var tokenizer = Tokens.FromFiles(("tokenizer.json", Tokenizer));
        var (ids, _) = Ids(tokenizer, " a", "b\n", null, (Model, model), (Config, config));
        Assert.Equal(strips ? [0, 1] : [2, 0, 1, 3], ids);
    }

    [Theory]
    [InlineData("{}", "{}", true)]
    [InlineData("""{"model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}""", "{}", true)]
    [InlineData("""{"model_input_names": ["input_ids", "attention_mask"]}""", "{}", false)]
    [InlineData("""{"model_input_names": null}""", "{}", true)]
    [InlineData("{}", """{"processing_kwargs": {"text": {"return_token_type_ids": false}}}""", false)]
    [InlineData("{}", """{"processing_kwargs": {"text": {"return_token_type_ids": false}, "common": {"return_token_type_ids": null}}}""", true)]
    [InlineData("""{"model_input_names": ["input_ids"]}""", """{"processing_kwargs": {"common": {"return_token_type_ids": true}}}""", true)]
    public void The_tokenizer_gives_token_types_or_not(string tokenizer, string input, bool gives)
    {
        var (ids, types) = Ids(Tokens.Bert(tokenizer, "a", "b"), "a", "b", null, ("sentence_bert_config.json", input));
        Assert.Equal(5, ids.Length);
        Assert.Equal(gives ? [0, 0, 0, 1, 1] : [], types);
    }

    [Fact]
    public void Classifiers_of_pairs_go_by_it_too()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 2), _ => [0, 0]);
        new TextClassifier(model, Tokens.Bert("""{"model_input_names": ["input_ids", "attention_mask"]}""", "a", "b")).Classify("a", "b");
        Assert.Empty(model.Calls.Single().Types);
    }

    [Theory]
    [InlineData("\"input_ids\"")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void Names_of_inputs_of_another_kind_are_refused(string value) =>
        Assert.Contains("model_input_names is ", Assert.Throws<InvalidDataException>(() => Tokens.Bert($"{{\"model_input_names\": {value}}}", "a")).Message, StringComparison.Ordinal);

    /// <summary>Ids and segments of a pair, as the tokenizer alone has them.</summary>
    private static string Shown(string first, string second)
    {
        var (ids, types) = (new int[16], new int[16]);
        var count = s_tokenizer.EncodePair(first, second, ids, types);
        return $"{string.Join(' ', ids[..count])}; {string.Join(' ', types[..count])}";
    }

    /// <summary>Those that a reranker gives its model.</summary>
    private static string Shown(string query, string document, RerankerOptions? options, params (string, string)[] files)
    {
        var (ids, types) = Ids(query, document, options, files);
        return $"{string.Join(' ', ids)}; {string.Join(' ', types)}";
    }

    private static (int[] Ids, int[] Types) Ids(string query, string document, RerankerOptions? options, params (string, string)[] files) => Ids(s_tokenizer, query, document, options, files);

    private static (int[] Ids, int[] Types) Ids(TextTokenizer tokenizer, string query, string document, RerankerOptions? options, params (string, string)[] files)
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 1), _ => [0]);
        Create(model, tokenizer, options, files).Score(query, document);
        return model.Calls.Single();
    }

    private static float Score(float logit, RerankerOptions? options, params (string, string)[] files)
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 1), _ => [logit]);
        return Create(model, s_tokenizer, options, files).Score("a", "b");
    }

    private static Reranker Create(FakeLogits model, TextTokenizer tokenizer, RerankerOptions? options, (string, string)[] files)
    {
        var all = new ModelFiles(Tokens.Open([Tokens.Modules, .. files]), "test");
        return new Reranker(model, tokenizer, CrossEncoderSettings.Read(all, SentenceSettings.Read(all)), options, ownsModel: false);
    }
}
