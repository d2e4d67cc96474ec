namespace AttnGen.Gguf;

/// <summary>Phi-1 to Phi-2 (phi2) and Phi-3 (phi3).</summary>
internal static class GgufPhi
{
    public static readonly GgufArchitecture Phi2 = new("phi2", "phi", "PhiForCausalLM",
    [
        new("token_embd", "model.embed_tokens"),
        new("output_norm", "model.final_layernorm"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", "model.layers.{0}.input_layernorm"),
        new("blk.{0}.attn_q", "model.layers.{0}.self_attn.q_proj"),
        new("blk.{0}.attn_k", "model.layers.{0}.self_attn.k_proj"),
        new("blk.{0}.attn_v", "model.layers.{0}.self_attn.v_proj"),
        new("blk.{0}.attn_output", "model.layers.{0}.self_attn.dense"),
        new("blk.{0}.ffn_up", "model.layers.{0}.mlp.fc1"),
        new("blk.{0}.ffn_down", "model.layers.{0}.mlp.fc2"),
    ], c => c.Rope(c.Sizes("layer_norm_eps").HeadDim, part: "partial_rotary_factor"))
    {
        // Files of the first folders have the three in one.
        Fused = ("blk.{0}.attn_qkv", ["blk.{0}.attn_q", "blk.{0}.attn_k", "blk.{0}.attn_v"]),
    };

    public static readonly GgufArchitecture Phi3 = new("phi3", "phi3", "Phi3ForCausalLM",
    [
        new("token_embd", "model.embed_tokens"),
        new("output_norm", "model.norm"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", "model.layers.{0}.input_layernorm"),
        new("blk.{0}.attn_qkv", "model.layers.{0}.self_attn.qkv_proj"),
        new("blk.{0}.attn_output", "model.layers.{0}.self_attn.o_proj"),
        new("blk.{0}.ffn_norm", "model.layers.{0}.post_attention_layernorm"),
        new("blk.{0}.ffn_up", "model.layers.{0}.mlp.gate_up_proj"),
        new("blk.{0}.ffn_down", "model.layers.{0}.mlp.down_proj"),
    ], c =>
    {
        c.Put("pad_token_id", "null");
        c.Size("sliding_window", "attention.sliding_window", 0);
        LongRope(c, c.Rope(c.Sizes().HeadDim, part: "partial_rotary_factor"));
    });

    // A list of factors for short texts and one for long ones. Cosines and sines are multiplied by what the file says, or by the rule's number.
    private static void LongRope(GgufConfig c, long turned)
    {
        const string Long = "rope_factors_long.weight", Short = "rope_factors_short.weight", Original = "rope.scaling.original_context_length";
        double? said = c.Number("rope.scaling.attn_factor");
        if (!c.HasTensor(Short) || !c.HasTensor(Long))
        {
            if (said is not (null or 1))
                throw c.Unsupported("rope.scaling.attn_factor", $"1 without the tensors '{Short}' and '{Long}'");
            return;
        }

        long original = c.Integer(Original, c.Integer("context_length", null)), context = c.Integer("context_length", null);
        double stretch = context / (double)original, rule = stretch <= 1 ? 1 : Math.Sqrt(1 + Math.Log(stretch) / Math.Log(original));
        string attention = (float)(said ?? 1) == (float)rule ? "" : $", \"attention_factor\": {GgufConfig.Text(said ?? 1)}";
        c.Put("original_max_position_embeddings", GgufConfig.Text(original), c.Key(Original));
        c.Put("rope_scaling", $"{{\"rope_type\": \"longrope\", \"short_factor\": {List(Short)}, \"long_factor\": {List(Long)}{attention}}}", $"the tensor {Short}");

        string List(string tensor) => $"[{string.Join(", ", c.Read(tensor, turned / 2).Select(GgufValue.Shortest))}]";
    }
}
