namespace AttnGen.Generator.Models;

/// <summary>Granite 3 (IBM 2024): Llama's layers, with factors for words, scores, what is added to the residual stream, and logits.</summary>
internal static class Granite
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["granite"],
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
        var s = DecoderParts.Sizes(c, 32000);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-6);
        Switch tied = c.Flag("tie_word_embeddings", false), bias = c.Flag("attention_bias", false), mlpBias = c.Flag("mlp_bias", false);
        double words = c.Number("embedding_multiplier", 1), scores = c.Number("attention_multiplier", 1), branches = c.Number("residual_multiplier", 1), logits = c.Number("logits_scaling", 1);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        StageSpec Stage(PartSpec part, string norm) => DecoderParts.Together(new BranchSpec(part, m.RmsNorm(layer + norm, s.Hidden, epsilon, n)) { Scale = branches });
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope, scale: scores)), DecoderParts.Projections(m, s, bias, bias));
        var feedForward = DecoderParts.Gated(m, s, activation, mlpBias);
        var stages = new[] { Stage(attention, "input_layernorm"), Stage(feedForward, "post_attention_layernorm") };
        var stack = DecoderParts.Stack(s, m.RmsNorm(p + "norm", s.Hidden, epsilon), stages, rope);
        var outputs = DecoderParts.OfClass(m, "Granite", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied, scale: 1 / logits));
        return DecoderParts.Model(m, s, table, stack, outputs, rope, scale: words);
    }
}
