"""Rotary positions: transformers/modeling_rope_utils.py (of transformers 5), in the older and in the newer keys of config.json."""
import math

import numpy as np


def rope_parameters(config, layers=None):
    """One rope_parameters of transformers 5 from whatever config.json has; layers: the kind of layer to read it for, where there are two."""
    found = dict(config.get("rope_scaling") or config.get("rope_parameters") or {})
    if layers in found:
        found = dict(found[layers])
    found.setdefault("rope_type", found.get("type", "default"))
    found.setdefault("rope_theta", config["rope_theta"])
    found.setdefault("partial_rotary_factor", config.get("partial_rotary_factor", 1.0))
    if "original_max_position_embeddings" in config:  # outside, as Phi-3 has it, it comes first
        found["original_max_position_embeddings"] = config["original_max_position_embeddings"]
    else:
        found.setdefault("original_max_position_embeddings", config["max_position_embeddings"])
    return found


class Rope:
    """Turns the first numbers of each head. Two kinds follow the number of tokens. dynamic: a token is turned when it is run, and its key stays so in the cache, so that
    position p has the frequencies of max(prompt, p + 1) tokens. longrope: transformers' generate runs the whole text again when the long factors begin to count
    (Phi3ForCausalLM.prepare_inputs_for_generation), so that all positions have those of all tokens."""

    def __init__(self, parameters, size, longest, dtype, adjacent=False):
        self.kind, self.theta, self.said, self.longest, self.dtype, self.adjacent = parameters["rope_type"], parameters["rope_theta"], parameters, longest, dtype, adjacent
        self.width = int(size * parameters["partial_rotary_factor"])
        if self.width % 2:
            raise ValueError(f"{self.width} numbers of a head cannot be turned in pairs")
        self.scale = self.attention_factor()

    def attention_factor(self):
        p = self.said
        if self.kind not in ("yarn", "longrope"):
            return 1.0
        if p.get("attention_factor") is not None:
            return p["attention_factor"]
        factor = p["factor"] if p.get("factor") is not None else self.longest / p["original_max_position_embeddings"]
        if self.kind != "yarn":
            return 1.0 if factor <= 1 else math.sqrt(1 + math.log(factor) / math.log(p["original_max_position_embeddings"]))

        def magnitude(by):
            return 1.0 if factor <= 1 else 0.1 * by * math.log(factor) + 1

        both = p.get("mscale") and p.get("mscale_all_dim")
        return magnitude(p["mscale"]) / magnitude(p["mscale_all_dim"]) if both else magnitude(1)

    def frequencies(self, length):
        """By pair of numbers, in float64, of a sequence of so many tokens."""
        p, width, theta = self.said, self.width, self.theta
        if self.kind == "dynamic" and length > self.longest:
            theta = theta * (p["factor"] * length / self.longest - (p["factor"] - 1)) ** (width / (width - 2))
        plain = theta ** -(np.arange(0, width, 2) / width)
        if self.kind in ("default", "dynamic"):
            return plain
        if self.kind == "linear":
            return plain / p["factor"]
        if self.kind == "llama3":
            waves, trained = 2 * math.pi / plain, p["original_max_position_embeddings"]
            low, high = p["low_freq_factor"], p["high_freq_factor"]
            between = (trained / waves - low) / (high - low)
            mixed = (1 - between) * plain / p["factor"] + between * plain
            return np.where(waves > trained / low, plain / p["factor"], np.where(waves < trained / high, plain, mixed))
        if self.kind == "longrope":
            return plain / np.array(p["long_factor" if length > p["original_max_position_embeddings"] else "short_factor"], np.float64)
        if self.kind == "yarn":
            return self.yarn(plain)
        raise ValueError(f"rope_type {self.kind} is not known")

    def yarn(self, plain):
        p, width = self.said, self.width

        def place(turns):
            return width * math.log(p["original_max_position_embeddings"] / (turns * 2 * math.pi)) / (2 * math.log(self.theta))

        first, last = place(p.get("beta_fast") or 32), place(p.get("beta_slow") or 1)
        if p.get("truncate", True):
            first, last = math.floor(first), math.ceil(last)
        first, last = max(first, 0), min(last, width - 1)
        if first == last:
            last += 0.001
        stretched = np.clip((np.arange(width // 2) - first) / (last - first), 0, 1)
        factor = p["factor"] if p.get("factor") is not None else self.longest / p["original_max_position_embeddings"]
        return plain / factor * stretched + plain * (1 - stretched)

    def turn(self, x, prompt):
        """x: [batch, heads, tokens, size]."""
        tokens = x.shape[2]
        lengths = [max(prompt, place + 1) if self.kind == "dynamic" else tokens for place in range(tokens)]
        frequencies = np.stack([self.frequencies(length) for length in lengths]).astype(self.dtype)
        angles = np.arange(tokens).astype(self.dtype)[:, None] * frequencies
        cos, sin = np.cos(angles) * self.dtype(self.scale), np.sin(angles) * self.dtype(self.scale)
        turned, rest = x[..., :self.width], x[..., self.width:]
        if self.adjacent:
            a, b = turned[..., 0::2], turned[..., 1::2]
            turned = np.stack([a * cos - b * sin, b * cos + a * sin], -1).reshape(turned.shape)
        else:
            half = self.width // 2
            a, b = turned[..., :half], turned[..., half:]
            turned = np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)
        return np.concatenate([turned, rest], -1)
