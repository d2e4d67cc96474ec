"""Folders of models of two halves with golden files: one text, a batch with padding, and greedy choice from the start token."""
import dataclasses

import numpy as np

from decoder_folders import DecoderFolder
from halves import Bart, Marian, Mbart, Mt5Whole, T5Whole, Umt5Whole, Whisper

NETS = (Bart, Mbart, Marian, Whisper, T5Whole, Mt5Whole, Umt5Whole)
ARCHITECTURES = {net.family + net.head_task: (net, net.head_task) for net in NETS}


def greedy(net, inputs, steps):
    ids, rows = [net.start], []
    for _ in range(steps):
        rows.append(net.run(inputs, np.array([ids]))["logits"][0, -1])
        ids.append(int(rows[-1].argmax()))
    return np.array(ids[1:]), np.stack(rows)


def outputs(net, given, steps):
    """given: the arrays that go in, by their key."""
    name = "input_features" if net.features else "input_ids"
    found = {"single." + key: values for key, values in net.run(given["single." + name], given["single.decoder_input_ids"]).items()}
    mask = given.get("batch.attention_mask")
    batch = net.run(given["batch." + name], given["batch.decoder_input_ids"], mask)
    found["batch.logits"], memory = batch["logits"], batch["encoder_last_hidden_state"]
    found["batch.encoder_last_hidden_state"] = memory if mask is None else np.where(mask[..., None] == 1, memory, 0)
    found["greedy.ids"], found["greedy.logits"] = greedy(net, given["single." + name], steps)
    return found


@dataclasses.dataclass
class HalvesFolder(DecoderFolder):
    """A model of two halves; the same files as a decoder's."""

    kind = "encoder-decoder"

    def inputs(self, net, random):
        count = net.words("decoder").shape[0] if isinstance(net, Bart) else net.vocabulary
        given = {"single.decoder_input_ids": random.randint(0, count, (1, 7)), "batch.decoder_input_ids": random.randint(0, count, (2, 6))}
        for key in ("single.decoder_input_ids", "batch.decoder_input_ids"):
            given[key][:, 0] = net.start
        if net.features:
            frames = 2 * net.config["max_source_positions"]
            given |= {f"{case}.input_features": random.randn(batch, net.config["num_mel_bins"], frames).astype(np.float32) for case, batch in (("single", 1), ("batch", 2))}
            return given
        pad = net.config.get("pad_token_id", 0)
        given["single.input_ids"], ids = random.randint(0, net.vocabulary, (1, 11)), random.randint(0, net.vocabulary, (2, 12))
        mask = (np.arange(12)[None] < np.array([[12], [7]])).astype(np.int64)
        return {**given, "batch.input_ids": np.where(mask == 1, ids, pad), "batch.attention_mask": mask}

    def outputs(self, net, given):
        return outputs(net, given, 10)
