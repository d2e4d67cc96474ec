namespace AttnGen.Gguf;

/// <summary>BLOOM.</summary>
internal static class GgufBloom
{
    public static readonly GgufArchitecture Row = new("bloom", "bloom", "BloomForCausalLM",
    [
        new("token_embd", "transformer.word_embeddings"),
        new("token_embd_norm", "transformer.word_embeddings_layernorm"),
        new("output_norm", "transformer.ln_f"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", "transformer.h.{0}.input_layernorm"),
        new("blk.{0}.attn_qkv", "transformer.h.{0}.self_attention.query_key_value", GgufTurn.InTurn),
        new("blk.{0}.attn_output", "transformer.h.{0}.self_attention.dense"),
        new("blk.{0}.ffn_norm", "transformer.h.{0}.post_attention_layernorm"),
        new("blk.{0}.ffn_up", "transformer.h.{0}.mlp.dense_h_to_4h"),
        new("blk.{0}.ffn_down", "transformer.h.{0}.mlp.dense_4h_to_h"),
    ], c =>
    {
        long width = c.Size("hidden_size", "embedding_length");
        c.Size("num_hidden_layers", "block_count");
        long heads = c.Size("num_attention_heads", "attention.head_count");
        if (c.Integer("attention.head_count_kv", heads) != heads)
            throw c.Unsupported("attention.head_count_kv", $"{GgufConfig.Text(heads)}: a head of keys for each of queries");
        if (c.Integer("feed_forward_length", 4 * width) != 4 * width)
            throw c.Unsupported("feed_forward_length", $"4 times the width, {GgufConfig.Text(4 * width)}");
        c.Size("seq_length", "context_length");
        c.Epsilon("layer_norm_epsilon");
        c.DividedHeadDim(width, heads);
        if (c.Number("attention.max_alibi_bias") is not (null or 8))
            throw c.Unsupported("attention.max_alibi_bias", "8");
    });
}
