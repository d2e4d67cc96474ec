namespace AttnGen.Generator.Models;

/// <summary>Falcon (Almazrouei et al. 2023, arXiv:2311.16867): one head of keys for all queries, one for each group of them, or one for each.</summary>
internal static class Falcon
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["falcon"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "transformer.",
        Probe = "word_embeddings.weight",
        Layer = "h.{0}.",
        Body = ["word_embeddings.", "h.", "ln_f."],
        Unused = ["h.*.self_attention.rotary_emb.inv_freq"],
        // Published folders name code of their own that is the same model.
        HubCode = "_falcon.",
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string width = c.Either("n_embed", "hidden_size"), depth = c.Either("num_hidden_layers", "n_layer"), count = c.Either("num_attention_heads", "n_head"), kv = c.Either("num_kv_heads", "n_head_kv");
        var d = c.Size(width, 4544);
        var heads = c.Heads(count, 71, d, width);
        Switch isNew = c.Flag("new_decoder_architecture", false), multi = c.Flag("multi_query", true), parallel = c.Flag("parallel_attn", true), bias = c.Flag("bias", false);
        var groups = c[kv] is null ? heads : c.Size(kv, heads.Size, maximum: Limits.Heads);
        var kvHeads = isNew ? groups : multi ? 1 : heads; // files of the first kind may have the key, and it means nothing there
        DecoderParts.Grouped(c, heads, kvHeads, count, kv);
        var s = new DecoderSizes(
            c.Size(depth, 32, maximum: Limits.Layers), d, heads, kvHeads, DecoderParts.HeadOf(d, heads), c["ffn_hidden_size"] is null ? 4 * d : c.Size("ffn_hidden_size", 4 * d.Size), c.Vocabulary(65024),
            c.Integer("max_position_embeddings", 2048, 1, Limits.Tokens));
        string activation = c.Activation("activation", "gelu");
        double epsilon = c.Epsilon("layer_norm_epsilon", 1e-5);
        Switch tied = c.Flag("tie_word_embeddings", true);
        int norms = c.Integer("num_ln_in_parallel_attn", isNew ? 2 : 1, 1, 2);
        if (c.Flag("alibi", false))
            c.Unsupported("alibi true is not supported; supported is false: the published code rounds these distances to bfloat16");
        if (isNew && !parallel)
            c.Unsupported("parallel_attn false beside new_decoder_architecture true is not supported; supported is true");
        if (!isNew && norms == 2)
            c.Unsupported("num_ln_in_parallel_attn 2 is not supported beside new_decoder_architecture false; supported is 1");
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "word_embeddings.weight";
        m.Whole(table, 0, s.Vocabulary, d);
        NormTensors Norm(string name) => m.Norm(layer + name, d, epsilon, layers: n);
        var attention = new AttentionPart(
            DecoderParts.Attention(s, DecoderParts.Score(s, rope)), DecoderParts.InTurn(m, s, "self_attention.query_key_value", "self_attention.dense", bias, bias));
        var feedForward = DecoderParts.Plain(m, s, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", activation, bias);
        var first = Norm(isNew && norms == 2 ? "ln_attn" : "input_layernorm");
        var stages = !parallel ? new[] { StageSpec.Of(attention, first, normFirst: true), StageSpec.Of(feedForward, Norm("post_attention_layernorm"), normFirst: true) }
            : [DecoderParts.Together(new(attention, first), new(feedForward, isNew && norms == 2 ? Norm("ln_mlp") : first))];
        var stack = DecoderParts.Stack(s, m.Norm(p + "ln_f", d, epsilon), stages, rope);
        var outputs = DecoderParts.OfClass(m, "Falcon", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, rope) with { LayersKey = depth };
    }
}
