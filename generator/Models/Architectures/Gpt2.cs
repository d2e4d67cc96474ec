namespace AttnGen.Generator.Models;

/// <summary>GPT-2 (Radford et al. 2019): config.json and tensors are checked; code comes with the decoders. Its maps are stored [inputs, outputs].</summary>
internal static class Gpt2
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["gpt2"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "transformer.",
        Probe = "wte.weight",
        Layer = "h.{0}.",
        Body = ["wte.", "wpe.", "h.", "ln_f."],
        Unused = ["h.*.attn.bias", "h.*.attn.masked_bias"],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string width = c.Either("hidden_size", "n_embd"), depth = c.Either("num_hidden_layers", "n_layer");
        var d = c.Size(width, 768);
        var layers = c.Size(depth, 12, maximum: Limits.Layers);
        c.Heads(c.Either("num_attention_heads", "n_head"), 12, d, width);
        var f = c["n_inner"] is null ? 4 * d : c.Size("n_inner", 4 * d.Size);
        var vocabulary = c.Vocabulary(50257);
        var positions = c.Size(c.Either("max_position_embeddings", c.Either("n_positions", "n_ctx")), 1024);
        c.Activation("activation_function", "gelu_new");
        c.Epsilon("layer_norm_epsilon", 1e-5);
        if (c.HasProblems)
            return null;
        string p = m.Prefix, layer = m.Layer;
        int n = layers.Size;
        m.Whole(p + "wte.weight", 0, vocabulary, d);
        m.Whole(p + "wpe.weight", 0, positions, d);
        foreach (var (name, inputs, outputs) in new[] { ("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d), ("mlp.c_fc", d, f), ("mlp.c_proj", f, d) })
        {
            m.Whole($"{layer}{name}.weight", n, inputs, outputs);
            m.Whole($"{layer}{name}.bias", n, outputs);
        }

        m.Norm(layer + "ln_1", d, 1e-5, layers: n);
        m.Norm(layer + "ln_2", d, 1e-5, layers: n);
        m.Norm(p + "ln_f", d, 1e-5);
        m.Leftovers(depth, n);
        return null;
    }
}
