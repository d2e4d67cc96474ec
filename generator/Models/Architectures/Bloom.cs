namespace AttnGen.Generator.Models;

/// <summary>BLOOM (Scao et al. 2022, arXiv:2211.05100): ALiBi, a norm of the words, and a head's query, key and value side by side.</summary>
internal static class Bloom
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["bloom"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "transformer.",
        Probe = "word_embeddings.weight",
        Layer = "h.{0}.",
        Body = ["word_embeddings.", "word_embeddings_layernorm.", "h.", "ln_f."],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string width = c.Either("n_embed", "hidden_size"), depth = c.Either("num_hidden_layers", "n_layer"), count = c.Either("num_attention_heads", "n_head");
        var d = c.Size(width, 64);
        var heads = c.Heads(count, 8, d, width);
        int usual = c.Integer("seq_length", 2048, 1, Limits.Tokens);
        // Distances have no end; what is usual is what BLOOM was trained on.
        var s = new DecoderSizes(c.Size(depth, 2, maximum: Limits.Layers), d, heads, heads, DecoderParts.HeadOf(d, heads), 4 * d, c.Vocabulary(250880), Limits.Tokens);
        double epsilon = c.Epsilon("layer_norm_epsilon", 1e-5);
        Switch afterNorm = c.Flag("apply_residual_connection_post_layernorm", false), tied = c.Flag("tie_word_embeddings", true);
        c.MustBe("slow_but_exact", false);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "word_embeddings.weight";
        m.Whole(table, 0, s.Vocabulary, d);
        var words = m.Norm(p + "word_embeddings_layernorm", d, epsilon);
        var attention = new AttentionPart(
            DecoderParts.Attention(s, DecoderParts.Score(s, position: PositionKind.Alibi)), DecoderParts.InTurn(m, s, "self_attention.query_key_value", "self_attention.dense", true, true));
        var feedForward = DecoderParts.Plain(m, s, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", "GeluTanh");
        var stages = new[] { Stage(attention, "input_layernorm"), Stage(feedForward, "post_attention_layernorm") };
        var stack = DecoderParts.Stack(s, m.Norm(p + "ln_f", d, epsilon), stages);
        var outputs = DecoderParts.OfClass(m, "Bloom", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, norm: words) with { LayersKey = depth, UsualTokens = usual };

        // What is added to is the rows, or what the norm made of them.
        StageSpec Stage(PartSpec part, string name)
        {
            var norm = m.Norm(layer + name, d, epsilon, layers: n);
            return afterNorm ? DecoderParts.Together(new BranchSpec(part)) with { First = norm } : StageSpec.Of(part, norm, normFirst: true);
        }
    }
}
