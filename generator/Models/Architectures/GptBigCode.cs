namespace AttnGen.Generator.Models;

/// <summary>GPT-BigCode, as in SantaCoder (arXiv:2301.03988) and StarCoder (arXiv:2305.06161): GPT-2 with one head of keys and values for all queries.</summary>
internal static class GptBigCode
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["gpt_bigcode"],
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
        Switch multi = c.Flag("multi_query", true);
        var (s, depth, positions) = Gpt2.Sizes(c, multi);
        string activation = c.Activation("activation_function", "gelu_pytorch_tanh");
        double epsilon = c.Epsilon("layer_norm_epsilon", 1e-5);
        Switch scales = c.Flag("scale_attn_weights", true), tied = c.Flag("tie_word_embeddings", true);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "wte.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        m.Whole(p + "wpe.weight", 0, positions, s.Hidden);
        var attention = new AttentionPart(
            DecoderParts.Attention(s, DecoderParts.Score(s, scale: scales ? 0 : 1)), DecoderParts.InTurn(m, s, "attn.c_attn", "attn.c_proj", true, true));
        var feedForward = DecoderParts.Plain(m, s, "mlp.c_fc", "mlp.c_proj", activation);
        var stages = new[]
        {
            StageSpec.Of(attention, m.Norm(layer + "ln_1", s.Hidden, epsilon, layers: n), normFirst: true),
            StageSpec.Of(feedForward, m.Norm(layer + "ln_2", s.Hidden, epsilon, layers: n), normFirst: true),
        };
        var stack = DecoderParts.Stack(s, m.Norm(p + "ln_f", s.Hidden, epsilon), stages);
        var outputs = DecoderParts.OfClass(m, "GPTBigCode", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, positions: new(p + "wpe.weight", positions.Size, 0, SkipsPadding: false, -1)) with { LayersKey = depth };
    }
}
