"""Model folders as they are found on the hub, with golden files (docs/golden-format.md), of random weights."""
import dataclasses
import json
import math
import os
import struct
import zlib

import numpy as np

import models

# ---- safetensors ----


def _bfloat16(values):
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


_NUMPY = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "U8": np.uint8, "BOOL": np.bool_}


def encode(values, kind):
    return (_bfloat16(values) if kind == "BF16" else np.ascontiguousarray(values, _NUMPY[kind])).tobytes()


def rounded(values, kind):
    """What is left of float64 in a type, as float64."""
    if kind == "BF16":
        return (_bfloat16(values).astype(np.uint32) << 16).view(np.float32).astype(np.float64).reshape(values.shape)
    return values.astype(_NUMPY[kind]).astype(np.float64)


def write_safetensors(path, tensors, metadata=None):
    """tensors: name to (array, type)."""
    header, blobs, end = ({"__metadata__": metadata} if metadata else {}), [], 0
    for name, (values, kind) in tensors.items():
        blobs.append(encode(values, kind))
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [end, end + len(blobs[-1])]}
        end += len(blobs[-1])
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def write_tensors(path, tensors, shards):
    """A folder's tensors: one file, or as many as shards and their index."""
    if shards == 1:
        write_safetensors(os.path.join(path, "model.safetensors"), tensors, {"format": "pt"})
        return
    places = {name: f"model-{i % shards + 1:05}-of-{shards:05}.safetensors" for i, name in enumerate(tensors)}
    for file in sorted(set(places.values())):
        write_safetensors(os.path.join(path, file), {name: tensors[name] for name in tensors if places[name] == file}, {"format": "pt"})
    total = sum(len(encode(*tensor)) for tensor in tensors.values())
    write_json(os.path.join(path, "model.safetensors.index.json"), {"metadata": {"total_size": total}, "weight_map": places})


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
        file.write("\n")


# ---- random weights ----


class Weights:
    """Tensors by name: made when they are first asked for, of the type that they are stored in, so that every later run reads what the file holds."""

    def __init__(self, seed, kinds, **scales):
        self.random, self.kinds, self.tensors = np.random.RandomState(seed), kinds, {}
        self.scales = {"map": 1.2, "turned": 1.2, "bias": 0.2, "table": 0.5, "offset": 0.3, **scales}  # turned: a map stored [in, out]; offset: a gain without its 1

    def get(self, name, kind, shape):
        if name not in self.tensors:
            values = self.random.randn(*shape)
            if kind in ("map", "turned"):
                values = values * self.scales[kind] / math.sqrt(np.prod(shape[1:]) if kind == "map" else shape[0])
            elif kind == "gain":
                values = 1 + 0.3 * values
            else:
                values = values * self.scales[kind]
            stored = self.kinds[len(self.tensors) % len(self.kinds)]
            self.tensors[name] = rounded(values, stored), stored
        values = self.tensors[name][0]
        assert values.shape == tuple(shape), f"{name} is {values.shape}, {shape} is asked for"
        return values


# ---- a folder ----


@dataclasses.dataclass
class Folder:
    """One model: what it is, and how it is written down. config is config.json as it will be in the folder, without model_type and architectures."""

    name: str
    net: type
    task: str
    config: dict
    pooler: bool = True  # whether a base model has one
    kinds: tuple = ("F32",)  # types of the tensors, in turn
    prefix: str | None = None  # before the base model's tensors; None: none in a base model, the architecture's with a head
    old_norms: bool = False  # LayerNorm.gamma and .beta
    shards: int = 1
    buffer: bool = False  # embeddings.position_ids
    copies: bool = False  # tied tensors under both of their names
    decoder_bias: bool = False  # the words' bias under the decoder's name only
    without_head: bool = False  # the file has the base model alone, whatever architectures says
    architectures: list | None | str = "own"  # None: null; "absent": no such key
    pooling: dict | None = None  # 1_Pooling/config.json
    modules: list | None = None  # modules.json
    dense: dict = dataclasses.field(default_factory=dict)  # Dense modules: folder to its config.json
    limits: dict | None = None  # sentence_bert_config.json
    written_by: str | None = None  # the version of sentence-transformers that config_sentence_transformers.json names; None: there is no such file
    native: bool = False  # NomicBERT's tensors under transformers 5's names
    table: str | None = None  # another name of the table of words in the file
    extra: dict = dataclasses.field(default_factory=dict)  # more tensors that nobody reads: name to shape

    def write(self, root):
        """Writes the folder."""
        path = os.path.join(root, self.name)
        os.makedirs(path, exist_ok=True)
        seed = zlib.crc32(self.name.encode())
        architectures = {"absent": {}, "own": {"architectures": [self.net.family + self.task]}}.get(self.architectures if isinstance(self.architectures, str) else "", {"architectures": self.architectures})
        write_json(os.path.join(path, "config.json"), {"model_type": self.net.model_type, **architectures, **self.config})
        for file, value in (("1_Pooling/config.json", self.pooling), ("modules.json", self.modules), ("sentence_bert_config.json", self.limits),
                            ("config_sentence_transformers.json", self.written_by and {"__version__": {"sentence_transformers": self.written_by}})):
            if value is not None:
                write_json(os.path.join(path, file), value)
        self.maps = {}
        for module, config in self.dense.items():
            write_json(os.path.join(path, module, "config.json"), config)
            random, kind = np.random.RandomState(zlib.crc32(f"{self.name}/{module}".encode())), self.kinds[0]
            inputs, outputs = config["in_features"], config["out_features"]
            tensors = {"linear.weight": rounded(random.randn(outputs, inputs) * 1.2 / math.sqrt(inputs), kind)}
            if config.get("bias", True):
                tensors["linear.bias"] = rounded(random.randn(outputs) * 0.2, kind)
            write_safetensors(os.path.join(path, module, "model.safetensors"), {name: (values, kind) for name, values in tensors.items()}, {"format": "pt"})
            self.maps[module] = tensors["linear.weight"], tensors.get("linear.bias"), config.get("activation_function")
        weights = Weights(seed, self.kinds)
        task = "Model" if self.without_head else self.task
        wide, single = [self.net(self.config, task, weights, kind, self.pooler) for kind in (np.float64, np.float32)]
        self.write_golden(path, wide, single, np.random.RandomState(seed + 1))
        self.write_weights(path, weights, wide)

    # ---- weights ----

    def write_weights(self, path, weights, net):
        prefix = net.prefix if isinstance(net, (models.ClipText, models.ClipVision)) else self.prefix if self.prefix is not None else "" if self.task in net.bare or self.without_head else net.prefix
        tensors = dict(weights.tensors)
        if self.copies:
            decoder, bias = net.masked_lm_names[2:]
            if net.config["tie_word_embeddings"]:
                tensors[decoder] = tensors[net.prefix + net.table]
            tensors[decoder.replace(".weight", ".bias")] = tensors[bias]
        elif self.decoder_bias:
            decoder, bias = net.masked_lm_names[2:]
            tensors[decoder.replace(".weight", ".bias")] = tensors.pop(bias)
        if self.table:
            tensors[net.prefix + self.table] = tensors.pop(net.prefix + net.table)
        if self.buffer:
            tensors[net.prefix + "embeddings.position_ids"] = np.arange(net.config["max_position_embeddings"])[None], "I64"
        for name, shape in self.extra.items():
            tensors[name] = np.random.RandomState(3).randn(*shape), self.kinds[0]

        def stored(name):
            if name.startswith(net.prefix):
                name = prefix + name[len(net.prefix):]
            if self.old_norms:
                name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
            return name

        if self.native:
            tensors = net.native(tensors)
        tensors = {stored(name): tensors[name] for name in sorted(tensors)}
        write_tensors(path, tensors, self.shards)

    # ---- golden files ----

    def write_golden(self, path, wide, single, random):
        arrays, errors = {}, {}
        for case, inputs, shown in self.cases(wide, random):
            for key, values in inputs.items():
                arrays[f"{case}.{key}"] = values, "F32" if key == "pixel_values" else "I64"
            results = [self.results(net, inputs) for net in (wide, single)]
            assert all(values.dtype == np.float64 for values in results[0].values()) and all(values.dtype == np.float32 for values in results[1].values())
            for key, values in results[0].items():
                if not shown(key, wide.layers):
                    continue
                error = np.abs(values - results[1][key])
                if "attention_mask" in inputs:
                    values, error = [self.at_tokens(wide, key, x, inputs["attention_mask"]) for x in (values, error)]
                arrays[f"{case}.{key}"] = np.round(values * 2.0 ** 30) / 2.0 ** 30, "F64"  # to 5e-10: the zeros behind it compress
                errors[f"{case}.{key}"] = {"max_abs_f32_minus_f64": float(f"{error.max():.2g}")}
        write_safetensors(os.path.join(path, "golden.safetensors"), arrays)
        write_json(os.path.join(path, "golden.json"), {
            "name": self.name, "class": self.net.family + ("Model" if self.without_head else self.task),
            **({"tower": "Text" if self.net.key == "text_config" else "Image"} if hasattr(self.net, "key") else {}),
            "made_by": "tools/reference (numpy, float64)", "max_abs_f32_minus_f64": max(error["max_abs_f32_minus_f64"] for error in errors.values()), "arrays": errors})

    def results(self, net, inputs):
        if "pixel_values" in inputs:
            return net.run(inputs["pixel_values"])
        mask = inputs.get("attention_mask")
        results = net.run(inputs["input_ids"], inputs.get("token_type_ids"), mask)
        if isinstance(net, models.ClipText) and (net.task in net.projects):
            return results  # text_embeds
        return {**results, "embedding": models.embed(results["last_hidden_state"], mask, self.pooling, self.modules, self.written_by, self.maps)}

    @staticmethod
    def at_tokens(net, key, values, mask):
        """Zeros where an output belongs to a token of padding: nobody compares that."""
        if key in ("embedding", "pooler_output") or key == "logits" and net.task in ("ForSequenceClassification", "ForNextSentencePrediction"):
            return values
        real = mask[:, None, :, None] if key.startswith("attentions") else mask.reshape(mask.shape + (1,) * (values.ndim - 2))
        return np.where(real == 1, values, 0)

    def cases(self, net, random):
        """Name, inputs, and which outputs are written down."""
        def everything(key, layers):
            return True

        def last(key, layers):
            return "." not in key

        def last_weights(key, layers):
            return "." not in key or key == f"attentions.{layers - 1}"

        if isinstance(net, (models.Vit, models.ClipVision)):
            for case, batch, shown in (("single", 1, everything), ("batch", 2, last)):
                yield case, {"pixel_values": random.randn(batch, net.channels, *net.image).astype(np.float32)}, shown
            return

        vocabulary, pad, longest = net.config["vocab_size"], net.pad, net.positions
        types = net.config.get("type_vocab_size", 0) if "type_vocab_size" in net.defaults else 0

        def text(batch, tokens, padding=False):
            ids = random.randint(0, vocabulary, (batch, tokens))
            if not padding:
                ids[ids == pad] = (pad + 1) % vocabulary
            return ids

        def inputs(ids, mask=None, segments=True):
            found = {"input_ids": np.where(mask == 0, pad, ids) if mask is not None else ids}
            if types > 0 and segments:
                found["token_type_ids"] = random.randint(0, types, ids.shape)
            if mask is not None:
                found["attention_mask"] = mask
            return found

        tokens = min(longest, 6)
        yield "single", inputs(text(1, tokens)), everything
        yield "one", inputs(text(1, 1), segments=False), last
        yield "longest", inputs(text(1, longest)), last
        inside = text(1, tokens, padding=True)
        inside[0, tokens // 2] = pad
        yield "padding_ids_inside", inputs(inside, segments=False), last
        place = np.arange(tokens)[None]
        yield "right", inputs(text(3, tokens), (place < np.array([[tokens], [tokens // 2 + 1], [1]])).astype(np.int64)), last
        # The first token decides: where it is padding, a ModernBERT with local layers has nothing to say of it.
        if not isinstance(net, models.ModernBert) or self.task != "ForSequenceClassification" and not (self.pooling or {}).get("pooling_mode_cls_token"):
            found = inputs(text(2, tokens), (place >= np.array([[1], [tokens // 2]])).astype(np.int64))
            if isinstance(net, models.ClipText):
                # The end is a token of the text: what padding before a causal text sees is not compared.
                end = vocabulary - 1 if net.config["eos_token_id"] == 2 else net.config["eos_token_id"]
                found["input_ids"][found["input_ids"] == end] = 0
                found["input_ids"][:, -1] = min(end, vocabulary - 1)
            if not isinstance(net, models.ClipText) or end < vocabulary:
                yield "left", found, last
        holes = (random.rand(2, tokens) < 0.6).astype(np.int64)
        holes[:, 0], holes[:, tokens // 2] = 1, 0
        yield "holes", inputs(text(2, tokens), holes), last_weights
