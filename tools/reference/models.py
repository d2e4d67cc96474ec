"""Encoders of transformers and poolings of sentence-transformers, written down once more in numpy, in the type that they are given (float64 or float32).

One class an architecture; its comment names the published code that it follows. Nothing here was made from AttnGen's generator, and nothing should
be: these classes are what the generator is checked by. The code of a class is also the list of its tensors: a tensor is made when it is first read.
"""
import math

import numpy as np

# ---- activations: transformers/activations.py ----


def _erf(x):
    return np.vectorize(math.erf, otypes=[np.float64])(x).astype(x.dtype)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _gelu(x):
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


ACTIVATIONS = {
    "gelu": _gelu,
    "gelu_python": _gelu,
    "gelu_new": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "gelu_accurate": _gelu_tanh,
    "gelu_fast": lambda x: 0.5 * x * (1 + np.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x))),
    "quick_gelu": lambda x: x * _sigmoid(1.702 * x),
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x * _sigmoid(x),
    "swish": lambda x: x * _sigmoid(x),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "linear": lambda x: x,
}


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Net:
    """A model: config.json, tensors, and the type to calculate in."""

    family = model_type = prefix = ""
    bare = ("Model",)  # classes whose files have the base model's names without the prefix
    defaults = {}  # of the configuration class; keys that config.json may leave out
    shared = {"tie_word_embeddings": True, "num_labels": 2}  # of PretrainedConfig

    def __init__(self, config, task, weights, dtype, pooler=True):
        self.given, self.task, self.weights, self.dtype, self.pooler = config, task, weights, dtype, pooler
        self.config = {**self.shared, **self.defaults, **{key: value for key, value in config.items() if value is not None}}
        self.read()

    def read(self):
        """The sizes, under BERT's keys."""
        c = self.config
        self.d, self.layers, self.heads, self.f = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["intermediate_size"]
        self.act, self.eps = ACTIVATIONS[c["hidden_act"]], c["layer_norm_eps"]

    @property
    def labels(self):
        """PretrainedConfig.num_labels: id2label has as many entries as there are classes, whatever its numbers are."""
        return len(self.config["id2label"]) if self.config.get("id2label") else self.config["num_labels"]

    # ---- parts ----

    def tensor(self, name, kind, *shape):
        return self.weights.get(name, kind, shape).astype(self.dtype)

    def linear(self, x, name, outputs, bias=True):
        y = x @ self.tensor(name + ".weight", "map", outputs, x.shape[-1]).T
        return y + self.tensor(name + ".bias", "bias", outputs) if bias else y

    def rms_norm(self, x, name, eps):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.dtype(eps)) * self.tensor(name + ".weight", "gain", x.shape[-1])

    def norm(self, x, name, eps, bias=True):
        centred = x - x.mean(-1, keepdims=True)
        y = centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + self.dtype(eps)) * self.tensor(name + ".weight", "gain", x.shape[-1])
        return y + self.tensor(name + ".bias", "bias", x.shape[-1]) if bias else y

    def attention(self, q, k, v, visible=None, bias=None, turn=None, scale=None):
        """softmax(QKᵀ·scale + bias)·V, where scale is 1/√d unless it is given; visible is [B or 1, 1, T or 1, T]. A row that sees nothing gets equal weights, as with transformers' masks."""
        batch, tokens, d = q.shape
        size = d // self.heads
        q, k, v = [x.reshape(batch, tokens, self.heads, size).transpose(0, 2, 1, 3) for x in (q, k, v)]
        if turn is not None:
            q, k = turn(q), turn(k)
        scores = q @ k.transpose(0, 1, 3, 2)
        scores = scores / math.sqrt(size) if scale is None else scores * self.dtype(scale)
        if bias is not None:
            scores = scores + bias
        if visible is not None:
            scores = np.where(visible, scores, np.finfo(self.dtype).min)
        weights = softmax(scores)
        return (weights @ v).transpose(0, 2, 1, 3).reshape(batch, tokens, d), weights

    def outputs(self, states, attentions, last, head):
        result = {"last_hidden_state": last, **head}
        result.update({f"hidden_states.{i}": x for i, x in enumerate(states)})
        result.update({f"attentions.{i}": x for i, x in enumerate(attentions)})
        return result


# ---- models of text ----


class TextNet(Net):
    masked_lm_names = ()  # dense, norm, decoder, bias of the head for masked words

    def run(self, ids, types=None, mask=None):
        states, attentions = self.encode(ids, types, None if mask is None else mask[:, None, None, :] == 1)
        head = {} if self.task == "Model" and not self.pooler else self.head(states[-1], mask)
        return self.outputs(states, attentions, states[-1], head)

    @property
    def pad(self):
        """The id that positions skip."""
        return self.config["pad_token_id"]

    @property
    def positions(self):
        """The longest sequence."""
        return self.config["max_position_embeddings"]

    def words(self, x, activation, width, eps, norm_bias=True, dense_bias=True, bias=True):
        """The head for masked words: dense, activation, norm, and the table of words again, unless tie_word_embeddings is false."""
        dense, norm, decoder, decoder_bias = self.masked_lm_names
        x = self.norm(activation(self.linear(x, dense, width, dense_bias)), norm, eps, norm_bias)
        vocabulary = self.config["vocab_size"]
        table = self.tensor(self.prefix + self.table, "table", vocabulary, width) if self.config["tie_word_embeddings"] else self.tensor(decoder, "map", vocabulary, width)
        y = x @ table.T
        return {"logits": y + self.tensor(decoder_bias, "bias", vocabulary) if bias else y}

    table = "embeddings.word_embeddings.weight"

    def answers(self, x, name="qa_outputs"):
        y = self.linear(x, name, 2)
        return {"start_logits": y[..., 0], "end_logits": y[..., 1]}


class PostNormNet(TextNet):
    """What BERT and its relatives share."""

    names = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
             "intermediate.dense", "output.dense", "output.LayerNorm")

    def layer_prefix(self, layer):
        return f"encoder.layer.{layer}."

    def embeddings(self, ids, types):
        c, p, width = self.config, self.prefix + "embeddings.", self.width
        x = self.tensor(p + "word_embeddings.weight", "table", c["vocab_size"], width)[ids]
        x = x + self.tensor(p + "position_embeddings.weight", "table", c["max_position_embeddings"], width)[self.position_ids(ids)]
        if "type_vocab_size" in self.defaults:
            x = x + self.tensor(p + "token_type_embeddings.weight", "table", c["type_vocab_size"], width)[np.zeros_like(ids) if types is None else types]
        return self.norm(x, p + "LayerNorm", self.eps)

    @property
    def width(self):
        return self.d

    def position_ids(self, ids):
        return np.broadcast_to(np.arange(ids.shape[1]), ids.shape)

    def project(self, x):
        return x

    def relative_bias(self, tokens):
        return None

    def encode(self, ids, types, visible):
        x = self.project(self.embeddings(ids, types))
        bias = self.relative_bias(ids.shape[1])
        states, attentions = [x], []
        q, k, v, out, first_norm, up, down, second_norm = self.names
        for layer in range(self.layers):
            p = self.prefix + self.layer_prefix(layer)
            y, weights = self.attention(*[self.linear(x, p + name, self.d) for name in (q, k, v)], visible, bias)
            x = self.norm(self.linear(y, p + out, self.d) + x, p + first_norm, self.eps)
            y = self.linear(self.act(self.linear(x, p + up, self.f)), p + down, self.d)
            x = self.norm(y + x, p + second_norm, self.eps)
            states.append(x)
            attentions.append(weights)
        return states, attentions


class Bert(PostNormNet):
    """transformers/models/bert/modeling_bert.py"""

    family, model_type, prefix = "Bert", "bert", "bert."
    tasks = ("Model", "ForMaskedLM", "ForPreTraining", "ForNextSentencePrediction", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = dict(vocab_size=30522, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, hidden_act="gelu",
                    max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, pad_token_id=0)
    masked_lm_names = ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder.weight", "cls.predictions.bias")

    def pooled(self, x):
        return np.tanh(self.linear(x[:, 0], self.prefix + "pooler.dense", self.d))

    def head(self, x, mask):
        if self.task == "Model":
            return {"pooler_output": self.pooled(x)}
        if self.task == "ForMaskedLM":
            return self.words(x, self.act, self.d, self.eps)
        if self.task == "ForPreTraining":
            pooled = self.pooled(x)
            self.linear(pooled, "cls.seq_relationship", 2)  # seq_relationship_logits, which the class in C# does not have
            return {**self.words(x, self.act, self.d, self.eps), "pooler_output": pooled}
        if self.task == "ForNextSentencePrediction":
            return {"logits": self.linear(self.pooled(x), "cls.seq_relationship", 2)}
        if self.task == "ForSequenceClassification":
            return {"logits": self.linear(self.pooled(x), "classifier", self.labels)}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        return self.answers(x)


class DistilBert(PostNormNet):
    """transformers/models/distilbert/modeling_distilbert.py; the norms' eps is 1e-12 there. configuration_distilbert.py gives sizes BERT's names, too."""

    family, model_type, prefix = "DistilBert", "distilbert", "distilbert."
    tasks = ("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = dict(vocab_size=30522, dim=768, n_layers=6, n_heads=12, hidden_dim=3072, activation="gelu", max_position_embeddings=512, pad_token_id=0)
    names = ("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm")
    masked_lm_names = ("vocab_transform", "vocab_layer_norm", "vocab_projector.weight", "vocab_projector.bias")

    def read(self):
        c = self.config
        self.d, self.layers, self.heads = c.get("hidden_size", c["dim"]), c.get("num_hidden_layers", c["n_layers"]), c.get("num_attention_heads", c["n_heads"])
        self.f, self.act, self.eps = c["hidden_dim"], ACTIVATIONS[c["activation"]], 1e-12
        self.pooler = False

    def layer_prefix(self, layer):
        return f"transformer.layer.{layer}."

    def head(self, x, mask):
        if self.task == "ForMaskedLM":
            return self.words(x, self.act, self.d, 1e-12)
        if self.task == "ForSequenceClassification":
            return {"logits": self.linear(ACTIVATIONS["relu"](self.linear(x[:, 0], "pre_classifier", self.d)), "classifier", self.labels)}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        return self.answers(x)


class Roberta(PostNormNet):
    """transformers/models/roberta/modeling_roberta.py: positions count from pad_token_id + 1 and skip padding, wherever it stands; the heads' activations are fixed."""

    family, model_type, prefix = "Roberta", "roberta", "roberta."
    tasks = ("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = {**Bert.defaults, "vocab_size": 50265, "pad_token_id": 1}
    masked_lm_names = ("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder.weight", "lm_head.bias")

    @property
    def positions(self):
        return self.config["max_position_embeddings"] - self.pad - 1

    def position_ids(self, ids):
        real = (ids != self.pad).astype(np.int64)
        return np.cumsum(real, 1) * real + self.pad

    def head(self, x, mask):
        if self.task == "Model":
            return {"pooler_output": np.tanh(self.linear(x[:, 0], self.prefix + "pooler.dense", self.d))}
        if self.task == "ForMaskedLM":
            return self.words(x, ACTIVATIONS["gelu"], self.d, self.eps)
        if self.task == "ForSequenceClassification":
            return {"logits": self.linear(np.tanh(self.linear(x[:, 0], "classifier.dense", self.d)), "classifier.out_proj", self.labels)}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        return self.answers(x)


class XlmRoberta(Roberta):
    """transformers/models/xlm_roberta/modeling_xlm_roberta.py: RoBERTa's code under another name, with BERT's size of vocabulary for a default."""

    family, model_type = "XLMRoberta", "xlm-roberta"
    defaults = {**Roberta.defaults, "vocab_size": 30522}


class Camembert(XlmRoberta):
    """transformers/models/camembert/modeling_camembert.py: the same."""

    family, model_type = "Camembert", "camembert"


class MpNet(Roberta):
    """transformers/models/mpnet/modeling_mpnet.py: no segments, and a bias by relative position. Two numbers are fixed there, whatever config.json says:
    positions count from 2 (padding_idx = 1), and distances fall into 32 buckets (the default of compute_position_bias, which nobody overrides)."""

    family, model_type, prefix = "MPNet", "mpnet", "mpnet."
    defaults = {**{key: value for key, value in Bert.defaults.items() if key != "type_vocab_size"}, "vocab_size": 30527, "pad_token_id": 1, "relative_attention_num_buckets": 32}
    names = ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm")
    pad = 1

    def relative_bias(self, tokens):
        n = np.arange(tokens)[:, None] - np.arange(tokens)[None, :]  # from the key to the query
        buckets = 16
        exact = buckets // 2
        far = exact + (np.log(np.maximum(np.abs(n), 1).astype(np.float32) / exact) / math.log(128 / exact) * (buckets - exact)).astype(np.int64)
        bucket = (n < 0) * buckets + np.where(np.abs(n) < exact, np.abs(n), np.minimum(far, buckets - 1))
        table = self.tensor(self.prefix + "encoder.relative_attention_bias.weight", "table", self.config["relative_attention_num_buckets"], self.heads)
        return table[bucket].transpose(2, 0, 1)[None]


class Albert(PostNormNet):
    """transformers/models/albert/modeling_albert.py: which set of weights a layer takes is found in floating point."""

    family, model_type, prefix = "Albert", "albert", "albert."
    tasks = ("Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = dict(vocab_size=30000, embedding_size=128, hidden_size=4096, num_hidden_layers=12, num_hidden_groups=1, num_attention_heads=64,
                    intermediate_size=16384, inner_group_num=1, hidden_act="gelu_new", max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, pad_token_id=0)
    names = ("attention.query", "attention.key", "attention.value", "attention.dense", "attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm")
    masked_lm_names = ("predictions.dense", "predictions.LayerNorm", "predictions.decoder.weight", "predictions.bias")

    @property
    def width(self):
        return self.config["embedding_size"]

    def project(self, x):
        return self.linear(x, self.prefix + "encoder.embedding_hidden_mapping_in", self.d)

    def layer_prefix(self, layer):
        group = int(layer / (self.layers / self.config["num_hidden_groups"]))
        return f"encoder.albert_layer_groups.{group}.albert_layers.0."

    def head(self, x, mask):
        def pooled():
            return np.tanh(self.linear(x[:, 0], self.prefix + "pooler", self.d))
        if self.task == "Model":
            return {"pooler_output": pooled()}
        if self.task == "ForMaskedLM":
            return self.words(x, self.act, self.width, self.eps)
        if self.task == "ForPreTraining":
            self.linear(pooled(), "sop_classifier.classifier", 2)  # sop_logits, which the class in C# does not have
            return {**self.words(x, self.act, self.width, self.eps), "pooler_output": pooled()}
        if self.task == "ForSequenceClassification":
            return {"logits": self.linear(pooled(), "classifier", self.labels)}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        return self.answers(x)


class Electra(PostNormNet):
    """transformers/models/electra/modeling_electra.py: the generator's and the classifier's activation is always GELU, the discriminator's is hidden_act."""

    family, model_type, prefix = "Electra", "electra", "electra."
    tasks = ("Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = {**Bert.defaults, "embedding_size": 128, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024}
    masked_lm_names = ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.weight", "generator_lm_head.bias")

    def read(self):
        super().read()
        self.pooler = False

    @property
    def width(self):
        return self.config["embedding_size"]

    def project(self, x):
        return x if self.width == self.d else self.linear(x, self.prefix + "embeddings_project", self.d)

    def head(self, x, mask):
        if self.task == "ForMaskedLM":
            return self.words(x, ACTIVATIONS["gelu"], self.width, self.eps)
        if self.task == "ForPreTraining":
            y = self.act(self.linear(x, "discriminator_predictions.dense", self.d))
            return {"logits": self.linear(y, "discriminator_predictions.dense_prediction", 1)[..., 0]}
        if self.task == "ForSequenceClassification":
            return {"logits": self.linear(ACTIVATIONS["gelu"](self.linear(x[:, 0], "classifier.dense", self.d)), "classifier.out_proj", self.labels)}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        return self.answers(x)


class ModernBert(TextNet):
    """transformers/models/modernbert/modeling_modernbert.py: pre-norm (the first layer has no norm before attention), rotary positions with a base for local
    and one for global layers, gated feed-forward networks. Keys of transformers 4 (global_attn_every_n_layers, global_rope_theta, local_rope_theta: null is
    the global one) and 5 (layer_types, rope_parameters)."""

    family, model_type, prefix = "ModernBert", "modernbert", "model."
    tasks = ("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = dict(vocab_size=50368, hidden_size=768, intermediate_size=1152, num_hidden_layers=22, num_attention_heads=12, hidden_activation="gelu",
                    max_position_embeddings=8192, norm_eps=1e-5, norm_bias=False, pad_token_id=50283, attention_bias=False, mlp_bias=False, decoder_bias=True,
                    classifier_bias=False, classifier_activation="gelu", classifier_pooling="cls", local_attention=128, global_attn_every_n_layers=3,
                    global_rope_theta=160000.0, local_rope_theta=10000.0)
    masked_lm_names = ("head.dense", "head.norm", "decoder.weight", "decoder.bias")
    table = "embeddings.tok_embeddings.weight"

    def read(self):
        c = self.config
        self.d, self.layers, self.heads, self.f = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["intermediate_size"]
        self.act, self.eps, self.bias = ACTIVATIONS[c["hidden_activation"]], c["norm_eps"], c["norm_bias"]
        kinds = c.get("layer_types") or ["sliding_attention" if layer % c["global_attn_every_n_layers"] else "full_attention" for layer in range(self.layers)]
        self.local = [kind == "sliding_attention" for kind in kinds]
        everywhere = c["global_rope_theta"]
        local = everywhere if "local_rope_theta" in self.given and self.given["local_rope_theta"] is None else c["local_rope_theta"]
        rope = c.get("rope_parameters") or {}
        self.thetas = (rope.get("full_attention", {}).get("rope_theta", everywhere), rope.get("sliding_attention", {}).get("rope_theta", local))
        self.pooler = False

    def encode(self, ids, types, visible):
        c, p, tokens = self.config, self.prefix, np.arange(ids.shape[1])
        near = (np.abs(tokens[:, None] - tokens[None, :]) <= c["local_attention"] // 2)[None, None]
        x = self.norm(self.tensor(p + self.table, "table", c["vocab_size"], self.d)[ids], p + "embeddings.norm", self.eps, self.bias)
        states, attentions = [x], []
        for layer, local in enumerate(self.local):
            q = p + f"layers.{layer}."
            y = x if layer == 0 else self.norm(x, q + "attn_norm", self.eps, self.bias)
            query, key, value = np.split(self.linear(y, q + "attn.Wqkv", 3 * self.d, c["attention_bias"]), 3, -1)
            sees = visible if not local else near if visible is None else near & visible
            y, weights = self.attention(query, key, value, sees, turn=self.rotary(tokens, self.thetas[local]))
            x = x + self.linear(y, q + "attn.Wo", self.d, c["attention_bias"])
            y, gate = np.split(self.linear(self.norm(x, q + "mlp_norm", self.eps, self.bias), q + "mlp.Wi", 2 * self.f, c["mlp_bias"]), 2, -1)
            x = x + self.linear(self.act(y) * gate, q + "mlp.Wo", self.d, c["mlp_bias"])
            states.append(x)
            attentions.append(weights)
        states[-1] = self.norm(x, p + "final_norm", self.eps, self.bias)
        return states, attentions

    def rotary(self, tokens, theta):
        size = self.d // self.heads
        angles = tokens[:, None].astype(self.dtype) * (1 / theta ** (np.arange(0, size, 2).astype(self.dtype) / size))[None]
        cos, sin = np.cos(np.concatenate([angles, angles], -1)), np.sin(np.concatenate([angles, angles], -1))
        return lambda x: x * cos + np.concatenate([-x[..., size // 2:], x[..., :size // 2]], -1) * sin

    def head(self, x, mask):
        c = self.config
        act = ACTIVATIONS[c["classifier_activation"]]
        if self.task == "ForMaskedLM":
            return self.words(x, act, self.d, self.eps, self.bias, c["classifier_bias"], c["decoder_bias"])
        if self.task == "ForSequenceClassification":
            if c["classifier_pooling"] == "cls":
                x = x[:, 0]
            else:
                real = np.ones(x.shape[:2], self.dtype) if mask is None else mask.astype(self.dtype)
                x = (x * real[..., None]).sum(1) / real.sum(1, keepdims=True)
        x = self.norm(act(self.linear(x, "head.dense", self.d, c["classifier_bias"])), "head.norm", self.eps, self.bias)
        return self.answers(x, "classifier") if self.task == "ForQuestionAnswering" else {"logits": self.linear(x, "classifier", self.labels)}


class NomicBert(TextNet):
    """The hub's modeling_hf_nomic_bert.py (its keys are GPT-2's) and transformers/models/nomic_bert/modeling_nomic_bert.py (BERT's keys, no biases): post-norm layers,
    rotary positions on a part of each head or a table of positions, a gate whose activation is on the second map (fc12, gate_proj). The hub's code rounds the gated width up
    to a multiple of 256, has the exact GELU in layers without a gate whichever is named, and ties the words' head to the table whatever tie_word_embeddings says."""

    family, model_type, prefix = "NomicBert", "nomic_bert", "bert."
    tasks = ("Model", "ForPreTraining", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
    defaults = dict(type_vocab_size=2, max_trained_positions=2048)
    gpt2 = dict(vocab_size=50257, n_embd=768, n_layer=12, n_head=12, n_inner=None, activation_function="gelu_new", layer_norm_epsilon=1e-5, rotary_emb_fraction=0.0, rotary_emb_base=10000,
                rotary_emb_interleaved=False, qkv_proj_bias=True, mlp_fc1_bias=True, mlp_fc2_bias=True, pad_vocab_size_multiple=1, pad_token_id=-1)
    bert = dict(vocab_size=30528, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, hidden_act="silu", layer_norm_eps=1e-12, pad_token_id=0)

    def read(self):
        self.hub = "n_embd" in self.given
        c = self.config = {**(self.gpt2 if self.hub else self.bert), **self.config}
        if self.hub:
            self.d, self.layers, self.heads = [c.get(bert, c[own]) for bert, own in (("hidden_size", "n_embd"), ("num_hidden_layers", "n_layer"), ("num_attention_heads", "n_head"))]
            self.size = self.d // self.heads
            self.gated = c["activation_function"] in ("glu", "swiglu", "geglu")
            self.f = c["n_inner"] or (int(8 * self.d / 3) if self.gated else 4 * self.d)
            if self.gated:
                self.f = (self.f + 255) // 256 * 256
            self.act = ACTIVATIONS[{"glu": "sigmoid", "swiglu": "silu"}.get(c["activation_function"], "gelu")]
            self.head_act = ACTIVATIONS["silu" if c["activation_function"] == "swiglu" else "gelu_new" if c["activation_function"] in ("gelu_new", "gelu_fast", "gelu_pytorch_tanh") else "gelu"]
            self.eps, self.turned, self.theta = c["layer_norm_epsilon"], int(self.size * c["rotary_emb_fraction"]), c["rotary_emb_base"]
            self.biases = c["qkv_proj_bias"], c["mlp_fc1_bias"], c["mlp_fc2_bias"]
            self.interleaved = c["rotary_emb_interleaved"]
            unit = c["pad_vocab_size_multiple"]
            self.vocabulary = (c["vocab_size"] + unit - 1) // unit * unit
        else:
            self.d, self.layers, self.heads, self.f, self.eps = c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["intermediate_size"], c["layer_norm_eps"]
            self.size = self.turned = c.get("head_dim", self.d // self.heads)
            self.gated, self.biases, self.interleaved, self.vocabulary = True, (False, False, False), False, c["vocab_size"]
            self.act = self.head_act = ACTIVATIONS[c["hidden_act"]]
            self.theta = c.get("rope_parameters", {}).get("rope_theta", 1000)
        c["vocab_size"] = self.vocabulary

    @property
    def positions(self):
        return self.config.get("n_positions", self.config.get("max_position_embeddings", self.config["max_trained_positions"]))

    def turn(self, tokens):
        angles = tokens[:, None].astype(self.dtype) * (1 / self.theta ** (np.arange(0, self.turned, 2).astype(self.dtype) / self.turned))[None]

        def rotate(x):
            a, rest = x[..., :self.turned], x[..., self.turned:]
            if self.interleaved:
                cos, sin = np.cos(np.repeat(angles, 2, -1)), np.sin(np.repeat(angles, 2, -1))
                other = np.stack([-a[..., 1::2], a[..., ::2]], -1).reshape(a.shape)
            else:
                cos, sin = np.cos(np.concatenate([angles, angles], -1)), np.sin(np.concatenate([angles, angles], -1))
                other = np.concatenate([-a[..., self.turned // 2:], a[..., :self.turned // 2]], -1)
            return np.concatenate([a * cos + other * sin, rest], -1)
        return rotate if self.turned else None

    def encode(self, ids, types, visible):
        c, p, inner, (qkv_bias, bias1, bias2) = self.config, self.prefix, self.heads * self.size, self.biases
        x = self.tensor(p + self.table, "table", self.vocabulary, self.d)[ids]
        if c["type_vocab_size"] > 0:
            x = x + self.tensor(p + "embeddings.token_type_embeddings.weight", "table", c["type_vocab_size"], self.d)[np.zeros_like(ids) if types is None else types]
        if self.turned == 0:
            x = x + self.tensor(p + "embeddings.position_embeddings.weight", "table", self.positions, self.d)[np.arange(ids.shape[1])]
        x = self.norm(x, p + "emb_ln", self.eps)
        states, attentions = [x], []
        for layer in range(self.layers):
            q = p + f"encoder.layers.{layer}."
            parts = np.split(self.linear(x, q + "attn.Wqkv", 3 * inner, qkv_bias), 3, -1)
            y, weights = self.attention(*parts, visible, turn=self.turn(np.arange(ids.shape[1])))
            x = self.norm(self.linear(y, q + "attn.out_proj", self.d, qkv_bias) + x, q + "norm1", self.eps)
            if self.gated:
                y = self.linear(x, q + "mlp.fc11", self.f, bias1) * self.act(self.linear(x, q + "mlp.fc12", self.f, bias1))
            else:
                y = self.act(self.linear(x, q + "mlp.fc1", self.f, bias1))
            x = self.norm(self.linear(y, q + "mlp.fc2", self.d, bias2) + x, q + "norm2", self.eps)
            states.append(x)
            attentions.append(weights)
        return states, attentions

    def native(self, tensors):
        """The same tensors under transformers 5's names."""
        named = {}
        for name, (values, kind) in tensors.items():
            if ".attn.Wqkv" in name:
                for part, rows in zip("qkv", np.split(values, 3)):
                    named[name.replace("encoder.layers", "layers").replace("attn.Wqkv", f"self_attn.{part}_proj")] = rows, kind
                continue
            for old, new in (("encoder.layers", "layers"), ("emb_ln", "embeddings.LayerNorm"), ("attn.out_proj", "self_attn.o_proj"), ("fc11", "up_proj"), ("fc12", "gate_proj"), ("fc2", "down_proj"),
                             ("norm1", "post_attention_layernorm"), ("norm2", "post_mlp_layernorm")):
                name = name.replace(old, new)
            named[name] = values, kind
        return named

    def head(self, x, mask):
        if self.task in ("ForPreTraining", "ForMaskedLM"):
            bias = not self.hub or self.biases[1]
            y = self.norm(self.head_act(self.linear(x, "cls.predictions.transform.dense", self.d, bias)), "cls.predictions.transform.layer_norm", self.eps)
            y = y @ self.tensor(self.prefix + self.table, "table", self.vocabulary, self.d).T
            return {"logits": y + self.tensor("cls.predictions.decoder.bias" if self.hub else "cls.predictions.bias", "bias", self.vocabulary) if bias else y}
        if self.task == "ForTokenClassification":
            return {"logits": self.linear(x, "classifier", self.labels)}
        if self.task == "ForQuestionAnswering":
            return self.answers(x)
        pooled = np.tanh(self.linear(x[:, 0], self.prefix + "pooler.dense", self.d))
        return {"pooler_output": pooled} if self.task == "Model" else {"logits": self.linear(pooled, "classifier", self.labels)}


class T5(TextNet):
    """transformers/models/t5/modeling_t5.py, the encoder (T5EncoderModel, which sentence-transformers loads of a folder with a decoder, too): hidden states are
    divided by their root mean square, scores are not scaled, and the first layer has the table of relative positions for all layers. configuration_t5.py: what
    feed_forward_proj says is overridden by dense_act_fn and is_gated_act where those are written; hidden_size, num_layers … are names of the same attributes."""

    family, model_type, prefix = "T5", "t5", "transformer."
    bare = ("EncoderModel", "Model", "ForConditionalGeneration")
    tasks = ("EncoderModel", "ForTokenClassification", "ForConditionalGeneration")
    defaults = dict(vocab_size=32128, d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8, relative_attention_num_buckets=32, relative_attention_max_distance=128,
                    layer_norm_epsilon=1e-6, feed_forward_proj="relu", pad_token_id=0, n_positions=512)
    table = "shared.weight"
    own_bias = False  # whether each layer has a table of relative positions

    def read(self):
        c = self.config
        for other, name in (("hidden_size", "d_model"), ("num_hidden_layers", "num_layers"), ("num_attention_heads", "num_heads"), ("head_dim", "d_kv")):
            c[name] = c.get(other, c[name])
        self.d, self.layers, self.heads, self.f, self.eps = c["d_model"], c["num_layers"], c["num_heads"], c["d_ff"], c["layer_norm_epsilon"]
        kind = c["feed_forward_proj"].split("-")
        act = "gelu_new" if c["feed_forward_proj"] == "gated-gelu" else kind[-1]
        self.act, self.gated = ACTIVATIONS[c.get("dense_act_fn", act)], c.get("is_gated_act", kind[0] == "gated")

    @property
    def positions(self):
        return self.config["n_positions"]

    def relative_bias(self, tokens, layer):
        c = self.config
        relative = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]  # from the query to the key
        buckets = c["relative_attention_num_buckets"] // 2
        bucket = (relative > 0) * buckets
        distance = np.abs(relative)
        exact = buckets // 2
        far = exact + (np.log(np.maximum(distance, 1).astype(np.float32) / exact) / math.log(c["relative_attention_max_distance"] / exact) * (buckets - exact)).astype(np.int64)
        bucket = bucket + np.where(distance < exact, distance, np.minimum(far, buckets - 1))
        name = f"encoder.block.{layer if self.own_bias else 0}.layer.0.SelfAttention.relative_attention_bias.weight"
        return self.tensor(self.prefix + name, "table", c["relative_attention_num_buckets"], self.heads)[bucket].transpose(2, 0, 1)[None]

    def encode(self, ids, types, visible):
        c, p = self.config, self.prefix
        x = self.tensor(p + self.table, "table", c["vocab_size"], self.d)[ids]
        states, attentions = [x], []
        inner = self.heads * c["d_kv"]
        for layer in range(self.layers):
            q = p + f"encoder.block.{layer}.layer."
            y = self.rms_norm(x, q + "0.layer_norm", self.eps)
            parts = [self.linear(y, q + "0.SelfAttention." + name, inner, False) for name in ("q", "k", "v")]
            y, weights = self.attention(*parts, visible, self.relative_bias(ids.shape[1], layer), scale=1)
            x = x + self.linear(y, q + "0.SelfAttention.o", self.d, False)
            y = self.rms_norm(x, q + "1.layer_norm", self.eps)
            if self.gated:
                y = self.act(self.linear(y, q + "1.DenseReluDense.wi_0", self.f, False)) * self.linear(y, q + "1.DenseReluDense.wi_1", self.f, False)
            else:
                y = self.act(self.linear(y, q + "1.DenseReluDense.wi", self.f, False))
            x = x + self.linear(y, q + "1.DenseReluDense.wo", self.d, False)
            states.append(x)
            attentions.append(weights)
        states[-1] = self.rms_norm(x, p + "encoder.final_layer_norm", self.eps)
        return states, attentions

    def head(self, x, mask):
        return {"logits": self.linear(x, "classifier", self.labels)} if self.task == "ForTokenClassification" else {}


class Mt5(T5):
    """transformers/models/mt5/modeling_mt5.py: T5's code; configuration_mt5.py has other defaults."""

    family, model_type = "MT5", "mt5"
    defaults = {**T5.defaults, "vocab_size": 250112, "d_ff": 1024, "num_layers": 8, "num_heads": 6, "feed_forward_proj": "gated-gelu"}


class Umt5(Mt5):
    """transformers/models/umt5/modeling_umt5.py: each layer has its own table of relative positions."""

    family, model_type, own_bias = "UMT5", "umt5", True


# ---- models of images ----


class Vit(Net):
    """transformers/models/vit/modeling_vit.py: patches, a learned token before them, pre-norm layers. Hidden states are before the final norm."""

    family, model_type, prefix = "ViT", "vit", "vit."
    tasks = ("Model", "ForImageClassification")
    defaults = dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, hidden_act="gelu", layer_norm_eps=1e-12,
                    image_size=224, patch_size=16, num_channels=3, qkv_bias=True, pooler_act="tanh")
    tokens = ("cls_token",)

    def read(self):
        super().read()
        self.image, self.patch = [(c, c) if isinstance(c, int) else tuple(c) for c in (self.config["image_size"], self.config["patch_size"])]
        self.channels = self.config["num_channels"]

    def run(self, pixels):
        p, (height, width), batch = self.prefix + "embeddings.", self.patch, len(pixels)
        rows, columns = self.image[0] // height, self.image[1] // width
        cut = pixels.astype(self.dtype)[:, :, :rows * height, :columns * width].reshape(batch, self.channels, rows, height, columns, width)
        cut = cut.transpose(0, 2, 4, 1, 3, 5).reshape(batch, rows * columns, -1)
        kernel = self.tensor(p + "patch_embeddings.projection.weight", "map", self.d, self.channels, height, width)
        x = cut @ kernel.reshape(self.d, -1).T + self.tensor(p + "patch_embeddings.projection.bias", "bias", self.d)
        first = [np.broadcast_to(self.tensor(p + name, "table", 1, 1, self.d), (batch, 1, self.d)) for name in self.tokens]
        x = np.concatenate([*first, x], 1)
        x = x + self.tensor(p + "position_embeddings", "table", 1, x.shape[1], self.d)
        states, attentions = [x], []
        for layer in range(self.layers):
            q = self.prefix + f"encoder.layer.{layer}."
            y = self.norm(x, q + "layernorm_before", self.eps)
            y, weights = self.attention(*[self.linear(y, q + "attention.attention." + name, self.d, self.config["qkv_bias"]) for name in ("query", "key", "value")])
            x = self.linear(y, q + "attention.output.dense", self.d) + x
            y = self.act(self.linear(self.norm(x, q + "layernorm_after", self.eps), q + "intermediate.dense", self.f))
            x = self.linear(y, q + "output.dense", self.d) + x
            states.append(x)
            attentions.append(weights)
        last = self.norm(x, self.prefix + "layernorm", self.eps)
        head = {} if self.task == "Model" and not self.pooler else self.head(last)
        return self.outputs(states, attentions, last, head)

    def head(self, x):
        if self.task == "Model":
            size = self.config.get("pooler_output_size", self.d)
            return {"pooler_output": ACTIVATIONS[self.config["pooler_act"]](self.linear(x[:, 0], self.prefix + "pooler.dense", size))}
        return {"logits": self.linear(x[:, 0], "classifier", self.labels)}


class ClipText(TextNet):
    """transformers/models/clip/modeling_clip.py, CLIPTextTransformer: causal pre-norm layers and a final norm, which hidden_states do not show; the pooled token is the first
    that is eos_token_id (the first of all, if none is), or, where eos_token_id is 2, that of the largest id. text_projection has no bias, and text_embeds is not normalised."""

    family, model_type, prefix = "CLIP", "clip_text_model", "text_model."
    bare = ("none",)  # CLIPTextModel keeps the prefix
    tasks = ("TextModel", "TextModelWithProjection")
    defaults = dict(vocab_size=49408, hidden_size=512, intermediate_size=2048, projection_dim=512, num_hidden_layers=12, num_attention_heads=8, max_position_embeddings=77, hidden_act="quick_gelu",
                    layer_norm_eps=1e-5, pad_token_id=1, eos_token_id=49407)
    projects = ("TextModelWithProjection", "Model")
    width = None  # of the whole model's vectors

    def run(self, ids, types=None, mask=None):
        c, p = self.config, self.prefix
        tokens = np.arange(ids.shape[1])
        sees = (tokens[None, :] <= tokens[:, None])[None, None]
        if mask is not None:
            sees = sees & (mask[:, None, None, :] == 1)
        x = self.tensor(p + "embeddings.token_embedding.weight", "table", c["vocab_size"], self.d)[ids]
        x = x + self.tensor(p + "embeddings.position_embedding.weight", "table", c["max_position_embeddings"], self.d)[tokens]
        states, attentions, x = clip_layers(self, x, sees)
        last = self.norm(x, p + "final_layer_norm", self.eps)
        place = ids.argmax(-1) if c["eos_token_id"] == 2 else (ids == c["eos_token_id"]).astype(np.int64).argmax(-1)
        head = {"pooler_output": last[np.arange(len(ids)), place]}
        if self.task in self.projects:
            head["embedding"] = self.linear(head["pooler_output"], "text_projection", self.width or c["projection_dim"], False)
        return self.outputs(states, attentions, last, head)


class ClipVision(Net):
    """The same file, CLIPVisionTransformer: patches without a bias, a class embedding of one dimension, pre_layrnorm (so spelled) before the layers, and post_layernorm on
    the class's token alone; last_hidden_state is without it."""

    family, model_type, prefix = "CLIP", "clip_vision_model", "vision_model."
    bare = ("none",)
    tasks = ("VisionModel", "VisionModelWithProjection")
    defaults = dict(hidden_size=768, intermediate_size=3072, projection_dim=512, num_hidden_layers=12, num_attention_heads=12, num_channels=3, image_size=224, patch_size=32, hidden_act="quick_gelu", layer_norm_eps=1e-5)
    projects = ("VisionModelWithProjection", "Model")
    width = None

    def read(self):
        super().read()
        self.image, self.channels = (self.config["image_size"],) * 2, self.config["num_channels"]

    def run(self, pixels):
        c, p, side, batch = self.config, self.prefix, self.config["patch_size"], len(pixels)
        n = c["image_size"] // side
        cut = pixels.astype(self.dtype)[:, :, :n * side, :n * side].reshape(batch, self.channels, n, side, n, side).transpose(0, 2, 4, 1, 3, 5).reshape(batch, n * n, -1)
        x = cut @ self.tensor(p + "embeddings.patch_embedding.weight", "map", self.d, self.channels, side, side).reshape(self.d, -1).T
        x = np.concatenate([np.broadcast_to(self.tensor(p + "embeddings.class_embedding", "table", self.d), (batch, 1, self.d)), x], 1)
        x = x + self.tensor(p + "embeddings.position_embedding.weight", "table", n * n + 1, self.d)
        states, attentions, x = clip_layers(self, self.norm(x, p + "pre_layrnorm", self.eps), None)
        head = {"pooler_output": self.norm(x[:, 0], p + "post_layernorm", self.eps)}
        if self.task in self.projects:
            head["embedding"] = self.linear(head["pooler_output"], "visual_projection", self.width or c["projection_dim"], False)
        return self.outputs(states, attentions, x, head)


def clip_layers(net, x, sees):
    states, attentions = [x], []
    for layer in range(net.layers):
        q = net.prefix + f"encoder.layers.{layer}."
        y = net.norm(x, q + "layer_norm1", net.eps)
        y, weights = net.attention(*[net.linear(y, q + f"self_attn.{part}_proj", net.d) for part in "qkv"], sees)
        x = x + net.linear(y, q + "self_attn.out_proj", net.d)
        y = net.act(net.linear(net.norm(x, q + "layer_norm2", net.eps), q + "mlp.fc1", net.f))
        x = x + net.linear(y, q + "mlp.fc2", net.d)
        states.append(x)
        attentions.append(weights)
    return states, attentions, x


class ClipWhole:
    """A CLIPModel: both towers in one file, of which one is run. CLIPConfig: text_config_dict and vision_config_dict win; projection_dim is the whole's."""

    family, model_type = "CLIP", "clip"
    tower, key = ClipText, "text_config"
    bare = ("none",)

    def __new__(cls, config, task, weights, dtype, pooler=True):
        nets = []
        for tower, key in ((ClipText, "text_config"), (ClipVision, "vision_config")):
            own = config.get(key + "_dict")
            net = tower(own if own is not None else config.get(key) or {}, "Model", weights, dtype)
            net.width = config.get("projection_dim", 512)
            nets.append(net)
        other = nets[cls.tower is ClipText]
        if isinstance(other, ClipText):
            other.run(np.zeros((1, 1), np.int64))
        else:
            other.run(np.zeros((1, other.channels, *other.image), np.float32))
        return nets[cls.tower is ClipVision]


class ClipOfTexts(ClipWhole):
    pass


class ClipOfImages(ClipWhole):
    tower, key = ClipVision, "vision_config"


class Deit(Vit):
    """transformers/models/deit/modeling_deit.py: a second learned token; with a teacher a head on each, and their mean."""

    family, model_type, prefix = "DeiT", "deit", "deit."
    tasks = ("Model", "ForImageClassification", "ForImageClassificationWithTeacher")
    tokens = ("cls_token", "distillation_token")

    def head(self, x):
        if self.task != "ForImageClassificationWithTeacher":
            return super().head(x)
        return {"logits": (self.linear(x[:, 0], "cls_classifier", self.labels) + self.linear(x[:, 1], "distillation_classifier", self.labels)) / 2}


# ---- sentence-transformers ----

# Of torch.nn, which Dense names.
DENSE_ACTIVATIONS = {"Identity": lambda x: x, "Tanh": np.tanh, "ReLU": lambda x: np.maximum(x, 0), "GELU": _gelu, "SiLU": lambda x: x * _sigmoid(x), "Sigmoid": _sigmoid}


def embed(hidden, mask, pooling, modules, written_by=None, maps=None):
    """sentence_transformers' Pooling, Dense and Normalize; maps: of a Dense's folder its weight, bias (or None) and activation function. Modes that pooling_mode names count alone, in their order. Of the flags those that are true do, and the mean where none is;
    in a folder that 5.3 or an older version wrote, the mean's flag is true unless it is there. Without modules.json it is the mean, whatever 1_Pooling says."""
    flags = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "weightedmean": "weightedmean_tokens",
             "lasttoken": "lasttoken"}
    pooling = modules and pooling or {}
    if named := pooling.get("pooling_mode"):
        modes = [mode.lower() for mode in ([named] if isinstance(named, str) else named)]
    else:
        old = written_by is not None and [int(part) for part in written_by.split(".")[:2]] < [5, 4]
        modes = [mode for mode, flag in flags.items() if pooling.get("pooling_mode_" + flag, old and mode == "mean")] or ["mean"]
    batch, tokens, _ = hidden.shape
    real = (np.ones((batch, tokens)) if mask is None else mask).astype(hidden.dtype)[..., None]
    place = np.arange(1, tokens + 1).astype(hidden.dtype)[None, :, None]
    parts = {
        "cls": lambda: hidden[:, 0],
        "max": lambda: np.where(real == 0, hidden.dtype.type(-1e9), hidden).max(1),
        "mean": lambda: (hidden * real).sum(1) / real.sum(1),
        "mean_sqrt_len_tokens": lambda: (hidden * real).sum(1) / np.sqrt(real.sum(1)),
        "weightedmean": lambda: (hidden * real * place).sum(1) / (real * place).sum(1),
        "lasttoken": lambda: np.stack([row[np.flatnonzero(m[:, 0])[-1]] for row, m in zip(hidden, real)]),
    }
    vector = np.concatenate([parts[mode]() for mode in modes], 1)
    for module in modules or []:
        if module["type"].endswith(".Dense"):
            weight, bias, name = maps[module["path"]]
            vector = vector @ weight.astype(vector.dtype).T
            if bias is not None:
                vector = vector + bias.astype(vector.dtype)
            vector = DENSE_ACTIVATIONS[(name or "Tanh").split(".")[-1]](vector)
        elif module["type"].endswith(".Normalize"):
            vector = vector / np.maximum(np.sqrt((vector * vector).sum(1, keepdims=True)), 1e-12)
    return vector


ARCHITECTURES = {net.family: net for net in (Bert, DistilBert, Roberta, XlmRoberta, Camembert, MpNet, Albert, Electra, ModernBert, NomicBert, T5, Mt5, Umt5, Vit, Deit)}
