"""The folders of tests/AttnGen.Models.Tests/Reference/decoders.zip: every decoder and its switches, in keys and names as published files have them."""
from cases import LAYERED, dense, module
from decoder_folders import Bloom, DecoderFolder, Falcon, Gemma, Gemma2, Gemma3, Gpt2, GptBigCode, GptNeoX, Granite, Llama, Mistral, Olmo2, Opt, Phi, Phi3, Qwen2, Qwen3, SmolLm3
from folders import Folder

ALL = []
OLD = dict(torch_dtype="bfloat16", transformers_version="4.51.3", use_cache=True, initializer_range=0.02, attention_dropout=0.0)
NEW = dict(dtype="float32", transformers_version="5.24.0", use_cache=True, initializer_range=0.02, attention_dropout=0.0)


def folder(name, net, config, **how):
    tied = config.get("tie_word_embeddings", net.defaults.get("tie_word_embeddings", True))
    scales = {"table": 0.05 if issubclass(net, Gemma) else 0.15, "map": 1.5, "turned": 1.5} if tied else {}
    ALL.append(DecoderFolder(name, net, net.head_task, config, scales=scales, **how))


def sizes(d, heads, groups, f, layers=2, vocabulary=31, positions=64, **more):
    shared = {} if groups is None else {"num_key_value_heads": groups}
    return dict(hidden_size=d, num_attention_heads=heads, **shared, intermediate_size=f, num_hidden_layers=layers, vocab_size=vocabulary, max_position_embeddings=positions, **more)


def parameters(theta, kind="default", **more):
    """rope_parameters of transformers 5."""
    return {"rope_parameters": {"rope_theta": theta, "rope_type": kind, **more}}


def scaled(theta, kind, key="rope_type", **more):
    """The older keys."""
    return {"rope_theta": theta, "rope_scaling": {key: kind, **more}}


# ---- GPT-2 ----
G = dict(n_embd=20, n_head=2, n_layer=2, n_positions=24, n_ctx=24, vocab_size=37, activation_function="gelu_new", layer_norm_epsilon=1e-5, attn_pdrop=0.1, embd_pdrop=0.1, resid_pdrop=0.1,
       bos_token_id=36, eos_token_id=36, initializer_range=0.02, summary_activation=None, summary_first_dropout=0.1, summary_proj_to_labels=True, summary_type="cls_index", summary_use_proj=True)
folder("gpt2-no-prefix-masks", Gpt2, {**G, "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}}}, prefix="", masks=True)
folder("gpt2-scaled-by-layer", Gpt2, {**G, "n_layer": 3, "n_head": 5, "n_inner": 33, "scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True, "scale_attn_weights": True},
       copies=True, kinds=("F16",))
folder("gpt2-not-scaled", Gpt2, {**G, "n_embd": 18, "n_head": 3, "n_inner": None, "scale_attn_weights": False, "activation_function": "gelu_fast", "layer_norm_epsilon": 1e-3}, shards=2)
folder("gpt2-untied-relu", Gpt2, {**G, "n_head": 1, "activation_function": "relu", "tie_word_embeddings": False, "n_inner": 21}, kinds=("F32", "BF16"))

# ---- GPT-BigCode ----
B = {**{key: G[key] for key in ("n_embd", "n_layer", "n_positions", "vocab_size", "layer_norm_epsilon", "bos_token_id", "eos_token_id")}, "n_head": 2, "attention_softmax_in_fp32": True,
       "scale_attention_softmax_in_fp32": True, "activation_function": "gelu_pytorch_tanh", "scale_attn_weights": True, "inference_runner": 0, "pad_key_length": True,
       "pre_allocate_kv_cache": False, "n_inner": 27}
folder("bigcode-one-key-head", GptBigCode, {**B, "multi_query": True}, kinds=("BF16",))
folder("bigcode-heads-in-turn", GptBigCode, {**B, "n_embd": 18, "n_head": 3, "multi_query": False}, copies=True)
folder("bigcode-defaults", GptBigCode, {"n_embd": 12, "n_head": 3, "n_layer": 2, "n_positions": 18, "vocab_size": 23, "scale_attn_weights": False})

# ---- OPT ----
O = dict(hidden_size=18, num_attention_heads=3, ffn_dim=29, num_hidden_layers=2, vocab_size=33, max_position_embeddings=18, activation_function="relu", bos_token_id=2, eos_token_id=2,
       pad_token_id=1, word_embed_proj_dim=18, do_layer_norm_before=True, dropout=0.1, attention_dropout=0.0, activation_dropout=0.0, layerdrop=0.0, init_std=0.02,
       _remove_final_layer_norm=False, torch_dtype="float16", prefix="</s>", use_cache=True)
folder("opt-norms-before", Opt, O, prefix="decoder.", kinds=("F16",))
folder("opt-350m-norms-after-narrow-words", Opt, {**O, "do_layer_norm_before": False, "word_embed_proj_dim": 7}, copies=True)
folder("opt-final-norm-removed", Opt, {**O, "_remove_final_layer_norm": True, "hidden_size": 20, "num_attention_heads": 2, "word_embed_proj_dim": 20, "activation_function": "gelu"}, shards=3)
folder("opt-no-bias-bare-norms-wide-words", Opt, {**O, "enable_bias": False, "layer_norm_elementwise_affine": False, "word_embed_proj_dim": 23}, kinds=("BF16", "F32"))

# ---- GPT-NeoX, Pythia ----
X = dict(vocab_size=35, bos_token_id=0, eos_token_id=0, layer_norm_eps=1e-5, initializer_range=0.02, torch_dtype="float16", transformers_version="4.24.0", use_cache=True)
folder("pythia-masks", GptNeoX, {**sizes(20, 2, None, 27, positions=24), **X, "hidden_act": "gelu", "rotary_pct": 0.4, "rotary_emb_base": 10000, "tie_word_embeddings": False,
       "use_parallel_residual": True}, masks=True)
folder("neox-one-after-the-other", GptNeoX, {**sizes(24, 3, None, 17), **X, "hidden_act": "gelu_fast", "rotary_pct": 0.5, "rotary_emb_base": 50, "use_parallel_residual": False,
       "layer_norm_eps": 1e-3}, kinds=("F16",))
folder("neox-no-attention-bias-tied", GptNeoX, {**sizes(18, 3, None, 25), **X, "hidden_act": "relu", "rotary_pct": 1.0, "attention_bias": False, "tie_word_embeddings": True})
folder("neox-newer-keys-linear", GptNeoX, {**sizes(20, 2, None, 23), **NEW, **parameters(3000.0, "linear", factor=2.0, partial_rotary_factor=0.6)},
       older={**sizes(20, 2, None, 23), **OLD, "rope_scaling": {"type": "linear", "factor": 2.0}, "rotary_emb_base": 3000.0, "rotary_pct": 0.6})

# ---- BLOOM ----
M = dict(vocab_size=33, n_layer=2, layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2, pad_token_id=3, hidden_dropout=0.0, attention_dropout=0.0, initializer_range=0.02, pretraining_tp=2,
       use_cache=True, slow_but_exact=False, apply_residual_connection_post_layernorm=False)
folder("bloom-560m-keys-no-prefix", Bloom, {**M, "n_embed": 20, "num_attention_heads": 2, "offset_alibi": 100, "seq_length": 2048, "skip_bias_add": True, "skip_bias_add_qkv": False,
       "bias_dropout_fusion": True, "masked_softmax_fusion": True, "attention_softmax_in_fp32": True, "unk_token_id": 0}, prefix="", kinds=("F16",))
folder("bloom-residual-after-norm", Bloom, {**M, "hidden_size": 18, "n_head": 6, "apply_residual_connection_post_layernorm": True})
folder("bloom-twelve-heads", Bloom, {**M, "hidden_size": 24, "n_head": 12, "layer_norm_epsilon": 1e-3, "vocab_size": 23}, copies=True, kinds=("BF16",))

# ---- Falcon ----
ONCE = ("ALiBi counts once, as in transformers' default attention (sdpa); its eager attention adds it to the mask and to the scores",)
F = dict(vocab_size=31, num_hidden_layers=2, layer_norm_epsilon=1e-5, bos_token_id=11, eos_token_id=11, hidden_dropout=0.0, attention_dropout=0.0, initializer_range=0.02,
       torch_dtype="bfloat16", use_cache=True)
folder("falcon-7b", Falcon, {**F, "hidden_size": 20, "num_attention_heads": 2, "num_kv_heads": 71, "alibi": False, "bias": False, "multi_query": True, "new_decoder_architecture": False,
       "parallel_attn": True}, kinds=("BF16",), copies=True)
folder("falcon-40b-groups-two-norms", Falcon, {**F, "hidden_size": 24, "num_attention_heads": 4, "num_kv_heads": 2, "alibi": False, "bias": False, "multi_query": True,
       "new_decoder_architecture": True, "parallel_attn": True, "ffn_hidden_size": 29}, shards=2)
folder("falcon-11b-groups-one-norm", Falcon, {**F, "hidden_size": 24, "num_attention_heads": 6, "num_kv_heads": 3, "new_decoder_architecture": True, "num_ln_in_parallel_attn": 1,
       "ffn_hidden_size": 25, "activation": "gelu", "rope_theta": 500042.0, "max_position_embeddings": 8192, "tie_word_embeddings": False})
folder("falcon-rw-alibi", Falcon, {**F, "hidden_size": 24, "num_attention_heads": 4, "num_kv_heads": 4, "alibi": True, "bias": True, "multi_query": False, "new_decoder_architecture": False,
       "parallel_attn": False}, kinds=("BF16",), notes=ONCE)
folder("falcon-alibi-of-six-heads", Falcon, {**F, "hidden_size": 18, "num_attention_heads": 6, "alibi": True, "multi_query": True, "bias": True, "ffn_hidden_size": 21}, notes=ONCE)
folder("falcon-heads-in-turn", Falcon, {**F, "hidden_size": 20, "num_attention_heads": 2, "multi_query": False, "parallel_attn": False, "ffn_hidden_size": 27, "rope_theta": 50.0})

# ---- Phi-1 to Phi-2 ----
P = dict(embd_pdrop=0.0, resid_pdrop=0.1, layer_norm_eps=1e-5, hidden_act="gelu_new", bos_token_id=30, eos_token_id=30)
folder("phi-2", Phi, {**sizes(24, 2, 2, 33), **OLD, **P, "partial_rotary_factor": 0.5, "qk_layernorm": False, "rope_scaling": None, "rope_theta": 10000.0, "tie_word_embeddings": False},
       kinds=("F16",))
folder("phi-groups-normed-heads", Phi, {**sizes(20, 2, 1, 27), **OLD, **P, "partial_rotary_factor": 0.4, "qk_layernorm": True, "rope_theta": 700.0, "layer_norm_eps": 1e-3})
folder("phi-newer-keys-tied", Phi, {**sizes(18, 3, 3, 25), **NEW, **P, **parameters(900.0, partial_rotary_factor=0.7), "tie_word_embeddings": True},
       older={**sizes(18, 3, 3, 25), **OLD, **P, "rope_theta": 900.0, "partial_rotary_factor": 0.7, "tie_word_embeddings": True})

# ---- Phi-3, Phi-4-mini ----
P3 = dict(embd_pdrop=0.0, resid_pdrop=0.0, rms_norm_eps=1e-5, hidden_act="silu", bos_token_id=1, eos_token_id=30, pad_token_id=30, tie_word_embeddings=False)
SHORT, LONG = [1.0, 1.25, 1.5], [1.5, 4.0, 11.25]
FACTORS = dict(long_factor=LONG, short_factor=SHORT)
folder("phi3-window", Phi3, {**sizes(20, 2, 2, 27), **OLD, **P3, "original_max_position_embeddings": 64, "sliding_window": 6, "rope_scaling": None, "rope_theta": 10000.0,
       "attention_bias": False})
folder("phi3-longrope-short", Phi3, {**sizes(18, 3, 1, 25, positions=256), **OLD, **P3, **scaled(10000.0, "longrope", "type", **FACTORS), "original_max_position_embeddings": 32,
       "sliding_window": 262144}, kinds=("BF16",))
folder("phi3-longrope-long", Phi3, {**sizes(18, 3, 1, 25, positions=64), **OLD, **P3, **scaled(10000.0, "longrope", "type", **FACTORS), "original_max_position_embeddings": 6,
       "sliding_window": None})
folder("phi3-longrope-grows-long", Phi3, {**sizes(12, 2, 2, 25, positions=64), **OLD, **P3, **scaled(100.0, "longrope", "type", **FACTORS), "original_max_position_embeddings": 14},
       notes=("from 15 tokens on the long factors count for all positions, as in transformers' generate, which runs the text again then; its forward alone keeps the keys of the short ones",))
folder("phi3-su-said-factor", Phi3, {**sizes(12, 2, 1, 25, positions=128), **OLD, **P3, **scaled(10000.0, "su", "type", attention_factor=1.5, **FACTORS), "original_max_position_embeddings": 32})
folder("phi4-mini", Phi3, {**sizes(24, 3, 1, 33, positions=128), **OLD, **P3, **scaled(10000.0, "longrope", "type", **FACTORS), "original_max_position_embeddings": 6,
       "partial_rotary_factor": 0.75, "sliding_window": 262144, "tie_word_embeddings": True, "full_attn_mod": 1, "interpolate_factor": 1, "lm_head_bias": False, "mlp_bias": False},
       kinds=("BF16",))
folder("phi3-newer-keys", Phi3, {**sizes(24, 3, 3, 19), **NEW, **P3, **parameters(500.0, "longrope", original_max_position_embeddings=4, partial_rotary_factor=0.75, **FACTORS),
       "original_max_position_embeddings": 4}, older={**sizes(24, 3, 3, 19), **OLD, **P3, **scaled(500.0, "longrope", "type", **FACTORS), "original_max_position_embeddings": 4,
       "partial_rotary_factor": 0.75})

# ---- Llama ----
L = dict(hidden_act="silu", rms_norm_eps=1e-6, bos_token_id=1, eos_token_id=2, pretraining_tp=1, tie_word_embeddings=False)
LL = {**L, **OLD, "attention_bias": False, "mlp_bias": False}
folder("llama-v1-frequencies-in-file", Llama, {**sizes(20, 2, None, 27), **L, "torch_dtype": "float16", "transformers_version": "4.28.1", "pad_token_id": -1, "max_sequence_length": 64},
       masks=True, kinds=("F16",))
folder("llama-biases", Llama, {**sizes(18, 3, 1, 25), **LL, "attention_bias": True, "mlp_bias": True, "rope_scaling": None, "rope_theta": 10000.0, "hidden_act": "gelu"}, shards=2)
folder("llama-size-of-heads-tied", Llama, {**sizes(18, 4, 2, 21), **LL, **parameters(500000.0), "head_dim": 10, "tie_word_embeddings": True, "rms_norm_eps": 1e-3}, copies=True, kinds=("BF16",))
folder("llama-rope-linear-older-key", Llama, {**sizes(20, 4, 4, 23), **LL, **scaled(10000.0, "linear", "type", factor=2.5), "head_dim": 6})
folder("llama-rope-linear-newer-keys", Llama, {**sizes(20, 2, 1, 23), **L, **NEW, **parameters(200.0, "linear", factor=4.0)}, older={**sizes(20, 2, 1, 23), **LL,
       **scaled(200.0, "linear", factor=4.0)})
folder("llama-rope-dynamic-not-yet", Llama, {**sizes(18, 3, 3, 21), **LL, **scaled(100.0, "dynamic", "type", factor=2.0)})
folder("llama-rope-dynamic-grows", Llama, {**sizes(20, 2, 1, 23, positions=7), **LL, **scaled(100.0, "dynamic", "type", factor=3.0)},
       notes=("frequencies follow the number of tokens: a key stays in the cache as it was turned when its token was run; max_position_embeddings is 7, and all runs are longer",))
Y = dict(factor=4.0, original_max_position_embeddings=16)
folder("llama-rope-yarn", Llama, {**sizes(20, 2, 2, 23), **LL, **scaled(10000.0, "yarn", **Y)})
folder("llama-rope-yarn-said-betas", Llama, {**sizes(24, 2, 1, 23, positions=256), **LL, **scaled(50.0, "yarn", "type", beta_fast=1.0, beta_slow=0.25, attention_factor=0.75, factor=4.0,
       original_max_position_embeddings=64)}, kinds=("BF16",))
folder("llama-rope-yarn-scales-not-whole", Llama, {**sizes(20, 1, 1, 19), **L, **NEW, **parameters(300.0, "yarn", beta_fast=2.0, beta_slow=0.25, mscale=0.707, mscale_all_dim=0.5,
       truncate=False, **Y)})
T = dict(factor=8.0, high_freq_factor=4.0, low_freq_factor=1.0, original_max_position_embeddings=16)
folder("llama-rope-llama3-list-of-ends", Llama, {**sizes(20, 2, 1, 23, positions=128), **LL, **scaled(50.0, "llama3", **T), "eos_token_id": [2, 5, 7]}, kinds=("BF16",),
       generation={"bos_token_id": 1, "eos_token_id": [2, 5, 7], "do_sample": True, "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.51.3"})
folder("llama-rope-llama3-newer-keys", Llama, {**sizes(24, 3, 3, 17, positions=128), **L, **NEW, **parameters(50.0, "llama3", **T), "head_dim": 20},
       older={**sizes(24, 3, 3, 17, positions=128), **LL, **scaled(50.0, "llama3", **T), "head_dim": 20})

# ---- Mistral ----
folder("mistral-window", Mistral, {**sizes(24, 4, 2, 23), **OLD, **L, "sliding_window": 5, "rope_theta": 10000.0, "head_dim": None}, kinds=("BF16",))
folder("mistral-nemo-no-window", Mistral, {**sizes(18, 3, 1, 23), **OLD, **L, "sliding_window": None, "rope_theta": 1000000.0, "head_dim": 10})
folder("mistral-newer-keys-window-of-two", Mistral, {**sizes(20, 2, 2, 21, layers=3), **NEW, **L, **parameters(60.0), "sliding_window": 2}, older={**sizes(20, 2, 2, 21, layers=3), **OLD, **L,
       "rope_theta": 60.0, "sliding_window": 2})

# ---- Qwen2, Qwen3 ----
Q = dict(hidden_act="silu", rms_norm_eps=1e-6, bos_token_id=28, eos_token_id=30, tie_word_embeddings=True)
folder("qwen2-window-off", Qwen2, {**sizes(20, 2, 1, 23), **OLD, **Q, "sliding_window": 4, "use_sliding_window": False, "max_window_layers": 1, "rope_theta": 1000000.0, "use_mrope": False},
       kinds=("BF16",))
folder("qwen2-window-from-layer-1", Qwen2, {**sizes(18, 3, 3, 21, layers=3), **OLD, **Q, "sliding_window": 4, "use_sliding_window": True, "max_window_layers": 1, "rope_theta": 10000.0,
       "tie_word_embeddings": False})
folder("qwen2-layer-types", Qwen2, {**sizes(24, 4, 2, 19), **NEW, **Q, **parameters(1000.0, "yarn", **Y), "sliding_window": 3, "use_sliding_window": True, "max_window_layers": 28,
       "layer_types": ["sliding_attention", "full_attention"]}, kinds=("BF16",), generation={"bos_token_id": 28, "eos_token_id": [30, 28], "pad_token_id": 28, "repetition_penalty": 1.1})
folder("qwen3-size-of-heads", Qwen3, {**sizes(18, 4, 2, 21), **OLD, **Q, "head_dim": 10, "attention_bias": False, "sliding_window": None, "use_sliding_window": False, "max_window_layers": 2,
       "rope_theta": 1000000, "rope_scaling": None}, copies=True, kinds=("BF16",))
folder("qwen3-biases-window", Qwen3, {**sizes(20, 3, 1, 19, layers=3), **OLD, **Q, "head_dim": 6, "attention_bias": True, "sliding_window": 4, "use_sliding_window": True,
       "max_window_layers": 2, "rope_theta": 5000.0, "tie_word_embeddings": False, "rms_norm_eps": 1e-3})
folder("qwen3-newer-keys-yarn", Qwen3, {**sizes(20, 2, 2, 21), **NEW, **Q, **parameters(1000.0, "yarn", **Y), "head_dim": 20, "layer_types": ["full_attention"] * 2, "sliding_window": None,
       "use_sliding_window": False}, older={**sizes(20, 2, 2, 21), **OLD, **Q, **scaled(1000.0, "yarn", **Y), "head_dim": 20, "sliding_window": 4096, "use_sliding_window": False}, shards=2)

# ---- SmolLM3 ----
S = dict(hidden_act="silu", rms_norm_eps=1e-6, bos_token_id=28, eos_token_id=29, pad_token_id=4, pretraining_tp=2, attention_bias=False, mlp_bias=False)
folder("smollm3-every-fourth-not-turned", SmolLm3, {**sizes(18, 3, 1, 15, layers=5), **OLD, **S, "no_rope_layer_interval": 4, "rope_theta": 5000000.0, "rope_scaling": None,
       "sliding_window": None, "use_sliding_window": False, "max_window_layers": 28}, kinds=("BF16",))
folder("smollm3-said-layers-window", SmolLm3, {**sizes(20, 2, 1, 17, layers=3), **OLD, **S, "no_rope_layers": [0, 1, 0], "rope_theta": 700.0, "sliding_window": 4, "use_sliding_window": True,
       "mlp_bias": True, "tie_word_embeddings": False}, kinds=("BF16",))
folder("smollm3-newer-keys", SmolLm3, {**sizes(24, 4, 2, 17, layers=3), **NEW, **S, **parameters(700.0), "no_rope_layers": [1, 0, 1], "layer_types": ["full_attention"] * 3,
       "no_rope_layer_interval": 4, "attention_bias": True})

# ---- Granite ----
N = dict(hidden_act="silu", rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=0, pad_token_id=0, embedding_multiplier=0.75, attention_multiplier=0.125, residual_multiplier=0.75,
       logits_scaling=0.375)
folder("granite", Granite, {**sizes(24, 4, 2, 23), **OLD, **N, "attention_bias": False, "mlp_bias": False, "rope_theta": 10000.0, "rope_scaling": None, "tie_word_embeddings": True},
       kinds=("BF16",))
folder("granite-biases-newer-keys", Granite, {**sizes(18, 3, 3, 19), **NEW, **N, **parameters(300.0), "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": False,
       "attention_multiplier": 0.6})
folder("granite-multipliers-absent", Granite, {**sizes(20, 2, 1, 19), **OLD, "rope_theta": 10000.0, "rms_norm_eps": 1e-5, "tie_word_embeddings": False})

# ---- OLMo 2 ----
folder("olmo2", Olmo2, {**sizes(20, 2, None, 23), **OLD, "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 500000, "rope_scaling": None, "attention_bias": False,
       "tie_word_embeddings": False, "eos_token_id": 30})
folder("olmo2-groups-bias", Olmo2, {**sizes(24, 4, 2, 19), **NEW, "hidden_act": "silu", **parameters(900.0), "attention_bias": True, "tie_word_embeddings": False, "eos_token_id": 30},
       kinds=("BF16",))

# ---- Gemma ----
E = dict(bos_token_id=2, eos_token_id=1, pad_token_id=0, rms_norm_eps=1e-6, attention_bias=False)
folder("gemma-one-key-head", Gemma, {**sizes(20, 3, 1, 23), **OLD, **E, "head_dim": 10, "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh", "rope_theta": 10000.0,
       "rope_scaling": None}, kinds=("BF16",))
folder("gemma-newer-keys", Gemma, {**sizes(18, 2, 2, 21), **NEW, **E, **parameters(300.0), "head_dim": 6, "hidden_act": "gelu_pytorch_tanh", "attention_bias": True}, copies=True)
E2 = dict(hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=9, attn_logit_softcapping=5.0, final_logit_softcapping=3.0, sliding_window=4, head_dim=10, cache_implementation="hybrid")
folder("gemma2-both-names-of-the-activation", Gemma2, {**sizes(18, 2, 1, 19), **OLD, **E, **E2, "hidden_act": "relu", "rope_theta": 10000.0}, kinds=("BF16",))
folder("gemma2-no-caps", Gemma2, {**sizes(20, 3, 3, 15, layers=3), **OLD, **E, **E2, "attn_logit_softcapping": None, "final_logit_softcapping": None, "head_dim": 6, "rope_theta": 50.0,
       "hidden_activation": "gelu", "rms_norm_eps": 1e-3}, kinds=("BF16",))
folder("gemma2-layer-types", Gemma2, {**sizes(18, 2, 2, 19), **NEW, **E, **E2, **parameters(200.0), "layer_types": ["full_attention", "sliding_attention"], "attention_bias": True,
       "query_pre_attn_scalar": 20, "use_bidirectional_attention": None}, shards=2)
E3 = {**E2, "attn_logit_softcapping": None, "final_logit_softcapping": None}
folder("gemma3-pattern-linear", Gemma3, {**sizes(18, 2, 1, 15, layers=3), **OLD, **E, **E3, "sliding_window_pattern": 3, "rope_theta": 1000.0, "rope_local_base_freq": 30.0,
       "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "eos_token_id": [1, 6]}, kinds=("BF16",))
FULL = {"full_attention": {"rope_type": "linear", "rope_theta": 700.0, "factor": 2.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 20.0}}
TYPES = ["full_attention", "sliding_attention"]
folder("gemma3-newer-keys", Gemma3, {**sizes(20, 3, 3, 15), **NEW, **E, **E3, "head_dim": 6, "rope_parameters": FULL, "layer_types": TYPES, "attention_bias": True},
       older={**sizes(20, 3, 3, 15), **OLD, **E, **E3, "head_dim": 6, "rope_theta": 700.0, "rope_local_base_freq": 20.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0},
       "layer_types": TYPES, "attention_bias": True})
folder("gemma3-capped-default-bases", Gemma3, {**sizes(18, 2, 2, 15, layers=2), **OLD, **E, **E2, "attn_logit_softcapping": None, "sliding_window_pattern": 2})

# ---- embeddinggemma: not causal, and embeddings as an encoder's; the keys of docs/golden-format.md ----
MEAN = {"word_embedding_dimension": 20, "pooling_mode_mean_tokens": True, "include_prompt": True}
MAPS = [*LAYERED, module(2, "Dense", "2_Dense"), module(3, "Dense", "3_Dense"), module(4, "Normalize", "4_Normalize")]
ALL.append(Folder("embeddinggemma", Gemma3, "TextModel", {**sizes(20, 2, 1, 19, layers=3, positions=24), **OLD, **E, **E3, "rope_theta": 1000.0, "rope_local_base_freq": 30.0,
       "sliding_window": 4, "_sliding_window_pattern": 6, "use_bidirectional_attention": True, "layer_types": ["sliding_attention", "sliding_attention", "full_attention"]}, pooling=MEAN,
       modules=MAPS, dense={"2_Dense": dense(20, 33, "linear.Identity", bias=False), "3_Dense": dense(33, 20, "linear.Identity", bias=False)}))
ALL.append(Folder("embeddinggemma-newer-keys-odd-window", Gemma3, "TextModel", {**sizes(18, 3, 3, 15, positions=24), **NEW, **E, **E3, "head_dim": 6, "rope_parameters": FULL,
       "layer_types": TYPES, "sliding_window": 5, "use_bidirectional_attention": True}, kinds=("BF16",), modules=LAYERED, pooling={**MEAN, "word_embedding_dimension": 18}))
