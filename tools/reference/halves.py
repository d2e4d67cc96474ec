"""Models of two halves, an encoder and a decoder that sees its output: T5, BART, mBART, Marian, Whisper."""
import math

import numpy as np

from models import ACTIVATIONS, Mt5, Net, T5, Umt5, softmax


class Halves(Net):
    """Common to all: one run gives what both halves make. Decoders are causal; padding of the encoder's input is seen by nobody."""

    head_task, prefix, head_name = "ForConditionalGeneration", "model.", "lm_head"
    bare = ()
    features = False  # whether the encoder reads sound instead of ids

    def run(self, inputs, decoder_ids, mask=None):
        memory_sees = None if mask is None else mask[:, None, None, :] == 1
        states, attentions = self.encode(inputs, memory_sees)
        found = {f"encoder_hidden_states.{i}": x for i, x in enumerate(states)}
        found |= {f"encoder_attentions.{i}": x for i, x in enumerate(attentions)}
        found["encoder_last_hidden_state"] = states[-1]
        places = np.arange(decoder_ids.shape[1])
        sees = (places[None, :] <= places[:, None])[None, None]
        decoded, own, crossed = self.decode(decoder_ids, states[-1], sees, memory_sees)
        for name, arrays in (("decoder_hidden_states", decoded), ("decoder_attentions", own), ("cross_attentions", crossed)):
            found |= {f"{name}.{i}": x for i, x in enumerate(arrays)}
        return {**found, "last_hidden_state": decoded[-1], "logits": self.logits(decoded[-1])}

    def attend(self, q, k, v, heads, scale, sees=None, bias=None):
        q, k, v = [x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3) for x in (q, k, v)]
        scores = q @ k.transpose(0, 1, 3, 2) * self.dtype(scale)
        if bias is not None:
            scores = scores + bias
        weights = softmax(scores if sees is None else np.where(sees, scores, np.finfo(self.dtype).min))
        y = (weights @ v).transpose(0, 2, 1, 3)
        return y.reshape(*y.shape[:2], -1), weights


    def twins(self):
        for half in ("encoder", "decoder"):
            yield f"{self.prefix}{half}.embed_tokens.weight", self.prefix + "shared.weight"
        if self.config["tie_word_embeddings"]:
            yield self.head_name + ".weight", self.prefix + "shared.weight"


class Bart(Halves):
    """transformers/models/bart/modeling_bart.py: norms after the parts, positions learned and counted from 2, a norm on the words. The halves may differ in heads and width inside.
    Only models whose halves and head share their words are here: of others the file has three tables."""

    family, model_type = "Bart", "bart"
    defaults = dict(vocab_size=50265, max_position_embeddings=1024, encoder_layers=12, encoder_ffn_dim=4096, encoder_attention_heads=16, decoder_layers=12, decoder_ffn_dim=4096,
                    decoder_attention_heads=16, activation_function="gelu", d_model=1024, scale_embedding=False, decoder_start_token_id=2)
    before = False  # norms before the parts, and one at the end of each half
    normed_words, key_bias = True, True

    def read(self):
        c = self.config
        self.d, self.vocabulary, self.layers, self.act = c["d_model"], c["vocab_size"], c["encoder_layers"], ACTIVATIONS[c["activation_function"]]
        self.scale = math.sqrt(self.d) if c["scale_embedding"] else 1.0
        self.start = c["decoder_start_token_id"]
        if not c["tie_word_embeddings"]:
            raise ValueError("tie_word_embeddings is false")

    def words(self, half):
        return self.tensor(self.prefix + "shared.weight", "table", self.vocabulary, self.d)

    def places(self, half, tokens):
        return self.tensor(f"{self.prefix}{half}.embed_positions.weight", "table", self.config["max_position_embeddings"] + 2, self.d)[2:tokens + 2]

    def embed(self, ids, half):
        x = self.words(half)[ids] * self.dtype(self.scale) + self.places(half, ids.shape[1])
        return self.norm(x, f"{self.prefix}{half}.layernorm_embedding", 1e-5) if self.normed_words else x

    def part(self, x, name, run):
        """A part with its residual and its norm, before or after."""
        if self.before:
            y, weights = run(self.norm(x, name, 1e-5))
            return x + y, weights
        y, weights = run(x)
        return self.norm(x + y, name, 1e-5), weights

    def looks(self, p, heads, sees, memory=None):
        def run(x):
            from_here = x if memory is None else memory
            q, k, v = self.linear(x, p + "q_proj", self.d), self.linear(from_here, p + "k_proj", self.d, self.key_bias), self.linear(from_here, p + "v_proj", self.d)
            y, weights = self.attend(q, k, v, heads, (self.d // heads) ** -0.5, sees)
            return self.linear(y, p + "out_proj", self.d), weights

        return run

    def feeds(self, p, half):
        return lambda x: (self.linear(self.act(self.linear(x, p + "fc1", self.config[half + "_ffn_dim"])), p + "fc2", self.d), None)

    def last(self, x, half):
        return self.norm(x, f"{self.prefix}{half}.layer_norm", 1e-5) if self.before else x

    def encode(self, ids, sees):
        return self.encode_embedded(self.embed(ids, "encoder"), sees)

    def encode_embedded(self, x, sees):
        states, attentions = [x], []
        for layer in range(self.layers):
            p = f"{self.prefix}encoder.layers.{layer}."
            x, weights = self.part(x, p + "self_attn_layer_norm", self.looks(p + "self_attn.", self.config["encoder_attention_heads"], sees))
            x, _ = self.part(x, p + "final_layer_norm", self.feeds(p, "encoder"))
            states.append(x)
            attentions.append(weights)
        states[-1] = self.last(x, "encoder")
        return states, attentions

    def decode(self, ids, memory, sees, memory_sees):
        x, heads = self.embed(ids, "decoder"), self.config["decoder_attention_heads"]
        states, own, crossed = [x], [], []
        for layer in range(self.config["decoder_layers"]):
            p = f"{self.prefix}decoder.layers.{layer}."
            x, weights = self.part(x, p + "self_attn_layer_norm", self.looks(p + "self_attn.", heads, sees))
            own.append(weights)
            x, weights = self.part(x, p + "encoder_attn_layer_norm", self.looks(p + "encoder_attn.", heads, memory_sees, memory))
            crossed.append(weights)
            x, _ = self.part(x, p + "final_layer_norm", self.feeds(p, "decoder"))
            states.append(x)
        states[-1] = self.last(x, "decoder")
        return states, own, crossed

    def logits(self, x):
        return self.head(x) + self.tensor("final_logits_bias", "bias", 1, self.words("decoder").shape[0])

    def head(self, x):
        return x @ self.words("decoder").T


class Mbart(Bart):
    """transformers/models/mbart/modeling_mbart.py: BART's with the norms before the parts and one more at the end of each half."""

    family, model_type, before = "MBart", "mbart", True


class Marian(Bart):
    """transformers/models/marian/modeling_marian.py: BART's without the norm on the words, and with sines and cosines for positions, which
    the file need not hold. The halves may have words of their own."""

    family, model_type, head_task, normed_words = "Marian", "marian", "MTModel", False
    defaults = {**Bart.defaults, "vocab_size": 58101, "decoder_start_token_id": 58100, "decoder_vocab_size": None, "share_encoder_decoder_embeddings": True}

    def twins(self):
        if self.config["share_encoder_decoder_embeddings"]:
            yield from super().twins()
        else:
            yield self.head_name + ".weight", self.prefix + "decoder.embed_tokens.weight"

    def words(self, half):
        if self.config["share_encoder_decoder_embeddings"]:
            return super().words(half)
        count = self.config.get("decoder_vocab_size") or self.vocabulary
        return self.tensor(f"{self.prefix}{half}.embed_tokens.weight", "table", count if half == "decoder" else self.vocabulary, self.d)

    def places(self, half, tokens):
        return self.table(tokens).astype(self.dtype)

    def table(self, tokens):
        """The sines of all frequencies, and then their cosines; an odd width has one sine more."""
        numbers = np.arange(self.d)
        angles = np.arange(tokens)[:, None] / 10000.0 ** (2 * (numbers // 2) / self.d)
        return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], 1)

    def buffers(self):
        for half in ("encoder", "decoder"):
            yield f"{half}.embed_positions.weight", (self.table(self.config["max_position_embeddings"]), "F32")


class Whisper(Bart):
    """transformers/models/whisper/modeling_whisper.py: two convolutions over time in front, norms before the parts, keys without a bias, positions counted from 0."""

    family, model_type, head_name, features = "Whisper", "whisper", "proj_out", True
    before, normed_words, key_bias = True, False, False
    defaults = {**Bart.defaults, "vocab_size": 51865, "num_mel_bins": 80, "max_source_positions": 1500, "max_target_positions": 448, "d_model": 384, "decoder_start_token_id": 50257,
                **{half + name: value for half in ("encoder", "decoder") for name, value in (("_layers", 4), ("_attention_heads", 6), ("_ffn_dim", 1536))}}

    def words(self, half):
        return self.tensor(self.prefix + "decoder.embed_tokens.weight", "table", self.vocabulary, self.d)

    def twins(self):
        yield self.head_name + ".weight", self.prefix + "decoder.embed_tokens.weight"

    def embed(self, ids, half):
        return self.words(half)[ids] + self.tensor(self.prefix + "decoder.embed_positions.weight", "table", self.config["max_target_positions"], self.d)[:ids.shape[1]]

    def convolved(self, x, name, step):
        """Three frames wide, with a frame of zeros on both sides."""
        kernel = self.tensor(name + ".weight", "map", self.d, x.shape[1], 3)
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1)))
        frames = (padded.shape[2] - 3) // step + 1
        seen = np.stack([padded[:, :, i:i + step * (frames - 1) + 1:step] for i in range(3)], -1)  # [batch, channels, frames, 3]
        y = np.einsum("bctk,ock->bot", seen, kernel) + self.tensor(name + ".bias", "bias", self.d)[None, :, None]
        return ACTIVATIONS["gelu"](y)

    def encode(self, sound, sees):
        x = sound.astype(self.dtype)
        x = self.convolved(self.convolved(x, self.prefix + "encoder.conv1", 1), self.prefix + "encoder.conv2", 2).transpose(0, 2, 1)
        places = self.tensor(self.prefix + "encoder.embed_positions.weight", "table", self.config["max_source_positions"], self.d)
        return self.encode_embedded(x + places, sees)

    def logits(self, x):
        return self.head(x)


class T5Whole(Halves):
    """transformers/models/t5/modeling_t5.py: the encoder of models.py, and a decoder whose relative positions look back alone. A tied head has its input times d_model^-0.5."""

    family, model_type, prefix, encoder_of = "T5", "t5", "", T5
    start = 0

    def read(self):
        self.encoder = self.encoder_of(self.given, "ForConditionalGeneration", self.weights, self.dtype)
        self.encoder.prefix = ""
        c, e = self.encoder.config, self.encoder
        self.d, self.heads, self.size, self.f, self.eps, self.act, self.vocabulary, self.layers = e.d, e.heads, c["d_kv"], e.f, e.eps, e.act, c["vocab_size"], e.layers
        self.decoder_layers = c.get("num_decoder_layers", e.layers)
        self.start = c.get("decoder_start_token_id", 0)
        self.tied = self.config["tie_word_embeddings"] = self.given.get("tie_word_embeddings", self.encoder_of is not Mt5)

    def words(self):
        return self.tensor("shared.weight", "table", self.vocabulary, self.d)

    def encode(self, ids, sees):
        return self.encoder.encode(ids, None, sees)

    def back(self, tokens, layer):
        c = self.encoder.config
        buckets = c["relative_attention_num_buckets"]
        back = np.maximum(np.arange(tokens)[:, None] - np.arange(tokens)[None, :], 0)
        exact = buckets // 2
        far = np.log(np.maximum(back, 1).astype(np.float32) / exact) / math.log(c["relative_attention_max_distance"] / exact) * (buckets - exact)
        bucket = np.where(back < exact, back, np.minimum(exact + far.astype(np.int64), buckets - 1))
        name = f"decoder.block.{layer if self.encoder.own_bias else 0}.layer.0.SelfAttention.relative_attention_bias.weight"
        return self.tensor(name, "table", buckets, self.heads)[bucket].transpose(2, 0, 1)[None]

    def looks(self, x, memory, p, sees, bias=None):
        inner = self.heads * self.size
        q, k, v = [self.linear(y, p + name, inner, False) for y, name in ((x, "q"), (memory, "k"), (memory, "v"))]
        y, weights = self.attend(q, k, v, self.heads, 1, sees, bias)
        return self.linear(y, p + "o", self.d, False), weights

    def decode(self, ids, memory, sees, memory_sees):
        x = self.words()[ids]
        states, own, crossed = [x], [], []
        for layer in range(self.decoder_layers):
            p = f"decoder.block.{layer}.layer."
            y = self.rms_norm(x, p + "0.layer_norm", self.eps)
            y, weights = self.looks(y, y, p + "0.SelfAttention.", sees, self.back(ids.shape[1], layer))
            x = x + y
            own.append(weights)
            y, weights = self.looks(self.rms_norm(x, p + "1.layer_norm", self.eps), memory, p + "1.EncDecAttention.", memory_sees)
            x = x + y
            crossed.append(weights)
            y = self.rms_norm(x, p + "2.layer_norm", self.eps)
            q = p + "2.DenseReluDense."
            if self.encoder.gated:
                y = self.act(self.linear(y, q + "wi_0", self.f, False)) * self.linear(y, q + "wi_1", self.f, False)
            else:
                y = self.act(self.linear(y, q + "wi", self.f, False))
            x = x + self.linear(y, q + "wo", self.d, False)
            states.append(x)
        states[-1] = self.rms_norm(x, "decoder.final_layer_norm", self.eps)
        return states, own, crossed

    def logits(self, x):
        if self.tied:
            return x * self.dtype(self.d ** -0.5) @ self.words().T
        return self.linear(x, self.head_name, self.vocabulary, False)


class Mt5Whole(T5Whole):
    """transformers/models/mt5: T5's code; the head is not tied unless config.json says so."""

    family, model_type, encoder_of = "MT5", "mt5", Mt5


class Umt5Whole(T5Whole):
    """transformers/models/umt5: each layer of both halves has relative positions of its own; there are none between the halves."""

    family, model_type, encoder_of = "UMT5", "umt5", Umt5
