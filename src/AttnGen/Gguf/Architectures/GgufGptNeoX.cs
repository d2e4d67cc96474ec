namespace AttnGen.Gguf;

/// <summary>GPT-NeoX and Pythia.</summary>
internal static class GgufGptNeoX
{
    public static readonly GgufArchitecture Row = new("gptneox", "gpt_neox", "GPTNeoXForCausalLM",
    [
        new("token_embd", "gpt_neox.embed_in"),
        new("output_norm", "gpt_neox.final_layer_norm"),
        new("output", "embed_out"),
        new("blk.{0}.attn_norm", "gpt_neox.layers.{0}.input_layernorm"),
        new("blk.{0}.attn_qkv", "gpt_neox.layers.{0}.attention.query_key_value", GgufTurn.InTurn),
        new("blk.{0}.attn_output", "gpt_neox.layers.{0}.attention.dense"),
        new("blk.{0}.ffn_norm", "gpt_neox.layers.{0}.post_attention_layernorm"),
        new("blk.{0}.ffn_up", "gpt_neox.layers.{0}.mlp.dense_h_to_4h"),
        new("blk.{0}.ffn_down", "gpt_neox.layers.{0}.mlp.dense_4h_to_h"),
    ], c =>
    {
        long width = c.Size("hidden_size", "embedding_length");
        c.Size("num_hidden_layers", "block_count");
        long heads = c.Size("num_attention_heads", "attention.head_count");
        if (c.Integer("attention.head_count_kv", heads) != heads)
            throw c.Unsupported("attention.head_count_kv", $"{GgufConfig.Text(heads)}: a head of keys for each of queries");
        c.Size("intermediate_size", "feed_forward_length");
        c.Size("max_position_embeddings", "context_length");
        c.Epsilon("layer_norm_eps");
        c.Put("use_parallel_residual", c.Flag("use_parallel_residual", true) ? "true" : "false", c.Key("use_parallel_residual"));
        c.Bias("attention_bias", "attn_qkv");
        c.Rope(c.DividedHeadDim(width, heads), "rotary_emb_base", "rotary_pct");
    });
}
