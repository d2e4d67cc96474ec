using System.Text.Json.Nodes;
using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;

namespace AttnGen.Models.Tests;

/// <summary>What is said of a decoder's folder that is refused: the key, its value, and what would do.</summary>
public sealed class DecoderMessageTests
{
    [Theory]
    [InlineData("llama", "\"hidden_size\":15", "config.json: hidden_size 15 is not a multiple of num_attention_heads 4")]
    [InlineData("llama", "\"num_key_value_heads\":3", "config.json: num_attention_heads 4 is not a multiple of num_key_value_heads 3")]
    [InlineData("llama", "\"num_hidden_layers\":1", "num_hidden_layers=1, but the file also has model.layers.1.* (")]
    [InlineData("llama", "\"attention_bias\":false", "tensor 'model.layers.0.self_attn.k_proj.bias' [8] is in the file, but attention_bias=false says that it is not part of the model")]
    [InlineData("llama", "\"tie_word_embeddings\":false,\"vocab_size\":20", "tensor 'model.embed_tokens.weight' has shape [21,16], expected [20,16] from vocab_size=20, hidden_size=16")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"spiral\"}", "config.json: rope_scaling: rope_type 'spiral' is not supported; supported are 'default', 'linear', 'dynamic', 'yarn', 'llama3', 'longrope'")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":\"x\"}", "config.json: rope_scaling: factor is \"x\", but must be a number above 0")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"linear\"}", "config.json: rope_scaling: factor is missing, but rope_type 'linear' must have it, a number above 0")]
    [InlineData("llama", "\"rope_theta\":1.0,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":400}", "config.json: rotary positions with rope_theta 1, as they are described, turn by what is no number")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":1e-320}", "config.json: rope_scaling: factor 1e-320 is out of range: it must be between 1E-37 and ")]
    [InlineData("gemma2", "\"query_pre_attn_scalar\":1e-300", "config.json: query_pre_attn_scalar 1e-300 is out of range")]
    [InlineData("granite", "\"logits_scaling\":1e39", "config.json: logits_scaling 1e39 is out of range")]
    [InlineData("llama", "\"rope_scaling\":7", "config.json: rope_scaling is 7, but must be an object")]
    [InlineData("llama", "\"rope_scaling\":null,\"rope_parameters\":{\"partial_rotary_factor\":0.5}", "config.json: partial_rotary_factor 0.5 is not supported; supported is 1")]
    [InlineData("llama", "\"quantization_config\":{\"quant_method\":\"awq\"}", "config.json: quantization_config (quant_method 'awq') is not supported; supported are weights of F32, F16, BF16 or F64; take the model that these were made from")]
    [InlineData("llama", "\"architectures\":[\"LlamaForTokenClassification\"]", "config.json: architectures ['LlamaForTokenClassification'] is not supported; supported are 'LlamaModel', 'LlamaForCausalLM', 'LlamaForSequenceClassification'")]
    [InlineData("qwen2", "\"layer_types\":[\"full_attention\"]", "config.json: layer_types is [\"full_attention\"], but must be a list of 2 strings, one a layer")]
    [InlineData("qwen2", "\"layer_types\":[\"full_attention\",\"chunked_attention\"]", "config.json: layer_types 'chunked_attention' is not supported; supported are 'full_attention', 'sliding_attention'")]
    [InlineData("qwen2", "\"use_sliding_window\":false,\"layer_types\":[\"full_attention\",\"sliding_attention\"]", "config.json: layer_types has 'sliding_attention', but sliding_window gives no window")]
    [InlineData("smollm3", "\"no_rope_layers\":[1]", "config.json: no_rope_layers is [1], but must be a list of 0 and 1 (1: the layer turns), 2 or more")]
    [InlineData("gpt_neox", "\"rope_theta\":500", "config.json: rope_theta 500 is not supported beside rotary_emb_base 10000; supported is the same number")]
    [InlineData("gpt_neox", "\"rotary_pct\":0.3", "config.json: rotations of 1 features of a head are not supported; supported are even numbers from 2 on (heads of 4, rotary_pct 0.3)")]
    [InlineData("gpt_neox", "\"rotary_pct\":2", "config.json: rotary_pct is 2, but must be at most 1")]
    [InlineData("bloom", "\"slow_but_exact\":true", "config.json: slow_but_exact true is not supported; supported is false")]
    [InlineData("phi3", "\"attention_bias\":true", "config.json: attention_bias true is not supported; supported is false")]
    [InlineData("phi3", "\"rope_scaling\":{\"type\":\"su\",\"short_factor\":[1.0],\"long_factor\":[1.0,2.0]}", "config.json: rope_scaling: short_factor is [1.0], but must be a list of 2 numbers above 0")]
    [InlineData("falcon", "\"alibi\":true", "config.json: alibi true is not supported; supported is false")]
    [InlineData("falcon", "\"parallel_attn\":false", "config.json: parallel_attn false beside new_decoder_architecture true is not supported; supported is true")]
    [InlineData("falcon", "\"num_kv_heads\":3", "config.json: n_head 4 is not a multiple of num_kv_heads 3")]
    [InlineData("opt", "\"layer_norm_elementwise_affine\":false", "config.json: layer_norm_elementwise_affine false is not supported; supported is true")]
    [InlineData("opt", "\"max_position_embeddings\":20", "tensor 'model.decoder.embed_positions.weight' has shape [21,16], expected [22,16] from max_position_embeddings=20 + 2, hidden_size=16")]
    [InlineData("gpt2", "\"n_head\":3", "config.json: n_embd 16 is not a multiple of n_head 3")]
    [InlineData("gemma2", "\"use_bidirectional_attention\":true", "config.json: use_bidirectional_attention true is not supported; supported is false")]
    [InlineData("gemma3_text", "\"use_bidirectional_attention\":true", "config.json: use_bidirectional_attention true beside a rope_type other than 'default' is not supported; supported is 'default' in rope_scaling and rope_parameters")]
    [InlineData("gemma3_text", "\"use_bidirectional_attention\":true,\"rope_scaling\":null", "config.json: architectures ['Gemma3ForCausalLM'] is not supported; supported are 'Gemma3TextModel'")]
    [InlineData("mistral", "\"num_key_value_heads\":null", "tensor 'model.layers.0.self_attn.k_proj.weight' has shape [12,16], expected [24,16]")]
    [InlineData("smollm3", "\"num_key_value_heads\":null", "tensor 'model.layers.0.self_attn.k_proj.weight' has shape [8,16], expected [16,16]")]
    [InlineData("gemma", "\"hidden_act\":\"gelu\",\"hidden_activation\":\"gelu_pytorch_tanh\"", "config.json: hidden_activation 'gelu_pytorch_tanh' is not supported beside hidden_act 'gelu'; supported is the same activation")]
    [InlineData("gemma", "\"hidden_activation\":\"relu\"", "config.json: hidden_activation 'relu' is not supported beside hidden_act 'gelu_pytorch_tanh'; supported is the same activation")]
    [InlineData("granite", "\"logits_scaling\":0", "config.json: logits_scaling is 0, but must be a number above 0")]
    public void What_is_refused_is_named(string modelType, string members, string expected)
    {
        var (config, manifest) = Small(modelType);
        Assert.Empty(Said(config, manifest));
        Assert.Contains(Said(With(config, members), manifest), line => line.StartsWith(expected, StringComparison.Ordinal));
    }

    /// <summary>Rotations that would change what is kept already end the window; a class that asks for more is told why.</summary>
    [Theory]
    [InlineData("llama", "\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2.0}", 19, "config.json: rope_scaling 'dynamic' changes rotations beyond 19 tokens, which is not supported, and the longest text is 20; set maxTokens at the class to at most 19")]
    [InlineData("phi3", "\"original_max_position_embeddings\":8", 8, "config.json: type 'longrope' changes rotations beyond 8 tokens (original_max_position_embeddings), which is not supported, and the longest text is 20; set maxTokens at the class to at most 8")]
    [InlineData("gpt_neox", "\"rotary_pct\":1.0", 19, "maxTokens is 20, but the model has positions for 19")]
    public void The_longest_text_is_what_rotations_hold_for(string modelType, string members, int longest, string expected)
    {
        var (config, manifest) = Small(modelType);
        List<Problem> problems = [];
        Assert.Equal(longest, Parse(With(config, members), manifest, 0, problems)!.MaxTokens);
        Assert.Null(Parse(With(config, members), manifest, 20, problems));
        Assert.Equal(expected, Assert.Single(problems).Message);
    }

    /// <summary>Distances have no end: the class says how far, else seq_length.</summary>
    [Theory]
    [InlineData(0, "\"seq_length\":19", 19)]
    [InlineData(0, "\"n_positions\":7,\"seq_length\":40", 40)]
    [InlineData(5000, "\"seq_length\":19", 5000)]
    public void The_longest_text_of_a_BLOOM(int asked, string members, int longest)
    {
        var (config, manifest) = Small("bloom");
        Assert.Equal(longest, Parse(With(config, members), manifest, asked, [])!.MaxTokens);
    }

    [Theory]
    [InlineData("mixtral", "mixtral is a mixture of experts; choose a dense model, such as mistral, qwen3 or llama")]
    [InlineData("qwen3_moe", "qwen3_moe is a mixture of experts; choose a dense model, such as mistral, qwen3 or llama")]
    [InlineData("gpt_oss", "gpt_oss is a mixture of experts; choose a dense model, such as mistral, qwen3 or llama")]
    [InlineData("deepseek_v3", "deepseek_v3 has latent attention; choose a model whose heads have keys and values of their own, such as qwen3 or llama")]
    [InlineData("mamba", "mamba has layers with a state in place of attention; choose a transformer, such as gpt_neox or llama")]
    [InlineData("gemma3", "gemma3 reads texts and images together; choose a model of texts alone, such as gemma3_text, qwen3 or llama")]
    public void Other_kinds_of_models_are_named(string modelType, string expected)
    {
        var (config, manifest) = Small("llama");
        var said = Assert.Single(Said(config.Replace("\"model_type\":\"llama\"", $"\"model_type\":\"{modelType}\"", StringComparison.Ordinal), manifest));
        Assert.StartsWith($"config.json: model_type '{modelType}' is not supported; supported are bert, ", said, StringComparison.Ordinal);
        Assert.EndsWith("; " + expected, said, StringComparison.Ordinal);
    }

    /// <summary>A slip in an object is told with its place, and code of the hub that is the published class is not in the way.</summary>
    [Theory]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":2.0,\"fastor\":3.0}", "config.json: rope_scaling: 'fastor' is a key that llama does not have; it has no effect")]
    [InlineData("gemma3_text", "\"rope_scaling\":null,\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"default\",\"them\":1}}", "config.json: rope_parameters: full_attention: 'them' is a key that gemma3_text does not have; it has no effect")]
    [InlineData("phi3", "\"auto_map\":{\"AutoConfig\":\"configuration_phi3.Phi3Config\",\"AutoTokenizer\":\"x/y\"},\"slidingwindow\":7", "config.json: 'slidingwindow' is a key that phi3 does not have; it has no effect")]
    public void A_key_without_effect_is_told_where_it_is(string modelType, string members, string expected)
    {
        var (config, manifest) = Small(modelType);
        List<Problem> problems = [], notes = [];
        Assert.NotNull(Parse(With(config, members), manifest, 0, problems, notes));
        Assert.Equal(expected, Assert.Single(notes).Message);
    }

    private static (string Config, string Manifest) Small(string modelType) => SmallModels.All.First(small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));

    private static string With(string config, string members)
    {
        var node = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse("{" + members + "}")!.AsObject().ToList())
            node[key] = value?.DeepClone();
        return node.ToJsonString();
    }

    private static List<string> Said(string config, string manifest)
    {
        List<Problem> problems = [];
        Parse(config, manifest, 0, problems);
        return [.. problems.Select(problem => problem.Message)];
    }

    private static TransformerSpec? Parse(string config, string manifest, int maxTokens, List<Problem> problems, List<Problem>? notes = null) => TransformerParser.Parse(
        new RequestSpec("model", maxTokens, PoolingKind.Folder, NormalizeKind.Folder),
        new FolderFiles("model", new[] { new FolderFile("config.json", config), new FolderFile("manifest.json", manifest) }.ToEquatable()), problems, notes);
}
