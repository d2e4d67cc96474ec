namespace AttnGen.Gguf;

/// <summary>Llama and those that have its layers. Of those whose rotations llama.cpp turns by neighbours, the converter moves the rows of queries and keys.</summary>
internal static class GgufLlama
{
    public static readonly GgufArchitecture[] Rows =
    [
        new("llama", "llama", "LlamaForCausalLM", Names(pairs: true), c =>
        {
            // Mistral comes as llama, too; some files name its window.
            long window = c.Integer("attention.sliding_window", 0);
            if (window != 0 && window < c.Integer("context_length", null))
                throw c.Unsupported("attention.sliding_window", "0: every token sees all before it");
            Usual(c, maps: true);
        }),
        new("qwen2", "qwen2", "Qwen2ForCausalLM", Names(), c => c.Rope(c.Sizes().HeadDim)),
        new("qwen3", "qwen3", "Qwen3ForCausalLM", Names().Concat(HeadNorms()).ToArray(), c =>
        {
            c.Rope(c.Sizes(needsHeadDim: true).HeadDim);
            c.Bias("attention_bias", "attn_q");
        }),
        new("smollm3", "smollm3", "SmolLM3ForCausalLM", Names(pairs: true), c => Usual(c, maps: true)),
        new("granite", "granite", "GraniteForCausalLM", Names(pairs: true), c =>
        {
            Usual(c, maps: true);
            c.Optional("embedding_multiplier", "embedding_scale");
            c.Optional("attention_multiplier", "attention.scale");
            c.Optional("residual_multiplier", "residual_scale");
            c.Optional("logits_scaling", "logit_scale");
        }),
        new("olmo2", "olmo2", "Olmo2ForCausalLM",
            Names().Where(name => name.Own is not ("blk.{0}.attn_norm" or "blk.{0}.ffn_norm")).Concat(HeadNorms()).Concat(
            [
                new GgufName("blk.{0}.post_attention_norm", "model.layers.{0}.post_attention_layernorm"), new GgufName("blk.{0}.post_ffw_norm", "model.layers.{0}.post_feedforward_layernorm"),
            ]).ToArray(),
            c => Usual(c, maps: false)),
    ];

    /// <summary>The tensors under Llama's names.</summary>
    /// <param name="pairs">Whether the converter moves the rows of queries and keys.</param>
    public static GgufName[] Names(bool pairs = false) =>
    [
        new("token_embd", "model.embed_tokens"),
        new("output_norm", "model.norm"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", "model.layers.{0}.input_layernorm"),
        new("blk.{0}.attn_q", "model.layers.{0}.self_attn.q_proj", pairs ? GgufTurn.QueryPairs : GgufTurn.None),
        new("blk.{0}.attn_k", "model.layers.{0}.self_attn.k_proj", pairs ? GgufTurn.KeyPairs : GgufTurn.None),
        new("blk.{0}.attn_v", "model.layers.{0}.self_attn.v_proj"),
        new("blk.{0}.attn_output", "model.layers.{0}.self_attn.o_proj"),
        new("blk.{0}.ffn_norm", "model.layers.{0}.post_attention_layernorm"),
        new("blk.{0}.ffn_gate", "model.layers.{0}.mlp.gate_proj"),
        new("blk.{0}.ffn_up", "model.layers.{0}.mlp.up_proj"),
        new("blk.{0}.ffn_down", "model.layers.{0}.mlp.down_proj"),
    ];

    /// <summary>Norms of each head's query and key, or of all of them.</summary>
    public static GgufName[] HeadNorms() => [new("blk.{0}.attn_q_norm", "model.layers.{0}.self_attn.q_norm"), new("blk.{0}.attn_k_norm", "model.layers.{0}.self_attn.k_norm")];

    private static void Usual(GgufConfig c, bool maps)
    {
        c.Rope(c.Sizes().HeadDim);
        c.Bias("attention_bias", "attn_q");
        if (maps)
            c.Bias("mlp_bias", "ffn_up", "ffn_gate");
    }
}
