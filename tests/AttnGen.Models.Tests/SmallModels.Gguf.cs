namespace AttnGen.Models.Tests;

internal static partial class SmallModels
{
    /// <summary>Decoders with what a GGUF file can say of them.</summary>
    public static IReadOnlyList<(string Name, string Config, string Manifest)> Gguf { get; } =
    [
        ("llama", $$"""{"model_type":"llama","architectures":["LlamaForCausalLM"],{{Grouped}},"attention_bias":true,"mlp_bias":true,"rope_theta":500000.0,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8} }""",
            LlamaLike(biases: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])),
        ("llama-linear", $$"""{"model_type":"llama","architectures":["LlamaForCausalLM"],{{Grouped}},"rms_norm_eps":1e-05,"rope_scaling":{"type":"linear","factor":2.5} }""", LlamaLike()),
        ("llama-tied", $$"""{"model_type":"llama","architectures":["LlamaForCausalLM"],{{Grouped}},"tie_word_embeddings":true}""", LlamaLike(tied: true)),
        ("mistral", $$"""{"model_type":"mistral","architectures":["MistralForCausalLM"],{{Grouped}},"sliding_window":null,"head_dim":6}""", LlamaLike(headDim: 6)),
        ("qwen2", $$"""{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"],{{Grouped}},"tie_word_embeddings":true}""", LlamaLike(biases: ["q_proj", "k_proj", "v_proj"], tied: true)),
        ("qwen3", $$"""{"model_type":"qwen3","architectures":["Qwen3ForCausalLM"],{{Grouped}},"head_dim":10,"rope_scaling":{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":5} }""",
            LlamaLike(headDim: 10, extra: [("self_attn.q_norm", 10), ("self_attn.k_norm", 10)])),
        ("smollm3", $$"""{"model_type":"smollm3","architectures":["SmolLM3ForCausalLM"],{{Grouped}},"num_hidden_layers":2,"no_rope_layer_interval":4}""", LlamaLike(tied: true)),
        ("granite", $$"""{"model_type":"granite","architectures":["GraniteForCausalLM"],{{Grouped}},"embedding_multiplier":3.0,"attention_multiplier":0.3,"residual_multiplier":0.22,"logits_scaling":2.0}""", LlamaLike()),
        ("olmo2", $$"""{"model_type":"olmo2","architectures":["Olmo2ForCausalLM"],{{Grouped}}}""",
            LlamaLike(extra: [("self_attn.q_norm", 16), ("self_attn.k_norm", 8), ("post_feedforward_layernorm", 16)], without: "input_layernorm")),
        ("gemma", $$"""{"model_type":"gemma","architectures":["GemmaForCausalLM"],{{Grouped}},"head_dim":6}""", LlamaLike(headDim: 6, tied: true)),
        ("gemma2", $$"""{"model_type":"gemma2","architectures":["Gemma2ForCausalLM"],{{Grouped}},"head_dim":6,"query_pre_attn_scalar":6,"sliding_window":4,"attn_logit_softcapping":5.0,"final_logit_softcapping":3.0}""",
            LlamaLike(headDim: 6, tied: true, extra: [("pre_feedforward_layernorm", 16), ("post_feedforward_layernorm", 16)])),
        ("gemma3", $$"""{"model_type":"gemma3_text","architectures":["Gemma3ForCausalLM"],{{Grouped}},"head_dim":6,"query_pre_attn_scalar":6,"sliding_window":4,"rope_scaling":{"rope_type":"linear","factor":8.0} }""",
            LlamaLike(headDim: 6, tied: true, extra: Gemma3)),
        ("phi", $$"""{"model_type":"phi","architectures":["PhiForCausalLM"],{{Grouped}}}""",
            Manifest([
                ("model.embed_tokens.weight", [21, 16]), .. Norm("model.final_layernorm", 16), .. Linear("lm_head", 21, 16),
                .. Both("model.layers.", p => [
                    .. Norm(p + "input_layernorm", 16), .. Linear(p + "self_attn.q_proj", 16, 16), .. Linear(p + "self_attn.k_proj", 8, 16), .. Linear(p + "self_attn.v_proj", 8, 16), .. Linear(p + "self_attn.dense", 16, 16),
                    .. Linear(p + "mlp.fc1", 24, 16), .. Linear(p + "mlp.fc2", 16, 24)])])),
        ("phi3", Find("phi3").Config, Find("phi3").Manifest),
        ("gpt2", $$"""{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],{{Gpt2Sizes}},"n_inner":24}""", Find("gpt2").Manifest),
        ("starcoder", Find("gpt_bigcode").Config, Find("gpt_bigcode").Manifest),
        ("gptneox", Find("gpt_neox").Config, Find("gpt_neox").Manifest),
        ("gptneox-in-turn", Find("gpt_neox").Config.Replace("\"rotary_pct\":0.5", "\"rotary_pct\":1.0,\"use_parallel_residual\":false", StringComparison.Ordinal), Find("gpt_neox").Manifest),
        ("bloom", Find("bloom").Config, Find("bloom").Manifest),
        ("falcon", Find("falcon").Config, Find("falcon").Manifest),
        ("falcon-first", """{"model_type":"falcon","architectures":["FalconForCausalLM"],"hidden_size":16,"n_layer":2,"n_head":4,"vocab_size":21,"max_position_embeddings":19}""",
            Manifest([
                ("transformer.word_embeddings.weight", [21, 16]), .. Norm("transformer.ln_f", 16),
                .. Both("transformer.h.", p => [
                    .. Norm(p + "input_layernorm", 16), (p + "self_attention.query_key_value.weight", [24, 16]), (p + "self_attention.dense.weight", [16, 16]),
                    (p + "mlp.dense_h_to_4h.weight", [64, 16]), (p + "mlp.dense_4h_to_h.weight", [16, 64])])])),
    ];

    /// <summary>The tensors of a Llama whose rows are whole blocks of every type.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Wide =>
    [
        ("model.embed_tokens.weight", [21, 256]), ("model.norm.weight", [256]), ("lm_head.weight", [21, 256]),
        .. Enumerable.Range(0, 2).SelectMany(layer => new (string, long[])[]
        {
            ($"model.layers.{layer}.input_layernorm.weight", [256]), ($"model.layers.{layer}.post_attention_layernorm.weight", [256]), ($"model.layers.{layer}.self_attn.q_proj.weight", [256, 256]),
            ($"model.layers.{layer}.self_attn.k_proj.weight", [128, 256]), ($"model.layers.{layer}.self_attn.v_proj.weight", [128, 256]), ($"model.layers.{layer}.self_attn.o_proj.weight", [256, 256]),
            ($"model.layers.{layer}.mlp.gate_proj.weight", [512, 256]), ($"model.layers.{layer}.mlp.up_proj.weight", [512, 256]), ($"model.layers.{layer}.mlp.down_proj.weight", [256, 512]),
        }),
    ];

    private static (string Config, string Manifest) Find(string modelType) => Decoders.First(model => model.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));
}
