namespace AttnGen.Generator.Models;

/// <summary>GPT-2 (Radford et al. 2019). Its maps are stored [inputs, outputs].</summary>
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
        var (s, depth, positions) = Sizes(c, isMultiQuery: false);
        Dim d = s.Hidden, f = s.FeedForward;
        string activation = c.Activation("activation_function", "gelu_new");
        double epsilon = c.Epsilon("layer_norm_epsilon", 1e-5);
        Switch scales = c.Flag("scale_attn_weights", true), byLayer = c.Flag("scale_attn_by_inverse_layer_idx", false), tied = c.Flag("tie_word_embeddings", true);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "wte.weight";
        m.Whole(table, 0, s.Vocabulary, d);
        m.Whole(p + "wpe.weight", 0, positions, d);
        LinearTensors Map(string name, Dim inputs, Dim outputs) => m.TurnedMap(layer + name, inputs, outputs, 0, outputs, n);
        LinearTensors Third(int third) => m.TurnedMap(layer + "attn.c_attn", d, d, third * d.Size, 3 * d, n);
        var attention = new AttentionPart(
            DecoderParts.Attention(s, DecoderParts.Score(s, scale: scales ? 0 : 1)), new(Third(0), Third(1), Third(2), Map("attn.c_proj", d, d)));
        var feedForward = new FeedForwardPart(new(Map("mlp.c_fc", d, f), null, Map("mlp.c_proj", f, d)), activation);
        var stages = new[]
        {
            StageSpec.Of(attention, m.Norm(layer + "ln_1", d, epsilon, layers: n), normFirst: true),
            StageSpec.Of(feedForward, m.Norm(layer + "ln_2", d, epsilon, layers: n), normFirst: true),
        };
        var varies = byLayer ? Enumerable.Range(0, n).Select(i => new LayerSpec(0, 10000, Scale: 1.0 / (i + 1))) : null;
        var stack = DecoderParts.Stack(s, m.Norm(p + "ln_f", d, epsilon), stages, varies: varies);
        var outputs = DecoderParts.OfClass(m, "GPT2", "LMHeadModel", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, positions: new(p + "wpe.weight", positions.Size, 0, SkipsPadding: false, -1)) with { LayersKey = depth };
    }

    /// <summary>The sizes under GPT-2's keys, the key of the number of layers, and the rows of the table of positions.</summary>
    public static (DecoderSizes Sizes, string Depth, Dim Positions) Sizes(ConfigReader c, bool isMultiQuery)
    {
        string width = c.Either("hidden_size", "n_embd"), depth = c.Either("num_hidden_layers", "n_layer"), count = c.Either("num_attention_heads", "n_head");
        var d = c.Size(width, 768);
        var heads = c.Heads(count, 12, d, width);
        var positions = c.Size(c.Either("max_position_embeddings", c.Either("n_positions", "n_ctx")), 1024, maximum: Limits.Tokens);
        var f = c["n_inner"] is null ? 4 * d : c.Size("n_inner", 4 * d.Size);
        return (new(c.Size(depth, 12, maximum: Limits.Layers), d, heads, isMultiQuery ? 1 : heads, DecoderParts.HeadOf(d, heads), f, c.Vocabulary(50257), positions.Size), depth, positions);
    }
}
