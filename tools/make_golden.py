#!/usr/bin/env python3
"""Makes a golden file (golden.safetensors, golden.json) of a Hugging Face folder, for `attngen verify`.

It needs Python 3.10 or later and three packages (it is written for transformers from 4.48 on; these versions made the reference files), and
sentencepiece for a folder whose tokenizer is a .model file:

    pip install torch==2.13.0 transformers==5.24.0 safetensors==0.8.0
    python make_golden.py models/all-MiniLM-L6-v2 --text "A cat sits." --text "Ein Satz."
    python make_golden.py models/bert --out /tmp/bert --tokens 11,128 --cases single,batch --seed 7
    attngen verify models/bert --golden /tmp/bert/golden.safetensors

Encoders, with sentence-transformers' pooling, with heads for sequence or token classification, masked words,
question answering, and ViT/DeiT. The format is described in docs/golden-format.md.

True float64: model.double() alone is not float64 throughout, because transformers casts to float32 inside softmax,
rotary positions and RMSNorm. Here the float64 model is made and run while those casts say float64 (true_float64),
and every operation that gives float32 all the same is noted in golden.json.
"""
import argparse
import contextlib
import importlib.util
import inspect
import json
import os
import sys

try:
    import safetensors
    import torch
    import transformers
    from safetensors.torch import save_file
    from torch.utils._python_dispatch import TorchDispatchMode
    MISSING = None
except ImportError as error:  # main says so, after --help and the command line had their turn
    MISSING = error
    TorchDispatchMode = object

# The versions that this script was written for; docs/golden-format.md has the same line.
PACKAGES = ("torch==2.13.0", "transformers==5.24.0", "safetensors==0.8.0")
INSTALL = "pip install " + " ".join(PACKAGES)

INPUTS = ("input_ids", "token_type_ids", "attention_mask", "pixel_values")
HEADS = ("ForSequenceClassification", "ForTokenClassification", "ForMaskedLM", "ForQuestionAnswering", "ForImageClassification",
         "ForPreTraining")


def fail(sentence, code=1):
    print("make_golden: " + sentence, file=sys.stderr)
    sys.exit(code)


def check_packages():
    """Ends with one sentence where Python is too old or a package cannot be imported."""
    if sys.version_info < (3, 10):
        fail(f"this is Python {sys.version.split()[0]}; Python 3.10 or later is needed.", 2)
    names = [package.split("==")[0] for package in PACKAGES]
    absent = [name for name in names if importlib.util.find_spec(name) is None]
    if absent:
        fail(f"the Python package{'s' if len(absent) > 1 else ''} {', '.join(absent)} {'are' if len(absent) > 1 else 'is'} not installed; run: {INSTALL}", 2)
    if MISSING is not None:
        fail(f"{', '.join(names)} cannot be imported ({str(MISSING).splitlines()[0]}); run: {INSTALL}", 2)


# ---- true float64 ----

def _wider(value):
    return torch.float64 if value is torch.float32 else value


def _widen(function):
    """The function, with float64 wherever it is asked for float32."""
    def wrapped(*args, **kwargs):
        return function(*[_wider(a) for a in args], **{k: _wider(v) for k, v in kwargs.items()})
    return wrapped


@contextlib.contextmanager
def true_float64():
    """Casts to float32 become casts to float64 inside."""
    places = [(torch.Tensor, "to"), (torch.Tensor, "type"), (torch.Tensor, "softmax"), (torch, "softmax"), (torch, "arange"),
              (torch, "tensor"), (torch.nn.functional, "softmax")]
    saved = [(owner, name, getattr(owner, name)) for owner, name in places]
    saved_float = torch.Tensor.float
    try:
        for owner, name, function in saved:
            setattr(owner, name, _widen(function))
        torch.Tensor.float = lambda self, *args, **kwargs: self.double()
        yield
    finally:
        torch.Tensor.float = saved_float
        for owner, name, function in saved:
            setattr(owner, name, function)


class Float32Watch(TorchDispatchMode):
    """Remembers the operations that gave float32."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(value, torch.Tensor) and value.dtype in (torch.float32, torch.float16, torch.bfloat16):
                self.seen.add(str(function))
        return result


# ---- the model ----

def model_class(config):
    name = (config.architectures or [""])[0]
    found = getattr(transformers, name, None)
    if name and found is None:
        fail(f"transformers {transformers.__version__} has no class {name}; install a version that has it.")
    return found or transformers.AutoModel, name


def load(folder, cls, dtype):
    key = "dtype" if int(transformers.__version__.split(".")[0]) >= 5 else "torch_dtype"
    model, info = cls.from_pretrained(folder, attn_implementation="eager", output_loading_info=True, **{key: dtype})
    missing = sorted(name for name in info["missing_keys"] if not name.endswith("position_ids"))  # a buffer of older versions
    if any("pooler" not in name for name in missing):
        fail(f"the weights lack {missing[0]} (and {len(missing) - 1} more), so the model would be random there; give a complete folder.")
    return model.eval().to(dtype), bool(missing)


def read_json(folder, *names):
    path = os.path.join(folder, *names)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def pooling(folder):
    """sentence-transformers' modules after the encoder: a function of hidden states and mask, or None."""
    config = read_json(folder, "1_Pooling", "config.json")
    if config is None:
        return None
    modules = read_json(folder, "modules.json") or []
    kinds = [module.get("type", "").rsplit(".", 1)[-1] for module in modules]
    if any(kind not in ("Transformer", "Pooling", "Normalize") for kind in kinds):
        print(f"modules.json has {', '.join(kinds)}; no embedding is written.", file=sys.stderr)
        return None
    mode = config.get("pooling_mode")
    modes = [mode] if isinstance(mode, str) else list(mode or [])
    modes = modes or [name for name in ("cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
                      if config.get("pooling_mode_" + name)]

    def pool(hidden, mask):
        real = mask.unsqueeze(-1).to(hidden.dtype)
        parts = []
        for mode in modes or ["mean_tokens"]:
            if mode in ("cls", "cls_token"):
                parts.append(hidden[:, 0])
            elif mode in ("max", "max_tokens"):
                parts.append(hidden.masked_fill(real == 0, float("-inf")).max(1).values)
            elif mode in ("mean", "mean_tokens"):
                parts.append((hidden * real).sum(1) / real.sum(1))
            elif mode in ("mean_sqrt_len_tokens",):
                parts.append((hidden * real).sum(1) / real.sum(1).sqrt())
            elif mode in ("weightedmean", "weightedmean_tokens"):
                weights = real * torch.arange(1, hidden.shape[1] + 1).to(hidden.dtype).view(1, -1, 1)
                parts.append((hidden * weights).sum(1) / weights.sum(1))
            elif mode in ("lasttoken",):
                places = torch.arange(1, hidden.shape[1] + 1).unsqueeze(0)
                last = (mask * places).argmax(1)
                parts.append(hidden[torch.arange(hidden.shape[0]), last])
            else:
                fail(f"1_Pooling/config.json has the pooling {mode!r}, which this script does not know.")
        vector = torch.cat(parts, -1)
        return torch.nn.functional.normalize(vector, dim=-1) if "Normalize" in kinds else vector

    return pool


# ---- inputs ----

def longest(config):
    limit = getattr(config, "max_position_embeddings", None) or 512
    return limit - 2 if config.model_type in ("roberta", "xlm-roberta", "camembert", "mpnet") else limit


def token_case(config, rng, lengths, typed):
    vocabulary, pad = config.vocab_size, config.pad_token_id if config.pad_token_id is not None else 0
    width = max(lengths)
    ids = torch.full((len(lengths), width), pad, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    types = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        # From 1 on, and never the id that pads: RoBERTa counts positions by it.
        drawn = torch.randint(1, vocabulary, (length,), generator=rng)
        drawn[drawn == pad] = 1 if pad != 1 else 2
        ids[row, :length] = drawn
        mask[row, :length] = 1
        types[row, length // 2:length] = 1
    case = {"input_ids": ids}
    if typed:
        case["token_type_ids"] = types
    if len(lengths) > 1:
        case["attention_mask"] = mask
    return case


def image_case(config, rng, count):
    size = config.image_size if isinstance(config.image_size, (list, tuple)) else (config.image_size, config.image_size)
    return {"pixel_values": torch.randn((count, config.num_channels, *size), generator=rng, dtype=torch.float32)}


def text_case(folder, text):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    settings = read_json(folder, "sentence_bert_config.json") or {}
    config = transformers.AutoConfig.from_pretrained(folder)
    limit = min(settings.get("max_seq_length") or longest(config), longest(config))
    encoded = tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
    return {name: encoded[name] for name in ("input_ids", "token_type_ids") if name in encoded}, limit


# ---- outputs ----

def run(model, case, dtype, pool, with_pooler, layers):
    """Every output of a case, by its key."""
    accepted = inspect.signature(model.forward).parameters
    given = {name: value.to(dtype) if name == "pixel_values" else value for name, value in case.items() if name in accepted}
    asked = {"output_hidden_states": True, "output_attentions": True, "return_dict": True}
    base = model.base_model
    outputs = {}
    with torch.no_grad():
        inner = base(**{name: value for name, value in given.items() if name in inspect.signature(base.forward).parameters}, **asked)
        outer = model(**given, **asked) if base is not model else inner
        outputs["last_hidden_state"] = inner.last_hidden_state
        if layers:
            outputs.update({f"hidden_states.{i}": state for i, state in enumerate(inner.hidden_states)})
            outputs.update({f"attentions.{i}": weights for i, weights in enumerate(inner.attentions)})
        if with_pooler and base is model and getattr(inner, "pooler_output", None) is not None:
            outputs["pooler_output"] = inner.pooler_output
        for name in ("logits", "start_logits", "end_logits"):
            if base is not model and getattr(outer, name, None) is not None:
                outputs[name] = getattr(outer, name)
        if pool is not None and "input_ids" in case:
            mask = case.get("attention_mask", torch.ones_like(case["input_ids"]))
            outputs["embedding"] = pool(inner.last_hidden_state, mask)
    # At padding every program may give something else: zeros, and nobody compares there.
    if "attention_mask" in case:
        mask = case["attention_mask"].bool()
        for name, value in outputs.items():
            one_each = type(model).__name__.endswith("ForPreTraining")  # ELECTRA: [B, T]
            per_token = name in ("last_hidden_state", "start_logits", "end_logits") or (name == "logits" and (value.dim() == 3 or one_each))
            if per_token:
                value[~mask] = 0
    return {name: value.detach().clone().contiguous() for name, value in outputs.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"needs Python 3.10 or later, and these packages:\n  {INSTALL}\n(and sentencepiece for a folder whose tokenizer is a .model file)")
    parser.add_argument("folder", help="config.json, model.safetensors and what belongs to them")
    parser.add_argument("--out", help="where golden.safetensors and golden.json go; the folder itself if left out")
    parser.add_argument("--text", action="append", default=[], help="a case of this text; may be given several times")
    parser.add_argument("--tokens", default="11", help="lengths of the cases of one sequence, such as 11,128")
    parser.add_argument("--cases", default="single,batch", help="single, batch, or both")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    check_packages()

    torch.set_num_threads(1)
    config = transformers.AutoConfig.from_pretrained(args.folder)
    cls, name = model_class(config)
    is_image = hasattr(config, "image_size") and hasattr(config, "num_channels")
    if name and any(part in name for part in ("ForCausalLM", "ForConditionalGeneration", "LMHead")):
        fail(f"{name} is a decoder; this script is for encoders.")
    if "For" in name and not name.endswith(HEADS):
        fail(f"{name} has a head that is not known; known are {', '.join(HEADS)}.")

    # Cases.
    rng = torch.Generator().manual_seed(args.seed)
    wanted = [part.strip() for part in args.cases.split(",") if part.strip()]
    lengths = [int(part) for part in args.tokens.split(",")]
    cases = {}
    for case in wanted:
        if case not in ("single", "batch"):
            fail(f"--cases has {case!r}; give single, batch, or both.")
        if is_image:
            cases[case] = image_case(config, rng, 1 if case == "single" else 2)
            continue
        if max(lengths) > longest(config) or min(lengths) < 1:
            fail(f"--tokens is {args.tokens}; the model takes 1 to {longest(config)}.")
        typed = (getattr(config, "type_vocab_size", 0) or 0) > 1
        if case == "single":
            for i, length in enumerate(lengths):
                cases["single" if i == 0 else f"single{length}"] = token_case(config, rng, [length], typed)
        else:
            most = min(lengths[0] + 2, longest(config))
            cases["batch"] = token_case(config, rng, [max(1, most - 4), most, max(1, most // 3)], typed)
    limit = None
    for i, text in enumerate(args.text):
        cases[f"text{i:02}"], limit = text_case(args.folder, text)

    # The same in float32, as everybody runs it, and in true float64.
    pool = None if is_image else pooling(args.folder)
    model, without_pooler = load(args.folder, cls, torch.float32)
    single = {case: run(model, inputs, torch.float32, pool, not without_pooler, case != "batch") for case, inputs in cases.items()}
    watch = Float32Watch()
    with true_float64():
        model, _ = load(args.folder, cls, torch.float64)
        narrow = [n for n, t in [*model.named_parameters(), *model.named_buffers()] if t.dtype in (torch.float32, torch.float16, torch.bfloat16)]
        with watch:
            double = {case: run(model, inputs, torch.float64, pool, not without_pooler, case != "batch") for case, inputs in cases.items()}

    notes = []
    if narrow:
        notes.append("not float64: " + ", ".join(narrow))
    if watch.seen:
        notes.append("operations of the float64 run that gave a narrower type: " + ", ".join(sorted(watch.seen)))

    # Padding must change nothing.
    worst = 0.0
    if "batch" in cases and not is_image:
        inputs = cases["batch"]
        with true_float64():
            for row, length in enumerate(inputs["attention_mask"].sum(1).tolist()):
                alone = run(model, {k: v[row:row + 1, :length] for k, v in inputs.items() if k != "attention_mask"}, torch.float64, pool, not without_pooler, False)
                theirs = double["batch"]["last_hidden_state"][row, :length]
                worst = max(worst, (alone["last_hidden_state"][0] - theirs).abs().max().item())
        if worst > 1e-9:
            notes.append(f"a padded row differs from the same row alone by {worst:.1e}")

    arrays, about, overall = {}, {}, 0.0
    for case, inputs in cases.items():
        for key, value in inputs.items():
            arrays[f"{case}.{key}"] = value.contiguous()
            about[f"{case}.{key}"] = {"dtype": "F32" if key == "pixel_values" else "I64", "shape": list(value.shape), "role": "input"}
        for key, value in double[case].items():
            if not torch.isfinite(value).all():
                fail(f"{case}.{key} holds NaN or infinity; try another --seed or --text.")
            error = (single[case][key].double() - value).abs().max().item()
            overall = max(overall, error)
            arrays[f"{case}.{key}"] = value
            about[f"{case}.{key}"] = {"dtype": "F64", "shape": list(value.shape), "role": "output", "max_abs": value.abs().max().item(), "max_abs_f32_minus_f64": error}
            if value.dtype != torch.float64:
                fail(f"{case}.{key} is {value.dtype}, not float64.")

    out = args.out or args.folder
    os.makedirs(out, exist_ok=True)
    save_file(arrays, os.path.join(out, "golden.safetensors"))
    with open(os.path.join(out, "golden.json"), "w", encoding="utf-8") as file:
        json.dump({
            "name": os.path.basename(os.path.abspath(args.folder)), "class": type(model).__name__, "model_type": config.model_type, "seed": args.seed,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "safetensors": safetensors.__version__, "attn_implementation": "eager"},
            **({"texts": {f"text{i:02}": text for i, text in enumerate(args.text)}, "max_seq_length": limit} if args.text else {}),
            "max_abs_f32_minus_f64": overall, "max_abs_padded_minus_unpadded_f64": worst, "notes": notes, "arrays": about,
        }, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print(f"{len(arrays)} arrays, {len(cases)} cases; float32 differs from float64 by {overall:.1e}" + "".join(f"\nnote: {note}" for note in notes))


if __name__ == "__main__":
    main()
