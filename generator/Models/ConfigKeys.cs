using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>A key of config.json, as docs/folder-settings.md lists it.</summary>
/// <param name="Name">The key; dots lead into objects.</param>
/// <param name="Kinds">The kinds of value that the published code reads.</param>
/// <param name="Use">What is done with it.</param>
/// <param name="Versions">The versions of transformers that write or read it.</param>
/// <param name="Note">What it means here.</param>
internal sealed record ConfigKey(string Name, string Kinds, KeyUse Use, string Versions, string Note)
{
    /// <summary>Whether null is one of the kinds: what the published code takes for "none".</summary>
    public bool MayBeNull => Kinds.EndsWith(" or null", StringComparison.Ordinal);

    /// <summary>The table of the keys of the object that it holds; "": it holds none, or dotted names stand for them.</summary>
    public string Table { get; init; } = "";
}

/// <summary>
/// THE tables of config.json's keys: what <see cref="ConfigReader"/> may read, and what docs/folder-settings.md says. A key that has no row in the
/// tables of a folder's architecture is told at the attribute (ATTN0046). A key that is read without a row is a fault, which the reader reports.
/// </summary>
internal static partial class ConfigKeys
{
    private const string Any = "any", Integer = "integer", Number = "number", Flag = "true or false", Word = "string";
    private const string Both = "4, 5", Old = "4", New = "5", Hub = "the hub's code";

    /// <summary>Keys of every architecture.</summary>
    public static ImmutableArray<ConfigKey> Shared { get; } =
    [
        Followed("model_type", Word, "which architecture it is"),
        Followed("architectures", "list of strings or null", "the first names the class; none, or null: the base model"),
        Followed("transformers_version", "string or null", "which version wrote the folder, where 4 and 5 compute something else of it: language models' heads (decoders.md); none, or null: 4"),
        Followed("id2label", "object or null", "how many classes there are, and their names; wins over num_labels"),
        Followed("num_labels", Integer, "how many classes there are, where there is no id2label"),
        Followed("problem_type", "string or null", "'regression', 'single_label_classification' or 'multi_label_classification': the activation of TextClassifier"),
        Followed("tokenizer_class", "string or null", "read when the program runs: the kind of tokenizer, where there is neither tokenizer.json nor tokenizer_class in tokenizer_config.json"),
        Followed("sentence_transformers", "object or null", "read when the program runs: a cross-encoder's activation and version; its keys have a table of their own below", "sentence-transformers 4, 5"),
        Followed("sbert_ce_default_activation_function", "string or null", "read when the program runs: the activation of Reranker in older folders", "sentence-transformers 2, 3"),
        Refused("auto_map", "object or null", "code of the model's own; {} and null are fine, and, of nomic_bert, the hub's code of it (modeling_hf_nomic_bert)"),
        Refused("pruned_heads", "object or null", "heads that were cut out; {} and null are fine", Old),
        Refused("quantization_config", "object or null", "quantised weights; null is fine"),
        Refused("per_layer_config", "object or null", "layers that differ from the others; {} and null are fine", New),
        Refused("is_decoder", "true or false or null", "true: a mask that looks back only"),
        Refused("add_cross_attention", "true or false or null", "true: layers that read a second model"),
        .. Nothing("each tensor is read by its own type, and the computation is in float32", Both, "dtype", "torch_dtype", "use_bfloat16"),
        .. Nothing("the numbers are the same in chunks", Both, "chunk_size_feed_forward"),
        .. Nothing("which code computes attention; the numbers are the same", Both, "_attn_implementation", "attn_implementation", "_attn_implementation_autoset"),
        .. Nothing("what a call returns, which is asked for by calling", Both, "output_attentions", "output_hidden_states", "return_dict", "use_return_dict"),
        .. Nothing("of models with two halves", Both, "is_encoder_decoder", "cross_attention_hidden_size", "decoder_start_token_id", "tie_encoder_decoder"),
        .. Nothing("the names of id2label the other way round", Both, "label2id"),
        .. Nothing("what the folder was made of", Both, "_name_or_path", "name_or_path", "_commit_hash", "finetuning_task", "task_specific_params", "language", "license", "name"),
        .. Nothing("ids that the tokenizer's files name", Both, "bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "unk_token_id"),
        .. Nothing("what a number of labels was written as before id2label", Old, "_num_labels"),
        .. Nothing("of training", Both, "initializer_range", "gradient_checkpointing", "layerdrop"),
        .. Nothing("of text generation and of other back ends", Both, "use_cache", "output_past", "torchscript", "tf_legacy_loss", "xla_device", "custom_pipelines", "prefix", "keys_to_ignore_at_inference"),
        .. Nothing(
            "of text generation", Both,
            "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p",
            "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
            "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens"),
    ];

    /// <summary>BERT's.</summary>
    public static ImmutableArray<ConfigKey> Bert { get; } =
    [
        .. Encoder("12"), .. Text("0"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("type_vocab_size", Integer, "rows of the table of token types"),
        Refused("position_embedding_type", Word, "'absolute' is the only one", Old),
        HeadDim(),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
        .. Nothing("of the original TensorFlow code", "4", "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type"),
    ];

    /// <summary>RoBERTa's, XLM-R's and CamemBERT's.</summary>
    public static ImmutableArray<ConfigKey> Roberta { get; } =
    [
        .. Encoder("12"),
        .. Text("1").Select(key => key.Name == "pad_token_id" ? Followed("pad_token_id", Integer, "positions start after this id; default 1") : key),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("type_vocab_size", Integer, "rows of the table of token types"),
        Refused("position_embedding_type", Word, "'absolute' is the only one", Old),
        HeadDim(),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    ];

    /// <summary>DistilBERT's.</summary>
    public static ImmutableArray<ConfigKey> DistilBert { get; } =
    [
        Followed("dim", Integer, "width"),
        Followed("hidden_size", Integer, "width; wins over dim"),
        Followed("n_layers", Integer, "layers"),
        Followed("num_hidden_layers", Integer, "layers; wins over n_layers"),
        Followed("n_heads", Integer, "heads, which divide the width"),
        Followed("num_attention_heads", Integer, "heads; wins over n_heads"),
        Followed("hidden_dim", Integer, "width of the feed-forward networks"),
        Followed("activation", Word, "activation of the feed-forward networks"),
        .. Text("0"),
        HeadDim(),
        .. Nothing("of training", Both, "dropout", "attention_dropout", "qa_dropout", "seq_classif_dropout"),
        .. Nothing("the table of positions is in the file either way", Both, "sinusoidal_pos_embds"),
        .. Nothing("of training code before transformers", Old, "tie_weights_"),
    ];

    /// <summary>MPNet's.</summary>
    public static ImmutableArray<ConfigKey> MpNet { get; } =
    [
        .. Encoder("12"), .. Text("1"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("relative_attention_num_buckets", Integer, "rows of the table of relative positions, of which 32 are used; at least 32"),
        HeadDim(),
        .. Nothing("the published code computes with 128", Both, "relative_attention_max_distance"),
        .. Nothing("there are no token types", Both, "type_vocab_size"),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob"),
    ];

    /// <summary>ALBERT's.</summary>
    public static ImmutableArray<ConfigKey> Albert { get; } =
    [
        .. Encoder("64"), .. Text("0"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("type_vocab_size", Integer, "rows of the table of token types"),
        Followed("embedding_size", Integer, "width of the table of words"),
        Followed("num_hidden_groups", Integer, "sets of layer weights"),
        Followed("inner_group_num", Integer, "layers of a set; 1 is the only one"),
        Refused("position_embedding_type", Word, "'absolute' is the only one", Old),
        HeadDim(),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout_prob"),
        .. Nothing("of the original TensorFlow code", Old, "net_structure_type", "gap_size", "num_memory_blocks", "down_scale_factor"),
    ];

    /// <summary>ELECTRA's.</summary>
    public static ImmutableArray<ConfigKey> Electra { get; } =
    [
        .. Encoder("4"), .. Text("0"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("type_vocab_size", Integer, "rows of the table of token types"),
        Followed("embedding_size", Integer, "width of the table of words; a map leads to the width of the layers where they differ"),
        Refused("position_embedding_type", Word, "'absolute' is the only one", Old),
        HeadDim(),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
        .. Nothing("of ElectraForMultipleChoice, which is refused", Both, "summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout", "summary_first_dropout", "summary_proj_to_labels"),
    ];

    /// <summary>ModernBERT's.</summary>
    public static ImmutableArray<ConfigKey> ModernBert { get; } =
    [
        Followed("hidden_size", Integer, "width"),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("num_attention_heads", Integer, "heads, which divide the width"),
        Followed("intermediate_size", Integer, "width of the feed-forward networks"),
        Followed("hidden_activation", Word, "activation of the feed-forward networks"),
        Followed("norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("norm_bias", Flag, "whether norms have biases"),
        Followed("attention_bias", Flag, "whether the maps of attention have biases"),
        Followed("mlp_bias", Flag, "whether the maps of the feed-forward networks have biases"),
        Followed("classifier_bias", Flag, "whether the first map of a head has a bias"),
        Followed("classifier_activation", Word, "activation of the first map of a head"),
        Followed("classifier_pooling", Word, "'cls' or 'mean': what a text's classes are read from"),
        Followed("decoder_bias", Flag, "whether the map to the words has a bias"),
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("max_position_embeddings", Integer, "the longest sequence"),
        Tied(),
        Followed("pad_token_id", "integer or null", "the id that pads; null: none"),
        Followed("local_attention", Integer, "tokens that a local layer sees, half of them on each side"),
        Followed("sliding_window", Integer, "half of local_attention, and refused if it is another number: transformers 4 goes by local_attention, 5 by this", Both),
        Followed("global_attn_every_n_layers", Integer, "which layers see everything, where there is no layer_types"),
        Followed("layer_types", "list of strings or null", "'full_attention' or 'sliding_attention' for each layer", New),
        Followed("global_rope_theta", Number, "base of the rotary positions where a layer sees everything", Both),
        Followed("local_rope_theta", "number or null", "base of the rotary positions of local layers; null: the other base", Both),
        Followed("rope_theta", Number, "wins over global_rope_theta", New),
        Followed("rope_parameters", "object or null", "the two bases in the form of transformers 5", New),
        Followed("rope_parameters.full_attention", "object or null", "of layers that see everything", New),
        Followed("rope_parameters.sliding_attention", "object or null", "of local layers", New),
        Followed("rope_parameters.*.rope_theta", Number, "base", New),
        Refused("rope_parameters.*.rope_type", Word, "'default' is the only one", New),
        Refused("rope_parameters.*.type", Word, "the older name of rope_type", New),
        Refused("rope_scaling", "object or null", "{\"rope_type\": \"default\"} alone, or null"),
        HeadDim(),
        .. Nothing("of training", Both, "embedding_dropout", "attention_dropout", "mlp_dropout", "classifier_dropout", "initializer_cutoff_factor", "sparse_prediction", "sparse_pred_ignore_index"),
        .. Nothing("which code computes it; the numbers are the same", Both, "deterministic_flash_attn", "reference_compile", "repad_logits_with_grad"),
        .. Nothing("there is no table of positions, and the norms have norm_eps", Both, "position_embedding_type", "layer_norm_eps"),
    ];

    /// <summary>NomicBERT's: those of the hub's code, which are GPT-2's, and those of transformers 5.</summary>
    public static ImmutableArray<ConfigKey> NomicBert { get; } =
    [
        Followed("n_embd", "integer or null", "width", Hub),
        Followed("hidden_size", "integer or null", "width; wins over n_embd"),
        Followed("n_layer", "integer or null", "layers", Hub),
        Followed("num_hidden_layers", "integer or null", "layers; wins over n_layer"),
        Followed("n_head", "integer or null", "heads, which divide the width", Hub),
        Followed("num_attention_heads", "integer or null", "heads; wins over n_head"),
        Followed("head_dim", "integer or null", "size of a head; beside the hub's keys it must be the width divided by heads", New),
        Followed("n_inner", "integer or null", "width of the feed-forward networks, with a gate rounded up to a multiple of 256; null: 4 times the width, with a gate 8/3", Hub),
        Followed("intermediate_size", Integer, "width of the feed-forward networks, where there are no keys of the hub's code", New),
        Followed("activation_function", Word, "'swiglu', 'geglu' or 'glu' with a gate; 'gelu', 'gelu_new', 'gelu_fast' or 'gelu_pytorch_tanh' without: the exact GELU in the layers, whichever it is", Hub),
        Followed("hidden_act", Word, "activation before the gate, where there are no keys of the hub's code", New),
        Followed("layer_norm_epsilon", Number, "ε of every norm, from 0 to 1; default 1e-5", Hub),
        Followed("layer_norm_eps", Number, "ε of every norm, where there are no keys of the hub's code", New),
        Followed("qkv_proj_bias", Flag, "whether the maps of attention have biases; transformers 5 has none", Hub),
        Followed("mlp_fc1_bias", Flag, "whether the first maps of the feed-forward networks, and those of the head for words, have biases; transformers 5 has none in the layers", Hub),
        Followed("mlp_fc2_bias", Flag, "whether the last maps of the feed-forward networks have biases; transformers 5 has none", Hub),
        Followed("rotary_emb_fraction", Number, "the part of a head that is rotated; 0, the default: none, and a table of positions", Hub),
        Followed("rotary_emb_base", Number, "base of the rotary positions; default 10000", Hub),
        Followed("rope_theta", Number, "the same in transformers; default 1000", New),
        Followed("rotary_emb_interleaved", Flag, "whether neighbouring features are turned, not halves", Hub),
        Followed("rope_parameters", "object or null", "the base in the form of transformers 5", New),
        Followed("rope_parameters.rope_theta", Number, "base; another than rotary_emb_base beside it is refused", New),
        Refused("rope_parameters.rope_type", Word, "'default' is the only one", New),
        Refused("rope_parameters.type", Word, "the older name of rope_type", New),
        Refused("rope_parameters.partial_rotary_factor", Number, "1 is the only one", New),
        Refused("rope_scaling", "object or null", "{} and null are fine"),
        Followed("n_positions", "integer or null", "the longest sequence where neither the class nor sentence_bert_config.json says one, and rows of the table of positions, if there is one", Hub),
        Followed("max_position_embeddings", "integer or null", "the same, where there is no n_positions"),
        Followed("max_trained_positions", Integer, "the same, where there is neither; with rotary_scaling_factor the longest sequence of all", Hub),
        Followed("rotary_scaling_factor", "number or null", "null: none; else texts longer than max_trained_positions are refused", Hub),
        Refused("rotary_emb_scale_base", "null", "null is the only one", Hub),
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("pad_vocab_size_multiple", Integer, "what the rows of the table of words are rounded up to", Hub),
        Followed("type_vocab_size", Integer, "rows of the table of token types; 0: there is none"),
        Followed("pad_token_id", "integer or null", "the id that pads; null: none"),
        Followed("tie_word_embeddings", Flag, "the head for words reads the table of words either way"),
        Refused("prenorm", Flag, "false is the only one", Hub),
        Refused("parallel_block", Flag, "false is the only one", Hub),
        Refused("parallel_block_tied_norm", Flag, "false is the only one", Hub),
        Refused("use_rms_norm", Flag, "false is the only one", Hub),
        Refused("norm_mlp", Flag, "false is the only one", Hub),
        Refused("causal", Flag, "false is the only one", Hub),
        Refused("rotary_head_dim", Flag, "false is the only one", Hub),
        Refused("num_heads_kv", "integer or null", "the number of heads is the only one", Hub),
        Refused("moe_every_n_layers", Integer, "0 is the only one: layers of experts are not supported", Hub),
        .. Nothing("of layers of experts, which are refused", Hub, "expert_choice_router", "ffn_div", "moe_impl", "moe_normalize_expert_weights", "moe_resid_pdrop", "moe_top_k", "num_experts", "num_shared_experts"),
        .. Nothing("which code computes it; the numbers are the same", Hub, "fused_bias_fc", "fused_dropout_add_ln", "use_flash_attn", "use_xentropy", "dense_seq_output", "add_pooling_layer"),
        .. Nothing("of GPT-2, whose configuration this one extends", Hub, "n_ctx", "reorder_and_upcast_attn", "scale_attn_by_inverse_layer_idx", "scale_attn_weights", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj"),
        .. Nothing("of training", Both, "attn_pdrop", "embd_pdrop", "resid_pdrop", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    ];

    /// <summary>T5's, mT5's and umT5's.</summary>
    public static ImmutableArray<ConfigKey> T5 { get; } =
    [
        Followed("d_model", Integer, "width"),
        Followed("hidden_size", Integer, "width; wins over d_model"),
        Followed("num_layers", Integer, "layers of the encoder"),
        Followed("num_hidden_layers", Integer, "layers of the encoder; wins over num_layers"),
        Followed("num_heads", Integer, "heads"),
        Followed("num_attention_heads", Integer, "heads; wins over num_heads"),
        Followed("d_kv", Integer, "size of a head; all together may be more or less than the width"),
        Followed("head_dim", Integer, "size of a head; wins over d_kv", New),
        Followed("d_ff", Integer, "width of the feed-forward networks"),
        Followed("feed_forward_proj", Word, "activation of the feed-forward networks; after 'gated-' with a second map ('gated-gelu' is gelu_new)"),
        Followed("dense_act_fn", Word, "the activation alone; wins over feed_forward_proj"),
        Followed("is_gated_act", Flag, "whether there is a second map; wins over feed_forward_proj"),
        Followed("layer_norm_epsilon", Number, "ε of every norm, from 0 to 1"),
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("pad_token_id", "integer or null", "the id that pads; default 0; null: none"),
        Followed("relative_attention_num_buckets", Integer, "rows of the table of relative positions, at least 4"),
        Followed("relative_attention_max_distance", Integer, "the distance from which on all share a bucket"),
        Followed("n_positions", Integer, "the longest sequence where neither the class nor sentence_bert_config.json says one; default 512; positions themselves have no end"),
        Followed("num_decoder_layers", "integer or null", "layers of the decoder; default as many as the encoder's"),
        Followed("tie_word_embeddings", Flag, "whether the logits' map is the table of words; a folder of transformers 5 goes by whether the file has lm_head.weight, and keeps that"),
        Followed("scale_decoder_outputs", Flag, "whether logits are divided by the square root of the width; default tie_word_embeddings; refused where the folder's version of the architecture does something else", New),
        Followed("decoder_start_token_id", "integer or null", "the id that texts begin with; default pad_token_id; ModelInfo.DecoderStartTokenId"),
        .. Nothing("of training", Both, "dropout_rate", "classifier_dropout", "initializer_factor"),
        .. Nothing("of the original TensorFlow code", Old, "n_layers", "n_ctx"),
    ];

    /// <summary>ViT's and DeiT's.</summary>
    public static ImmutableArray<ConfigKey> Vit { get; } =
    [
        .. Encoder("12"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("image_size", "integer or list of two", "height and width of an image"),
        Followed("patch_size", "integer or list of two", "height and width of a patch"),
        Followed("num_channels", Integer, "channels of an image"),
        Followed("qkv_bias", Flag, "whether queries, keys and values have biases"),
        Followed("pooler_output_size", "integer or null", "width of the pooler's output; null: the model's"),
        Followed("pooler_act", Word, "activation of the pooler"),
        HeadDim(),
        .. Nothing("there are no words", Both, "tie_word_embeddings"),
        .. Nothing("of masked-image training", Both, "encoder_stride"),
        .. Nothing("of training", Both, "hidden_dropout_prob", "attention_probs_dropout_prob"),
    ];

    /// <summary>CLIP's with both towers.</summary>
    public static ImmutableArray<ConfigKey> Clip { get; } =
    [
        Followed("text_config", "object or null", "the model of texts, with the keys of clip_text_model; read where the class says tower: Tower.Text"),
        Followed("vision_config", "object or null", "the model of images, with the keys of clip_vision_model; read where the class says tower: Tower.Image"),
        Followed("text_config_dict", "object or null", "an older name of text_config; wins over it", Old),
        Followed("vision_config_dict", "object or null", "an older name of vision_config; wins over it", Old),
        Followed("projection_dim", Integer, "length of a vector; those of the towers' own objects have no effect"),
        .. NoClasses(),
        .. Nothing("what cosines are multiplied by, which is in the file and of no vector", Both, "logit_scale_init_value"),
        .. Nothing("of training", Both, "initializer_factor"),
        .. Nothing("there is no head for words", Both, "tie_word_embeddings", "pad_token_id"),
    ];

    /// <summary>CLIP's of the model of texts.</summary>
    public static ImmutableArray<ConfigKey> ClipText { get; } =
    [
        .. Encoder("8"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("max_position_embeddings", Integer, "rows of the table of positions"),
        Followed("pad_token_id", Integer, "the id that pads; default 1"),
        Followed("eos_token_id", Integer, "the id at whose first token a text is pooled; 2, which older files have: the largest id of the text"),
        Followed("projection_dim", Integer, "length of a vector"),
        .. NoClasses(),
        HeadDim(),
        .. Nothing("of training", Both, "attention_dropout", "dropout", "initializer_factor"),
        .. Nothing("there is no head for words", Both, "tie_word_embeddings"),
    ];

    /// <summary>CLIP's of the model of images.</summary>
    public static ImmutableArray<ConfigKey> ClipVision { get; } =
    [
        .. Encoder("12"),
        Followed("layer_norm_eps", Number, "ε of every norm, from 0 to 1"),
        Followed("image_size", Integer, "height and width of an image"),
        Followed("patch_size", Integer, "height and width of a patch"),
        Followed("num_channels", Integer, "channels of an image"),
        Followed("projection_dim", Integer, "length of a vector"),
        .. NoClasses(),
        HeadDim(),
        .. Nothing("of training", Both, "attention_dropout", "dropout", "initializer_factor"),
        .. Nothing("there are no words", Both, "tie_word_embeddings", "pad_token_id"),
    ];

    /// <summary>All tables, with the models that they are of, in the order of the document.</summary>
    public static IReadOnlyList<(string Title, string[] ModelTypes, ImmutableArray<ConfigKey> Keys)> Tables { get; } =
    [
        ("every architecture", [], Shared),
        ("bert", ["bert"], Bert),
        ("roberta, xlm-roberta, camembert", ["roberta", "xlm-roberta", "camembert"], Roberta),
        ("distilbert", ["distilbert"], DistilBert),
        ("mpnet", ["mpnet"], MpNet),
        ("albert", ["albert"], Albert),
        ("electra", ["electra"], Electra),
        ("modernbert", ["modernbert"], ModernBert),
        ("nomic_bert", ["nomic_bert"], NomicBert),
        ("t5, mt5, umt5", ["t5", "mt5", "umt5"], T5),
        ("bart, mbart", ["bart", "mbart"], Bart),
        ("marian", ["marian"], Marian),
        ("whisper", ["whisper"], Whisper),
        ("vit, deit", ["vit", "deit"], Vit),
        ("clip", ["clip"], Clip),
        ("clip_text_model", ["clip_text_model"], ClipText),
        ("clip_vision_model", ["clip_vision_model"], ClipVision),
        ("llama", ["llama"], Llama),
        ("mistral", ["mistral"], Mistral),
        ("qwen2", ["qwen2"], Qwen2),
        ("qwen3", ["qwen3"], Qwen3),
        ("smollm3", ["smollm3"], SmolLm3),
        ("granite", ["granite"], Granite),
        ("olmo2", ["olmo2"], Olmo2),
        ("phi", ["phi"], Phi),
        ("phi3", ["phi3"], Phi3),
        ("gemma", ["gemma"], Gemma),
        ("gemma2", ["gemma2"], Gemma2),
        ("gemma3_text", ["gemma3_text"], Gemma3),
        ("gpt2", ["gpt2"], Gpt2),
        ("gpt_bigcode", ["gpt_bigcode"], GptBigCode),
        ("gpt_neox", ["gpt_neox"], GptNeoX),
        ("bloom", ["bloom"], Bloom),
        ("falcon", ["falcon"], Falcon),
        ("opt", ["opt"], Opt),
        ("rope_scaling and rope_parameters", [], Rope),
    ];

    /// <summary>The rows of an architecture by their names, its own in place of those of every architecture; null: one without a table, whose keys are not held against anything.</summary>
    public static IReadOnlyDictionary<string, ConfigKey>? Of(string modelType)
    {
        if (modelType == RopeParameters)
            return Rope.ToDictionary(key => key.Name, StringComparer.Ordinal);
        var own = Tables.Where(table => table.ModelTypes.Contains(modelType)).Select(table => table.Keys).FirstOrDefault();
        return own.IsDefault ? null : Shared.Where(shared => own.All(key => key.Name != shared.Name)).Concat(own).ToDictionary(key => key.Name, StringComparer.Ordinal);
    }

    private static ConfigKey Followed(string name, string kinds, string note, string versions = Both) => new(name, kinds, KeyUse.Followed, versions, note);

    private static ConfigKey Refused(string name, string kinds, string note, string versions = Both) => new(name, kinds, KeyUse.Refused, versions, note);

    private static IEnumerable<ConfigKey> Nothing(string note, string versions, params string[] names) => names.Select(name => new ConfigKey(name, Any, KeyUse.NoEffect, versions, note));

    private static IEnumerable<ConfigKey> NoClasses() => Nothing("there are no classes", Both, "id2label", "num_labels");

    private static ConfigKey Tied() => Followed("tie_word_embeddings", Flag, "whether a masked-language-model head reads the table of words");

    private static ConfigKey HeadDim() => Refused("head_dim", "integer or null", "width divided by heads is the only one");

    private static ConfigKey[] Encoder(string heads) =>
    [
        Followed("hidden_size", Integer, "width"),
        Followed("num_hidden_layers", Integer, "layers"),
        Followed("num_attention_heads", Integer, $"heads, which divide the width; default {heads}"),
        Followed("intermediate_size", Integer, "width of the feed-forward networks"),
        Followed("hidden_act", Word, "activation of the feed-forward networks"),
    ];

    private static ConfigKey[] Text(string pad) =>
    [
        Followed("vocab_size", Integer, "rows of the table of words"),
        Followed("max_position_embeddings", Integer, "rows of the table of positions"),
        Tied(),
        Followed("pad_token_id", "integer or null", $"the id that pads; default {pad}; null: none"),
    ];
}
