namespace AttnGen.Generator.Models;

/// <summary>OLMo 2 (OLMo team 2025, arXiv:2501.00656): norms after the parts and before the sum, and norms of all queries and of all keys.</summary>
internal static class Olmo2
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["olmo2"],
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
        var s = DecoderParts.Sizes(c, 50304);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-5);
        Switch tied = c.Flag("tie_word_embeddings", false), bias = c.Flag("attention_bias", false);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        NormTensors Norm(string name, Dim width) => m.RmsNorm(layer + name, width, epsilon, n);
        var heads = new HeadTensors(Norm("self_attn.q_norm", s.Queries), Norm("self_attn.k_norm", s.Keys), null, null);
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope)), DecoderParts.Projections(m, s, bias, bias, heads));
        var feedForward = DecoderParts.Gated(m, s, activation, false);
        var stages = new[]
        {
            DecoderParts.Together(new BranchSpec(attention, Inside: Norm("post_attention_layernorm", s.Hidden))),
            DecoderParts.Together(new BranchSpec(feedForward, Inside: Norm("post_feedforward_layernorm", s.Hidden))),
        };
        var stack = DecoderParts.Stack(s, m.RmsNorm(p + "norm", s.Hidden, epsilon), stages, rope);
        var outputs = DecoderParts.OfClass(m, "Olmo2", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, rope, pad: 1);
    }
}
