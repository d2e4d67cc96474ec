"""The folders of decoders.zip with an encoder in front of the decoder."""
from half_folders import Bart, HalvesFolder, Marian, Mbart, Mt5Whole, T5Whole, Umt5Whole, Whisper

ALL = []


def folder(name, net, config, **how):
    tied = config.get("tie_word_embeddings", net is not Mt5Whole)
    ALL.append(HalvesFolder(name, net, net.head_task, config, **{"scales": {"table": 0.15, "map": 1.6} if tied else {}, **how}))


def halves(heads, f, layers=2, decoder_heads=None, decoder_f=None, decoder_layers=None):
    return dict(encoder_attention_heads=heads, decoder_attention_heads=decoder_heads or heads, encoder_ffn_dim=f, decoder_ffn_dim=decoder_f or f, encoder_layers=layers,
           decoder_layers=decoder_layers or layers)


OLD = dict(torch_dtype="float32", transformers_version="4.31.0", use_cache=True, init_std=0.02, dropout=0.1, attention_dropout=0.1, activation_dropout=0.1, encoder_layerdrop=0.0,
       decoder_layerdrop=0.0, is_encoder_decoder=True)

# ---- BART, mBART ----
B = dict(**OLD, vocab_size=29, max_position_embeddings=16, activation_function="gelu", bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2,
       scale_embedding=False)
folder("bart-cnn-keys-copies", Bart, {**B, **halves(3, 17), "d_model": 18, "num_hidden_layers": 2, "_num_labels": 3, "add_bias_logits": False, "add_final_layer_norm": False,
       "classif_dropout": 0.0, "early_stopping": True, "extra_pos_embeddings": 2, "forced_bos_token_id": 0, "length_penalty": 2.0, "max_length": 142, "min_length": 56,
       "no_repeat_ngram_size": 3, "normalize_before": False, "normalize_embedding": True, "num_beams": 4, "prefix": " ", "static_position_embeddings": False}, copies=True, kinds=("F16",))
folder("bart-unlike-halves", Bart, {**B, **halves(1, 13, 1, 5, 19, 3), "d_model": 10, "scale_embedding": True, "activation_function": "relu",
       "decoder_start_token_id": 0}, shards=2)
folder("mbart-scaled", Mbart, {**B, **halves(2, 15), "d_model": 12, "scale_embedding": True, "normalize_before": True, "add_final_layer_norm": True, "tokenizer_class": "MBart50Tokenizer"},
       kinds=("BF16",))
folder("mbart-relu", Mbart, {**B, **halves(3, 13, 1, decoder_layers=2), "d_model": 9, "activation_function": "relu"})

# ---- Marian ----
M = dict(**OLD, vocab_size=31, max_position_embeddings=20, activation_function="swish", bos_token_id=0, pad_token_id=30, eos_token_id=0, decoder_start_token_id=30, forced_eos_token_id=0,
       scale_embedding=True, static_position_embeddings=True, bad_words_ids=[[30]], normalize_before=False, normalize_embedding=False, add_bias_logits=False, add_final_layer_norm=False)
folder("marian-positions-in-file", Marian, {**M, **halves(2, 17), "d_model": 12}, masks=True, copies=True, kinds=("F16",))
folder("marian-own-words-odd-width", Marian, {**M, **halves(3, 13), "d_model": 15, "decoder_vocab_size": 23, "share_encoder_decoder_embeddings": False, "decoder_start_token_id": 22,
       "pad_token_id": 22, "scale_embedding": False, "activation_function": "relu"}, scales={"table": 1.0, "map": 1.0}, copies=True)

# ---- Whisper ----
W = dict(**OLD, vocab_size=31, num_mel_bins=5, max_source_positions=9, max_target_positions=16, activation_function="gelu", bos_token_id=1, pad_token_id=0, eos_token_id=2,
       decoder_start_token_id=3, scale_embedding=False, apply_spec_augment=False, begin_suppress_tokens=[7, 2], suppress_tokens=[4, 5, 6], forced_decoder_ids=[[1, 8], [2, 9]],
       median_filter_width=7, max_length=16, num_hidden_layers=2)
folder("whisper", Whisper, {**W, **halves(2, 17), "d_model": 12}, copies=True, kinds=("F16",))
folder("whisper-unlike-halves", Whisper, {**W, **halves(1, 13, 1, 5, 11, 2), "d_model": 10, "num_mel_bins": 8, "max_source_positions": 6, "activation_function": "relu"})

# ---- T5, mT5, umT5 ----
T = dict(d_model=12, num_heads=3, d_kv=5, d_ff=17, num_layers=2, num_decoder_layers=2, vocab_size=29, n_positions=512, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
       is_encoder_decoder=True, dropout_rate=0.1, initializer_factor=1.0, layer_norm_epsilon=1e-6, model_type="t5", use_cache=True, relative_attention_num_buckets=8,
       relative_attention_max_distance=10)
folder("t5-relu-tied-unlike-halves", T5Whole, {**T, "num_layers": 1, "num_decoder_layers": 3, "feed_forward_proj": "relu", "output_past": True,
       "task_specific_params": {"translation_en_to_de": {"prefix": "to German: "}}}, copies=True)
folder("t5-gated-untied-copies", T5Whole, {**T, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "relative_attention_num_buckets": 13, "relative_attention_max_distance": 7},
       copies=True, kinds=("BF16", "F32"))
folder("mt5-whole", Mt5Whole, {**T, "feed_forward_proj": "gated-gelu", "d_kv": 2, "num_heads": 7, "model_type": "mt5"}, kinds=("F16",))
folder("umt5-whole", Umt5Whole, {**T, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "model_type": "umt5", "layer_norm_epsilon": 1e-3}, shards=2, kinds=("BF16",))
