using AttnGen.Generator.Json;
using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Sentences;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>The ledger of sentence-transformers' keys (docs/folder-settings.md): it is the table that the readers go by, and each of its rows is true.</summary>
public sealed class SentenceKeysTests
{
    private const string Ledger = "docs/folder-settings.md";

    private const string Modules = """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, MORE]""";
    private const string Dense = """{"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}""";

    private const string Normalize = """{"name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}""";
    private const string Dropout = """{"name": "2", "path": "1_Dropout", "type": "sentence_transformers.models.Dropout"}""";

    // Of each key two texts of its file: for one that is followed they must give another result, for one without effect the same, and of one that is
    // refused the second must be refused by its name.
    private static readonly (string Section, string Key, string One, string Other)[] s_samples =
    [
        (SentenceKeys.Model, "__version__", "{}", """{"__version__": {"sentence_transformers": "5.3.0"}}"""),
        (SentenceKeys.Model, "model_type", "{}", """{"model_type": "CrossEncoder"}"""),
        (SentenceKeys.Model, "prompts", """{"prompts": {"query": "q: "}}""", """{"prompts": {"query": null}}"""),
        (SentenceKeys.Model, "default_prompt_name", """{"default_prompt_name": "query"}""", """{"default_prompt_name": null}"""),
        (SentenceKeys.Model, "similarity_fn_name", """{"similarity_fn_name": "cosine"}""", """{"similarity_fn_name": "manhattan"}"""),
        (SentenceKeys.Model, "truncate_dim", "{}", """{"truncate_dim": 3}"""),
        (SentenceKeys.Model, "activation_fn", "{}", """{"activation_fn": "torch.nn.Tanh"}"""),
        (SentenceKeys.Model, "requirements", "{}", """{"requirements": {"transformers": ">=5.15"}}"""),
        (SentenceKeys.Versions, "sentence_transformers", """{"__version__": {"sentence_transformers": "5.3.0"}}""", """{"__version__": {"sentence_transformers": "5.4.0"}}"""),
        (SentenceKeys.Versions, "transformers", "{}", """{"__version__": {"transformers": "5.0.0"}}"""),
        (SentenceKeys.Versions, "pytorch", "{}", """{"__version__": {"pytorch": "2.9.0+cpu"}}"""),
        (SentenceKeys.Module, "idx", Modules.Replace(", MORE", "", StringComparison.Ordinal), Modules.Replace(", MORE", "", StringComparison.Ordinal).Replace("\"idx\": 1", "\"idx\": \"a\"", StringComparison.Ordinal)),
        (SentenceKeys.Module, "name", Modules.Replace("MORE", Normalize, StringComparison.Ordinal), Modules.Replace("MORE", Normalize.Replace("\"2\"", "\"1\"", StringComparison.Ordinal), StringComparison.Ordinal)),
        (SentenceKeys.Module, "path", Modules.Replace(", MORE", "", StringComparison.Ordinal), Modules.Replace(", MORE", "", StringComparison.Ordinal).Replace("1_Pooling", "other", StringComparison.Ordinal)),
        (SentenceKeys.Module, "type", Modules.Replace(", MORE", "", StringComparison.Ordinal), Modules.Replace("MORE", Normalize, StringComparison.Ordinal)),
        (SentenceKeys.Module, "kwargs", Modules.Replace(", MORE", "", StringComparison.Ordinal), Modules.Replace(", MORE", "", StringComparison.Ordinal).Replace("\"idx\": 1", "\"kwargs\": [\"task\"]", StringComparison.Ordinal)),
        (SentenceKeys.Pooling, "word_embedding_dimension", "{}", """{"word_embedding_dimension": 12}"""),
        (SentenceKeys.Pooling, "embedding_dimension", "{}", """{"embedding_dimension": 12}"""),
        (SentenceKeys.Pooling, "pooling_mode", """{"pooling_mode": ["mean", "cls"]}""", """{"pooling_mode": ["cls", "mean"]}"""),
        (SentenceKeys.Pooling, "pooling_mode_cls_token", "{}", """{"pooling_mode_cls_token": true}"""),
        (SentenceKeys.Pooling, "pooling_mode_max_tokens", "{}", """{"pooling_mode_max_tokens": true}"""),
        (SentenceKeys.Pooling, "pooling_mode_mean_tokens", """{"pooling_mode_cls_token": true}""", """{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"""),
        (SentenceKeys.Pooling, "pooling_mode_mean_sqrt_len_tokens", "{}", """{"pooling_mode_mean_sqrt_len_tokens": true}"""),
        (SentenceKeys.Pooling, "pooling_mode_weightedmean_tokens", "{}", """{"pooling_mode_weightedmean_tokens": true}"""),
        (SentenceKeys.Pooling, "pooling_mode_lasttoken", "{}", """{"pooling_mode_lasttoken": true}"""),
        (SentenceKeys.Pooling, "include_prompt", """{"include_prompt": true}""", """{"include_prompt": false}"""),
        (SentenceKeys.Dense, "in_features", Map(""), Map("").Replace("8", "9", StringComparison.Ordinal)),
        (SentenceKeys.Dense, "out_features", Map(""), Map("").Replace("3", "4", StringComparison.Ordinal)),
        (SentenceKeys.Dense, "bias", Map(""), Map(", \"bias\": false")),
        (SentenceKeys.Dense, "activation_function", Map(""), Map(", \"activation_function\": \"torch.nn.modules.linear.Identity\"")),
        (SentenceKeys.Dense, "module_input_name", Map(", \"module_input_name\": \"sentence_embedding\""), Map(", \"module_input_name\": \"token_embeddings\"")),
        (SentenceKeys.Dense, "module_output_name", Map(", \"module_output_name\": null"), Map(", \"module_output_name\": \"token_embeddings\"")),
        (SentenceKeys.Dense, "use_residual", Map(", \"use_residual\": false"), Map(", \"use_residual\": true")),
        (SentenceKeys.Normalize, "module_input_name", """{"module_input_name": "sentence_embedding"}""", """{"module_input_name": "token_embeddings"}"""),
        (SentenceKeys.Normalize, "module_output_name", """{"module_output_name": null}""", """{"module_output_name": "token_embeddings"}"""),
        (SentenceKeys.Dropout, "dropout", """{"dropout": 0.1}""", """{"dropout": 0.5}"""),
        (SentenceKeys.Transformer, "max_seq_length", """{"max_seq_length": null}""", """{"max_seq_length": 5}"""),
        (SentenceKeys.Transformer, "do_lower_case", """{"do_lower_case": false}""", """{"do_lower_case": true}"""),
        (SentenceKeys.Transformer, "transformer_task", """{"transformer_task": "feature-extraction"}""", """{"transformer_task": "sequence-classification"}"""),
        (SentenceKeys.Transformer, "modality_config", Modality("forward", "last_hidden_state"), """{"module_output_name": "token_embeddings", "modality_config": {"image": {}}}"""),
        (SentenceKeys.Transformer, "module_output_name", """{"module_output_name": "token_embeddings"}""", """{"module_output_name": "sentence_embedding"}"""),
        (SentenceKeys.Transformer, "processing_kwargs", "{}", Call("text", "\"max_length\": 5")),
        (SentenceKeys.Transformer, "unpad_inputs", """{"unpad_inputs": null}""", """{"unpad_inputs": true}"""),
        (SentenceKeys.Transformer, "query_length", """{"query_length": null}""", """{"query_length": 32}"""),
        (SentenceKeys.Transformer, "document_length", """{"document_length": null}""", """{"document_length": 32}"""),
        (SentenceKeys.Transformer, "query_expansion", """{"query_expansion": null}""", """{"query_expansion": {"strategy": "fixed", "length": 32}}"""),
        (SentenceKeys.Transformer, "model_args", """{"model_args": {}}""", """{"model_args": {"torch_dtype": "float16"}}"""),
        (SentenceKeys.Transformer, "model_kwargs", """{"model_kwargs": {}}""", """{"model_kwargs": {"torch_dtype": "float16"}}"""),
        (SentenceKeys.Transformer, "tokenizer_args", "{}", """{"tokenizer_args": {"model_max_length": 5}}"""),
        (SentenceKeys.Transformer, "processor_kwargs", "{}", """{"processor_kwargs": {"model_max_length": 5}}"""),
        (SentenceKeys.Transformer, "config_args", """{"config_args": {}}""", """{"config_args": {"num_hidden_layers": 3}}"""),
        (SentenceKeys.Transformer, "config_kwargs", """{"config_kwargs": {}}""", """{"config_kwargs": {"num_hidden_layers": 3}}"""),
        (SentenceKeys.Transformer, "tokenizer_name_or_path", """{"tokenizer_name_or_path": null}""", """{"tokenizer_name_or_path": "other"}"""),
        (SentenceKeys.Transformer, "cache_dir", "{}", """{"cache_dir": "here"}"""),
        (SentenceKeys.Transformer, "backend", "{}", """{"backend": "onnx"}"""),
        (SentenceKeys.Modality, "method", Modality("forward", "last_hidden_state"), Modality("get_text_features", "last_hidden_state")),
        (SentenceKeys.Modality, "method_output_name", Modality("forward", "last_hidden_state"), Modality("forward", "pooler_output")),
        (SentenceKeys.Processing, "text", "{}", Call("text", "\"max_length\": 5")),
        (SentenceKeys.Processing, "common", Call("text", "\"max_length\": 5"), """{"processing_kwargs": {"text": {"max_length": 5}, "common": {"max_length": 6}}}"""),
        (SentenceKeys.Processing, "audio", "{}", Call("audio", "\"sampling_rate\": 5")),
        (SentenceKeys.Processing, "image", "{}", Call("image", "\"size\": 5")),
        (SentenceKeys.Processing, "video", "{}", Call("video", "\"fps\": 5")),
        (SentenceKeys.Processing, "chat_template", "{}", Call("chat_template", "\"add_generation_prompt\": true")),
        (SentenceKeys.Call, "max_length", Call("text", "\"max_length\": null"), Call("text", "\"max_length\": 5")),
        (SentenceKeys.Call, "truncation", Call("text", "\"truncation\": true"), Call("text", "\"truncation\": \"only_second\"")),
        (SentenceKeys.Call, "padding", Call("text", "\"padding\": true"), Call("text", "\"padding\": \"max_length\"")),
        (SentenceKeys.Call, "pad_to_multiple_of", "{}", Call("common", "\"pad_to_multiple_of\": 8")),
        (SentenceKeys.Call, "padding_side", Call("text", "\"padding_side\": \"right\""), Call("text", "\"padding_side\": \"left\"")),
        (SentenceKeys.Call, "add_special_tokens", Call("text", "\"add_special_tokens\": true"), Call("text", "\"add_special_tokens\": false")),
        (SentenceKeys.Call, "return_token_type_ids", "{}", Call("common", "\"return_token_type_ids\": false")),
        (SentenceKeys.Call, "return_attention_mask", Call("text", "\"return_attention_mask\": true"), Call("text", "\"return_attention_mask\": false")),
        (SentenceKeys.Call, "return_tensors", Call("common", "\"return_tensors\": \"pt\""), Call("common", "\"return_tensors\": \"np\"")),
        (SentenceKeys.Call, "verbose", "{}", Call("text", "\"verbose\": false")),
        (SentenceKeys.Loading, "model_max_length", "{}", """{"processor_kwargs": {"model_max_length": 5}}"""),
        (SentenceKeys.Loading, "attn_implementation", "{}", """{"model_kwargs": {"attn_implementation": "eager"}}"""),
        (SentenceKeys.Loading, "add_pooling_layer", "{}", """{"model_args": {"add_pooling_layer": false}}"""),
        (SentenceKeys.Loading, "trust_remote_code", "{}", """{"config_args": {"trust_remote_code": true}}"""),
    ];

    public static TheoryData<string, string> Keys => [.. s_samples.Select(sample => (sample.Section, sample.Key))];

    /// <summary>A new row needs samples, or it does not stand in the way of what it says. (AttnGen.Embeddings.Tests has those of config.json.)</summary>
    [Fact]
    public void Every_row_has_samples() =>
        Assert.Equal(
            SentenceKeys.Rows.Where(row => row.Section != SentenceKeys.CrossEncoder).Select(row => $"{row.Section}: {row.Name}"),
            s_samples.Select(sample => $"{sample.Section}: {sample.Key}"));

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_row_is_true(string section, string key)
    {
        var (_, _, one, other) = s_samples.Single(sample => sample.Section == section && sample.Key == key);
        var (before, beforeProblems) = Outcome(section, one);
        var (after, problems) = Outcome(section, other);
        Assert.True(beforeProblems.Count == 0, string.Join('\n', beforeProblems));
        switch (SentenceKeys.Rows.Single(row => row.Section == section && row.Name == key).Use)
        {
            case KeyUse.Followed:
                Assert.NotEqual(before + string.Join('\n', beforeProblems), after + string.Join('\n', problems));
                break;
            case KeyUse.NoEffect:
                Assert.Empty(problems);
                Assert.Equal(before, after);
                break;
            default:
                Assert.Contains(key.Replace("_args", "_", StringComparison.Ordinal).Replace("_kwargs", "_", StringComparison.Ordinal), Assert.Single(problems), StringComparison.Ordinal);
                break;
        }
    }

    [Theory]
    [InlineData(SentenceKeys.Model, "{\"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Pooling, "{\"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Dense, "{\"in_features\": 8, \"out_features\": 3, \"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Normalize, "{\"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Dropout, "{\"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Transformer, "{\"matryoshka\": 1}")]
    [InlineData(SentenceKeys.Transformer, "{\"processing_kwargs\": {\"matryoshka\": 1}}")]
    [InlineData(SentenceKeys.Transformer, "{\"processing_kwargs\": {\"common\": {\"matryoshka\": 1}}}")]
    [InlineData(SentenceKeys.Transformer, "{\"processor_kwargs\": {\"matryoshka\": 1}}")]
    [InlineData(SentenceKeys.Transformer, "{\"module_output_name\": \"token_embeddings\", \"modality_config\": {\"text\": {\"method\": \"forward\", \"method_output_name\": \"last_hidden_state\", \"matryoshka\": 1}}}")]
    public void A_key_without_a_row_is_refused_by_its_name(string section, string text) =>
        Assert.Contains("the key 'matryoshka', which is not known", Assert.Single(Outcome(section, text).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_reader_cannot_ask_for_a_key_without_a_row()
    {
        var problems = new List<SentenceProblem>();
        var read = KeyedObject.Of("f", SentenceKeys.Pooling, Generator.Json.JsonValue.Parse("{}"), problems)!;
        Assert.Contains("has no row in SentenceKeys", Assert.Throws<InvalidOperationException>(() => read.Flag("pooling_mode_sum")).Message, StringComparison.Ordinal);
    }

    /// <summary>The page says what the table says, row by row. ATTNGEN_ACCEPT=1 writes the tables anew.</summary>
    [Fact]
    public void The_page_is_the_table()
    {
        var path = Path.Combine(Clone.Root, Ledger);
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var sections = SentenceKeys.Rows.Select(row => row.Section).Distinct().ToList();
        var written = page;
        foreach (var section in sections)
        {
            var mark = $"<!-- keys of {section} -->\n";
            var start = written.IndexOf(mark, StringComparison.Ordinal);
            Assert.True(start >= 0, $"{Ledger} has no line '{mark.TrimEnd()}', behind which the table of these keys stands.");
            start += mark.Length;
            var end = start;
            while (end < written.Length && written[end] == '|')
                end = written.IndexOf('\n', end) + 1;
            written = written[..start] + Table(section) + written[end..];
        }

        if (Snapshots.Accept)
            File.WriteAllText(path, written);
        else
            Assert.True(page == written, $"{Ledger} is not the table of generator/Sentences/SentenceKeys.cs any more (ATTNGEN_ACCEPT=1 writes it).");
        Assert.Equal(sections.Count, written.Split("<!-- keys of ").Length - 1);
    }

    private static string Table(string section) => "| key | kinds | what is done | versions | note |\n|---|---|---|---|---|\n" + string.Concat(SentenceKeys.Rows.Where(row => row.Section == section)
        .Select(row => $"| `{row.Name}` | {row.Kinds} | {row.Use switch { KeyUse.Followed => "followed", KeyUse.Refused => "refused", _ => "no effect" }} | {row.Versions} | {row.Note} |\n"));

    private static string Map(string more) => $"{{\"in_features\": 8, \"out_features\": 3{more}}}";

    private static string Modality(string method, string output) =>
        $$$$"""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "{{{{method}}}}", "method_output_name": "{{{{output}}}}"}}}""";

    private static string Call(string part, string argument) => $"{{\"processing_kwargs\": {{\"{part}\": {{{argument}}}}}}}";

    /// <summary>Everything that is read of a folder with one file of its own, and what is wrong with it.</summary>
    private static (string Result, List<string> Problems) Outcome(string section, string text)
    {
        var file = section.Split(':')[0];
        var files = new Dictionary<string, string>
        {
            ["modules.json"] = Modules.Replace("MORE", file == SentenceKeys.Dropout ? Dropout : file == SentenceKeys.Dense ? Dense : Normalize, StringComparison.Ordinal),
            ["1_Pooling/config.json"] = "{\"pooling_mode\": \"max\"}",
            ["other/config.json"] = "{\"pooling_mode\": \"lasttoken\"}",
        };
        if (file == SentenceKeys.Transformer && text.Contains("sequence-classification", StringComparison.Ordinal))
            files["modules.json"] = """[{"path": "", "type": "sentence_transformers.models.Transformer"}]""";
        files[file] = text;
        var problems = new List<Problem>();
        var read = SentenceTransformer.Read(new FolderFiles("m", files.Select(one => new FolderFile(one.Key, one.Value)).ToEquatable()), problems);
        var found = new List<SentenceProblem>();
        var config = SentenceConfig.Read(files.GetValueOrDefault, found);
        var input = SentenceInput.Read(files.GetValueOrDefault, config.Version, found);
        Assert.All(found, problem => Assert.Contains(problems, one => one.Message == problem.Message));
        var result = $"{string.Join(' ', read.Pooling)} {string.Join(' ', read.Dense)} {read.Normalize} {read.MaxSequence} {config.Version} {config.IsCrossEncoder} {string.Join(' ', config.Prompts)} {config.DefaultPromptName} {config.TruncateDim} {config.Activation} {input.Lower} {input.TokenTypes} {input.GivesScores}";
        return (result, [.. problems.Select(problem => problem.Message)]);
    }
}
