namespace AttnGen.Models.Tests;

internal static partial class SmallModels
{
    private const string Sizes = "\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"vocab_size\":21,\"max_position_embeddings\":19";
    private const string Grouped = Sizes + ",\"num_key_value_heads\":2,\"intermediate_size\":24";
    private const string Gpt2Sizes = "\"n_embd\":16,\"n_layer\":2,\"n_head\":2,\"n_ctx\":19,\"vocab_size\":21";

    /// <summary>Decoders: a folder of each, with what it has of its own switched on.</summary>
    private static IEnumerable<(string Config, string Manifest)> Decoders =>
    [
        ($$"""{"model_type":"llama","architectures":["LlamaForCausalLM"],{{Grouped}},"attention_bias":true,"mlp_bias":true,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8} }""",
            LlamaLike(biases: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])),
        ($$"""{"model_type":"mistral","architectures":["MistralForCausalLM"],{{Grouped}},"sliding_window":5,"head_dim":6}""",
            LlamaLike(headDim: 6)),
        ($$"""{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"],{{Grouped}},"use_sliding_window":true,"sliding_window":4,"max_window_layers":1,"tie_word_embeddings":true}""",
            LlamaLike(biases: ["q_proj", "k_proj", "v_proj"], tied: true)),
        ($$"""{"model_type":"qwen3","architectures":["Qwen3ForCausalLM"],{{Grouped}},"head_dim":10,"rope_scaling":{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":5} }""",
            LlamaLike(headDim: 10, extra: [("self_attn.q_norm", 10), ("self_attn.k_norm", 10)])),
        ($$"""{"model_type":"smollm3","architectures":["SmolLM3ForCausalLM"],{{Grouped}},"no_rope_layers":[1,0],"use_sliding_window":true,"sliding_window":6}""", LlamaLike(tied: true)),
        ($$"""{"model_type":"granite","architectures":["GraniteForCausalLM"],{{Grouped}},"embedding_multiplier":3.0,"attention_multiplier":0.3,"residual_multiplier":0.4,"logits_scaling":2.0}""", LlamaLike()),
        ($$"""{"model_type":"olmo2","architectures":["Olmo2ForCausalLM"],{{Grouped}}}""",
            LlamaLike(extra: [("self_attn.q_norm", 16), ("self_attn.k_norm", 8), ("post_feedforward_layernorm", 16)], without: "input_layernorm")),
        ($$"""{"model_type":"gemma","architectures":["GemmaForCausalLM"],{{Grouped}},"head_dim":6}""", LlamaLike(headDim: 6, tied: true)),
        ($$"""{"model_type":"gemma2","architectures":["Gemma2ForCausalLM"],{{Grouped}},"head_dim":6,"query_pre_attn_scalar":9,"sliding_window":4,"attn_logit_softcapping":5.0,"final_logit_softcapping":3.0}""",
            LlamaLike(headDim: 6, tied: true, extra: [("pre_feedforward_layernorm", 16), ("post_feedforward_layernorm", 16)])),
        ($$"""{"model_type":"gemma3_text","architectures":["Gemma3ForCausalLM"],{{Grouped}},"head_dim":6,"sliding_window":4,"_sliding_window_pattern":2,"rope_scaling":{"rope_type":"linear","factor":8.0} }""",
            LlamaLike(headDim: 6, tied: true, extra: Gemma3)),
        ($$"""{"model_type":"gemma3_text","architectures":["Gemma3TextModel"],{{Grouped}},"head_dim":6,"sliding_window":5,"layer_types":["sliding_attention","full_attention"],"use_bidirectional_attention":true}""",
            LlamaLike(headDim: 6, tied: true, prefix: "", extra: Gemma3)),
        ($$"""{"model_type":"phi","architectures":["PhiForCausalLM"],{{Grouped}},"qk_layernorm":true}""",
            Manifest([
                ("model.embed_tokens.weight", [21, 16]), .. Norm("model.final_layernorm", 16), .. Linear("lm_head", 21, 16),
                .. Both("model.layers.", p => [
                    .. Norm(p + "input_layernorm", 16), .. Linear(p + "self_attn.q_proj", 16, 16), .. Linear(p + "self_attn.k_proj", 8, 16), .. Linear(p + "self_attn.v_proj", 8, 16), .. Linear(p + "self_attn.dense", 16, 16),
                    .. Norm(p + "self_attn.q_layernorm", 4), .. Norm(p + "self_attn.k_layernorm", 4), .. Linear(p + "mlp.fc1", 24, 16), .. Linear(p + "mlp.fc2", 16, 24)])])),
        ($$"""{"model_type":"phi3","architectures":["Phi3ForCausalLM"],{{Grouped}},"sliding_window":7,"pad_token_id":0,"original_max_position_embeddings":19,"rope_scaling":{"type":"longrope","short_factor":[1.0,1.5],"long_factor":[2.0,4.0]} }""",
            Manifest([
                ("model.embed_tokens.weight", [21, 16]), ("model.norm.weight", [16]), ("lm_head.weight", [21, 16]),
                .. Both("model.layers.", p => [
                    (p + "input_layernorm.weight", [16]), (p + "post_attention_layernorm.weight", [16]), (p + "self_attn.qkv_proj.weight", [32, 16]), (p + "self_attn.o_proj.weight", [16, 16]),
                    (p + "mlp.gate_up_proj.weight", [48, 16]), (p + "mlp.down_proj.weight", [16, 24])])])),
        ($$"""{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],{{Gpt2Sizes}},"n_inner":24,"scale_attn_by_inverse_layer_idx":true}""",
            Manifest([
                ("transformer.wte.weight", [21, 16]), ("transformer.wpe.weight", [19, 16]), .. Norm("transformer.ln_f", 16),
                .. Both("transformer.h.", p => [
                    .. Norm(p + "ln_1", 16), .. Norm(p + "ln_2", 16), .. Turned(p + "attn.c_attn", 16, 48), .. Turned(p + "attn.c_proj", 16, 16), .. Turned(p + "mlp.c_fc", 16, 24), .. Turned(p + "mlp.c_proj", 24, 16)])])),
        ($$"""{"model_type":"gpt_bigcode","architectures":["GPTBigCodeForCausalLM"],{{Gpt2Sizes}}}""",
            Manifest([
                ("transformer.wte.weight", [21, 16]), ("transformer.wpe.weight", [19, 16]), .. Norm("transformer.ln_f", 16),
                .. Both("transformer.h.", p => [
                    .. Norm(p + "ln_1", 16), .. Norm(p + "ln_2", 16), .. Linear(p + "attn.c_attn", 32, 16), .. Linear(p + "attn.c_proj", 16, 16), .. Linear(p + "mlp.c_fc", 64, 16), .. Linear(p + "mlp.c_proj", 16, 64)])])),
        ($$"""{"model_type":"gpt_neox","architectures":["GPTNeoXForCausalLM"],{{Sizes}},"intermediate_size":24,"rotary_pct":0.5}""", Manifest(NeoX())),
        ($$"""{"model_type":"bloom","architectures":["BloomForCausalLM"],"hidden_size":18,"n_layer":2,"n_head":3,"vocab_size":21,"seq_length":19}""",
            Manifest([
                ("transformer.word_embeddings.weight", [21, 18]), .. Norm("transformer.word_embeddings_layernorm", 18), .. Norm("transformer.ln_f", 18),
                .. Both("transformer.h.", p => [
                    .. Norm(p + "input_layernorm", 18), .. Norm(p + "post_attention_layernorm", 18), .. Linear(p + "self_attention.query_key_value", 54, 18), .. Linear(p + "self_attention.dense", 18, 18),
                    .. Linear(p + "mlp.dense_h_to_4h", 72, 18), .. Linear(p + "mlp.dense_4h_to_h", 18, 72)])])),
        ($$"""{"model_type":"falcon","architectures":["FalconForCausalLM"],"hidden_size":16,"n_layer":2,"n_head":4,"vocab_size":21,"max_position_embeddings":19,"n_head_kv":2,"new_decoder_architecture":true,"ffn_hidden_size":24}""",
            Manifest([
                ("transformer.word_embeddings.weight", [21, 16]), .. Norm("transformer.ln_f", 16),
                .. Both("transformer.h.", p => [
                    .. Norm(p + "ln_attn", 16), .. Norm(p + "ln_mlp", 16), (p + "self_attention.query_key_value.weight", [32, 16]), (p + "self_attention.dense.weight", [16, 16]),
                    (p + "mlp.dense_h_to_4h.weight", [24, 16]), (p + "mlp.dense_4h_to_h.weight", [16, 24])])])),
        ($$"""{"model_type":"opt","architectures":["OPTForCausalLM"],{{Sizes}},"ffn_dim":24,"word_embed_proj_dim":7,"do_layer_norm_before":false}""",
            Manifest([
                ("model.decoder.embed_tokens.weight", [21, 7]), ("model.decoder.embed_positions.weight", [21, 16]), ("model.decoder.project_in.weight", [16, 7]), ("model.decoder.project_out.weight", [7, 16]),
                .. Both("model.decoder.layers.", p => [
                    .. Norm(p + "self_attn_layer_norm", 16), .. Norm(p + "final_layer_norm", 16), .. Linear(p + "fc1", 24, 16), .. Linear(p + "fc2", 16, 24),
                    .. new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(name => Linear(p + "self_attn." + name, 16, 16))])])),
    ];

    private static (string Name, int Width)[] Gemma3 => [("pre_feedforward_layernorm", 16), ("post_feedforward_layernorm", 16), ("self_attn.q_norm", 6), ("self_attn.k_norm", 6)];

    /// <summary>Two layers of four heads for queries and two for keys under Llama's names.</summary>
    private static string LlamaLike(int headDim = 4, string[]? biases = null, bool tied = false, (string Name, int Width)[]? extra = null, string without = "", string prefix = "model.")
    {
        List<(string, int[])> tensors = [(prefix + "embed_tokens.weight", [21, 16]), (prefix + "norm.weight", [16])];
        if (!tied)
            tensors.Add(("lm_head.weight", [21, 16]));
        int queries = 4 * headDim, keys = 2 * headDim;
        foreach (var layer in new[] { 0, 1 })
        {
            var p = $"{prefix}layers.{layer}.";
            foreach (var norm in new[] { "input_layernorm", "post_attention_layernorm" }.Where(norm => norm != without))
                tensors.Add((p + norm + ".weight", [16]));
            foreach (var (name, width) in extra ?? [])
                tensors.Add(($"{p}{name}.weight", [width]));
            foreach (var (part, name, outputs, inputs) in new[]
            {
                ("self_attn", "q_proj", queries, 16), ("self_attn", "k_proj", keys, 16), ("self_attn", "v_proj", keys, 16), ("self_attn", "o_proj", 16, queries),
                ("mlp", "gate_proj", 24, 16), ("mlp", "up_proj", 24, 16), ("mlp", "down_proj", 16, 24),
            })
            {
                tensors.Add(($"{p}{part}.{name}.weight", [outputs, inputs]));
                if (biases?.Contains(name) == true)
                    tensors.Add(($"{p}{part}.{name}.bias", [outputs]));
            }
        }

        return Manifest(tensors);
    }

    private static IEnumerable<(string, int[])> NeoX() =>
    [
        ("gpt_neox.embed_in.weight", [21, 16]), .. Norm("gpt_neox.final_layer_norm", 16), ("embed_out.weight", [21, 16]),
        .. Both("gpt_neox.layers.", p => [
            .. Norm(p + "input_layernorm", 16), .. Norm(p + "post_attention_layernorm", 16), .. Linear(p + "attention.query_key_value", 48, 16), .. Linear(p + "attention.dense", 16, 16),
            .. Linear(p + "mlp.dense_h_to_4h", 24, 16), .. Linear(p + "mlp.dense_4h_to_h", 16, 24)]),
    ];

    private static IEnumerable<(string, int[])> Both(string layers, Func<string, IEnumerable<(string, int[])>> layer) => new[] { "0.", "1." }.SelectMany(number => layer(layers + number));

    private static IEnumerable<(string, int[])> Norm(string name, int width) => [(name + ".weight", [width]), (name + ".bias", [width])];

    private static IEnumerable<(string, int[])> Turned(string name, int inputs, int outputs) => [(name + ".weight", [inputs, outputs]), (name + ".bias", [outputs])];
}
