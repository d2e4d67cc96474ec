namespace AttnGen.Build.Tests;

/// <summary>A sound GGUF file of a small Llama.</summary>
internal static class GgufSample
{
    public static GgufWriter Writer()
    {
        var file = new GgufWriter();
        file.Text("general.architecture", "llama");
        file.Text("general.name", "small");
        file.UInt32("llama.context_length", 16);
        file.UInt32("llama.embedding_length", 8);
        file.UInt32("llama.block_count", 1);
        file.UInt32("llama.feed_forward_length", 12);
        file.UInt32("llama.attention.head_count", 2);
        file.UInt32("llama.attention.head_count_kv", 1);
        file.Float32("llama.attention.layer_norm_rms_epsilon", 1e-5);
        file.Float32("llama.rope.freq_base", 10000);
        file.Text("tokenizer.ggml.model", "llama");
        file.Texts("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "a", "b", "ab"]);
        file.Float32s("tokenizer.ggml.scores", [0, 0, 0, -1, -2, -3]);
        file.Int32s("tokenizer.ggml.token_type", [2, 3, 3, 1, 1, 1]);
        file.UInt32("tokenizer.ggml.bos_token_id", 1);
        file.UInt32("tokenizer.ggml.eos_token_id", 2);
        file.Flag("tokenizer.ggml.add_bos_token", true);
        file.Text("tokenizer.chat_template", "{{ messages }}");
        Tensor("token_embd.weight", 6, 8);
        Tensor("output_norm.weight", 8);
        foreach (var (name, rows) in new[] { ("attn_q", 8), ("attn_k", 4), ("attn_v", 4), ("attn_output", 8), ("ffn_gate", 12), ("ffn_up", 12) })
            Tensor($"blk.0.{name}.weight", rows, 8);
        Tensor("blk.0.ffn_down.weight", 8, 12);
        Tensor("blk.0.attn_norm.weight", 8);
        Tensor("blk.0.ffn_norm.weight", 8);
        return file;

        void Tensor(string name, params long[] shape) =>
            file.Tensor(name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (i % 7 - 3) / 8f)]);
    }
}
