namespace AttnGen.Gguf;

/// <summary>GPT-2, whose folder has its maps the other way round, and StarCoder, whose has not.</summary>
internal static class GgufGpt2
{
    public static readonly GgufArchitecture Gpt2 = new("gpt2", "gpt2", "GPT2LMHeadModel", Names(GgufTurn.Transposed), Sizes);

    public static readonly GgufArchitecture StarCoder = new("starcoder", "gpt_bigcode", "GPTBigCodeForCausalLM", Names(GgufTurn.None), c =>
    {
        Sizes(c);
        if (c.Integer("attention.head_count_kv", 1) != 1)
            throw c.Unsupported("attention.head_count_kv", "1: one head of keys and values for all queries");
    });

    private static GgufName[] Names(GgufTurn maps) =>
    [
        new("token_embd", "transformer.wte"),
        new("position_embd", "transformer.wpe"),
        new("output_norm", "transformer.ln_f"),
        new("output", "lm_head"),
        new("blk.{0}.attn_norm", "transformer.h.{0}.ln_1"),
        new("blk.{0}.attn_qkv", "transformer.h.{0}.attn.c_attn", maps),
        new("blk.{0}.attn_output", "transformer.h.{0}.attn.c_proj", maps),
        new("blk.{0}.ffn_norm", "transformer.h.{0}.ln_2"),
        new("blk.{0}.ffn_up", "transformer.h.{0}.mlp.c_fc", maps),
        new("blk.{0}.ffn_down", "transformer.h.{0}.mlp.c_proj", maps),
    ];

    private static void Sizes(GgufConfig c)
    {
        long width = c.Size("n_embd", "embedding_length");
        c.Size("n_layer", "block_count");
        long heads = c.Size("n_head", "attention.head_count");
        c.Size("n_inner", "feed_forward_length", 4 * width);
        c.Size("n_positions", "context_length");
        c.Epsilon("layer_norm_epsilon");
        c.DividedHeadDim(width, heads);
        if (c.Row == Gpt2 && c.Integer("attention.head_count_kv", heads) != heads)
            throw c.Unsupported("attention.head_count_kv", $"{GgufConfig.Text(heads)}: a head of keys for each of queries");
    }
}
