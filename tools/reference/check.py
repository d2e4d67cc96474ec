"""python3 tools/reference check FOLDER...: computes the golden files of decoders anew, whoever made them, and says how far apart the numbers are.

FOLDER is a model's or holds models' folders. Exit code 1: a number is further off than 1e-9, which is what golden files of this tool are rounded to, or a greedy id is another one.
config.v4.json beside config.json must give the same numbers.
"""
import os

import numpy as np

import half_folders
import llama2c
from decoder_folders import ARCHITECTURES, decoded, greedy
from folders import Folder
from halves import Halves
from models import embed
from stored import Stored, read_json, read_safetensors, read_weights

LIMIT = 1e-9
INPUTS = {"input_ids", "input_features", "decoder_input_ids", "attention_mask", "prompt_ids", "position_ids", "token_type_ids"}
KNOWN = {**ARCHITECTURES, **half_folders.ARCHITECTURES}


def embedding(path, hidden, mask):
    """By the modules of a folder of sentence-transformers."""
    def said(*names):
        return read_json(os.path.join(path, *names)) if os.path.exists(os.path.join(path, *names)) else None

    modules, maps = said("modules.json"), {}
    for module in modules:
        if module["type"].endswith(".Dense"):
            place, config = module["path"], said(module["path"], "config.json")
            weights = read_safetensors(os.path.join(path, place, "model.safetensors"))
            maps[place] = weights["linear.weight"], weights.get("linear.bias"), config.get("activation_function")
    return embed(hidden, mask, said("1_Pooling", "config.json"), modules, maps=maps)


def recomputed(path, config, tensors, golden):
    """The arrays of golden that can be computed, and the tensors that nothing read."""
    net_type, task = KNOWN[config["architectures"][0]]
    stored = Stored(tensors)
    net = net_type(config, task, stored, np.float64)
    if isinstance(net, Halves):
        return half_folders.outputs(net, golden, len(golden["greedy.ids"])), stored.unused
    found = {}
    for case in {key.split(".")[0] for key in golden if key.endswith(".input_ids")} - {"decode", "leftpad"}:
        mask = golden.get(f"{case}.attention_mask")
        results = net.run(golden[f"{case}.input_ids"], mask=mask)
        if f"{case}.embedding" in golden:
            results["embedding"] = embedding(path, results["last_hidden_state"], mask)
        for key, values in results.items():
            found[f"{case}.{key}"] = values if mask is None else Folder.at_tokens(net, key, values, mask)
    if "decode.input_ids" in golden:
        found["decode.logits"] = decoded(net, golden["prefill.input_ids"], golden["decode.input_ids"])
    if "greedy.ids" in golden:
        found["greedy.ids"], found["greedy.logits"] = greedy(net, golden["greedy.prompt_ids"], len(golden["greedy.ids"]))
    if "leftpad.logits" in golden:  # a row with padding on the left is what the row alone is
        rows, mask = golden["leftpad.input_ids"], golden["leftpad.attention_mask"]
        found["leftpad.logits"] = np.zeros(golden["leftpad.logits"].shape)
        for row, real, logits in zip(rows, mask, found["leftpad.logits"]):
            logits[real == 1] = net.run(row[real == 1][None])["logits"][0]
    return found, stored.unused


def check_folder(path):
    golden, tensors, good = read_safetensors(os.path.join(path, "golden.safetensors")), read_weights(path), True
    for file in ("config.json", "config.v4.json"):
        if not os.path.exists(os.path.join(path, file)):
            continue
        config = read_json(os.path.join(path, file))
        if config["architectures"][0] not in KNOWN:
            print(f"{os.path.basename(path):45} {file:15} passed over: {config['architectures'][0]} is not a decoder that is known here")
            return True
        found, unused = recomputed(path, config, tensors, golden)
        outputs = {key for key in golden if key.split(".", 1)[1] not in INPUTS}
        worst = max(float(np.abs(found[key] - golden[key]).max()) for key in outputs if key in found)
        missing = sorted(outputs - set(found))
        same = "greedy.ids" not in golden or np.array_equal(found["greedy.ids"], golden["greedy.ids"])
        good = good and worst < LIMIT and same and not missing
        print(f"{os.path.basename(path):45} {file:15} {len(outputs):3} arrays, at most {worst:.1e} apart" + ("" if same else ", OTHER GREEDY IDS")
              + (f", not computed: {', '.join(missing)}" if missing else "") + (f", not read: {', '.join(unused)}" if unused else ""))
    return good


def main(arguments):
    folders, good, trained = [], True, False
    for path in arguments:
        if not os.path.isdir(path):
            print(f"There is no folder {path}.")
            return 2
        if os.path.exists(os.path.join(path, llama2c.FILE)):
            good, trained = llama2c.check_llama2c(path) and good, True
            continue
        inside = [os.path.join(path, name) for name in sorted(os.listdir(path))]
        folders += [place for place in [path, *inside] if os.path.exists(os.path.join(place, "golden.safetensors"))]
    if not folders and not trained:
        print(f"There is no golden.safetensors in {', '.join(arguments)}.")
        return 2
    return 0 if all([good, *[check_folder(path) for path in folders]]) else 1
