"""Model folders as they lie on the disk: safetensors, and weights that are read instead of made."""
import json
import os
import struct

import numpy as np

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "BF16": np.uint16, "U8": np.uint8, "BOOL": np.bool_}


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_safetensors(path):
    """Name to array; floats of 16 bits as float32."""
    with open(path, "rb") as file:
        data = file.read()
    size, = struct.unpack("<Q", data[:8])
    header, tensors = json.loads(data[8:8 + size]), {}
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin:8 + size + end], _TYPES[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])
        tensors[name] = values
    return tensors


def read_weights(path):
    """All tensors of a folder, of one file or of the shards that its index names."""
    index = os.path.join(path, "model.safetensors.index.json")
    if not os.path.exists(index):
        return read_safetensors(os.path.join(path, "model.safetensors"))
    shards = {file: read_safetensors(os.path.join(path, file)) for file in set(read_json(index)["weight_map"].values())}
    return {name: shards[file][name] for name, file in read_json(index)["weight_map"].items()}


class Stored:
    """Tensors of a folder in place of folders.Weights. A name is looked up as it is, then without the parts in front of its dots: a base model's file has no prefix."""

    def __init__(self, tensors, names=lambda name: name):
        self.tensors, self.names, self.used = tensors, names, set()

    def get(self, name, kind, shape):
        found = self.names(name)
        while found not in self.tensors:
            if "." not in found:
                raise KeyError(f"the folder has no tensor {name}")
            found = found.split(".", 1)[1]
        self.used.add(found)
        values = self.tensors[found]
        if values.shape != tuple(shape):
            raise ValueError(f"{found} is {values.shape}, {shape} is asked for")
        return values.astype(np.float64)

    @property
    def unused(self):
        return sorted(set(self.tensors) - self.used)
