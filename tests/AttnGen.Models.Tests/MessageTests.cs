using System.Text.Json.Nodes;
using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>What is said of a folder that is refused: the cause, by its key, and what helps, in as few lines as there are causes.</summary>
public sealed class MessageTests
{
    private const string Llama = "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],\"hidden_size\":16,\"num_attention_heads\":2,\"num_hidden_layers\":1,\"intermediate_size\":32,\"vocab_size\":20";

    /// <summary>A switch that asks for tensors, or says that there are none, is named with them.</summary>
    [Theory]
    [InlineData("modernbert", "attention_bias", "true", "tensor 'model.layers.0.attn.Wqkv.bias' [48] is missing; it is expected from 3·hidden_size=16, attention_bias=true")]
    [InlineData("modernbert", "mlp_bias", "true", "tensor 'model.layers.0.mlp.Wi.bias' [48] is missing; it is expected from 2·intermediate_size=24, mlp_bias=true")]
    [InlineData("modernbert", "norm_bias", "true", "tensor 'model.embeddings.norm.bias' [16] is missing; it is expected from hidden_size=16, norm_bias=true")]
    [InlineData("modernbert", "classifier_bias", "true", "tensor 'head.dense.bias' [16] is missing; it is expected from hidden_size=16, classifier_bias=true")]
    [InlineData("modernbert", "tie_word_embeddings", "false", "tensor 'decoder.weight' [20,16] is missing; it is expected from vocab_size=20, hidden_size=16, tie_word_embeddings=false")]
    [InlineData("vit", "qkv_bias", "true", "tensor 'vit.encoder.layer.0.attention.attention.query.bias' [16] is missing; it is expected from hidden_size=16, qkv_bias=true")]
    [InlineData("deit", "qkv_bias", "false", "tensor 'deit.encoder.layer.0.attention.attention.key.bias' [16] is in the file, but qkv_bias=false says that it is not part of the model")]
    public void A_switch_is_named_with_its_tensors(string modelType, string key, string value, string expected)
    {
        var (config, manifest) = Small(modelType);
        var node = JsonNode.Parse(config)!.AsObject();
        node[key] = JsonNode.Parse(value);
        Assert.Contains("model: " + expected, Said(node.ToJsonString(), manifest));
    }

    [Fact]
    public void A_bias_that_nothing_asks_for_is_told_with_its_switch()
    {
        var (config, manifest) = Small("modernbert");
        manifest = manifest.Replace("\"model.layers.0.attn.Wo.weight\"", "\"model.layers.0.attn.Wo.bias\":{\"dtype\":\"F32\",\"shape\":[16]},\"model.layers.0.attn.Wo.weight\"", StringComparison.Ordinal);
        Assert.Equal(["model: tensor 'model.layers.0.attn.Wo.bias' [16] is in the file, but attention_bias=false (default) says that it is not part of the model"], Said(config, manifest));
    }

    /// <summary>A switch of another architecture: its maps have biases whatever it says, and that is why the file does not fit.</summary>
    [Fact]
    public void A_switch_of_another_architecture_is_named()
    {
        var (config, manifest) = SmallModels.All[0];
        manifest = manifest.Replace("\"encoder.layer.0.attention.self.query.bias\":{\"dtype\":\"F32\",\"shape\":[16]},", "", StringComparison.Ordinal);
        Assert.Contains(
            "model: tensor 'encoder.layer.0.attention.self.query.bias' [16] is missing; it is expected from hidden_size=16; config.json has attention_bias=false, which bert does not know: its maps have biases",
            Said(config.Replace("{", "{\"attention_bias\":false,", StringComparison.Ordinal), manifest));
    }

    [Theory]
    [InlineData(",\"head_dim\":6", "[12,16] from num_attention_heads=2·(head_dim=6), hidden_size=16")]
    [InlineData("", "[16,16] from num_attention_heads=2·(hidden_size=16/num_attention_heads=2), hidden_size=16")]
    public void The_size_of_a_head_is_named(string more, string expected)
    {
        var manifest = SmallModels.Manifest([("model.embed_tokens.weight", [20, 16]), ("model.layers.0.self_attn.q_proj.weight", [7, 16])]);
        var said = Said(Llama + more + "}", manifest);
        Assert.Contains("model: tensor 'model.layers.0.self_attn.q_proj.weight' has shape [7,16], expected " + expected, said);
    }

    /// <summary>No other change would help, so it is said before the rest, and alone where nothing more is known of the architecture.</summary>
    [Theory]
    [InlineData("gptj", "is a decoder, which is not supported yet", 1)]
    [InlineData("mamba", "model_type 'mamba' is not supported; supported are bert", 1)]
    [InlineData("model2vec", "model_type 'model2vec' is a table of one vector for each token and no transformer, which is not supported; choose a model with a transformer", 1)]
    [InlineData("siglip", "model_type 'siglip' is a model of texts and one of images together", 1)]
    public void An_architecture_that_is_not_supported_is_said_first(string modelType, string expected, int lines)
    {
        var said = Said(
            $$"""{"model_type":"{{modelType}}","rope_scaling":{"rope_type":"yarn"},"hidden_size":"x","my_key":1,"architectures":7,"auto_map":{"AutoModel":"x"} }""",
            "{\"__error__\":\"model.safetensors.index.json names the shard a.safetensors, which is not in the folder; fetch that file, too.\"}");
        Assert.Contains(expected, said[0], StringComparison.Ordinal);
        Assert.Equal(lines, said.Count);
    }

    /// <summary>Of a model with a decoder, what is supported are its encoder's own classes, and folders whose library takes the encoder out.</summary>
    [Theory]
    [InlineData("mt5", "[\"MT5Model\"]")]
    [InlineData("umt5", "[]")]
    [InlineData("t5", "null")]
    public void A_model_with_a_decoder_is_told_how_its_encoder_is_taken(string modelType, string architectures)
    {
        var config = Small("t5").Config.Replace("\"model_type\":\"t5\",\"architectures\":[\"T5EncoderModel\"]", $"\"model_type\":\"{modelType}\",\"architectures\":{architectures}", StringComparison.Ordinal);
        Assert.Equal(
            $"model: config.json: architectures {(architectures == "null" ? "[]" : architectures.Replace('"', '\''))} of model_type '{modelType}' is both halves, but the file holds the encoder alone, "
            + "which is supported of classes that are the encoder alone (their names end in 'EncoderModel' or 'ForTokenClassification') and of folders of sentence-transformers, which have modules.json",
            Assert.Single(Said(config, Small("t5").Manifest)));
    }

    [Fact]
    public void A_class_of_both_halves_that_is_not_read_is_told_which_are()
    {
        var config = Small("t5").Config.Replace("T5EncoderModel", "T5ForSequenceClassification", StringComparison.Ordinal);
        Assert.Equal(
            "model: config.json: architectures ['T5ForSequenceClassification'] of model_type 't5' is both halves without a language model, which is not supported; "
            + "supported are classes that write a text (their names end in 'ForConditionalGeneration' or 'WithLMHeadModel' or 'Model'), classes that are the encoder alone (their names end in 'EncoderModel' or 'ForTokenClassification') "
            + "and folders of sentence-transformers, which have modules.json",
            Assert.Single(Said(config, Small("t5").Manifest)));
    }

    [Theory]
    [InlineData("\"feed_forward_proj\":\"gated-x\"", "config.json: feed_forward_proj 'gated-x' is not supported; supported are 'gelu'")]
    [InlineData("\"feed_forward_proj\":\"wide-relu\"", "config.json: feed_forward_proj 'wide-relu' is not supported")]
    [InlineData("\"relative_attention_num_buckets\":3", "config.json: relative_attention_num_buckets 3 is not supported; supported are 4 and more")]
    [InlineData("\"relative_attention_num_buckets\":20", "config.json: relative_attention_max_distance 5 is not supported beside relative_attention_num_buckets 20; supported are more than 5")]
    [InlineData("\"num_heads\":4", "tensor 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight' has shape [6,3], expected [6,4] from relative_attention_num_buckets=6, num_heads=4")]
    [InlineData("\"d_kv\":5", "tensor 'encoder.block.0.layer.0.SelfAttention.q.weight' has shape [12,16], expected [15,16] from num_heads=3·(d_kv=5), d_model=16")]
    [InlineData("\"num_heads\":1024,\"d_kv\":65", "config.json: num_heads=1024·(d_kv=65) is 66560, but the limit of all heads together is 65536")]
    public void What_does_not_fit_a_T5_is_named(string members, string expected)
    {
        var (config, manifest) = Small("t5");
        var node = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse("{" + members + "}")!.AsObject().ToList())
            node[key] = value?.DeepClone();
        Assert.Contains(Said(node.ToJsonString(), manifest), line => line.StartsWith("model: " + expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"prenorm\":true", "config.json: prenorm true is not supported; supported is false")]
    [InlineData("\"parallel_block\":true", "config.json: parallel_block true is not supported")]
    [InlineData("\"use_rms_norm\":true", "config.json: use_rms_norm true is not supported")]
    [InlineData("\"causal\":true", "config.json: causal true is not supported")]
    [InlineData("\"moe_every_n_layers\":2,\"num_experts\":8", "config.json: moe_every_n_layers 2 (a mixture of experts) is not supported; supported is 0; choose")]
    [InlineData("\"num_heads_kv\":1", "config.json: num_heads_kv 1 is not supported; supported is the number of heads, 2")]
    [InlineData("\"rotary_emb_scale_base\":512", "config.json: rotary_emb_scale_base 512 is not supported; supported is null")]
    [InlineData("\"rotary_emb_fraction\":0.4", "config.json: rotary_emb_fraction 0.4 of heads of 8 is not supported")]
    [InlineData("\"activation_function\":\"relu\"", "config.json: activation_function 'relu' is not supported; supported are 'gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'swiglu', 'geglu', 'glu'")]
    [InlineData("\"rope_parameters\":{\"rope_theta\":7}", "config.json: rotary_emb_base 1000 is not supported beside a rope_theta of 7")]
    [InlineData("\"rope_parameters\":{\"rope_type\":\"yarn\"}", "config.json: rope_parameters.rope_type \"yarn\" is not supported")]
    [InlineData("\"auto_map\":{\"AutoModel\":\"modeling_mine.NomicBertModel\"}", "config.json: auto_map ('modeling_mine.NomicBertModel') names code of the model's own, which is not supported; supported are the published classes of nomic_bert and, of the hub's code, '*hf_nomic_bert.*'")]
    [InlineData("\"n_inner\":300", "tensor 'encoder.layers.0.mlp.fc12.weight' has shape [256,16], expected [512,16] from n_inner=300, rounded up to a multiple of 256, n_embd=16")]
    [InlineData("\"pad_vocab_size_multiple\":16", "tensor 'embeddings.word_embeddings.weight' has shape [24,16], expected [32,16] from vocab_size=20, rounded up to a multiple of pad_vocab_size_multiple=16, n_embd=16")]
    [InlineData("\"qkv_proj_bias\":true", "tensor 'encoder.layers.0.attn.Wqkv.bias' [48] is missing; it is expected from 3·n_embd=16, qkv_proj_bias=true")]
    [InlineData("\"rotary_scaling_factor\":2,\"n_positions\":10", "config.json: rotary_scaling_factor 2 turns texts of more than max_trained_positions 9 tokens by angles that depend on their length, which is not supported, and the longest text is 10; set maxTokens at the class to at most 9")]
    public void What_is_not_supported_of_a_NomicBERT_is_named(string members, string expected)
    {
        var (config, manifest) = Small("nomic_bert");
        Assert.Empty(Said(config, manifest));
        var node = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse("{" + members + "}")!.AsObject().ToList())
            node[key] = value?.DeepClone();
        Assert.Contains(Said(node.ToJsonString(), manifest), line => line.StartsWith("model: " + expected, StringComparison.Ordinal));
    }

    /// <summary>A folder with two models needs a word at the class, and no other does.</summary>
    [Theory]
    [InlineData("clip", "Folder", "config.json: model_type 'clip' holds a model of texts and one of images, and a class is one of them; name it at the class: tower: Tower.Text or tower: Tower.Image")]
    [InlineData("clip", "Text", "")]
    [InlineData("clip", "Image", "")]
    [InlineData("clip_text_model", "Text", "")]
    [InlineData("clip_text_model", "Image", "tower is Tower.Image, but the folder holds a model of texts; leave tower out")]
    [InlineData("vit", "Text", "tower is Tower.Text, but the folder holds a model of images; leave tower out")]
    [InlineData("bert", "Image", "tower is Tower.Image, but the folder holds a model of texts; leave tower out")]
    public void A_folder_of_two_models_needs_a_word(string modelType, string named, string expected)
    {
        var tower = Enum.Parse<TowerKind>(named);
        var (config, manifest) = Small(modelType);
        List<Problem> problems = [];
        var spec = TransformerParser.Parse(
            new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder, tower), new FolderFiles("model", new[] { new FolderFile("config.json", config), new FolderFile("manifest.json", manifest) }.ToEquatable()), problems);
        Assert.Equal(expected, string.Join('\n', problems.Select(problem => problem.Message)));
        if (expected.Length == 0)
            Assert.Equal(tower == TowerKind.Image, spec!.Input is ImageInputSpec);
    }

    /// <summary>What is wrong in a tower's object is told with its place.</summary>
    [Fact]
    public void A_tower_of_a_whole_model_is_named_in_messages()
    {
        var (config, manifest) = Small("clip");
        var node = JsonNode.Parse(config)!.AsObject();
        node["text_config"]!["hidden_act"] = "x";
        List<Problem> problems = [];
        var files = new FolderFiles("model", new[] { new FolderFile("config.json", node.ToJsonString()), new FolderFile("manifest.json", manifest) }.ToEquatable());
        Assert.Null(TransformerParser.Parse(new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder, TowerKind.Text), files, problems));
        Assert.StartsWith("config.json: text_config: hidden_act 'x' is not supported", Assert.Single(problems).Message, StringComparison.Ordinal);
        Assert.NotNull(TransformerParser.Parse(new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder, TowerKind.Image), files, []));
    }

    /// <summary>Relative positions have no end: the class says how far, else the folder, else n_positions, else 512.</summary>
    [Theory]
    [InlineData(0, 0, "9", 9)]
    [InlineData(0, 0, "null", 512)]
    [InlineData(0, 33, "9", 33)]
    [InlineData(700, 33, "9", 700)]
    [InlineData(4, 0, "9", 4)]
    public void The_longest_text_of_a_T5(int asked, int folder, string positions, int expected)
    {
        var (config, manifest) = Small("t5");
        config = positions == "null" ? config.Replace("\"n_positions\":9,", "", StringComparison.Ordinal) : config;
        var files = new List<FolderFile> { new("config.json", config), new("manifest.json", manifest) };
        if (folder > 0)
            files.AddRange([new("modules.json", "[{\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"},{\"path\":\"1_Pooling\",\"type\":\"sentence_transformers.models.Pooling\"}]"), new("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\":true}"), new("sentence_bert_config.json", $"{{\"max_seq_length\":{folder}}}")]);
        List<Problem> problems = [];
        var spec = TransformerParser.Parse(new RequestSpec("model", asked, PoolingKind.Folder, NormalizeKind.Folder), new FolderFiles("model", files.ToEquatable()), problems);
        Assert.Equal(expected, spec!.MaxTokens);
    }

    /// <summary>Quantised weights have one cause, and it is said once.</summary>
    [Theory]
    [InlineData("gptq", "encoder.layer.0.attention.self.query.qweight", "I32")]
    [InlineData("fp8", "encoder.layer.0.attention.self.query.weight", "F8_E4M3")]
    public void Quantised_weights_are_one_line(string method, string tensor, string type)
    {
        var (config, manifest) = SmallModels.All[0];
        manifest = manifest.Replace("\"encoder.layer.0.attention.self.query.weight\":{\"dtype\":\"F32\"", $"\"{tensor}\":{{\"dtype\":\"{type}\"", StringComparison.Ordinal);
        var said = Assert.Single(Said(config.Replace("{", $"{{\"quantization_config\":{{\"quant_method\":\"{method}\"}},", StringComparison.Ordinal), manifest));
        Assert.Equal($"model: config.json: quantization_config (quant_method '{method}') is not supported; supported are weights of F32, F16, BF16 or F64, but tensor '{tensor}' is of type {type}; take the model that these were made from", said);
    }

    /// <summary>A shard that is not there is one line, however many tensors it holds; so are tensors that are in another file than the index says.</summary>
    [Fact]
    public void A_shard_is_one_line()
    {
        var (config, manifest) = SmallModels.All[0];
        var names = JsonNode.Parse(manifest)!["model.safetensors"]!.AsObject().Select(tensor => tensor.Key).ToList();
        var map = string.Join(",", names.Select((name, i) => $"\"{name}\":\"{(i < 5 ? "a.safetensors" : i < 8 ? "b.safetensors" : "c.safetensors")}\""));
        var said = Said(config, manifest.Replace("model.safetensors", "a.safetensors", StringComparison.Ordinal).Replace("}}}", "}},\"b.safetensors\":{}}", StringComparison.Ordinal), ("model.safetensors.index.json", $"{{\"weight_map\":{{{map}}}}}"));
        Assert.Equal(
            [
                $"model: model.safetensors.index.json sends 3 tensors, the first is '{names[5]}' to b.safetensors, which does not hold them; fetch both files again",
                $"model: model.safetensors.index.json names the shard c.safetensors ({names.Count - 8} tensors, the first is '{names[8]}'), which is not in the folder; fetch that file, too",
            ],
            said);
    }

    [Theory]
    [InlineData("""[{"type":"sentence_transformers.models.StaticEmbedding","path":""}]""", "modules.json begins with 'StaticEmbedding', a table of one vector for each token and no transformer, which is not supported; choose a folder whose first module is 'Transformer'")]
    [InlineData("""[{"type":"sentence_transformers.models.Router","path":""}]""", "modules.json begins with 'Router', which is not supported; choose a folder whose first module is 'Transformer'")]
    [InlineData("""[{"type":"sentence_transformers.models.Transformer","path":"0_Transformer"}]""", "modules.json has the model in '0_Transformer' and not in the folder itself; load it once with sentence-transformers and save it, which moves it there")]
    [InlineData("""[{"type":"sentence_transformers.models.Transformer","path":""}]""", "there is no config.json, which says what the weights are; copy it from where the model came from, beside them")]
    [InlineData("[", "there is no config.json")]
    [InlineData("{}", "there is no config.json")]
    [InlineData("[7]", "modules.json begins with ''")]
    public void A_folder_without_config_is_told_what_it_is(string modules, string expected)
    {
        var said = HubModel.Diagnose([new ModelText("model", "modules.json", modules), new ModelText("model", "manifest.json", SmallModels.Manifest([("embedding.weight", [20, 16])]))]);
        Assert.Contains("model: " + expected, Assert.Single(said).GetMessage(null), StringComparison.Ordinal);
    }

    /// <summary>A program that is given another folder than the one that was compiled says what that folder is.</summary>
    [Theory]
    [InlineData("adapter_config.json", "holds 'adapter_config.json' but no model.safetensors: it is an adapter of PEFT")]
    [InlineData("model-Q4_K_M.gguf", "holds 'model-Q4_K_M.gguf' but no model.safetensors; name the GGUF file itself in the place of the folder")]
    [InlineData("onnx/model.onnx", "holds 'onnx/model.onnx' but no model.safetensors")]
    [InlineData("README.md", "does not hold model.safetensors; put that file there")]
    public void Load_says_what_a_folder_is(string file, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("attngen-foreign-");
        try
        {
            var path = Path.Combine(folder.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
            Assert.Contains($"The folder '{folder.FullName}' {expected}", Assert.Throws<FileNotFoundException>(() => SafetensorsShards.Open(folder.FullName, "model.safetensors")).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Config, string Manifest) Small(string modelType) => SmallModels.All.First(small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));

    /// <summary>In the order in which it is said.</summary>
    private static List<string> Said(string config, string manifest, params (string Name, string Text)[] more)
    {
        List<Problem> problems = [];
        TransformerParser.Parse(
            new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder),
            new FolderFiles("model", new[] { new FolderFile("config.json", config), new FolderFile("manifest.json", manifest) }.Concat(more.Select(file => new FolderFile(file.Name, file.Text))).ToEquatable()), problems);
        return [.. problems.Select(problem => "model: " + problem.Message)];
    }
}
