using System.Text.Json;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>
/// What convert_hf_to_gguf.py of llama.cpp makes of a hub's folder: the names, the keys, and what it does to rows and values. Written from that program, not from
/// the reader: each architecture is a list of names, and a function from a tensor to what is stored.
/// </summary>
internal static class GgufConverter
{
    private sealed record Kind(string Name, string Own, (string Hub, string Own)[] Tensors);

    private static readonly (string, string)[] s_llama =
    [
        ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"), ("model.layers.N.input_layernorm", "blk.N.attn_norm"), ("model.layers.N.self_attn.q_proj", "blk.N.attn_q"),
        ("model.layers.N.self_attn.k_proj", "blk.N.attn_k"), ("model.layers.N.self_attn.v_proj", "blk.N.attn_v"), ("model.layers.N.self_attn.o_proj", "blk.N.attn_output"),
        ("model.layers.N.post_attention_layernorm", "blk.N.ffn_norm"), ("model.layers.N.mlp.gate_proj", "blk.N.ffn_gate"), ("model.layers.N.mlp.up_proj", "blk.N.ffn_up"), ("model.layers.N.mlp.down_proj", "blk.N.ffn_down"),
        ("model.layers.N.self_attn.q_norm", "blk.N.attn_q_norm"), ("model.layers.N.self_attn.k_norm", "blk.N.attn_k_norm"),
    ];

    private static readonly (string, string)[] s_afterNorms =
    [
        .. s_llama, ("model.layers.N.post_attention_layernorm", "blk.N.post_attention_norm"), ("model.layers.N.pre_feedforward_layernorm", "blk.N.ffn_norm"), ("model.layers.N.post_feedforward_layernorm", "blk.N.post_ffw_norm"),
    ];

    private static readonly (string, string)[] s_gpt2 =
    [
        ("transformer.wte", "token_embd"), ("transformer.wpe", "position_embd"), ("transformer.ln_f", "output_norm"), ("lm_head", "output"), ("transformer.h.N.ln_1", "blk.N.attn_norm"),
        ("transformer.h.N.attn.c_attn", "blk.N.attn_qkv"), ("transformer.h.N.attn.c_proj", "blk.N.attn_output"), ("transformer.h.N.ln_2", "blk.N.ffn_norm"), ("transformer.h.N.mlp.c_fc", "blk.N.ffn_up"),
        ("transformer.h.N.mlp.c_proj", "blk.N.ffn_down"),
    ];

    private static readonly (string, string)[] s_bloom =
    [
        ("transformer.word_embeddings", "token_embd"), ("transformer.word_embeddings_layernorm", "token_embd_norm"), ("transformer.ln_f", "output_norm"), ("lm_head", "output"),
        ("transformer.h.N.input_layernorm", "blk.N.attn_norm"), ("transformer.h.N.self_attention.query_key_value", "blk.N.attn_qkv"), ("transformer.h.N.self_attention.dense", "blk.N.attn_output"),
        ("transformer.h.N.post_attention_layernorm", "blk.N.ffn_norm"), ("transformer.h.N.mlp.dense_h_to_4h", "blk.N.ffn_up"), ("transformer.h.N.mlp.dense_4h_to_h", "blk.N.ffn_down"),
        ("transformer.h.N.ln_mlp", "blk.N.attn_norm"), ("transformer.h.N.ln_attn", "blk.N.attn_norm_2"),
    ];

    private static readonly Kind[] s_kinds =
    [
        new("llama", "llama", s_llama), new("mistral", "llama", s_llama), new("qwen2", "qwen2", s_llama), new("qwen3", "qwen3", s_llama), new("smollm3", "smollm3", s_llama), new("granite", "granite", s_llama),
        new("olmo2", "olmo2", s_afterNorms), new("gemma", "gemma", s_llama), new("gemma2", "gemma2", s_afterNorms), new("gemma3_text", "gemma3", s_afterNorms), new("gpt2", "gpt2", s_gpt2),
        new("gpt_bigcode", "starcoder", s_gpt2), new("bloom", "bloom", s_bloom), new("falcon", "falcon", s_bloom),
        new("gpt_neox", "gptneox", [
            ("gpt_neox.embed_in", "token_embd"), ("gpt_neox.final_layer_norm", "output_norm"), ("embed_out", "output"), ("lm_head", "output"), ("gpt_neox.layers.N.input_layernorm", "blk.N.attn_norm"),
            ("gpt_neox.layers.N.attention.query_key_value", "blk.N.attn_qkv"), ("gpt_neox.layers.N.attention.dense", "blk.N.attn_output"), ("gpt_neox.layers.N.post_attention_layernorm", "blk.N.ffn_norm"),
            ("gpt_neox.layers.N.mlp.dense_h_to_4h", "blk.N.ffn_up"), ("gpt_neox.layers.N.mlp.dense_4h_to_h", "blk.N.ffn_down")]),
        new("phi", "phi2", [
            .. s_llama.Where(name => name.Item1 != "model.layers.N.self_attn.o_proj"), ("model.final_layernorm", "output_norm"), ("model.layers.N.self_attn.dense", "blk.N.attn_output"), ("model.layers.N.mlp.fc1", "blk.N.ffn_up"),
            ("model.layers.N.mlp.fc2", "blk.N.ffn_down")]),
        new("phi3", "phi3", [.. s_llama, ("model.layers.N.self_attn.qkv_proj", "blk.N.attn_qkv"), ("model.layers.N.mlp.gate_up_proj", "blk.N.ffn_up")]),
    ];

    /// <summary>The architecture that a model_type becomes.</summary>
    public static string Architecture(string modelType) => s_kinds.Single(kind => kind.Name == modelType).Own;

    /// <summary>Converts a folder.</summary>
    /// <param name="json">Its config.json.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="add">Adds a tensor to the file; null: as float32.</param>
    public static GgufWriter Convert(string json, IEnumerable<KeyValuePair<string, (long[] Shape, float[] Values)>> tensors, Action<GgufWriter, string, long[], float[]>? add = null)
    {
        using var document = JsonDocument.Parse(json);
        var config = new HubConfig(document.RootElement);
        var kind = s_kinds.Single(kind => kind.Name == config.Type);
        var file = new GgufWriter();
        file.Text("general.architecture", kind.Own);
        file.Text("general.name", "test");
        GgufKeys.Write(file, kind.Own, config);
        var names = kind.Tensors.GroupBy(name => name.Hub).ToDictionary(group => group.Key, group => group.Last().Own);
        foreach (var (name, (shape, values)) in tensors)
        {
            var parts = name.Split('.');
            var layer = Array.Find(parts, part => part.All(char.IsDigit));
            string pattern = string.Join('.', parts.Select(part => part == layer ? "N" : part)), ending = pattern[pattern.LastIndexOf('.')..];
            var own = (names[pattern[..^ending.Length]] + ending).Replace("N", layer, StringComparison.Ordinal);
            var (stored, numbers) = Stored(config, own, shape, values);
            (add ?? ((to, to2, sizes, floats) => to.Tensor(to2, sizes, floats)))(file, own, stored, numbers);
        }

        GgufKeys.Factors(file, config);
        return file;
    }

    private static (long[] Shape, float[] Values) Stored(HubConfig config, string own, long[] shape, float[] values)
    {
        int columns = shape.Length == 1 ? 1 : (int)shape[1], heads = config.Heads, keys = config.KeyHeads;
        switch (config.Type)
        {
            case "llama" or "mistral" or "granite" or "smollm3" when own.Contains("attn_q.", StringComparison.Ordinal):
                return (shape, Permuted(values, columns, heads));
            case "llama" or "mistral" or "granite" or "smollm3" when own.Contains("attn_k.", StringComparison.Ordinal):
                return (shape, Permuted(values, columns, keys));
            case "gemma" or "gemma2" or "gemma3_text" when own.EndsWith("norm.weight", StringComparison.Ordinal):
                return (shape, [.. values.Select(value => value + 1)]);
            case "gpt2" when shape.Length == 2 && own.StartsWith("blk", StringComparison.Ordinal):
                var turned = new float[values.Length];
                for (var i = 0; i < values.Length; i++)
                    turned[(i % columns * (int)shape[0]) + (i / columns)] = values[i];
                return ([shape[1], shape[0]], turned);
            case "gpt_neox" or "bloom" or "falcon" when own.Contains("attn_qkv", StringComparison.Ordinal):
                return (shape, Apart(values, columns, heads, config.Type == "falcon" ? keys : heads));
            default:
                return (shape, values);
        }
    }

    // weights.reshape(n_head, 2, rows // n_head // 2, columns).swapaxes(1, 2)
    private static float[] Permuted(float[] values, int columns, int heads)
    {
        var result = new List<float>(values.Length);
        var half = values.Length / columns / heads / 2;
        for (var head = 0; head < heads; head++)
        {
            for (var i = 0; i < half; i++)
            {
                for (var part = 0; part < 2; part++)
                    result.AddRange(values.AsSpan(((head * 2 + part) * half + i) * columns, columns));
            }
        }

        return [.. result];
    }

    // Of each group its queries, its key, its value; stored are all queries, all keys, all values.
    private static float[] Apart(float[] values, int columns, int heads, int groups)
    {
        int own = heads / groups, head = values.Length / columns / (heads + 2 * groups);
        List<float> queries = [], keys = [], rest = [];
        for (var group = 0; group < groups; group++)
        {
            var start = group * (own + 2) * head * columns;
            queries.AddRange(values.AsSpan(start, own * head * columns));
            keys.AddRange(values.AsSpan(start + own * head * columns, head * columns));
            rest.AddRange(values.AsSpan(start + (own + 1) * head * columns, head * columns));
        }

        return [.. queries, .. keys, .. rest];
    }
}
