using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>What sentence_bert_config.json (older versions named it after the architecture) says: how the tokenizer is called, and what the transformer gives.</summary>
internal sealed class SentenceInput
{
    private const string Classification = "sequence-classification", Features = "feature-extraction";

    // In the reference's order: the first that says something counts.
    private static readonly string[] s_files =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    private SentenceInput()
    {
    }

    /// <summary>The longest text in tokens; 0: nothing is said.</summary>
    public int MaxTokens { get; private set; }

    /// <summary>Whether texts are put in lower case.</summary>
    public bool Lower { get; private set; }

    /// <summary>Whether the tokenizer is told to give token types, or not to; null: it is told nothing.</summary>
    public bool? TokenTypes { get; private set; }

    /// <summary>Whether the transformer gives scores, as a cross-encoder's does, and no hidden states.</summary>
    public bool GivesScores { get; private set; }

    /// <summary>Reads the first of the files that says something. Without modules.json there is none that counts: the library then makes a transformer of config.json and the tokenizer alone.</summary>
    public static SentenceInput Read(Func<string, string?> open, SentenceVersion version, List<SentenceProblem> problems)
    {
        var read = new SentenceInput();
        if (open(SentenceModules.File) is null)
            return read;
        foreach (string file in s_files)
        {
            int before = problems.Count;
            var root = KeyedObject.Parse(open, file, problems);
            if (root is { Kind: JsonKind.Object, Members.Count: 0 })
                continue; // As if it were not there.
            if (root is not null && KeyedObject.Of(file, SentenceKeys.Transformer, root, problems) is { } config)
                read.Read(config, version);
            if (root is not null || problems.Count > before)
                break;
        }

        return read;
    }

    private void Read(KeyedObject config, SentenceVersion version)
    {
        string task = config.Text("transformer_task") ?? Features;
        config.Only("transformer_task", value => value.Kind != JsonKind.String || value.Text is Features or Classification, $"are '{Features}', '{Classification}'");
        GivesScores = task == Classification;
        ReadOutput(config);
        Lower = config.Flag("do_lower_case") ?? false;
        config.Flag("unpad_inputs", orNull: true);
        foreach (string key in new[] { "query_length", "document_length", "query_expansion", "tokenizer_name_or_path" })
            config.Only(key, value => value.Kind == JsonKind.Null, "is null");
        foreach (string key in new[] { "model_args", "model_kwargs" })
            ReadLoading(config, key, "attn_implementation", "add_pooling_layer");
        foreach (string key in new[] { "config_args", "config_kwargs" })
            ReadLoading(config, key);
        int ofTokenizer = Math.Max(ReadLoading(config, "tokenizer_args", "model_max_length"), ReadLoading(config, "processor_kwargs", "model_max_length"));
        int longest = config.Count("max_seq_length", orNull: true);
        MaxTokens = longest == 0 || (ofTokenizer > 0 && version.IsFrom54) ? ofTokenizer : longest;
        if (config.Object("processing_kwargs", SentenceKeys.Processing) is { } processing)
        {
            int withoutCalls = MaxTokens;
            foreach (string part in new[] { "text", "common" })
            {
                if (processing.Object(part, SentenceKeys.Call) is { } call)
                    ReadCall(call, withoutCalls);
            }
        }
    }

    private void ReadOutput(KeyedObject config)
    {
        string given = GivesScores ? "logits" : "last_hidden_state", taken = GivesScores ? "scores" : "token_embeddings";
        if (config.Raw("modality_config") is not { } modalities)
        {
            config.Only("module_output_name", value => value.Kind == JsonKind.String && value.Text == taken, $"is '{taken}'");
            return;
        }

        if (modalities.Kind != JsonKind.Object)
        {
            config.Wrong("modality_config", modalities, "an object");
            return;
        }

        if (!config.Has("module_output_name"))
            config.Report(SentenceFault.Wrong, "modality_config is there, but module_output_name is not; the one asks for the other");
        foreach (var modality in modalities.Members)
        {
            if (modality.Key != "text")
                config.Report(SentenceFault.Unsupported, $"modality_config {KeyedObject.Quote(modality.Key)} is not supported; supported is 'text'");
        }

        if (modalities["text"] is not { } text)
            config.Report(SentenceFault.Wrong, "modality_config has no 'text'");
        else if (config.Inner("modality_config.text", SentenceKeys.Modality, text) is { } entry)
        {
            foreach (string key in new[] { "method", "method_output_name" })
            {
                if (!entry.Has(key))
                    entry.Report(SentenceFault.Wrong, $"{key} is missing");
            }

            entry.Only("method", value => value.Kind == JsonKind.String && value.Text == "forward", "is 'forward'");
            entry.Only("method_output_name", IsGiven, $"is '{given}'");
            if (entry.Raw("method_output_name") is { } output && IsGiven(output))
                config.Only("module_output_name", value => value.Kind == JsonKind.String && value.Text == taken, $"is '{taken}'"); // else it is the same mistake
        }

        bool IsGiven(JsonValue value) => (value.Kind == JsonKind.Array && value.Items.Count == 1 ? value.Items[0] : value) is { Kind: JsonKind.String } name && name.Text == given;
    }

    // What is handed to the constructors of model, tokenizer and configuration.
    private static int ReadLoading(KeyedObject config, string key, params string[] accepted)
    {
        int longest = 0;
        if (config.Object(key, SentenceKeys.Loading) is { } arguments)
        {
            foreach (string name in SentenceKeys.Names(SentenceKeys.Loading))
            {
                if (name == "model_max_length" && accepted.Contains(name))
                    longest = arguments.Count(name);
                else if (name != "trust_remote_code" && !accepted.Contains(name) && arguments.Raw(name) is { } value)
                    arguments.Unsupported(name, value, "is an object without it");
            }
        }

        return longest;
    }

    private void ReadCall(KeyedObject call, int withoutCalls)
    {
        // "common" is read after "text": what it says wins, also null, which is as if neither had been given.
        int longest = call.Count("max_length", orNull: true);
        if (call.Has("max_length"))
            MaxTokens = longest > 0 ? longest : withoutCalls;
        bool? types = call.Flag("return_token_type_ids", orNull: true);
        if (call.Has("return_token_type_ids"))
            TokenTypes = types;
        call.Only("truncation", value => value.Kind == JsonKind.True || (value.Kind == JsonKind.String && value.Text == "longest_first"), "are true, 'longest_first'");
        call.Only("padding", value => value.Kind is JsonKind.True or JsonKind.False || (value.Kind == JsonKind.String && value.Text is "longest" or "max_length" or "do_not_pad"), "are true, false, 'longest', 'max_length', 'do_not_pad'");
        call.Count("pad_to_multiple_of", orNull: true);
        call.Only("padding_side", value => value.Kind == JsonKind.String && value.Text == "right", "is 'right'");
        call.Only("add_special_tokens", value => value.Kind == JsonKind.True, "is true");
        call.Only("return_attention_mask", value => value.Kind is JsonKind.True or JsonKind.Null, "is true");
        call.Only("return_tensors", value => value.Kind == JsonKind.String && value.Text == "pt", "is 'pt'");
        call.Flag("verbose");
    }
}
