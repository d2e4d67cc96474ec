namespace AttnGen.Generator.Models;

/// <summary>OPT (Zhang et al. 2022, arXiv:2205.01068): learned positions from the third row on; OPT-350m has norms after its parts and words that are narrower than its layers.</summary>
internal static class Opt
{
    private const int FirstPosition = 2;

    public static readonly Architecture Row = new()
    {
        ModelTypes = ["opt"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "decoder.embed_tokens.weight",
        Layer = "decoder.layers.{0}.",
        Body = ["decoder."],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var d = c.Size("hidden_size", 768);
        var heads = c.Heads("num_attention_heads", 12, d, "hidden_size");
        var s = new DecoderSizes(
            c.Size("num_hidden_layers", 12, maximum: Limits.Layers), d, heads, heads, DecoderParts.HeadOf(d, heads), c.Size("ffn_dim", 3072), c.Vocabulary(50272),
            c.Integer("max_position_embeddings", 2048, 1, Limits.Tokens));
        var words = c["word_embed_proj_dim"] is null ? d : c.Size("word_embed_proj_dim", d.Size);
        string activation = c.Activation("activation_function", "relu");
        Switch before = c.Flag("do_layer_norm_before", true), without = c.Flag("_remove_final_layer_norm", false), bias = c.Flag("enable_bias", true), tied = c.Flag("tie_word_embeddings", true);
        c.MustBe("layer_norm_elementwise_affine", true);
        if (c.HasProblems)
            return null;

        string p = m.Prefix + "decoder.", layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, words);
        var rows = new Dim(s.Positions + FirstPosition, $"max_position_embeddings={Text.Of(s.Positions)} + {FirstPosition}");
        m.Whole(p + "embed_positions.weight", 0, rows, d);
        bool isNarrow = words.Size != d.Size;
        var into = isNarrow ? m.Map(p + "project_in", words, d, false) : null;
        var outOf = isNarrow ? m.Map(p + "project_out", d, words, false) : null;
        LinearTensors Map(string name) => m.Map(layer + "self_attn." + name, d, d, bias, n);
        NormTensors Norm(string name, int layers) => m.Norm(name, d, 1e-5, layers: layers);
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s)), new(Map("q_proj"), Map("k_proj"), Map("v_proj"), Map("out_proj")));
        var feedForward = DecoderParts.Plain(m, s, "fc1", "fc2", activation, bias);
        var stages = new[] { StageSpec.Of(attention, Norm(layer + "self_attn_layer_norm", n), before), StageSpec.Of(feedForward, Norm(layer + "final_layer_norm", n), before) };
        var stack = DecoderParts.Stack(s, before && !without ? Norm(p + "final_layer_norm", 0) : null, stages);
        var outputs = DecoderParts.OfClass(m, "OPT", "ForCausalLM", tied, () => DecoderParts.Language(m, s with { Hidden = words }, table, tied, before: outOf));
        var places = new PositionTableSpec(p + "embed_positions.weight", rows.Size, FirstPosition, SkipsPadding: false, -1) { AfterMap = isNarrow };
        return DecoderParts.Model(m, s, table, stack, outputs, positions: places, pad: 1, words: words, into: into);
    }
}
