"""Trains tiny-search and writes it as a folder of a model hub.

    python train.py --out ..            # Python 3.11, PyTorch 1.13 or later; one core, about seven minutes

Two texts that say the same, or a question and what answers it, shall have near vectors: each batch has such pairs, and the
other texts of the batch, with one text a pair that differs in one meaning alone, are what they are told from (InfoNCE).
"""
import argparse
import json
import math
import random
import struct
import time
from pathlib import Path

import torch
from torch import nn

import sentences as grammar

WIDTH, LAYERS, HEADS, INNER, LONGEST = 64, 2, 4, 256, 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary():
    signs = list(".,?!'\"-:;()")
    letters = list("0123456789abcdefghijklmnopqrstuvwxyz")
    return SPECIAL + signs + letters + ["##" + letter for letter in letters] + grammar.words()


class Tokenizer:
    """WordPiece as BERT has it, for texts of small letters with blanks between words and signs."""

    def __init__(self, tokens):
        self.ids, self.known = {token: i for i, token in enumerate(tokens)}, {}

    def word(self, word):
        if word not in self.known:
            pieces, start = [], 0
            while start < len(word):
                end = len(word)
                while end > start and ("##" if start else "") + word[start:end] not in self.ids:
                    end -= 1
                if end == start:
                    pieces = [self.ids["[UNK]"]]
                    break
                pieces.append(self.ids[("##" if start else "") + word[start:end]])
                start = end
            self.known[word] = pieces
        return self.known[word]

    def __call__(self, text):
        return [self.ids["[CLS]"]] + [i for word in text.split() for i in self.word(word)][:LONGEST - 2] + [self.ids["[SEP]"]]


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, hidden):
        b, t, _ = x.shape
        q, k, v = (f(x).view(b, t, HEADS, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        scores = (q @ k.transpose(2, 3)) / math.sqrt(WIDTH // HEADS) + hidden
        x = self.norm1(x + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, WIDTH)))
        return self.norm2(x + self.down(nn.functional.gelu(self.up(x))))


class Encoder(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.words, self.positions, self.types = nn.Embedding(words, WIDTH), nn.Embedding(LONGEST, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.05)
                if isinstance(module, nn.Linear):
                    nn.init.zeros_(module.bias)

    def forward(self, ids):
        real = (ids != 0).float()
        x = self.norm(self.words(ids) + self.positions.weight[:ids.shape[1]] + self.types.weight[0])
        hidden = (1 - real)[:, None, None, :] * -1e9
        for layer in self.layers:
            x = layer(x, hidden)
        return nn.functional.normalize((x * real[:, :, None]).sum(1) / real.sum(1, keepdim=True), dim=-1)

    def tensors(self):
        """BERT's names."""
        yield "embeddings.word_embeddings.weight", self.words.weight
        yield "embeddings.position_embeddings.weight", self.positions.weight
        yield "embeddings.token_type_embeddings.weight", self.types.weight
        named = [("embeddings.LayerNorm", self.norm)]
        for i, layer in enumerate(self.layers):
            named += [(f"encoder.layer.{i}.{name}", module) for name, module in (
                ("attention.self.query", layer.query), ("attention.self.key", layer.key), ("attention.self.value", layer.value),
                ("attention.output.dense", layer.out), ("attention.output.LayerNorm", layer.norm1),
                ("intermediate.dense", layer.up), ("output.dense", layer.down), ("output.LayerNorm", layer.norm2))]
        for name, module in named:
            yield name + ".weight", module.weight
            yield name + ".bias", module.bias


def pad(rows):
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def group(rng, held=False):
    """Text, the text that belongs to it, one that differs in one meaning, and what makes another text right, too."""
    name, kinds = rng.choice(grammar.EVENTS)
    slots = grammar.draw(rng)
    statements = kinds["held" if held and kinds["held"] else "train"]
    answer = rng.choice(statements)
    if kinds["ask"] and rng.random() < 0.45:
        first = rng.choice(kinds["ask held" if held and kinds["ask held"] else "ask"])
    else:
        first = rng.choice([p for p in kinds["train"] if p != answer] or kinds["train"])
    common = [slot for slot in grammar.asked(first) if slot in grammar.asked(answer)]
    other = dict(slots)
    wrong = answer
    if common and rng.random() < 0.7:
        slot = rng.choice(common)
        while other[slot] == slots[slot] or other["p"] == other["q"]:
            other[slot] = rng.choice(grammar.SLOTS[slot])
        if "pq" in "".join(common) and rng.random() < 0.2:
            other = {**slots, "p": slots["q"], "q": slots["p"]}
    else:
        wrong = rng.choice(rng.choice([e for e in grammar.EVENTS if e[0] != name])[1]["train"])
    key = (name,) + tuple((slot, slots[slot][0]) for slot in common)
    return grammar.fill(rng, first, slots), grammar.fill(rng, answer, slots), grammar.fill(rng, wrong, other), key, (name, slots)


def batch(rng, size, tokenizer):
    groups = [group(rng) for _ in range(size)]
    texts = [g[0] for g in groups] + [g[1] for g in groups] + [g[2] for g in groups]
    same = torch.zeros(size, 2 * size, dtype=torch.bool)
    for i, (_, _, _, (name, *wanted), _) in enumerate(groups):
        for j, (*_, (other, slots)) in enumerate(groups):
            same[i, j] = i != j and name == other and all(slots[slot][0] == meaning for slot, meaning in wanted)
    return pad([tokenizer(text) for text in texts]), same


@torch.no_grad()
def measure(model, tokenizer, seed, held, count=1000):
    """How often the text that belongs to a text is the nearest of COUNT (and of as many that differ in one meaning)."""
    rng = random.Random(seed)
    groups = [group(rng, held) for _ in range(count)]
    vectors = torch.cat([model(pad([tokenizer(g[k]) for g in groups[i:i + 250]])) for k in range(3) for i in range(0, count, 250)])
    a, b, c = vectors[:count], vectors[count:2 * count], vectors[2 * count:]
    keys, bags = [g[3] for g in groups], [set(g[0].split()) - set(".,?") for g in groups]
    score = a @ torch.cat([b, c]).T
    words = [set(g[k].split()) - set(".,?") for k in (1, 2) for g in groups]
    hits = alike = 0
    for i in range(count):
        name, *wanted = keys[i]
        right = {j for j in range(count) if groups[j][4][0] == name and all(groups[j][4][1][s][0] == m for s, m in wanted)}
        hits += score[i].argmax().item() in right
        bag = [len(bags[i] & w) / math.sqrt(len(bags[i]) * len(w) or 1) for w in words]
        alike += max(range(2 * count), key=bag.__getitem__) in right
    return hits / count, alike / count


def save(model, tokens, out, measured):
    out.mkdir(parents=True, exist_ok=True)
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in model.tensors():
        raw = tensor.detach().half().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    (out / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    write = lambda file, value: ((out / file).parent.mkdir(exist_ok=True), (out / file).write_text(json.dumps(value, indent=2) + "\n"))
    write("config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": len(tokens), "max_position_embeddings": LONGEST, "type_vocab_size": 2,
        "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "torch_dtype": "float16"})
    write("modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])
    write("1_Pooling/config.json", {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True})
    write("sentence_bert_config.json", {"max_seq_length": LONGEST, "do_lower_case": False})
    write("tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": LONGEST})
    (out / "vocab.txt").write_text("\n".join(tokens) + "\n")
    (out / "measured.json").write_text(json.dumps(measured, indent=2) + "\n")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--steps", type=int, default=800)
    options.add_argument("--batch", type=int, default=64)
    options.add_argument("--rate", type=float, default=2e-3)
    options = options.parse_args()
    torch.manual_seed(1)
    rng = random.Random(1)
    tokens = vocabulary()
    tokenizer, model = Tokenizer(tokens), Encoder(len(tokens))
    heat = nn.Parameter(torch.tensor(math.log(14.0)))
    optimizer = torch.optim.AdamW([*model.parameters(), heat], lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    start = time.time()
    print(f"{len(tokens)} tokens, {sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    for step in range(1, options.steps + 1):
        for g in optimizer.param_groups:
            g["lr"] = options.rate * min(step / 200, 1, 0.02 + 1.6 * (1 - step / options.steps))
        ids, same = batch(rng, options.batch, tokenizer)
        vectors = model(ids)
        a, rest = vectors[:options.batch], vectors[options.batch:]
        scores = (a @ rest.T) * heat.exp().clamp(max=40)
        want = torch.arange(options.batch)
        both = (rest[:options.batch] @ a.T) * heat.exp().clamp(max=40)
        loss = nn.functional.cross_entropy(scores.masked_fill(same, -1e9), want) + 0.5 * nn.functional.cross_entropy(both.masked_fill(same[:, :options.batch].T, -1e9), want)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"{step} loss {loss.item():.3f} heat {heat.exp().item():.1f} {time.time() - start:.0f} s", flush=True)
        if step % 1000 == 0 or step == options.steps:
            print("  nearest of 2000:", {held: tuple(round(x, 3) for x in measure(model, tokenizer, 7, held)) for held in (False, True)}, flush=True)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())
    measured = {"steps": options.steps, "parameters": sum(p.numel() for p in model.parameters())}
    for held, name in ((False, "wordings of the training"), (True, "wordings kept out of training")):
        hits, alike = measure(model, tokenizer, 11, held)
        measured[name] = {"nearest of 2000 is right": round(hits, 3), "the same by common words": round(alike, 3)}
    save(model, tokens, options.out, measured)
    print(json.dumps(measured, indent=2))


main()
