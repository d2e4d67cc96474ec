"""The trained model stories260K, which llama2.c reads: Llama's layers under other names, turned in pairs of neighbours."""
import glob
import os

import numpy as np

from decoders import Llama
from stored import Stored, read_json, read_safetensors

FILE = "stories260K.safetensors"
NAMES = {"model.embed_tokens": "tok_embeddings", "model.norm": "norm", "input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attention.wq",
         "self_attn.k_proj": "attention.wk", "self_attn.v_proj": "attention.wv", "self_attn.o_proj": "attention.wo", "mlp.gate_proj": "feed_forward.w1", "mlp.down_proj": "feed_forward.w2",
         "mlp.up_proj": "feed_forward.w3"}
ROUNDING, OTHERS = 2e-6, 1e-4  # half a unit in the last place of 22 in float32; what the C program itself is off by, and more


def there(name):
    for ours, theirs in NAMES.items():
        name = name.replace(ours, theirs)
    return name.removeprefix("model.")


def check_llama2c(path):
    sizes = read_json(os.path.join(path, "golden", "index.json"))["config"]
    config = dict(hidden_size=sizes["dim"], intermediate_size=sizes["hidden"], num_hidden_layers=sizes["layers"], num_attention_heads=sizes["heads"], num_key_value_heads=sizes["kv_heads"],
                  vocab_size=sizes["vocab"], max_position_embeddings=sizes["seq"], rms_norm_eps=1e-5, tie_word_embeddings=True)
    stored, good = Stored(read_safetensors(os.path.join(path, FILE)), there), True
    for file in sorted(glob.glob(os.path.join(path, "golden", "*.safetensors"))):
        golden = read_safetensors(file)
        net = Llama(config, "ForCausalLM", stored, np.float64)
        net.turns.adjacent = True
        found = net.run(golden["input_tokens"][None].astype(np.int64))
        logits, normed, hidden = golden["logits_ref_f64"], golden["final_normed_runc_f32"], golden["hidden_ref_f32"]  # of the first tokens, or of all
        errors = [np.abs(found["logits"][0, :len(logits)] - logits).max(), np.abs(found["last_hidden_state"][0, :len(normed)] - normed).max(),
                  np.abs(np.stack([found[f"hidden_states.{i}"][0, :hidden.shape[1]] for i in range(net.layers)]) - hidden[:net.layers]).max()]
        prompt, ids = len(golden["prompt_tokens"]), found["logits"][0].argmax(-1)
        same = np.array_equal(ids[prompt - 1:-1], golden["input_tokens"][prompt:]) and ids[-1] == golden["next_token_after_last"][0]
        good = good and same and max(errors[0], errors[2]) < ROUNDING and errors[1] < OTHERS
        print(f"{os.path.basename(file):45} logits {errors[0]:.1e}, normed {errors[1]:.1e}, layers {errors[2]:.1e} apart, {'the same' if same else 'OTHER'} ids")
    return good and not stored.unused
