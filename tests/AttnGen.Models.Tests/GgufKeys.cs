using System.Text.Json;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>A config.json as the converter of llama.cpp looks at it: under the first of several keys.</summary>
internal sealed class HubConfig(JsonElement root)
{
    public string Type => root.GetProperty("model_type").GetString()!;

    public int Width => (int)Number("hidden_size", "n_embd", "n_embed")!.Value;

    public int Heads => (int)Number("num_attention_heads", "n_head")!.Value;

    public int KeyHeads => (int)(Number("num_key_value_heads", "n_head_kv", "num_kv_heads") ?? (Type is "falcon" or "gpt_bigcode" ? 1 : Heads));

    public int HeadDim => (int)(Number("head_dim") ?? Width / Heads);

    public int Positions => (int)(Number("max_position_embeddings", "n_positions", "n_ctx", "seq_length") ?? 2048);

    public double? Number(params string[] keys) => Find(root, keys);

    public bool Has(string key) => root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    public bool Flag(string key, bool otherwise) => Has(key) ? root.GetProperty(key).GetBoolean() : otherwise;

    /// <summary>rope_scaling or rope_parameters.</summary>
    public JsonElement Rope => root.TryGetProperty("rope_scaling", out var older) && older.ValueKind == JsonValueKind.Object ? older : root.TryGetProperty("rope_parameters", out var newer) ? newer : default;

    public double? OfRope(params string[] keys) => Rope.ValueKind == JsonValueKind.Object ? Find(Rope, keys) : null;

    public string RopeType => Rope.ValueKind == JsonValueKind.Object && (Rope.TryGetProperty("rope_type", out var type) || Rope.TryGetProperty("type", out type)) ? type.GetString()! : "default";

    public double Theta => Number("rope_theta", "rotary_emb_base") ?? OfRope("rope_theta") ?? (Type == "smollm3" ? 2e6 : 10000);

    public double Part => Number("partial_rotary_factor", "rotary_pct") ?? OfRope("partial_rotary_factor") ?? (Type == "phi" ? 0.5 : Type == "gpt_neox" ? 0.25 : 1);

    public float[] Numbers(string key) => [.. Rope.GetProperty(key).EnumerateArray().Select(item => item.GetSingle())];

    private static double? Find(JsonElement element, string[] keys) =>
        keys.Where(key => element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number).Select(key => (double?)element.GetProperty(key).GetDouble()).FirstOrDefault();
}

/// <summary>The metadata that the converter of llama.cpp writes.</summary>
internal static class GgufKeys
{
    public static void Write(GgufWriter file, string own, HubConfig config)
    {
        bool isRms = own is not ("gpt2" or "starcoder" or "gptneox" or "bloom" or "falcon" or "phi2"), isPhi3 = own == "phi3";
        file.UInt32($"{own}.context_length", config.Positions);
        file.UInt32($"{own}.embedding_length", config.Width);
        file.UInt32($"{own}.block_count", (long)config.Number("num_hidden_layers", "n_layer")!.Value);
        file.UInt32($"{own}.feed_forward_length", (long)(config.Number("intermediate_size", "n_inner", "ffn_hidden_size") ?? 4 * config.Width));
        file.UInt32($"{own}.attention.head_count", config.Heads);
        if (own is not ("gptneox" or "gpt2"))
            file.UInt32($"{own}.attention.head_count_kv", config.KeyHeads);
        file.Float32($"{own}.attention.layer_norm_{(isRms ? "rms_" : "")}epsilon", config.Number("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon") ?? (own is "phi2" or "phi3" or "gptneox" or "gpt2" or "starcoder" or "bloom" or "falcon" or "olmo2" ? 1e-5 : 1e-6));
        if (config.Has("head_dim") && own is not ("phi3" or "phi2"))
        {
            file.UInt32($"{own}.attention.key_length", config.HeadDim);
            file.UInt32($"{own}.attention.value_length", config.HeadDim);
        }

        if (own is "llama" or "smollm3" or "granite" or "phi2" or "phi3" or "gptneox")
            file.UInt32($"{own}.rope.dimension_count", (int)(config.HeadDim * config.Part));
        if (isRms && own != "gemma")
            file.Float32($"{own}.rope.freq_base", own == "gemma3" ? config.Number("rope_theta") ?? 1e6 : config.Theta);
        if (own == "llama")
            file.UInt32("llama.vocab_size", (long)config.Number("vocab_size")!.Value);
        if (own == "gptneox")
            file.Flag("gptneox.use_parallel_residual", config.Flag("use_parallel_residual", true));
        if (own is "gemma2" or "gemma3" or "phi3")
            file.UInt32($"{own}.attention.sliding_window", (long)(config.Number("sliding_window") ?? (isPhi3 ? 0 : 4096)));
        // The converter does not write it, and llama.cpp takes the size of a head for granted; the key is the format's.
        if (own is "gemma2" or "gemma3" && (config.Number("query_pre_attn_scalar") ?? 256) is var scalar && scalar != config.HeadDim)
            file.Float32($"{own}.attention.scale", 1 / Math.Sqrt(scalar));
        foreach (var key in new[] { "attn_logit_softcapping", "final_logit_softcapping" })
        {
            if (config.Number(key) is { } cap)
                file.Float32($"{own}.{key}", cap);
        }

        foreach (var (hub, key) in new[] { ("embedding_multiplier", "embedding_scale"), ("attention_multiplier", "attention.scale"), ("residual_multiplier", "residual_scale"), ("logits_scaling", "logit_scale") })
        {
            if (own == "granite" && config.Number(hub) is { } scale)
                file.Float32($"{own}.{key}", scale);
        }

        if (config.RopeType is "linear" or "yarn" && own is not "phi3")
        {
            file.Text($"{own}.rope.scaling.type", config.RopeType);
            file.Float32($"{own}.rope.scaling.factor", config.OfRope("factor")!.Value);
            if (config.OfRope("original_max_position_embeddings") is { } original)
                file.UInt32($"{own}.rope.scaling.original_context_length", (long)original);
        }
    }

    /// <summary>Tensors that the converter makes of settings, and what goes with them.</summary>
    public static void Factors(GgufWriter file, HubConfig config)
    {
        if (config.Type == "phi3" && config.RopeType is "longrope" or "su")
        {
            var original = config.Number("original_max_position_embeddings") ?? 4096;
            double stretch = config.Positions / original, attention = stretch <= 1 ? 1 : Math.Sqrt(1 + Math.Log(stretch) / Math.Log(original));
            file.UInt32("phi3.rope.scaling.original_context_length", (long)original);
            file.Float32("phi3.rope.scaling.attn_factor", attention);
            foreach (var which in new[] { "long", "short" })
                file.Tensor($"rope_factors_{which}.weight", [config.Numbers(which + "_factor").Length], config.Numbers(which + "_factor"));
        }

        if (config.RopeType != "llama3")
            return;
        double factor = config.OfRope("factor")!.Value, low = config.OfRope("low_freq_factor") ?? 1, high = config.OfRope("high_freq_factor") ?? 4, old = config.OfRope("original_max_position_embeddings") ?? 8192;
        var factors = new List<float>();
        for (var i = 0; i < config.HeadDim; i += 2)
        {
            var wave = 2 * Math.PI * Math.Pow(config.Theta, i / (double)config.HeadDim);
            var smooth = (old / wave - low) / (high - low);
            factors.Add((float)(wave < old / high ? 1 : wave > old / low ? factor : 1 / ((1 - smooth) / factor + smooth)));
        }

        file.Tensor("rope_freqs.weight", [factors.Count], [.. factors]);
    }
}
