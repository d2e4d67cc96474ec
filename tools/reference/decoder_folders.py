"""Folders of decoders with golden files, of random weights: the keys that a prompt, single steps and greedy choice have."""
import dataclasses
import os
import zlib

import numpy as np

import folders
from decoders import Granite, Llama, Mistral, Olmo2, Phi3, Qwen2, Qwen3, SmolLm3
from decoders_gemma import Gemma, Gemma2, Gemma3
from decoders_gpt import Bloom, Falcon, Gpt2, GptBigCode, GptNeoX, Opt, Phi

NETS = (Llama, Mistral, Qwen2, Qwen3, SmolLm3, Granite, Olmo2, Phi3, Gemma, Gemma2, Gemma3, Gpt2, GptBigCode, Opt, GptNeoX, Bloom, Falcon, Phi)
ARCHITECTURES = {net.family + task: (net, task) for net in NETS for task in {"Model", *getattr(net, "tasks", ()), net.head_task}}
PROMPT, STEPS, SHORT, CHOSEN = 12, 6, 8, 8  # tokens of the prompt, fed after it, of the greedy prompt, and chosen after that
MARGIN = 5e-3  # between the first and the second logit, so that float32 chooses the same


def greedy(net, prompt, steps):
    """The likeliest id, again and again, and the logits that chose it."""
    ids, rows = list(prompt), []
    for _ in range(steps):
        rows.append(net.run(np.array([ids]), prompt=len(prompt))["logits"][0, -1])
        ids.append(int(rows[-1].argmax()))
    return np.array(ids[len(prompt):]), np.stack(rows)


def decoded(net, prompt, fed):
    """Logits of tokens that are fed one by one after a prompt."""
    ids = np.concatenate([prompt, fed[None]], 1)
    tokens = prompt.shape[1]
    return np.stack([net.run(ids[:, :tokens + i + 1], prompt=tokens)["logits"][0, -1] for i in range(len(fed))])


def margin(logits):
    ordered = np.sort(logits, -1)
    return float((ordered[:, -1] - ordered[:, -2]).min())


@dataclasses.dataclass
class DecoderFolder(folders.Folder):
    """net, and config.json as it will be in the folder. prefix: what the file has in place of the net's."""

    older: dict | None = None  # config.v4.json, which says the same in older keys
    scales: dict = dataclasses.field(default_factory=dict)  # of the weights: a model whose words are its head, too, repeats itself unless its layers outweigh the words
    masks: bool = False  # buffers in the file that are no weights: causal masks, frequencies
    generation: dict | None = None  # generation_config.json
    notes: tuple = ()  # for golden.json

    kind = "decoder"

    def inputs(self, net, random):
        shapes = {"prefill.input_ids": (1, PROMPT), "decode.input_ids": STEPS, "greedy.prompt_ids": SHORT}
        return {key: random.randint(0, net.vocabulary, shape) for key, shape in shapes.items()}

    def outputs(self, net, given):
        prompt = given["prefill.input_ids"]
        found = {"prefill." + key: values for key, values in net.run(prompt).items()}
        found["decode.logits"] = decoded(net, prompt, given["decode.input_ids"])
        found["greedy.ids"], found["greedy.logits"] = greedy(net, given["greedy.prompt_ids"], CHOSEN)
        return found

    def write(self, root):
        path = os.path.join(root, self.name)
        os.makedirs(path, exist_ok=True)
        head = {"architectures": [self.net.family + self.task], "model_type": self.net.model_type}
        for file, config in (("config.json", self.config), ("config.v4.json", self.older)):
            if config is not None:
                folders.write_json(os.path.join(path, file), {**head, **config})
        if self.generation is not None:
            folders.write_json(os.path.join(path, "generation_config.json"), self.generation)
        seed = zlib.crc32(self.name.encode())
        for attempt in range(1000):  # until greedy choice is clear and does not repeat itself
            weights = folders.Weights(seed + attempt, self.kinds, **self.scales)
            wide, single = [self.net(self.config, self.task, weights, kind) for kind in (np.float64, np.float32)]
            random = np.random.RandomState(seed + attempt + 1)
            given = self.inputs(wide, random)
            found = self.outputs(wide, given)
            if margin(found["greedy.logits"]) > MARGIN and len(set(found["greedy.ids"])) >= CHOSEN // 2:
                break
        else:
            raise ValueError(f"{self.name}: no weights choose clearly")
        close = self.outputs(single, given)
        assert np.array_equal(found["greedy.ids"], close["greedy.ids"])
        if self.older is not None:
            again = self.outputs(self.net(self.older, self.task, weights, np.float64), given)
            assert all(np.array_equal(found[key], again[key]) for key in found), f"{self.name}: config.v4.json says something else"
        self.write_arrays(path, given, found, close)
        self.write_all(path, weights, wide)

    def write_arrays(self, path, inputs, found, close):
        arrays, described = {key: (values, "F32" if key.endswith("features") else "I64") for key, values in inputs.items()}, {}
        for key, values in found.items():
            if key == "greedy.ids":
                arrays[key] = values, "I64"
                continue
            assert values.dtype == np.float64 and close[key].dtype == np.float32, key
            arrays[key] = np.round(values * 2.0 ** 30) / 2.0 ** 30, "F64"  # to 5e-10: the zeros behind it compress
            described[key] = {"max_abs_f32_minus_f64": float(f"{np.abs(values - close[key]).max():.2g}")}
        arrays = {key: arrays[key] for key in sorted(arrays)}
        folders.write_safetensors(os.path.join(path, "golden.safetensors"), arrays)
        folders.write_json(os.path.join(path, "golden.json"), {
            "name": self.name, "class": self.net.family + self.task, "kind": self.kind, "made_by": "tools/reference (numpy, float64)",
            "max_abs_f32_minus_f64": max(one["max_abs_f32_minus_f64"] for one in described.values()),
            **({"notes": list(self.notes)} if self.notes else {}),
            "greedy": {"min_margin_f64": float(f"{margin(found['greedy.logits']):.2g}"), "float32_gives_the_same_ids": True}, "arrays": described})

    def write_all(self, path, weights, net):
        tensors = dict(weights.tensors)
        if self.copies:
            tensors |= {name: tensors[source] for name, source in net.twins()}
        if self.masks:
            for name, values in net.buffers():
                tensors[net.prefix + name] = values
        for name, shape in self.extra.items():
            tensors[name] = np.random.RandomState(3).randn(*shape), self.kinds[0]
        prefix = net.prefix if self.prefix is None else self.prefix
        tensors = {prefix + name[len(net.prefix):] if name.startswith(net.prefix) else name: values for name, values in tensors.items()}
        folders.write_tensors(path, {name: tensors[name] for name in sorted(tensors)}, self.shards)
