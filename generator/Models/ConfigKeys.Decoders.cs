namespace AttnGen.Generator.Models;

// The tables of decoders.
internal static partial class ConfigKeys
{
    /// <summary>The name of the table of <see cref="Rope"/>.</summary>
    public const string RopeParameters = "rope_parameters";

    /// <summary>Of rope_scaling and rope_parameters, which say how rotary positions turn.</summary>
    public static ImmutableArray<ConfigKey> Rope { get; } =
    [
        Followed("rope_type", Word, "'default', 'linear', 'dynamic', 'yarn', 'llama3' or 'longrope'"),
        Followed("type", Word, "the older name of rope_type", Old),
        Followed("rope_theta", Number, "base; wins over the one outside", New),
        Followed("partial_rotary_factor", Number, "the part of a head that turns, where the architecture has such a part; wins over the one outside", New),
        Followed("factor", "number or null", "of 'linear', 'yarn' and 'llama3' how far positions are stretched; of 'longrope' what attention_factor is computed from"),
        Followed("original_max_position_embeddings", "integer or null", "the positions before they were stretched; the key outside wins"),
        Followed("low_freq_factor", Number, "of 'llama3'; default 1"),
        Followed("high_freq_factor", Number, "of 'llama3'; default 4"),
        Followed("beta_fast", "number or null", "of 'yarn'; default 32"),
        Followed("beta_slow", "number or null", "of 'yarn'; default 1"),
        Followed("mscale", "number or null", "of 'yarn'"),
        Followed("mscale_all_dim", "number or null", "of 'yarn'"),
        Followed("truncate", Flag, "of 'yarn'; default true", New),
        Followed("attention_factor", "number or null", "of 'yarn' and 'longrope': what cosines and sines are multiplied by"),
        Followed("short_factor", "list of numbers", "of 'longrope': what each pair's turn is divided by in texts of at most original_max_position_embeddings tokens"),
        Followed("long_factor", "list of numbers", "of 'longrope': the same for longer texts, which are refused"),
        Followed("full_attention", "object or null", "of models with two kinds of layers: these keys for those that see everything", New) with { Table = RopeParameters },
        Followed("sliding_attention", "object or null", "the same for those with a window", New) with { Table = RopeParameters },
    ];

    /// <summary>Llama's, and those that differ in a few keys.</summary>
    public static ImmutableArray<ConfigKey> Llama { get; } =
    [
        .. Decoder(), .. Rotary(),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("mlp_bias", Flag, "whether the maps of the feed-forward networks have biases"),
        .. Nothing("the mask comes from max_position_embeddings", Old, "max_sequence_length"),
    ];

    /// <summary>Mistral's.</summary>
    public static ImmutableArray<ConfigKey> Mistral { get; } =
    [
        .. Decoder(), .. Rotary(),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included; default 4096; null: all"),
    ];

    /// <summary>Qwen 2's.</summary>
    public static ImmutableArray<ConfigKey> Qwen2 { get; } = [.. Decoder(), .. Rotary(), .. Qwen()];

    /// <summary>Qwen 3's.</summary>
    public static ImmutableArray<ConfigKey> Qwen3 { get; } =
        [.. Decoder(), .. Rotary(), .. Qwen(), Followed("attention_bias", Flag, "whether the maps of attention have biases")];

    /// <summary>SmolLM3's.</summary>
    public static ImmutableArray<ConfigKey> SmolLm3 { get; } =
    [
        .. Decoder(classes: false), .. Rotary(),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("mlp_bias", Flag, "whether the maps of the feed-forward networks have biases"),
        Followed("no_rope_layers", "list of integers or null", "1 for each layer that turns queries and keys, 0 for one that does not"),
        Followed("no_rope_layer_interval", Integer, "without that list: every so many layers one does not; default 4"),
        Followed("use_sliding_window", Flag, "whether sliding_window counts"),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included, in layers that turn nothing"),
        LayerTypes(),
        .. Nothing("the published code does not read it", Both, "max_window_layers"),
    ];

    /// <summary>Granite's.</summary>
    public static ImmutableArray<ConfigKey> Granite { get; } =
    [
        .. Decoder(classes: false), .. Rotary(),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("mlp_bias", Flag, "whether the maps of the feed-forward networks have biases"),
        Followed("embedding_multiplier", Number, "what words are multiplied by"),
        Followed("attention_multiplier", Number, "what scores are multiplied by, in place of one over the root of a head's size"),
        Followed("residual_multiplier", Number, "what is added to the residual stream is multiplied by this"),
        Followed("logits_scaling", Number, "what logits are divided by"),
    ];

    /// <summary>OLMo 2's.</summary>
    public static ImmutableArray<ConfigKey> Olmo2 { get; } =
        [.. Decoder(classes: false), .. Rotary(), Followed("attention_bias", Flag, "whether the maps of attention have biases")];

    /// <summary>Phi-3's.</summary>
    public static ImmutableArray<ConfigKey> Phi3 { get; } =
    [
        .. Decoder(classes: false), .. Rotary(),
        Followed("partial_rotary_factor", Number, "the part of a head that turns; default 1"),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included; null: all"),
        Refused("attention_bias", Flag, "false is the only one"),
        Refused("mlp_bias", Flag, "false is the only one"),
        Refused("lm_head_bias", Flag, "false is the only one"),
        .. Nothing("the published code does not read it", Both, "full_attn_mod", "interpolate_factor"),
    ];

    /// <summary>Phi's.</summary>
    public static ImmutableArray<ConfigKey> Phi { get; } =
    [
        .. Decoder("layer_norm_eps", classes: false), .. Rotary(),
        Followed("partial_rotary_factor", Number, "the part of a head that turns; default 0.5"),
        Followed("qk_layernorm", Flag, "whether each head's query and key have norms"),
    ];

    /// <summary>Gemma's.</summary>
    public static ImmutableArray<ConfigKey> Gemma { get; } =
    [
        .. Decoder(classes: false), .. Rotary(),
        Followed("hidden_activation", "string or null", "activation of the feed-forward networks; wins over hidden_act"),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Refused("use_bidirectional_attention", "true or false or null", "false and null are fine", New),
    ];

    /// <summary>Gemma 2's.</summary>
    public static ImmutableArray<ConfigKey> Gemma2 { get; } =
    [
        .. Decoder(classes: false).Where(key => key.Name != "hidden_act"), .. Rotary(), .. LaterGemmas("30", "50"),
        Refused("use_bidirectional_attention", "true or false or null", "false and null are fine", New),
    ];

    /// <summary>Gemma 3's of its texts.</summary>
    public static ImmutableArray<ConfigKey> Gemma3 { get; } =
    [
        .. Decoder(classes: false).Where(key => key.Name != "hidden_act"), .. Rotary(), .. LaterGemmas("none", "none"),
        Followed("rope_local_base_freq", Number, "base of the rotary positions of layers with a window; default 10000", Old),
        Followed("sliding_window_pattern", Integer, "without layer_types: every so many layers one sees everything; default 6", Old),
        Followed("_sliding_window_pattern", Integer, "another name of it", Old),
        Followed("use_bidirectional_attention", "true or false or null", "true: every token sees every token, and the model makes vectors; a window then reaches half of itself to each side", New),
    ];

    /// <summary>GPT-2's.</summary>
    public static ImmutableArray<ConfigKey> Gpt2 { get; } =
    [
        .. OfGpt2(),
        Followed("scale_attn_by_inverse_layer_idx", Flag, "whether scores are divided by the layer's number"),
        .. Nothing("the order of computing; the numbers are the same", Both, "reorder_and_upcast_attn"),
    ];

    /// <summary>GPT-BigCode's.</summary>
    public static ImmutableArray<ConfigKey> GptBigCode { get; } =
    [
        .. OfGpt2(),
        Followed("multi_query", Flag, "true: one head of keys and values for all queries"),
        .. Nothing("which code computes it; the numbers are the same", Both,
            "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "inference_runner", "validate_runner_input", "pre_allocate_kv_cache", "max_sequence_length", "max_batch_size", "pad_key_length"),
    ];

    /// <summary>GPT-NeoX's.</summary>
    public static ImmutableArray<ConfigKey> GptNeoX { get; } =
    [
        Followed("hidden_size", Integer, "width"),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("num_attention_heads", Integer, "heads, which divide the width"),
        Followed("intermediate_size", Integer, "width of the feed-forward networks"),
        Followed("hidden_act", Word, "activation of the feed-forward networks"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("use_parallel_residual", Flag, "true: attention and feed-forward network read the same rows; false: one after the other"),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("rotary_pct", Number, "the part of a head that turns; default 0.25", Old),
        Followed("rotary_emb_base", Number, "base of the rotary positions; default 10000", Old),
        .. Writer(classes: false),
        .. Rotary().Where(key => key.Name != "rope_theta"),
        Refused("rope_theta", Number, "rotary_emb_base, or what rope_parameters says, is the only one", Old),
        Refused("partial_rotary_factor", Number, "rotary_pct, or what rope_parameters says, is the only one", Old),
        Followed("max_position_embeddings", Integer, "the longest sequence"),
    ];

    /// <summary>BLOOM's.</summary>
    public static ImmutableArray<ConfigKey> Bloom { get; } =
    [
        Followed("hidden_size", Integer, "width"),
        Followed("n_embed", Integer, "width; wins over hidden_size"),
        Followed("n_layer", Integer, "layers"),
        Followed("num_hidden_layers", Integer, "layers; wins over n_layer"),
        Followed("n_head", Integer, "heads, which divide the width"),
        Followed("num_attention_heads", "integer or null", "heads; wins over n_head"),
        Followed("layer_norm_epsilon", Number, "ε of every norm, from 0 to 1"),
        Followed("apply_residual_connection_post_layernorm", Flag, "whether the parts are added to the normed rows"),
        Followed("seq_length", Integer, "the longest sequence where the class says none; default 2048; positions themselves have no end"),
        Refused("slow_but_exact", Flag, "false is the only one"),
        .. Writer(classes: false),
        .. Nothing("of the code that trained it", Both,
            "n_inner", "offset_alibi", "skip_bias_add", "skip_bias_add_qkv", "bias_dropout_fusion", "masked_softmax_fusion", "attention_softmax_in_fp32", "n_positions"),
    ];

    /// <summary>Falcon's.</summary>
    public static ImmutableArray<ConfigKey> Falcon { get; } =
    [
        Followed("hidden_size", Integer, "width"),
        Followed("n_embed", Integer, "width; wins over hidden_size", Old),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("n_layer", Integer, "layers, where there is no num_hidden_layers", Old),
        Followed("num_attention_heads", Integer, "heads, which divide the width"),
        Followed("n_head", Integer, "heads, where there is no num_attention_heads", Old),
        Followed("num_kv_heads", "integer or null", "heads of keys and values, with new_decoder_architecture"),
        Followed("n_head_kv", "integer or null", "the same, where there is no num_kv_heads", Old),
        Followed("ffn_hidden_size", "integer or null", "width of the feed-forward networks; 4 times the width if absent"),
        Followed("activation", Word, "activation of the feed-forward networks"),
        Followed("layer_norm_epsilon", Number, "ε of every norm, from 0 to 1"),
        Followed("new_decoder_architecture", Flag, "true: a head of keys and values for each group of queries"),
        Followed("multi_query", Flag, "without new_decoder_architecture: true: one head of keys and values for all queries"),
        Followed("parallel_attn", Flag, "true: attention and feed-forward network read the same rows; false: one after the other"),
        Followed("num_ln_in_parallel_attn", "integer or null", "1 or 2: one norm for both of them, or each its own"),
        Followed("bias", Flag, "whether maps have biases"),
        Refused("alibi", Flag, "false is the only one"),
        Followed("max_position_embeddings", Integer, "the longest sequence"),
        .. Writer(classes: false), .. Rotary(),
    ];

    /// <summary>OPT's.</summary>
    public static ImmutableArray<ConfigKey> Opt { get; } =
    [
        Followed("hidden_size", Integer, "width"),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("num_attention_heads", Integer, "heads, which divide the width"),
        Followed("ffn_dim", Integer, "width of the feed-forward networks"),
        Followed("max_position_embeddings", Integer, "the longest sequence; the table of positions has 2 rows more"),
        Followed("word_embed_proj_dim", "integer or null", "width of the table of words; maps lead to the width of the layers, and back, where they differ"),
        Followed("activation_function", Word, "activation of the feed-forward networks"),
        Followed("do_layer_norm_before", Flag, "true: norms before the parts, and one after the last layer; false: norms after the parts"),
        Followed("_remove_final_layer_norm", Flag, "true: no norm after the last layer"),
        Followed("enable_bias", Flag, "whether maps have biases"),
        Refused("layer_norm_elementwise_affine", Flag, "true is the only one"),
        .. Writer(classes: false),
        .. Nothing("of training", Both, "dropout", "activation_dropout", "init_std"),
    ];

    private static ConfigKey LayerTypes() => Followed("layer_types", "list of strings or null", "'full_attention' or 'sliding_attention' for each layer", New);

    /// <summary>What all decoders have beside their sizes.</summary>
    private static IEnumerable<ConfigKey> Writer(bool classes)
    {
        yield return Followed("vocab_size", Integer, "rows of the table of words");
        yield return Followed("pad_token_id", "integer or null", "the id that pads; null: none");
        yield return Followed("tie_word_embeddings", Flag, "whether the head reads the table of words");
        foreach (var key in (classes ? [] : NoClasses())
            .Concat(Nothing("a decoder it is", Both, "is_decoder"))
            .Concat(Nothing("the parts into which a tensor was cut in training", Both, "pretraining_tp"))
            .Concat(Nothing("of training", Both, "attention_dropout", "embd_pdrop", "resid_pdrop", "classifier_dropout", "hidden_dropout"))
            .Concat(Nothing("which code generates; the numbers are the same", Both, "cache_implementation")))
            yield return key;
    }

    private static ConfigKey[] Decoder(string epsilon = "rms_norm_eps", bool classes = true) =>
    [
        Followed("hidden_size", Integer, "width"),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("num_attention_heads", Integer, "heads of queries"),
        Followed("num_key_value_heads", "integer or null", "heads of keys and values, of which each serves as many queries"),
        Followed("head_dim", "integer or null", "size of a head; width divided by heads if absent"),
        Followed("intermediate_size", Integer, "width of the feed-forward networks"),
        Followed("hidden_act", Word, "activation of the feed-forward networks"),
        Followed(epsilon, Number, "ε of every norm, from 0 to 1"),
        Followed("max_position_embeddings", Integer, "the longest sequence"),
        .. Writer(classes),
    ];

    private static ConfigKey[] Rotary() =>
    [
        Followed("rope_theta", Number, "base of the rotary positions"),
        Followed("rope_scaling", "object or null", "how rotary positions turn; wins over rope_parameters; its keys have a table of their own below", Old) with { Table = RopeParameters },
        Followed("rope_parameters", "object or null", "the same in transformers 5", New) with { Table = RopeParameters },
        Followed("original_max_position_embeddings", "integer or null", "the positions before they were stretched; wins over the key in rope_scaling and rope_parameters"),
    ];

    private static ConfigKey[] Qwen() =>
    [
        Followed("use_sliding_window", Flag, "whether sliding_window counts"),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included; default 4096; null: all"),
        Followed("max_window_layers", Integer, "without layer_types: the first layer with the window; default 28"),
        LayerTypes(),
    ];

    private static ConfigKey[] LaterGemmas(string last, string scores) =>
    [
        Followed("hidden_activation", Word, "activation of the feed-forward networks"),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("query_pre_attn_scalar", Number, "scores are divided by its root"),
        Followed("attn_logit_softcapping", "number or null", $"cap of scores, by tanh; default {scores}; null: none"),
        Followed("final_logit_softcapping", "number or null", $"cap of logits, by tanh; default {last}; null: none"),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included, in layers with a window; default 4096; null: all"),
        LayerTypes(),
        .. Nothing("hidden_activation is what counts", Both, "hidden_act"),
    ];

    private static ConfigKey[] OfGpt2() =>
    [
        Followed("n_embd", Integer, "width"),
        Followed("hidden_size", Integer, "width; wins over n_embd"),
        Followed("n_layer", Integer, "layers"),
        Followed("num_hidden_layers", Integer, "layers; wins over n_layer"),
        Followed("n_head", Integer, "heads, which divide the width"),
        Followed("num_attention_heads", Integer, "heads; wins over n_head"),
        Followed("n_inner", "integer or null", "width of the feed-forward networks; null: 4 times the width"),
        Followed("n_positions", Integer, "the longest sequence, and rows of the table of positions"),
        Followed("max_position_embeddings", Integer, "the same; wins over n_positions"),
        Followed("n_ctx", Integer, "the same, where there is neither", Old),
        Followed("activation_function", Word, "activation of the feed-forward networks"),
        Followed("layer_norm_epsilon", Number, "ε of every norm, from 0 to 1"),
        Followed("scale_attn_weights", Flag, "whether scores are divided by the root of a head's size"),
        .. Writer(classes: false),
        .. Nothing("of training", Both, "attn_pdrop"),
        .. Nothing("of heads that are not supported", Both, "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj"),
    ];
}
