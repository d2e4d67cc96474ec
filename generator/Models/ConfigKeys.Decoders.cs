namespace AttnGen.Generator.Models;

// The tables of decoders.
internal static partial class ConfigKeys
{
    /// <summary>The name of the table of <see cref="Rope"/>.</summary>
    public const string RopeParameters = "rope_parameters";

    /// <summary>Of rope_scaling and rope_parameters, which say how rotary positions turn.</summary>
    public static ImmutableArray<ConfigKey> Rope =>
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
    public static ImmutableArray<ConfigKey> Llama =>
    [
        .. Decoder(), .. Rotary(),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("mlp_bias", Flag, "whether the maps of the feed-forward networks have biases"),
        .. Nothing("the mask comes from max_position_embeddings", Old, "max_sequence_length"),
    ];

    /// <summary>Mistral's.</summary>
    public static ImmutableArray<ConfigKey> Mistral =>
    [
        .. Decoder(), .. Rotary(),
        Followed("sliding_window", "integer or null", "tokens that a token sees, itself included; default 4096; null: all"),
    ];

    /// <summary>Qwen 2's.</summary>
    public static ImmutableArray<ConfigKey> Qwen2 => [.. Decoder(), .. Rotary(), .. Qwen()];

    /// <summary>Qwen 3's.</summary>
    public static ImmutableArray<ConfigKey> Qwen3 =>
        [.. Decoder(), .. Rotary(), .. Qwen(), Followed("attention_bias", Flag, "whether the maps of attention have biases")];

    /// <summary>SmolLM3's.</summary>
    public static ImmutableArray<ConfigKey> SmolLm3 =>
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
    public static ImmutableArray<ConfigKey> Granite =>
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
    public static ImmutableArray<ConfigKey> Olmo2 =>
        [.. Decoder(classes: false), .. Rotary(), Followed("attention_bias", Flag, "whether the maps of attention have biases")];

    /// <summary>Phi-3's.</summary>
    public static ImmutableArray<ConfigKey> Phi3 =>
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
    public static ImmutableArray<ConfigKey> Phi =>
    [
        .. Decoder("layer_norm_eps", classes: false), .. Rotary(),
        Followed("partial_rotary_factor", Number, "the part of a head that turns; default 0.5"),
        Followed("qk_layernorm", Flag, "whether each head's query and key have norms"),
    ];

    /// <summary>Gemma's.</summary>
    public static ImmutableArray<ConfigKey> Gemma =>
    [
        .. Decoder(classes: false), .. Rotary(),
        Followed("hidden_activation", "string or null", "activation of the feed-forward networks; hidden_act must say the same"),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Refused("use_bidirectional_attention", "true or false or null", "false and null are fine", New),
    ];

    /// <summary>Gemma 2's.</summary>
    public static ImmutableArray<ConfigKey> Gemma2 =>
    [
        .. Decoder(classes: false).Where(key => key.Name != "hidden_act"), .. Rotary(), .. LaterGemmas("30", "50"),
        Refused("use_bidirectional_attention", "true or false or null", "false and null are fine", New),
    ];

    /// <summary>Gemma 3's of its texts.</summary>
    public static ImmutableArray<ConfigKey> Gemma3 =>
    [
        .. Decoder(classes: false).Where(key => key.Name != "hidden_act"), .. Rotary(), .. LaterGemmas("none", "none"),
        Followed("rope_local_base_freq", Number, "base of the rotary positions of layers with a window; default 10000", Old),
        Followed("sliding_window_pattern", Integer, "without layer_types: every so many layers one sees everything; default 6", Old),
        Followed("_sliding_window_pattern", Integer, "another name of it", Old),
        Followed("use_bidirectional_attention", "true or false or null", "true: every token sees every token, and the model makes vectors; a window then reaches half of itself to each side", New),
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
        .. Nothing("of the models with pictures that came of it", Both, "use_mrope"),
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
}
