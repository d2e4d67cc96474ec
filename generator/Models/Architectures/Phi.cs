namespace AttnGen.Generator.Models;

/// <summary>Phi-1 to Phi-2 (Gunasekar et al. 2023, arXiv:2306.11644): attention and feed-forward network of one norm, a part of each head turns, and the head has a bias.</summary>
internal static class Phi
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["phi"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "embed_tokens.weight",
        Layer = "layers.{0}.",
        Body = ["embed_tokens.", "layers.", "final_layernorm."],
        Unused = ["layers.*.self_attn.rotary_emb.inv_freq"],
        // Published folders name code of their own that is the same model.
        HubCode = "_phi.Phi",
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var s = DecoderParts.Sizes(c, 51200, hidden: 2048, layers: 24, heads: 32, feedForward: 8192);
        string activation = c.Activation("hidden_act", "gelu_new");
        double epsilon = c.Epsilon("layer_norm_eps", 1e-5);
        Switch tied = c.Flag("tie_word_embeddings", false), normed = c.Flag("qk_layernorm", false);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions, new() { PartKey = "partial_rotary_factor", Part = 0.5 });
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        var norm = m.Norm(layer + "input_layernorm", s.Hidden, epsilon, layers: n);
        NormTensors OfHead(string name) => m.Norm(layer + "self_attn." + name, s.HeadDim, epsilon, layers: n);
        var heads = normed ? new HeadTensors(OfHead("q_layernorm"), OfHead("k_layernorm"), null, null) : null;
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope)), DecoderParts.Projections(m, s, true, true, heads, "dense"));
        var feedForward = DecoderParts.Plain(m, s, "mlp.fc1", "mlp.fc2", activation);
        var stages = new[] { DecoderParts.Together(new(attention, norm), new(feedForward, norm)) };
        var stack = DecoderParts.Stack(s, m.Norm(p + "final_layernorm", s.Hidden, epsilon), stages, rope);
        var outputs = DecoderParts.OfClass(m, "Phi", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied, bias: true));
        return DecoderParts.Model(m, s, table, stack, outputs, rope);
    }
}
