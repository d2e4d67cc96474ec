namespace AttnGen.Gguf;

/// <summary>Gemma 1 to 3. The converter adds 1 to the weights of all norms, by which the model multiplies.</summary>
internal static class GgufGemma
{
    public static readonly GgufArchitecture[] Rows =
    [
        new("gemma", "gemma", "GemmaForCausalLM", PlusOne(GgufLlama.Names()), c => Usual(c)),
        new("gemma2", "gemma2", "Gemma2ForCausalLM", Later(), c =>
        {
            Later(c, largest: 46);
            c.Optional("sliding_window", "attention.sliding_window");
        }),
        new("gemma3", "gemma3_text", "Gemma3ForCausalLM", Later().Concat(PlusOne(GgufLlama.HeadNorms())).ToArray(), c =>
        {
            Later(c, largest: 62);
            c.Size("sliding_window", "attention.sliding_window", 1024);
            c.Put("rope_local_base_freq", c.Number("rope.freq_base_swa") ?? 10000, "rope.freq_base_swa");
            if (c.Has("attention.sliding_window_pattern"))
                c.Size("sliding_window_pattern", "attention.sliding_window_pattern");
        }),
    ];

    private static GgufName[] PlusOne(IEnumerable<GgufName> names) =>
        [.. names.Select(name => name.Own.EndsWith("norm", StringComparison.Ordinal) ? new GgufName(name.Own, name.Hub, GgufTurn.PlusOne) : name)];

    private static GgufName[] Later() => PlusOne(GgufLlama.Names().Where(name => name.Own != "blk.{0}.ffn_norm").Concat(
    [
        new("blk.{0}.post_attention_norm", "model.layers.{0}.post_attention_layernorm"),
        new("blk.{0}.ffn_norm", "model.layers.{0}.pre_feedforward_layernorm"),
        new("blk.{0}.post_ffw_norm", "model.layers.{0}.post_feedforward_layernorm"),
    ]));

    private static (long Heads, long HeadDim) Usual(GgufConfig c)
    {
        var sizes = c.Sizes(needsHeadDim: true);
        c.Put("hidden_activation", "\"gelu_pytorch_tanh\"");
        c.Rope(sizes.HeadDim);
        return sizes;
    }

    // By what scores are divided is in no file: llama.cpp goes by the number of layers, of which the largest model has a rule of its own.
    private static void Later(GgufConfig c, int largest)
    {
        var (heads, headDim) = Usual(c);
        if (c.Number("attention.scale") is { } scale and > 0)
            c.Put("query_pre_attn_scalar", 1 / (scale * scale), "attention.scale");
        else
            c.Put("query_pre_attn_scalar", c.Integer("block_count", null) == largest ? c.Integer("embedding_length", null) / heads : headDim, "attention.key_length");
        c.Optional("attn_logit_softcapping", "attn_logit_softcapping");
        c.Optional("final_logit_softcapping", "final_logit_softcapping");
    }
}
