using System.Text.Json.Nodes;
using AttnGen.Generator.Json;
using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Models.Tests;

/// <summary>Every key of config.json has a row, which says what is done with it, and that is done.</summary>
public sealed class FolderSettingsTests
{
    // Read when a program runs.
    private static readonly string[] s_ofTexts = ["tokenizer_class", "sentence_transformers", "sbert_ce_default_activation_function"];

    private static readonly string[] s_endings =
    [
        "TextModelWithProjection", "VisionModelWithProjection", "TextModel", "VisionModel", "EncoderModel", "Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForNextSentencePrediction",
        "ForImageClassification", "ForImageClassificationWithTeacher", "ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "MTModel",
    ];

    private static readonly (string Kind, string[] Values)[] s_kinds =
    [
        ("integer", ["7"]), ("number", ["0.5"]), ("flag", ["true", "false"]), ("string", ["\"x\""]), ("list", ["[]", "[1,2,3]", "[null]"]), ("object", ["{}", "{\"a\":1}"]), ("null", ["null"]),
    ];

    public static TheoryData<string> Models => [.. ConfigKeys.Tables.SelectMany(table => table.ModelTypes)];

    [Fact]
    public void The_document_has_the_rows_of_the_code() =>
        Assert.Equal("", FolderSettings.Compare("config.json", ConfigKeys.Tables.Select(table => (table.Title, table.Keys.Select(key => new FolderSettings.Row(
            key.Name, key.Kinds, key.Use switch { KeyUse.Followed => "followed", KeyUse.Refused => "refused", _ => "no effect" }, key.Versions, key.Note))))));

    [Fact]
    public void A_supported_architecture_has_a_table_and_no_key_twice()
    {
        Assert.Equal(ArchitectureTable.Rows.SelectMany(row => row.ModelTypes).Order(), ConfigKeys.Tables.SelectMany(table => table.ModelTypes).Order());
        foreach (var (title, types, keys) in ConfigKeys.Tables)
            Assert.Equal(keys.Length + (types.Length > 0 ? ConfigKeys.Shared.Count(shared => keys.All(key => key.Name != shared.Name)) : 0), keys.Concat(types.Length > 0 ? ConfigKeys.Shared.Where(shared => keys.All(key => key.Name != shared.Name)) : []).Select(key => key.Name).Distinct().Count());
    }

    /// <summary>A key that a reference folder has and no row knows: a row must be written before the folder is accepted.</summary>
    [Fact]
    public void Reference_folders_have_no_key_without_a_row()
    {
        var golden = Shared.Require("golden");
        List<string> missing = [];
        var read = 0;
        foreach (var file in Directory.EnumerateFiles(golden, "config*.json", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(golden, "..", "models"), "config.json", SearchOption.AllDirectories)))
        {
            if (Path.GetFileName(file) == "config_sentence_transformers.json" || Path.GetFileName(Path.GetDirectoryName(file)!).EndsWith("_Pooling", StringComparison.Ordinal))
                continue;
            JsonNode? root;
            try
            {
                root = JsonNode.Parse(File.ReadAllText(file));
            }
            catch (System.Text.Json.JsonException)
            {
                continue; // Damaged on purpose.
            }

            if (root is not JsonObject config || config["model_type"]?.GetValue<string>() is not { } type || ConfigKeys.Of(type) is not { } keys)
                continue;
            read++;
            missing.AddRange(config.Select(member => member.Key).Where(key => !keys.ContainsKey(key)).Select(key => $"{file}: {key}"));
        }

        Assert.True(read > 30, $"{read} files");
        Assert.Empty(missing);
    }

    /// <summary>Whatever class it is, what is read has a row: the reader says so itself if not.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Every_key_that_is_read_has_a_row(string modelType)
    {
        foreach (var (_, problems, _) in Classes(modelType, null, ""))
            Assert.DoesNotContain("has no row", problems, StringComparison.Ordinal);
    }

    /// <summary>A value of a kind that no library reads is refused by its key's name in some class of the model; never taken for something else.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Values_of_another_kind_are_refused_with_their_key(string modelType)
    {
        List<string> dropped = [];
        foreach (var key in ConfigKeys.Of(modelType)!.Values.Where(key => key.Use != KeyUse.NoEffect && !key.Name.Contains('.', StringComparison.Ordinal) && !s_ofTexts.Contains(key.Name)))
        {
            // "list of strings" takes lists, and no string.
            var read = key.Kinds.Replace("true or false", "flag", StringComparison.Ordinal).Split(" or ").Select(kind => kind.Split(" of ")[0]).ToArray();
            Assert.All(read, kind => Assert.Contains(kind, s_kinds.Select(row => row.Kind)));
            foreach (var (kind, values) in s_kinds)
            {
                if (read.Contains(kind) || kind == "integer" && read.Contains("number"))
                    continue;
                foreach (var value in values)
                {
                    if (!Classes(modelType, key.Name, value).Any(run => run.Problems.Contains(key.Name, StringComparison.Ordinal)))
                        dropped.Add($"{key.Name}: {value}");
                }
            }
        }

        Assert.Empty(dropped);
    }

    /// <summary>What has no effect has none: the model is the same, whatever the value is.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Keys_without_effect_have_none(string modelType)
    {
        var plain = Classes(modelType, null, "").Select(run => run.Spec).ToList();
        Assert.Contains(plain, spec => spec is not null);
        var keys = ConfigKeys.Of(modelType)!.Values.Where(key => key.Use == KeyUse.NoEffect).Select(key => key.Name).ToArray();
        Assert.True(keys.Length > 40);
        foreach (var value in new[] { "7", "\"relative_key\"", "true", "null", "[1]", "{\"a\":\"x\"}" })
        {
            var runs = ClassesWith(modelType, keys, value).ToList();
            Assert.Equal(plain, runs.Select(run => run.Spec));
            Assert.All(runs, run => Assert.Empty(run.Notes));
        }
    }

    /// <summary>Keys that change what is computed, and what is said of them.</summary>
    [Theory]
    [InlineData("bert", "\"is_decoder\":true", "is_decoder true is not supported")]
    [InlineData("distilbert", "\"is_decoder\":true", "is_decoder true is not supported")]
    [InlineData("vit", "\"add_cross_attention\":true", "add_cross_attention true is not supported")]
    [InlineData("bert", "\"position_embedding_type\":\"relative_key_query\"", "position_embedding_type 'relative_key_query' is not supported")]
    [InlineData("electra", "\"position_embedding_type\":null", "position_embedding_type is null, but must be a string")]
    [InlineData("bert", "\"per_layer_config\":{\"0\":{\"hidden_act\":\"relu\"}}", "per_layer_config with '0' is not supported")]
    [InlineData("mpnet", "\"pruned_heads\":{\"0\":[1]}", "pruned_heads with '0' is not supported")]
    [InlineData("bert", "\"quantization_config\":{\"quant_method\":\"gptq\"}", "quantization_config (quant_method 'gptq') is not supported")]
    [InlineData("bert", "\"quantization_config\":\"gptq\"", "quantization_config is \"gptq\", but must be an object")]
    [InlineData("bert", "\"head_dim\":5", "head_dim 5 is not supported; supported is 8: hidden_size=16 divided by num_attention_heads=2")]
    [InlineData("modernbert", "\"head_dim\":4", "head_dim 4 is not supported; supported is 8")]
    [InlineData("modernbert", "\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}", "rope_scaling.type \"linear\" is not supported")]
    [InlineData("modernbert", "\"rope_scaling\":{\"rope_type\":\"default\",\"rope_theta\":7}", "rope_scaling.rope_theta 7 is not supported")]
    [InlineData("modernbert", "\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"yarn\"}}", "rope_parameters.full_attention.rope_type \"yarn\" is not supported")]
    [InlineData("modernbert", "\"rope_parameters\":{\"full_attention\":7}", "rope_parameters.full_attention is 7, but must be an object")]
    [InlineData("modernbert", "\"rope_parameters\":{\"sliding_attention\":{\"rope_theta\":\"x\"}}", "rope_parameters.sliding_attention.rope_theta is \"x\"")]
    [InlineData("modernbert", "\"sliding_window\":9", "sliding_window 9 is not supported beside local_attention 6")]
    [InlineData("modernbert", "\"layer_types\":[\"full_attention\",7]", "layer_types 7 is not supported")]
    [InlineData("roberta", "\"pad_token_id\":null", "pad_token_id is null, but must be an integer")]
    [InlineData("bert", "\"hidden_act\":null", "hidden_act is null, but must be a string")]
    [InlineData("bert", "\"layer_norm_eps\":null", "layer_norm_eps is null, but must be a number from 0 to 1")]
    [InlineData("roberta", "\"problem_type\":\"ranking\"", "problem_type 'ranking' is not supported")]
    [InlineData("roberta", "\"id2label\":{}", "id2label is {}, but must name at least one class")]
    [InlineData("roberta", "\"id2label\":[\"a\",\"b\"]", "id2label is [\"a\",\"b\"], but must be an object")]
    public void What_is_refused_is_named(string modelType, string member, string expected)
    {
        var (key, value) = (member[1..member.IndexOf("\":", StringComparison.Ordinal)], member[(member.IndexOf("\":", StringComparison.Ordinal) + 2)..]);
        Assert.Contains(Classes(modelType, key, value), run => run.Problems.Contains("config.json: " + expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bert", "\"pad_token_id\":null", "PadTokenId = -1")]
    [InlineData("bert", "\"hidden_act\":\"gelu_python_tanh\"", "GeluTanh")]
    [InlineData("bert", "\"head_dim\":8", "HeadDim = 8")]
    [InlineData("modernbert", "\"sliding_window\":3", "Model")]
    [InlineData("vit", "\"pooler_output_size\":null", "Model")]
    public void What_is_followed_is_in_the_code(string modelType, string member, string expected)
    {
        var (config, manifest) = Small(modelType);
        var node = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse("{" + member + "}")!.AsObject().ToList())
            node[key] = value?.DeepClone();
        Assert.Contains(expected, GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = CompilationTests.Files("model", node.ToJsonString(), manifest) }).EnsureClean().Generated.Values.Single(), StringComparison.Ordinal);
    }

    /// <summary>A message, no warning: a build with warnings as errors goes on.</summary>
    [Fact]
    public void An_unknown_key_is_told_and_changes_nothing()
    {
        var (config, manifest) = SmallModels.All[0];
        var plain = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = CompilationTests.Files("model", config, manifest) });
        Assert.Empty(plain.Diagnostics);
        var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = CompilationTests.Files("model", config.Replace("{", "{\"hiden_size\":32,\"my\\nkey\u202E\\ud800\":{},", StringComparison.Ordinal), manifest) });
        Assert.Empty(run.Problems);
        var told = Assert.Single(run.Diagnostics);
        Assert.Equal(("ATTN0046", DiagnosticSeverity.Info), (told.Id, told.Severity));
        Assert.Equal("model: config.json: 'hiden_size', 'my\uFFFDkey\uFFFD\uFFFD' are keys that bert does not have; they have no effect", told.GetMessage(null));
        Assert.Equal(plain.Generated.Values.Single(), run.Generated.Values.Single());
    }

    /// <summary>Where a slip is what makes the weights misfit, it is told as well.</summary>
    [Fact]
    public void An_unknown_key_is_told_of_a_refused_folder()
    {
        var (config, manifest) = SmallModels.All[0];
        var diagnostics = HubModel.Diagnose(CompilationTests.Files("model", config.Replace("intermediate_size", "intermediate_sise", StringComparison.Ordinal), manifest));
        Assert.Equal("ATTN0044", diagnostics[0].Id);
        Assert.Equal("model: config.json: 'intermediate_sise' is a key that bert does not have; it has no effect", Assert.Single(diagnostics, d => d.Id == "ATTN0046").GetMessage(null));
    }

    private static (string Config, string Manifest) Small(string modelType) => SmallModels.All.First(small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));

    /// <summary>The small model as each of its classes, without weights, some keys replaced.</summary>
    private static IEnumerable<(TransformerSpec? Spec, string Problems, IReadOnlyList<Problem> Notes)> Classes(string modelType, string? key, string value) =>
        ClassesWith(modelType, key is null ? [] : [key], value);

    private static IEnumerable<(TransformerSpec? Spec, string Problems, IReadOnlyList<Problem> Notes)> ClassesWith(string modelType, string[] keys, string value)
    {
        var small = modelType switch
        {
            "xlm-roberta" or "camembert" => Small("roberta").Config.Replace("\"model_type\":\"roberta\"", $"\"model_type\":\"{modelType}\"", StringComparison.Ordinal),
            "mbart" => Small("bart").Config.Replace("\"bart\"", "\"mbart\"", StringComparison.Ordinal).Replace("BartFor", "MBartFor", StringComparison.Ordinal),
            "mt5" => Small("umt5").Config.Replace("umt5", "mt5", StringComparison.Ordinal).Replace("UMT5", "MT5", StringComparison.Ordinal),
            _ => Small(modelType).Config,
        };
        var config = JsonNode.Parse(small)!.AsObject();
        var family = config["architectures"]![0]!.GetValue<string>();
        family = family[..s_endings.Select(ending => family.IndexOf(ending, StringComparison.Ordinal)).Where(at => at > 0).Min()];
        if (keys.Contains("num_labels"))
            config.Remove("id2label"); // which wins
        foreach (var key in keys)
            config[key] = JsonNode.Parse(value);
        foreach (var ending in keys.Contains("architectures") ? s_endings[..1] : s_endings)
        {
            if (!keys.Contains("architectures"))
                config["architectures"] = new JsonArray(family + ending);
            List<Problem> problems = [], notes = [];
            var spec = TransformerParser.Parse(
                new RequestSpec("m", 0, PoolingKind.Folder, NormalizeKind.Folder, modelType == "clip" ? TowerKind.Text : TowerKind.Folder), new FolderFiles("m", new[] { new FolderFile("config.json", config.ToJsonString()) }.ToEquatable()), problems, notes);
            yield return (spec, string.Join('\n', problems.Select(problem => problem.Message)), notes);
        }
    }
}
