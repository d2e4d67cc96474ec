namespace AttnGen.Generator.Models;

// The tables of models with an encoder and a decoder.
internal static partial class ConfigKeys
{
    /// <summary>BART's and mBART's.</summary>
    public static ImmutableArray<ConfigKey> Bart =>
    [
        .. Halves(),
        Followed("max_position_embeddings", Integer, "positions of both halves; the tables have two rows more, before the first"),
        Followed("pad_token_id", "integer or null", "the id that pads; default 1; null: none"),
        Followed("scale_embedding", Flag, "whether words are multiplied by the square root of the width"),
        .. Nothing("of training", Both, "dropout", "attention_dropout", "activation_dropout", "encoder_layerdrop", "decoder_layerdrop", "classifier_dropout", "classif_dropout", "init_std", "add_bias_logits"),
        .. Nothing("of the first code, which the layers' own names have replaced", Old, "add_final_layer_norm", "normalize_before", "normalize_embedding", "static_position_embeddings", "num_hidden_layers", "extra_pos_embeddings", "force_bos_token_to_be_generated"),
    ];

    /// <summary>Marian's.</summary>
    public static ImmutableArray<ConfigKey> Marian =>
    [
        .. Halves(),
        Followed("max_position_embeddings", Integer, "positions of both halves, which are computed"),
        Followed("pad_token_id", "integer or null", "the id that pads; default 58100; null: none"),
        Followed("scale_embedding", Flag, "whether words are multiplied by the square root of the width"),
        Followed("decoder_vocab_size", "integer or null", "rows of the decoder's table of words; default vocab_size"),
        Followed("share_encoder_decoder_embeddings", Flag, "whether both halves have one table of words; default true"),
        .. Nothing("positions are computed either way", Both, "static_position_embeddings"),
        .. Nothing("of training", Both, "dropout", "attention_dropout", "activation_dropout", "encoder_layerdrop", "decoder_layerdrop", "classifier_dropout", "classif_dropout", "init_std", "add_bias_logits"),
        .. Nothing("of the first code, which the layers' own names have replaced", Old, "add_final_layer_norm", "normalize_before", "normalize_embedding", "num_hidden_layers", "extra_pos_embeddings"),
    ];

    /// <summary>Whisper's.</summary>
    public static ImmutableArray<ConfigKey> Whisper =>
    [
        .. Halves(),
        Followed("num_mel_bins", Integer, "frequencies of a frame of sound"),
        Followed("max_source_positions", Integer, "positions of the encoder; a call takes twice as many frames"),
        Followed("max_target_positions", Integer, "positions of the decoder"),
        Followed("pad_token_id", "integer or null", "the id that pads; default 50256; null: none"),
        Followed("scale_embedding", Flag, "whether words are multiplied by the square root of the width"),
        .. Nothing("of audio classifiers, which are refused", Both, "classifier_proj_size", "use_weighted_layer_sum"),
        .. Nothing("of times of words", Both, "median_filter_width", "alignment_heads", "lang_to_id", "task_to_id"),
        .. Nothing(
            "of training", Both, "dropout", "attention_dropout", "activation_dropout", "encoder_layerdrop", "decoder_layerdrop", "init_std", "apply_spec_augment",
            "mask_time_prob", "mask_time_length", "mask_time_min_masks", "mask_feature_prob", "mask_feature_length", "mask_feature_min_masks"),
        .. Nothing("of text generation", Both, "forced_decoder_ids"),
        .. Nothing("of the first code", Old, "num_hidden_layers", "max_length"),
    ];

    private static ConfigKey[] Halves() =>
    [
        Followed("d_model", Integer, "width"),
        Followed("hidden_size", Integer, "width; wins over d_model"),
        Followed("encoder_layers", Integer, "layers of the encoder"),
        Followed("encoder_attention_heads", Integer, "its heads, which divide the width"),
        Followed("encoder_ffn_dim", Integer, "width of its feed-forward networks"),
        Followed("decoder_layers", Integer, "layers of the decoder"),
        Followed("decoder_attention_heads", Integer, "its heads, which divide the width"),
        Followed("decoder_ffn_dim", Integer, "width of its feed-forward networks"),
        Followed("activation_function", Word, "activation of the feed-forward networks"),
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("decoder_start_token_id", "integer or null", "the id that texts begin with; ModelInfo.DecoderStartTokenId"),
        Followed("tie_word_embeddings", Flag, "whether the logits' map is the table of words"),
        .. NoClasses(),
    ];
}
