using System.Globalization;

namespace AttnGen.Models.Tests;

/// <summary>stories260K as a folder of the hub: llama2.c's names become transformers', and pairs of neighbours in queries and keys become halves of a head.</summary>
internal static class StoriesFolder
{
    private const string Config = """
        {"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8,"num_key_value_heads":4,"vocab_size":512,
        "max_position_embeddings":512,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"hidden_act":"silu","rope_theta":10000.0,"bos_token_id":1,"eos_token_id":2}
        """;

    private static readonly (string From, string To)[] s_names =
    [
        ("tok_embeddings", "model.embed_tokens"), ("attention.wq", "self_attn.q_proj"), ("attention.wk", "self_attn.k_proj"), ("attention.wv", "self_attn.v_proj"), ("attention.wo", "self_attn.o_proj"),
        ("feed_forward.w1", "mlp.gate_proj"), ("feed_forward.w2", "mlp.down_proj"), ("feed_forward.w3", "mlp.up_proj"), ("attention_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
    ];

    /// <summary>llama2.c's name of a tensor that [Decoder] asks for.</summary>
    public static string Llama2Name(string name) =>
        s_names.Aggregate(name, (text, pair) => text.Replace(pair.To, pair.From, StringComparison.Ordinal)).Replace("model.", "", StringComparison.Ordinal);

    /// <summary>Writes it.</summary>
    public static void Write(string folder)
    {
        using var source = SafetensorsFile.Open(Shared.Require("models", "stories260K", "stories260K.safetensors"));
        var tensors = new Dictionary<string, (long[] Shape, float[] Values)>();
        foreach (var name in source.TensorNames)
        {
            source.TryGetShape(name, out var found);
            long[] shape = [.. found];
            var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            source.Read(name, 0, values);
            if (name.EndsWith("wq.weight", StringComparison.Ordinal) || name.EndsWith("wk.weight", StringComparison.Ordinal))
                values = Halves(values, (int)shape[1], 8);
            var renamed = s_names.Aggregate(name, (text, pair) => text.Replace(pair.From, pair.To, StringComparison.Ordinal));
            if (!renamed.StartsWith("model.", StringComparison.Ordinal))
                renamed = "model." + renamed;
            tensors[renamed] = (shape, values);
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), WeightFile.Bytes(tensors));
    }

    /// <summary>The golden ids and logits of a case.</summary>
    public static (int[] Prompt, int[] Ids, float[] Logits) Case(int number)
    {
        using var golden = SafetensorsFile.Open(Shared.Require("models", "stories260K", "golden", string.Create(CultureInfo.InvariantCulture, $"case{number}.safetensors")));
        using var about = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Shared.Require("models", "stories260K", "golden", "index.json")));
        var one = about.RootElement.GetProperty("cases")[number];
        golden.TryGetShape("logits_ref_f64", out var shape);
        var logits = new float[shape[0] * shape[1]];
        golden.Read("logits_ref_f64", 0, logits);
        return (Ints("prompt_tokens"), Ints("input_tokens"), logits);

        int[] Ints(string name) => [.. one.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
    }

    // Rows (2i, 2i + 1) of a head turn together in llama2.c; in transformers rows (i, i + half) do.
    private static float[] Halves(float[] values, int columns, int headDim)
    {
        var turned = new float[values.Length];
        for (var row = 0; row < values.Length / columns; row++)
        {
            int head = row / headDim, i = row % headDim, from = head * headDim + (i < headDim / 2 ? 2 * i : 2 * (i - headDim / 2) + 1);
            values.AsSpan(from * columns, columns).CopyTo(turned.AsSpan(row * columns));
        }

        return turned;
    }
}
