namespace AttnGen.Generator.Models;

/// <summary>Phi-3 (arXiv:2404.14219) and Phi-4-mini: Llama's layers with queries, keys and values in one map, gate and up in another, and LongRoPE.</summary>
internal static class Phi3
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["phi3"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "embed_tokens.weight",
        Layer = "layers.{0}.",
        Body = ["embed_tokens.", "layers.", "norm."],
        Unused = ["layers.*.self_attn.rotary_emb.inv_freq"],
        // Published folders name code of their own that is the same model.
        HubCode = "_phi3.Phi3",
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var s = DecoderParts.Sizes(c, 32064, hidden: 3072, feedForward: 8192, positions: 4096);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-5);
        Switch tied = c.Flag("tie_word_embeddings", false);
        foreach (string key in new[] { "attention_bias", "mlp_bias", "lm_head_bias" })
            c.MustBe(key, false);
        int window = DecoderParts.Window(c);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions, new() { PartKey = "partial_rotary_factor", YarnIsLongRope = true, Original = 4096 });
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size, f = s.FeedForward.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        LinearTensors Qkv(Dim outputs, int first) => m.MapRows(layer + "self_attn.qkv_proj", s.Hidden, outputs, first, s.Fused, false, n);
        LinearTensors Half(int first) => m.MapRows(layer + "mlp.gate_up_proj", s.Hidden, s.FeedForward, first, 2 * s.FeedForward, false, n);
        var attention = new AttentionPart(
            DecoderParts.Attention(s, DecoderParts.Score(s, rope, window: window)),
            new(
                Qkv(s.Queries, 0), Qkv(s.Keys, s.Queries.Size), Qkv(s.Keys, s.Queries.Size + s.Keys.Size),
                m.Map(layer + "self_attn.o_proj", s.Queries, s.Hidden, false, n)));
        var feedForward = new FeedForwardPart(new(Half(0), Half(f), m.Map(layer + "mlp.down_proj", s.FeedForward, s.Hidden, false, n)), activation);
        var stages = new[]
        {
            StageSpec.Of(attention, m.RmsNorm(layer + "input_layernorm", s.Hidden, epsilon, n), normFirst: true),
            StageSpec.Of(feedForward, m.RmsNorm(layer + "post_attention_layernorm", s.Hidden, epsilon, n), normFirst: true),
        };
        var stack = DecoderParts.Stack(s, m.RmsNorm(p + "norm", s.Hidden, epsilon), stages, rope);
        var outputs = DecoderParts.OfClass(m, "Phi3", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, rope, pad: 32000);
    }
}
