namespace AttnGen.Generator.Models;

// The tables of GPT-2 and of what came after it with layer norms.
internal static partial class ConfigKeys
{
    /// <summary>GPT-2's.</summary>
    public static ImmutableArray<ConfigKey> Gpt2 =>
    [
        .. OfGpt2(),
        Followed("scale_attn_by_inverse_layer_idx", Flag, "whether scores are divided by the layer's number"),
        .. Nothing("the order of computing; the numbers are the same", Both, "reorder_and_upcast_attn"),
    ];

    /// <summary>GPT-BigCode's.</summary>
    public static ImmutableArray<ConfigKey> GptBigCode =>
    [
        .. OfGpt2(),
        Followed("multi_query", Flag, "true: one head of keys and values for all queries"),
        .. Nothing("which code computes it; the numbers are the same", Both,
            "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "inference_runner", "validate_runner_input", "pre_allocate_kv_cache", "max_sequence_length", "max_batch_size", "pad_key_length"),
    ];

    /// <summary>GPT-NeoX's.</summary>
    public static ImmutableArray<ConfigKey> GptNeoX =>
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
    public static ImmutableArray<ConfigKey> Bloom =>
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
    public static ImmutableArray<ConfigKey> Falcon =>
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
    public static ImmutableArray<ConfigKey> Opt =>
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
