"""Decoders of transformers, written down once more in numpy, in the type that they are given (float64 or float32): what they share, and Llama's relatives.

As in models.py, one class an architecture, made from its published code and never from AttnGen's generator; its code is also the list of its tensors.
Every run is one pass over all tokens: what a cache of keys and values gives is the same.
"""
import numpy as np

from decoders_rope import Rope, rope_parameters
from models import ACTIVATIONS, Net, softmax


class Decoder(Net):
    """A stack of layers in which a token sees itself and what is before it."""

    head_task, prefix, bare = "ForCausalLM", "model.", ("Model",)
    head_name, head_bias, table = "lm_head", False, "embed_tokens.weight"

    def read(self):
        c = self.config
        self.d, self.layers, self.heads, self.f = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["intermediate_size"]
        self.act, self.vocabulary = ACTIVATIONS[c["hidden_act"]], c["vocab_size"]
        self.groups = self.said("num_key_value_heads") or self.heads
        self.size = self.said("head_dim") or self.d // self.heads
        self.scale = self.size ** -0.5

    def said(self, key):
        """The value of a key whose null says something: null, or the default where there is no such key."""
        return self.given[key] if key in self.given else self.defaults.get(key)

    @property
    def pad(self):
        return self.config.get("pad_token_id", 0)

    @property
    def positions(self):
        return self.config["max_position_embeddings"]

    def rope(self, parameters):
        return Rope(parameters, self.size, self.config["max_position_embeddings"], self.dtype)

    def twins(self):
        """Tensors that files hold under two names: the other name, and the one that is read."""
        yield self.head_name + ".weight", self.prefix + self.table

    def buffers(self):
        """What older files hold beside the weights, without the prefix: name to values and type."""
        for layer in range(self.layers):
            yield f"layers.{layer}.self_attn.rotary_emb.inv_freq", (self.turns.frequencies(1), "F32")

    # ---- the run ----

    def run(self, ids, types=None, mask=None, prompt=None):
        """types: nobody has them. mask: [batch, tokens], 0 at padding. prompt: how many of the tokens were run at once, before one after the other."""
        self.mask, self.prompt = mask, prompt or ids.shape[1]
        x = self.embed(ids)
        states, attentions = [x], []
        for layer in range(self.layers):
            x, weights = self.layer(x, layer)
            states.append(x)
            attentions.append(weights)
        states[-1] = last = self.last(x)
        return self.outputs(states, attentions, last, {} if self.task == "Model" else {"logits": self.logits(last)})

    def words(self, width=None):
        return self.tensor(self.prefix + self.table, "table", self.vocabulary, width or self.d)

    def embed(self, ids):
        return self.words()[ids]

    def logits(self, x):
        if not self.config["tie_word_embeddings"]:
            return self.linear(x, self.head_name, self.vocabulary, self.head_bias)
        y = x @ self.words(x.shape[-1]).T
        return y + self.tensor(self.head_name + ".bias", "bias", self.vocabulary) if self.head_bias else y

    # ---- parts ----

    def visible(self, tokens, window):
        """Which token sees which. A window counts the token itself."""
        back = np.arange(tokens)[:, None] - np.arange(tokens)[None, :]
        sees = back >= 0
        if window is not None:
            sees = sees & (back < window)
        sees = sees[None, None]
        return sees if self.mask is None else sees & (self.mask[:, None, None, :] == 1)

    def split(self, x, heads):
        return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    def attend(self, q, k, v, scale, window=None, bias=None, cap=None):
        """Heads as [batch, heads, tokens, size]; of keys and values there may be fewer, each for as many heads in a row."""
        k, v = [np.repeat(x, q.shape[1] // x.shape[1], 1) for x in (k, v)]
        scores = q @ k.transpose(0, 1, 3, 2)
        if bias is not None and bias[1]:  # before the scale
            scores = scores + bias[0]
        scores = scores * self.dtype(scale)
        if bias is not None and not bias[1]:
            scores = scores + bias[0]
        if cap is not None:
            scores = np.tanh(scores / self.dtype(cap)) * self.dtype(cap)
        weights = softmax(np.where(self.visible(q.shape[2], window), scores, np.finfo(self.dtype).min))
        y = (weights @ v).transpose(0, 2, 1, 3)
        return y.reshape(*y.shape[:2], -1), weights


class Llama(Decoder):
    """transformers/models/llama/modeling_llama.py"""

    family, model_type = "Llama", "llama"
    defaults = dict(vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=None, head_dim=None, hidden_act="silu",
                    max_position_embeddings=2048, rms_norm_eps=1e-6, rope_theta=10000.0, attention_bias=False, mlp_bias=False, tie_word_embeddings=False)

    def read(self):
        super().read()
        c = self.config
        self.eps = c["rms_norm_eps"]
        self.biases = (c.get("attention_bias", False),) * 4  # of q, k, v and the output
        self.turns = self.rope(rope_parameters(c))

    def window(self, layer):
        return None

    def rope_of(self, layer):
        return self.turns

    def normed(self, x, name):
        return self.rms_norm(x, name, self.eps)

    def last(self, x):
        return self.normed(x, self.prefix + "norm")

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y, weights = self.self_attention(self.normed(x, p + "input_layernorm"), p + "self_attn.", layer)
        x = x + self.branch(y)
        return x + self.branch(self.mlp(self.normed(x, p + "post_attention_layernorm"), p + "mlp.")), weights

    def branch(self, y):
        return y

    def project(self, x, p):
        sizes = [heads * self.size for heads in (self.heads, self.groups, self.groups)]
        return [self.linear(x, p + part + "_proj", size, bias) for part, size, bias in zip("qkv", sizes, self.biases)]

    def normed_heads(self, q, k, p):
        return q, k

    def self_attention(self, x, p, layer):
        q, k, v = self.project(x, p)
        q, k, v = self.split(q, self.heads), self.split(k, self.groups), self.split(v, self.groups)
        q, k = self.normed_heads(q, k, p)
        turn = self.rope_of(layer)
        if turn is not None:
            q, k = turn.turn(q, self.prompt), turn.turn(k, self.prompt)
        y, weights = self.attend(q, k, v, self.scale, self.window(layer), cap=self.cap)
        return self.linear(y, p + "o_proj", self.d, self.biases[3]), weights

    cap = None

    def mlp(self, x, p):
        bias = self.config.get("mlp_bias", False)
        y = self.act(self.linear(x, p + "gate_proj", self.f, bias)) * self.linear(x, p + "up_proj", self.f, bias)
        return self.linear(y, p + "down_proj", self.d, bias)


class Mistral(Llama):
    """transformers/models/mistral/modeling_mistral.py: Llama's without biases, and all layers with the window, unless it is null."""

    family, model_type = "Mistral", "mistral"
    defaults = {**Llama.defaults, "intermediate_size": 14336, "num_key_value_heads": 8, "max_position_embeddings": 4096 * 32, "sliding_window": 4096}

    def window(self, layer):
        return self.said("sliding_window")


class Qwen2(Llama):
    """transformers/models/qwen2/modeling_qwen2.py: q, k and v have biases, the output has none. The window counts where use_sliding_window is true, and from layer
    max_window_layers on, unless layer_types says which layers have it."""

    family, model_type = "Qwen2", "qwen2"
    defaults = {**Llama.defaults, "vocab_size": 151936, "intermediate_size": 22016, "num_key_value_heads": 32, "max_position_embeddings": 32768, "sliding_window": 4096,
                "use_sliding_window": False, "max_window_layers": 28}

    def read(self):
        super().read()
        self.biases = (True, True, True, False)

    def window(self, layer):
        c = self.config
        width = self.said("sliding_window") if c["use_sliding_window"] else None
        kinds = c.get("layer_types")
        slides = kinds[layer] == "sliding_attention" if kinds else layer >= c["max_window_layers"]
        return width if slides else None


class Qwen3(Qwen2):
    """transformers/models/qwen3/modeling_qwen3.py: Qwen2's, with a norm on each head of q and k and biases only where attention_bias is true."""

    family, model_type = "Qwen3", "qwen3"
    defaults = {**Qwen2.defaults, "head_dim": 128}

    def read(self):
        super().read()
        self.biases = (self.config["attention_bias"],) * 4

    def normed_heads(self, q, k, p):
        return self.normed(q, p + "q_norm"), self.normed(k, p + "k_norm")


class SmolLm3(Llama):
    """transformers/models/smollm3/modeling_smollm3.py: layers whose no_rope_layers is 0 are not turned, and only they have the window."""

    family, model_type = "SmolLM3", "smollm3"
    defaults = {**Llama.defaults, "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4,
                "max_position_embeddings": 32768, "rope_theta": 2000000.0, "sliding_window": None, "use_sliding_window": False, "no_rope_layer_interval": 4, "tie_word_embeddings": True}

    def rope_of(self, layer):
        turned = self.config.get("no_rope_layers")
        return self.turns if (turned[layer] if turned else (layer + 1) % self.config["no_rope_layer_interval"]) else None

    def window(self, layer):
        kinds = self.config.get("layer_types")
        slides = kinds[layer] == "sliding_attention" if kinds else self.rope_of(layer) is None
        return self.said("sliding_window") if self.config["use_sliding_window"] and slides else None


class Granite(Llama):
    """transformers/models/granite/modeling_granite.py: Llama's with four numbers: words and branches are multiplied, scores have attention_multiplier for their scale, logits are divided."""

    family, model_type = "Granite", "granite"
    defaults = {**Llama.defaults, "embedding_multiplier": 1.0, "logits_scaling": 1.0, "residual_multiplier": 1.0, "attention_multiplier": 1.0}

    def read(self):
        super().read()
        self.scale = self.config["attention_multiplier"]

    def embed(self, ids):
        return super().embed(ids) * self.dtype(self.config["embedding_multiplier"])

    def branch(self, y):
        return y * self.dtype(self.config["residual_multiplier"])

    def logits(self, x):
        return super().logits(x) / self.dtype(self.config["logits_scaling"])


class Olmo2(Llama):
    """transformers/models/olmo2/modeling_olmo2.py: norms after attention and after the feed-forward part, before the sum; those of q and k go over all heads at once."""

    family, model_type = "Olmo2", "olmo2"
    defaults = {**Llama.defaults, "vocab_size": 50304, "rms_norm_eps": 1e-5}

    def project(self, x, p):
        q, k, v = super().project(x, p)
        return self.normed(q, p + "q_norm"), self.normed(k, p + "k_norm"), v

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y, weights = self.self_attention(x, p + "self_attn.", layer)
        x = x + self.normed(y, p + "post_attention_layernorm")
        return x + self.normed(self.mlp(x, p + "mlp."), p + "post_feedforward_layernorm"), weights


class Phi3(Llama):
    """transformers/models/phi3/modeling_phi3.py, also Phi-4-mini: q, k and v in one tensor, gate and up in another. configuration_phi3.py calls longrope su and yarn, too."""

    family, model_type = "Phi3", "phi3"
    defaults = {**Llama.defaults, "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
                "rms_norm_eps": 1e-5, "sliding_window": None}

    def read(self):
        super().read()
        self.biases = (False,) * 4

    def rope(self, parameters):
        return super().rope({**parameters, "rope_type": {"su": "longrope", "yarn": "longrope"}.get(parameters["rope_type"], parameters["rope_type"])})

    def window(self, layer):
        return self.said("sliding_window")

    def project(self, x, p):
        own, shared = self.heads * self.size, self.groups * self.size
        return np.split(self.linear(x, p + "qkv_proj", own + 2 * shared, False), [own, own + shared], -1)

    def mlp(self, x, p):
        gate, up = np.split(self.linear(x, p + "gate_up_proj", 2 * self.f, False), 2, -1)
        return self.linear(up * self.act(gate), p + "down_proj", self.d, False)
