namespace AttnGen.Gguf;

/// <summary>Falcon. Those with one head of keys are of the first kind, the others of the second, whose layers may have two norms.</summary>
internal static class GgufFalcon
{
    public static readonly GgufArchitecture Row = new("falcon", "falcon", "FalconForCausalLM", Names("input_layernorm"), c =>
    {
        long width = c.Size("hidden_size", "embedding_length");
        c.Size("num_hidden_layers", "block_count");
        long heads = c.Size("num_attention_heads", "attention.head_count"), kv = c.Size("num_kv_heads", "attention.head_count_kv", 1);
        c.Size("ffn_hidden_size", "feed_forward_length", 4 * width);
        c.Size("max_position_embeddings", "context_length");
        c.Epsilon("layer_norm_epsilon");
        bool hasTwo = HasTwoNorms(c.Header), isNew = hasTwo || kv != 1;
        c.Put("new_decoder_architecture", isNew ? "true" : "false", c.Key("attention.head_count_kv"));
        c.Put("multi_query", "true");
        c.Put("parallel_attn", "true");
        if (isNew)
            c.Put("num_ln_in_parallel_attn", hasTwo ? "2" : "1", "the tensor blk.0.attn_norm_2.weight");
        c.Bias("bias", "attn_qkv");
        c.Rope(c.DividedHeadDim(width, heads));
    })
    {
        // The first norm's name depends on whether there is a second: then it is that of the feed-forward network.
        Other = header => HasTwoNorms(header) ? Names("ln_mlp").Concat([new GgufName("blk.{0}.attn_norm_2", "transformer.h.{0}.ln_attn")]).ToArray() : null,
    };

    private static bool HasTwoNorms(GgufHeader header) => header.Find("blk.0.attn_norm_2.weight") is not null;

    private static GgufName[] Names(string norm) =>
    [
        new("token_embd", "transformer.word_embeddings"),
        new("output_norm", "transformer.ln_f"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", $"transformer.h.{{0}}.{norm}"),
        new("blk.{0}.attn_qkv", "transformer.h.{0}.self_attention.query_key_value", GgufTurn.InTurn),
        new("blk.{0}.attn_output", "transformer.h.{0}.self_attention.dense"),
        new("blk.{0}.ffn_up", "transformer.h.{0}.mlp.dense_h_to_4h"),
        new("blk.{0}.ffn_down", "transformer.h.{0}.mlp.dense_4h_to_h"),
    ];
}
