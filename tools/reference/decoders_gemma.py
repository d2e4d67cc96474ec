"""Gemma's three kinds: norms that multiply by 1 + w, and words times the root of the width."""
import math

import numpy as np

from decoders import Llama
from decoders_rope import rope_parameters
from models import ACTIVATIONS


class Gemma(Llama):
    """transformers/models/gemma/modeling_gemma.py. hidden_act and hidden_activation say the same in published files; which of two wins depends on the version of transformers."""

    family, model_type = "Gemma", "gemma"
    defaults = {**Llama.defaults, "vocab_size": 256000, "hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 16,
                "head_dim": 256, "hidden_act": "gelu_pytorch_tanh", "max_position_embeddings": 8192, "tie_word_embeddings": True}

    def normed(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.dtype(self.eps)) * (1 + self.tensor(name + ".weight", "offset", x.shape[-1]))

    def embed(self, ids):
        return super().embed(ids) * self.dtype(math.sqrt(self.d))


class Gemma2(Gemma):
    """transformers/models/gemma2/modeling_gemma2.py: norms before and after both parts, scores and logits through tanh, even layers with a window. Only hidden_activation is read."""

    family, model_type = "Gemma2", "gemma2"
    defaults = {**Gemma.defaults, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
                "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 256, "sliding_window": 4096, "final_logit_softcapping": 30.0, "attn_logit_softcapping": 50.0}
    pattern = 2

    def read(self):
        super().read()
        self.act = ACTIVATIONS[self.config["hidden_activation"]]
        self.scale = self.config["query_pre_attn_scalar"] ** -0.5
        self.cap = self.said("attn_logit_softcapping")

    def slides(self, layer):
        kinds = self.config.get("layer_types")
        return kinds[layer] == "sliding_attention" if kinds else (layer + 1) % self.pattern != 0

    def window(self, layer):
        return self.said("sliding_window") if self.slides(layer) else None

    def layer(self, x, layer):
        p = f"{self.prefix}layers.{layer}."
        y, weights = self.self_attention(self.normed(x, p + "input_layernorm"), p + "self_attn.", layer)
        x = x + self.normed(y, p + "post_attention_layernorm")
        y = self.mlp(self.normed(x, p + "pre_feedforward_layernorm"), p + "mlp.")
        return x + self.normed(y, p + "post_feedforward_layernorm"), weights

    def logits(self, x):
        y, cap = super().logits(x), self.said("final_logit_softcapping")
        return y if cap is None else np.tanh(y / self.dtype(cap)) * self.dtype(cap)


class Gemma3(Gemma2):
    """transformers/models/gemma3/modeling_gemma3.py, text alone: a norm on each head of q and k; layers with a window have positions of their own, which rope_scaling does not touch.
    attn_logit_softcapping is in its configuration, and nobody reads it. With use_bidirectional_attention nothing is causal, and a window of w reaches w // 2 to both sides."""

    family, model_type, tasks = "Gemma3", "gemma3_text", ("ForCausalLM", "TextModel")
    defaults = {**Gemma2.defaults, "vocab_size": 262208, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "max_position_embeddings": 131072, "sliding_window_pattern": 6,
                "final_logit_softcapping": None, "attn_logit_softcapping": None, "use_bidirectional_attention": False}

    def read(self):
        super().read()
        c = self.config
        self.cap, self.pattern, self.task = None, c["sliding_window_pattern"], "Model" if self.task == "TextModel" else self.task
        self.turns = self.rope(rope_parameters(c, "full_attention"))
        near = {**c, "rope_theta": c["rope_local_base_freq"], "rope_scaling": None}
        if "sliding_attention" not in c.get("rope_parameters", {}):
            near["rope_parameters"] = None
        self.near = self.rope(rope_parameters(near, "sliding_attention"))

    def rope_of(self, layer):
        return self.near if self.slides(layer) else self.turns

    def normed_heads(self, q, k, p):
        return self.normed(q, p + "q_norm"), self.normed(k, p + "k_norm")

    def visible(self, tokens, window):
        if not self.config["use_bidirectional_attention"]:
            return super().visible(tokens, window)
        away = np.abs(np.arange(tokens)[:, None] - np.arange(tokens)[None, :])
        sees = (away <= (tokens if window is None else window // 2))[None, None]
        return sees if self.mask is None else sees & (self.mask[:, None, None, :] == 1)
