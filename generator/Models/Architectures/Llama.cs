namespace AttnGen.Generator.Models;

/// <summary>Llama (Touvron et al. 2023, arXiv:2302.13971), Mistral and Qwen: config.json and tensors are checked; code comes with the decoders.</summary>
internal static class Llama
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["llama", "mistral", "qwen2", "qwen3"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "embed_tokens.weight",
        Layer = "layers.{0}.",
        Body = ["embed_tokens.", "layers.", "norm."],
        Unused = ["layers.*.self_attn.rotary_emb.inv_freq"],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string type = c.Word("model_type", "llama");
        var d = c.Size("hidden_size", 4096);
        var layers = c.Size("num_hidden_layers", 32, maximum: Limits.Layers);
        var heads = c.Size("num_attention_heads", 32, maximum: Limits.Heads);
        var kvHeads = c["num_key_value_heads"] is null ? heads : c.Size("num_key_value_heads", heads.Size, maximum: Limits.Heads);
        var f = c.Size("intermediate_size", type is "mistral" ? 14336 : type is "llama" ? 11008 : 22016);
        var vocabulary = c.Vocabulary(type.StartsWith("qwen", StringComparison.Ordinal) ? 151936 : 32000);
        c.Activation("hidden_act", "silu");
        c.Epsilon("rms_norm_eps", 1e-6);
        Switch tied = c.Flag("tie_word_embeddings", false), bias = c.Flag("attention_bias", false), mlpBias = c.Flag("mlp_bias", false);
        if (!c.HasProblems && heads.Size % kvHeads.Size != 0)
            c.Wrong($"num_attention_heads {Text.Of(heads.Size)} is not a multiple of num_key_value_heads {Text.Of(kvHeads.Size)}");
        Dim headDim;
        if (c["head_dim"] is not null)
            headDim = c.Size("head_dim", 128, maximum: Limits.HeadDim);
        else if (!c.HasProblems && d.Size % heads.Size != 0)
        {
            c.Wrong($"hidden_size {Text.Of(d.Size)} is not a multiple of num_attention_heads {Text.Of(heads.Size)}");
            return null;
        }
        else
            headDim = new(Math.Max(1, d.Size / heads.Size), $"{d.From}/{heads.From}");
        Scaling(c, "rope_scaling");
        Scaling(c, "rope_parameters");
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = layers.Size;
        Dim q = new(heads.Size * headDim.Size, $"{heads.From}·({headDim.From})"), kv = new(kvHeads.Size * headDim.Size, $"{kvHeads.From}·({headDim.From})");
        m.Whole(p + "embed_tokens.weight", 0, vocabulary, d);
        var qkvBias = type == "qwen2" ? new Switch(true, "") : bias;
        m.Map(layer + "self_attn.q_proj", d, q, qkvBias, n);
        m.Map(layer + "self_attn.k_proj", d, kv, qkvBias, n);
        m.Map(layer + "self_attn.v_proj", d, kv, qkvBias, n);
        m.Map(layer + "self_attn.o_proj", q, d, bias, n);
        if (type == "qwen3")
        {
            m.Whole(layer + "self_attn.q_norm.weight", n, headDim);
            m.Whole(layer + "self_attn.k_norm.weight", n, headDim);
        }

        m.Map(layer + "mlp.gate_proj", d, f, mlpBias, n);
        m.Map(layer + "mlp.up_proj", d, f, mlpBias, n);
        m.Map(layer + "mlp.down_proj", f, d, mlpBias, n);
        m.Whole(layer + "input_layernorm.weight", n, d);
        m.Whole(layer + "post_attention_layernorm.weight", n, d);
        m.Whole(p + "norm.weight", 0, d);
        if (!tied && p.Length > 0 && m.ClassName.EndsWith("ForCausalLM", StringComparison.Ordinal))
            m.Whole("lm_head.weight", tied, vocabulary, d);
        m.Leftovers("num_hidden_layers", n);
        return null;
    }

    private static void Scaling(ConfigReader c, string key)
    {
        if (c.Object(key) is { } scaling && (scaling["rope_type"] ?? scaling["type"]) is { } type && type.Text is not ("default" or "linear" or "llama3"))
            c.Unsupported($"rope_type '{Text.Short(type.Text)}' is not supported; supported are 'default', 'linear', 'llama3'");
    }
}
