namespace AttnGen.Generator.Models;

/// <summary>GPT-NeoX (Black et al. 2022, arXiv:2204.06745) and Pythia: a head's query, key and value lie side by side, and a part of each head turns.</summary>
internal static class GptNeoX
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["gpt_neox"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "gpt_neox.",
        Probe = "embed_in.weight",
        Layer = "layers.{0}.",
        Body = ["embed_in.", "layers.", "final_layer_norm."],
        Unused = ["layers.*.attention.bias", "layers.*.attention.masked_bias", "layers.*.attention.rotary_emb.inv_freq"],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var d = c.Size("hidden_size", 6144);
        var heads = c.Heads("num_attention_heads", 64, d, "hidden_size");
        var s = new DecoderSizes(
            c.Size("num_hidden_layers", 44, maximum: Limits.Layers), d, heads, heads, DecoderParts.HeadOf(d, heads), c.Size("intermediate_size", 24576), c.Vocabulary(50432),
            c.Integer("max_position_embeddings", 2048, 1, Limits.Tokens));
        string activation = c.Activation("hidden_act", "gelu");
        double epsilon = c.Epsilon("layer_norm_eps", 1e-5);
        Switch parallel = c.Flag("use_parallel_residual", true), bias = c.Flag("attention_bias", true), tied = c.Flag("tie_word_embeddings", false);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions, new() { ThetaKey = "rotary_emb_base", PartKey = "rotary_pct", Part = 0.25 });
        DecoderParts.Same(c, "rope_theta", "rotary_emb_base", rope.Theta);
        DecoderParts.Same(c, "partial_rotary_factor", "rotary_pct", rope.Part);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_in.weight";
        m.Whole(table, 0, s.Vocabulary, d);
        var attention = new BranchSpec(
            new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope)), DecoderParts.InTurn(m, s, "attention.query_key_value", "attention.dense", bias, bias)),
            m.Norm(layer + "input_layernorm", d, epsilon, layers: n));
        var feedForward = new BranchSpec(
            DecoderParts.Plain(m, s, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", activation), m.Norm(layer + "post_attention_layernorm", d, epsilon, layers: n));
        var stages = parallel ? new[] { DecoderParts.Together(attention, feedForward) } : [DecoderParts.Together(attention), DecoderParts.Together(feedForward)];
        var stack = DecoderParts.Stack(s, m.Norm(p + "final_layer_norm", d, epsilon), stages, rope);
        string head = !m.Has("embed_out.weight") && m.Has("lm_head.weight") ? "lm_head" : "embed_out"; // the name in transformers 5, and the older one
        var outputs = DecoderParts.OfClass(m, "GPTNeoX", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied, head), head + ".weight");
        return DecoderParts.Model(m, s, table, stack, outputs, rope);
    }
}
