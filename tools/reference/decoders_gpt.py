"""Decoders with LayerNorm: GPT-2 and what came after it, before Llama or beside it."""
import math

import numpy as np

from decoders import Decoder
from decoders_rope import rope_parameters
from folders import rounded
from models import ACTIVATIONS


class Gpt2(Decoder):
    """transformers/models/gpt2/modeling_gpt2.py: maps are Conv1D, stored [in, out]; q, k and v in one."""

    family, model_type, head_task, prefix, table = "GPT2", "gpt2", "LMHeadModel", "transformer.", "wte.weight"
    defaults = dict(vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12, n_head=12, n_inner=None, activation_function="gelu_new", layer_norm_epsilon=1e-5, scale_attn_weights=True,
                    scale_attn_by_inverse_layer_idx=False)

    def read(self):
        c = self.config
        self.d, self.layers, self.heads, self.vocabulary = c["n_embd"], c["n_layer"], c["n_head"], c["vocab_size"]
        self.f, self.act, self.eps = c.get("n_inner") or 4 * self.d, ACTIVATIONS[c["activation_function"]], c["layer_norm_epsilon"]
        self.size = self.d // self.heads

    def embed(self, ids):
        return self.words()[ids] + self.tensor(self.prefix + "wpe.weight", "table", self.config["n_positions"], self.d)[:ids.shape[1]]

    def map(self, x, name, outputs):
        return x @ self.tensor(name + ".weight", "turned", x.shape[-1], outputs) + self.tensor(name + ".bias", "bias", outputs)

    def buffers(self):
        longest = self.config["n_positions"]
        for layer in range(self.layers):
            yield f"h.{layer}.attn.bias", (np.tri(longest)[None, None], "F32")
            yield f"h.{layer}.attn.masked_bias", (np.array(-10000.0), "F32")

    def heads_of(self, x, p):
        return [self.split(y, self.heads) for y in np.split(self.map(x, p + "c_attn", 3 * self.d), 3, -1)]

    def scale_of(self, layer):
        scale = self.size ** -0.5 if self.config["scale_attn_weights"] else 1.0
        return scale / (layer + 1) if self.config["scale_attn_by_inverse_layer_idx"] else scale

    def layer(self, x, layer):
        p = f"{self.prefix}h.{layer}."
        y, weights = self.attend(*self.heads_of(self.norm(x, p + "ln_1", self.eps), p + "attn."), self.scale_of(layer))
        x = x + self.map(y, p + "attn.c_proj", self.d)
        y = self.act(self.map(self.norm(x, p + "ln_2", self.eps), p + "mlp.c_fc", self.f))
        return x + self.map(y, p + "mlp.c_proj", self.d), weights

    def last(self, x):
        return self.norm(x, self.prefix + "ln_f", self.eps)


class GptBigCode(Gpt2):
    """transformers/models/gpt_bigcode/modeling_gpt_bigcode.py: ordinary maps; one head of keys and values for all (multi_query), or q, k and v of each head in turn."""

    family, model_type, head_task = "GPTBigCode", "gpt_bigcode", "ForCausalLM"
    defaults = {**Gpt2.defaults, "activation_function": "gelu_pytorch_tanh", "multi_query": True}

    def map(self, x, name, outputs):
        return self.linear(x, name, outputs)

    def heads_of(self, x, p):
        if self.config["multi_query"]:
            q, k, v = np.split(self.map(x, p + "c_attn", self.d + 2 * self.size), [self.d, self.d + self.size], -1)
            return self.split(q, self.heads), self.split(k, 1), self.split(v, 1)
        return np.split(self.split(self.map(x, p + "c_attn", 3 * self.d), self.heads), 3, -1)

    def scale_of(self, layer):
        return self.size ** -0.5 if self.config["scale_attn_weights"] else 1.0


class Opt(Decoder):
    """transformers/models/opt/modeling_opt.py: positions count from 2; norms before the parts and one at the end, or after the parts and none at the end; words may be narrower than layers."""

    family, model_type, prefix = "OPT", "opt", "model.decoder."
    defaults = dict(vocab_size=50272, hidden_size=768, num_hidden_layers=12, ffn_dim=3072, max_position_embeddings=2048, do_layer_norm_before=True, _remove_final_layer_norm=False,
                    word_embed_proj_dim=None, num_attention_heads=12, activation_function="relu", enable_bias=True, layer_norm_elementwise_affine=True)

    def read(self):
        c = self.config
        self.d, self.layers, self.heads, self.f, self.vocabulary = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["ffn_dim"], c["vocab_size"]
        self.act, self.bias, self.before = ACTIVATIONS[c["activation_function"]], c["enable_bias"], c["do_layer_norm_before"]
        self.narrow, self.size = c.get("word_embed_proj_dim") or self.d, self.d // self.heads

    def embed(self, ids):
        x = self.words(self.narrow)[ids]
        if self.narrow != self.d:
            x = self.linear(x, self.prefix + "project_in", self.d, False)
        return x + self.tensor(self.prefix + "embed_positions.weight", "table", self.config["max_position_embeddings"] + 2, self.d)[2:ids.shape[1] + 2]

    def normed(self, x, name):
        if self.config["layer_norm_elementwise_affine"]:
            return self.norm(x, name, 1e-5)
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + self.dtype(1e-5))

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y = self.normed(x, p + "self_attn_layer_norm") if self.before else x
        y, weights = self.attend(*[self.split(self.linear(y, f"{p}self_attn.{part}_proj", self.d, self.bias), self.heads) for part in "qkv"], self.size ** -0.5)
        x = x + self.linear(y, p + "self_attn.out_proj", self.d, self.bias)
        if not self.before:
            x = self.normed(x, p + "self_attn_layer_norm")
        y = self.normed(x, p + "final_layer_norm") if self.before else x
        x = x + self.linear(self.act(self.linear(y, p + "fc1", self.f, self.bias)), p + "fc2", self.d, self.bias)
        return (x if self.before else self.normed(x, p + "final_layer_norm")), weights

    def last(self, x):
        if self.before and not self.config["_remove_final_layer_norm"]:
            x = self.normed(x, self.prefix + "final_layer_norm")
        return self.linear(x, self.prefix + "project_out", self.narrow, False) if self.narrow != self.d else x


class GptNeoX(Decoder):
    """transformers/models/gpt_neox/modeling_gpt_neox.py: q, k and v of each head in turn; a part of each head is turned; both parts from one x, or one after the other."""

    family, model_type, prefix, table, head_name = "GPTNeoX", "gpt_neox", "gpt_neox.", "embed_in.weight", "embed_out"
    defaults = dict(vocab_size=50432, hidden_size=6144, num_hidden_layers=44, num_attention_heads=64, intermediate_size=24576, hidden_act="gelu", rotary_pct=0.25, rotary_emb_base=10000,
                    max_position_embeddings=2048, layer_norm_eps=1e-5, tie_word_embeddings=False, use_parallel_residual=True, attention_bias=True)

    def read(self):
        super().read()
        c = self.config
        self.eps, self.bias = c["layer_norm_eps"], c["attention_bias"]
        self.turns = self.rope(rope_parameters({**c, "rope_theta": c["rotary_emb_base"], "partial_rotary_factor": c["rotary_pct"]}))

    def buffers(self):
        longest = self.config["max_position_embeddings"]
        for layer in range(self.layers):
            yield f"layers.{layer}.attention.bias", (np.tri(longest)[None, None], "BOOL")
            yield f"layers.{layer}.attention.masked_bias", (np.array(-1e9), "F32")
            yield f"layers.{layer}.attention.rotary_emb.inv_freq", (self.turns.frequencies(1), "F16")

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y = self.linear(self.norm(x, p + "input_layernorm", self.eps), p + "attention.query_key_value", 3 * self.d, self.bias)
        q, k, v = np.split(self.split(y, self.heads), 3, -1)
        y, weights = self.attend(self.turns.turn(q, self.prompt), self.turns.turn(k, self.prompt), v, self.scale)
        y = self.linear(y, p + "attention.dense", self.d, self.bias)
        second = x if self.config["use_parallel_residual"] else x + y
        z = self.act(self.linear(self.norm(second, p + "post_attention_layernorm", self.eps), p + "mlp.dense_h_to_4h", self.f))
        return x + y + self.linear(z, p + "mlp.dense_4h_to_h", self.d), weights

    def last(self, x):
        return self.norm(x, self.prefix + "final_layer_norm", self.eps)


def slopes(heads):
    """ALiBi's, which transformers' BLOOM and Falcon make alike: a power of two heads has a row of powers, the heads beyond it every second one of the next finer row."""
    whole = 2 ** math.floor(math.log2(heads))

    def base(n):
        return 2 ** -(2 ** -(math.log2(n) - 3))

    found = [base(whole) ** (i + 1) for i in range(whole)]
    return np.array(found + [base(2 * whole) ** (2 * i + 1) for i in range(heads - whole)])


class Bloom(Decoder):
    """transformers/models/bloom/modeling_bloom.py: ALiBi, a norm on the words, q, k and v of each head in turn."""

    family, model_type, prefix, table = "Bloom", "bloom", "transformer.", "word_embeddings.weight"
    defaults = dict(vocab_size=250880, hidden_size=64, n_layer=2, n_head=8, layer_norm_epsilon=1e-5, apply_residual_connection_post_layernorm=False)

    def read(self):
        c = self.config
        self.d, self.vocabulary, self.eps = c.get("n_embed", c["hidden_size"]), c["vocab_size"], c["layer_norm_epsilon"]
        self.layers, self.heads = c.get("num_hidden_layers", c["n_layer"]), c.get("num_attention_heads", c["n_head"])
        self.size, self.after = self.d // self.heads, c["apply_residual_connection_post_layernorm"]

    def embed(self, ids):
        return self.norm(self.words()[ids], self.prefix + "word_embeddings_layernorm", self.eps)

    def layer(self, x, layer):
        p = f"{self.prefix}h.{layer}."
        y = self.norm(x, p + "input_layernorm", self.eps)
        kept = y if self.after else x
        q, k, v = np.split(self.split(self.linear(y, p + "self_attention.query_key_value", 3 * self.d), self.heads), 3, -1)
        away = slopes(self.heads)[:, None, None] * np.arange(x.shape[1])
        y, weights = self.attend(q, k, v, self.size ** -0.5, bias=(away.astype(self.dtype), False))
        x = kept + self.linear(y, p + "self_attention.dense", self.d)
        y = self.norm(x, p + "post_attention_layernorm", self.eps)
        z = self.linear(y, p + "mlp.dense_h_to_4h", 4 * self.d)
        z = z * self.dtype(0.5) * (1 + np.tanh(self.dtype(0.79788456) * z * (1 + self.dtype(0.044715) * z * z)))
        return (y if self.after else x) + self.linear(z, p + "mlp.dense_4h_to_h", self.d), weights

    def last(self, x):
        return self.norm(x, self.prefix + "ln_f", self.eps)


class Falcon(Decoder):
    """transformers/models/falcon/modeling_falcon.py: q, k and v in one tensor, in one of three orders; positions are turned, or ALiBi's, which is rounded to bfloat16 and scaled as the scores are."""

    family, model_type, prefix, table = "Falcon", "falcon", "transformer.", "word_embeddings.weight"
    defaults = dict(vocab_size=65024, hidden_size=4544, num_hidden_layers=32, num_attention_heads=71, num_ln_in_parallel_attn=None, layer_norm_epsilon=1e-5, num_kv_heads=None, alibi=False,
                    new_decoder_architecture=False, multi_query=True, parallel_attn=True, bias=False, max_position_embeddings=2048, rope_theta=10000.0, ffn_hidden_size=None, activation="gelu")

    def read(self):
        c = self.config
        self.d, self.layers, self.heads, self.vocabulary = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["vocab_size"]
        self.f, self.act, self.eps, self.size = c.get("ffn_hidden_size") or 4 * self.d, ACTIVATIONS[c["activation"]], c["layer_norm_epsilon"], self.d // self.heads
        self.new, self.parallel = c["new_decoder_architecture"], c["parallel_attn"]
        self.norms = c.get("num_ln_in_parallel_attn") or (2 if self.new else 1)
        self.groups = (c.get("num_kv_heads") or self.heads) if self.new else 1 if c["multi_query"] else self.heads
        self.turns = None if c["alibi"] else self.rope(rope_parameters(c))

    def heads_of(self, x, p):
        """Of each group its heads of q, then its k and its v: the newer models have several groups, multi_query one, the others one for each head."""
        y = self.linear(x, p + "query_key_value", (self.heads + 2 * self.groups) * self.size, self.config["bias"])
        y = y.reshape(*y.shape[:2], self.groups, self.heads // self.groups + 2, self.size)
        q, k, v = y[..., :-2, :], y[..., -2, :], y[..., -1, :]
        return q.reshape(*q.shape[:2], self.heads, self.size).transpose(0, 2, 1, 3), k.transpose(0, 2, 1, 3), v.transpose(0, 2, 1, 3)

    def layer(self, x, layer):
        p, bias, two = f"{self.prefix}h.{layer}.", self.config["bias"], self.parallel and self.norms == 2
        first = self.norm(x, p + ("ln_attn" if two else "input_layernorm"), self.eps)
        q, k, v = self.heads_of(first, p + "self_attention.")
        if self.turns is None:
            away = rounded(rounded(slopes(self.heads), "BF16")[:, None, None] * np.arange(x.shape[1]), "BF16")
            y, weights = self.attend(q, k, v, self.size ** -0.5, bias=(away.astype(self.dtype), True))
        else:
            y, weights = self.attend(self.turns.turn(q, self.prompt), self.turns.turn(k, self.prompt), v, self.size ** -0.5)
        y = self.linear(y, p + "self_attention.dense", self.d, bias)
        if two:
            second = self.norm(x, p + "ln_mlp", self.eps)
        else:
            second = first if self.parallel else self.norm(x + y, p + "post_attention_layernorm", self.eps)
        z = self.act(self.linear(second, p + "mlp.dense_h_to_4h", self.f, bias))
        return x + y + self.linear(z, p + "mlp.dense_4h_to_h", self.d, bias), weights

    def last(self, x):
        return self.norm(x, self.prefix + "ln_f", self.eps)


class Phi(Decoder):
    """transformers/models/phi/modeling_phi.py, Phi-1 to Phi-2: both parts from one norm; a part of each head is turned; the head has a bias."""

    family, model_type, head_bias = "Phi", "phi", True
    defaults = dict(vocab_size=51200, hidden_size=2048, intermediate_size=8192, num_hidden_layers=24, num_attention_heads=32, num_key_value_heads=None, hidden_act="gelu_new",
                    max_position_embeddings=2048, layer_norm_eps=1e-5, tie_word_embeddings=False, rope_theta=10000.0, partial_rotary_factor=0.5, qk_layernorm=False)

    def read(self):
        super().read()
        self.eps, self.turns = self.config["layer_norm_eps"], self.rope(rope_parameters(self.config))

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y = self.norm(x, p + "input_layernorm", self.eps)
        q, k, v = [self.split(self.linear(y, f"{p}self_attn.{part}_proj", heads * self.size), heads) for part, heads in zip("qkv", (self.heads, self.groups, self.groups))]
        if self.config["qk_layernorm"]:
            q, k = self.norm(q, p + "self_attn.q_layernorm", self.eps), self.norm(k, p + "self_attn.k_layernorm", self.eps)
        z, weights = self.attend(self.turns.turn(q, self.prompt), self.turns.turn(k, self.prompt), v, self.scale)
        z = self.linear(z, p + "self_attn.dense", self.d)
        y = self.linear(self.act(self.linear(y, p + "mlp.fc1", self.f)), p + "mlp.fc2", self.d)
        return x + z + y, weights

    def last(self, x):
        return self.norm(x, self.prefix + "final_layernorm", self.eps)
