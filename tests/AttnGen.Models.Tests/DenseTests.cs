using System.Globalization;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>Sentence-transformers' Dense modules: what is refused, and by which words. (Right values: PublishedCodeTests, the folders dense-….)</summary>
public sealed class DenseTests
{
    private const string Good = """{"in_features": 16, "out_features": 5, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}""";
    private const string Tensors = """{"linear.weight": {"dtype": "F32", "shape": [5, 16]}, "linear.bias": {"dtype": "F32", "shape": [5]}}""";

    private static readonly string s_transformer = Module("Transformer", ""), s_pooling = Module("Pooling", "1_Pooling"), s_dense = Module("Dense", "2_Dense"), s_normalize = Module("Normalize", "3_Normalize");

    [Theory]
    [InlineData("""{"out_features": 5, "activation_function": "torch.nn.Tanh"}""", "2_Dense/config.json: in_features is missing")]
    [InlineData("""{"in_features": 16, "activation_function": "torch.nn.Tanh"}""", "2_Dense/config.json: out_features is missing")]
    [InlineData("""{"in_features": "16", "out_features": 5}""", "in_features is \"16\", but must be an integer above 0")]
    [InlineData("""{"in_features": 16, "out_features": 0}""", "out_features is 0, but must be an integer above 0")]
    [InlineData("""{"in_features": 16, "out_features": null}""", "out_features is null, but must be an integer above 0")]
    [InlineData("""{"in_features": 16, "out_features": 5, "bias": 1}""", "bias is 1, but must be true or false")]
    [InlineData("""{"in_features": 16, "out_features": 5, "bias": null}""", "bias is null, but must be true or false")]
    [InlineData("""{"in_features": 16, "out_features": 5, "activation_function": null}""", "activation_function is null, but must be a string")]
    [InlineData("""{"in_features": 16, "out_features": 5, "activation_function": "torch.nn.modules.activation.Softmax"}""", "activation_function 'torch.nn.modules.activation.Softmax' is not supported; supported are of torch.nn 'Identity', 'Tanh', 'ReLU', 'GELU', 'SiLU', 'Sigmoid'")]
    [InlineData("""{"in_features": 16, "out_features": 5, "activation_function": "mine.Tanh"}""", "activation_function 'mine.Tanh' is not supported")]
    [InlineData("""{"in_features": 16, "out_features": 5, "module_input_name": "token_embeddings"}""", "module_input_name 'token_embeddings' is not supported; supported is 'sentence_embedding'")]
    [InlineData("""{"in_features": 16, "out_features": 5, "module_output_name": "scores"}""", "module_output_name 'scores' is not supported")]
    [InlineData("""{"in_features": 16, "out_features": 5, "use_residual": true}""", "use_residual true is not supported; supported is false")]
    [InlineData("""{"in_features": 16, "out_features": 5, "scale": 2}""", "2_Dense/config.json has the key 'scale', which is not known")]
    [InlineData("[16, 5]", "2_Dense/config.json is [16,5], but must be an object")]
    [InlineData("{,}", "2_Dense/config.json is not JSON")]
    [InlineData(null, "modules.json names the module 'Dense', but 2_Dense/config.json is not there")]
    public void Configurations_that_are_refused(string? config, string expected) => Refused(expected, config, Tensors);

    [Theory]
    [InlineData("""{"linear.bias": {"dtype": "F32", "shape": [5]}}""", "tensor '2_Dense/linear.weight' [5,16] is missing; it is expected from out_features=5, in_features=16")]
    [InlineData("""{"linear.weight": {"dtype": "F32", "shape": [5, 16]}}""", "tensor '2_Dense/linear.bias' [5] is missing; it is expected from out_features=5, bias=true")]
    [InlineData("""{"linear.weight": {"dtype": "F32", "shape": [16, 5]}, "linear.bias": {"dtype": "F32", "shape": [5]}}""", "tensor '2_Dense/linear.weight' has shape [16,5], expected [5,16] from out_features=5, in_features=16; it looks transposed")]
    [InlineData("""{"linear.weight": {"dtype": "F32", "shape": [5, 16]}, "linear.bias": {"dtype": "F32", "shape": [6]}}""", "tensor '2_Dense/linear.bias' has shape [6], expected [5]")]
    [InlineData("""{"linear.weight": {"dtype": "I8", "shape": [5, 16]}, "linear.bias": {"dtype": "F32", "shape": [5]}}""", "tensor '2_Dense/linear.weight' is of type I8, but F32, F16, BF16 or F64 is expected")]
    [InlineData("""{"linear.weight": {"dtype": "F32", "shape": [5, 16]}, "linear.bias": {"dtype": "F32", "shape": [5]}, "residual.weight": {"dtype": "F32", "shape": [5, 16]}}""", "tensor '2_Dense/residual.weight' [5,16] is in the file, but the module has linear.weight")]
    public void Tensors_that_are_refused(string tensors, string expected) => Refused(expected, Good, tensors);

    /// <summary>A bias that the configuration denies and the file has: the library refuses it, too.</summary>
    [Fact]
    public void A_bias_that_is_denied_is_refused() => Refused("tensor '2_Dense/linear.bias' [5] is in the file, but the module has linear.weight", Good.Replace("true", "false", StringComparison.Ordinal), Tensors);

    [Theory]
    [InlineData("""{"in_features": 12, "out_features": 5}""", """{"linear.weight": {"dtype": "F32", "shape": [5, 12]}, "linear.bias": {"dtype": "F32", "shape": [5]}}""", "2_Dense/config.json: in_features is 12, but the pooling gives 16 numbers")]
    public void Widths_that_do_not_chain_are_refused(string config, string tensors, string expected) => Refused(expected, config, tensors);

    [Fact]
    public void Widths_of_two_that_do_not_chain_are_refused()
    {
        var modules = $"[{s_transformer}, {s_pooling}, {s_dense}, {Module("Dense", "3_Dense")}]";
        var found = Diagnose(modules, Files(Good, Tensors, ("3_Dense", """{"in_features": 6, "out_features": 2}""", """{"linear.weight": {"dtype": "F32", "shape": [2, 6]}, "linear.bias": {"dtype": "F32", "shape": [2]}}""")));
        Assert.Contains("3_Dense/config.json: in_features is 6, but 2_Dense gives 5 numbers", Assert.Single(found), StringComparison.Ordinal);
    }

    [Fact]
    public void Places_that_are_refused()
    {
        foreach (var modules in new[] { $"[{s_transformer}, {s_dense}, {s_pooling}]", $"[{s_transformer}, {s_pooling}, {s_normalize}, {s_dense}]", $"[{s_transformer}, {s_pooling}, {Module("Dense", "../2_Dense")}]" })
            Assert.Contains(Diagnose(modules, Files(Good, Tensors)), message => message.Contains("the module 'Dense' in '", StringComparison.Ordinal) && message.Contains("after 'Transformer' and 'Pooling', and before 'Normalize'", StringComparison.Ordinal));
    }

    /// <summary>Up to 5.4 the activation must be named; 5.5 and later take Tanh.</summary>
    [Fact]
    public void An_activation_that_is_absent()
    {
        const string Absent = """{"in_features": 16, "out_features": 5}""";
        var modules = $"[{s_transformer}, {s_pooling}, {s_dense}]";
        Assert.Empty(Diagnose(modules, Files(Absent, Tensors)));
        var old = new ModelText("model", "config_sentence_transformers.json", """{"__version__": {"sentence_transformers": "5.4.1"}}""");
        Assert.Contains("activation_function is missing", Assert.Single(Diagnose(modules, [.. Files(Absent, Tensors), old])), StringComparison.Ordinal);
    }

    /// <summary>The class's own pooling takes the place of the folder's, and what maps the vector stays; the tensors are found, and those of a folder without them are not.</summary>
    [Fact]
    public void A_class_with_its_own_pooling_is_loaded_from_its_folder()
    {
        var (config, manifest) = SmallModels.All[0];
        var folder = Directory.CreateTempSubdirectory("attngen-");
        try
        {
            void Put(string name, string text)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, name))!);
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
            }

            Put("config.json", config);
            Put("modules.json", $"[{s_transformer}, {s_pooling}, {s_dense}]");
            Put("1_Pooling/config.json", """{"pooling_mode": "cls"}""");
            Put("2_Dense/config.json", Good.Replace("Tanh", "ReLU", StringComparison.Ordinal));
            File.WriteAllBytes(Path.Combine(folder.FullName, "model.safetensors"), WeightFile.Bytes(WeightFile.Random(manifest)));
            var map = WeightFile.Random($$"""{"f": {{Tensors}}}""", seed: 9);
            File.WriteAllBytes(Path.Combine(folder.FullName, "2_Dense/model.safetensors"), WeightFile.Bytes(map));

            using var model = (ISentenceEncoder)HubModel.Of(folder.FullName, ", pooling: AttnGen.Pooling.Mean, normalize: AttnGen.Normalization.Yes").Load();
            Assert.Equal(5, model.Info.EmbeddingSize);
            Assert.Contains("2_Dense/linear.weight", model.Info.Plan, StringComparison.Ordinal);
            int[] ids = [2, 7, 9, 3];
            var hidden = new float[ids.Length * 16];
            model.Forward(ids, hidden);
            var expected = new double[5];
            for (var n = 0; n < 5; n++)
            {
                double sum = map["linear.bias"].Values[n];
                for (var k = 0; k < 16; k++)
                    sum += map["linear.weight"].Values[n * 16 + k] * Enumerable.Range(0, ids.Length).Average(t => (double)hidden[t * 16 + k]);
                expected[n] = Math.Max(sum, 0);
            }

            var length = Math.Sqrt(expected.Sum(x => x * x));
            var vector = new float[5];
            model.Embed(ids, vector);
            Assert.All(expected, (x, n) => Assert.Equal(x / length, vector[n], 2e-6));

            File.WriteAllBytes(Path.Combine(folder.FullName, "2_Dense/model.safetensors"), WeightFile.Bytes(WeightFile.Random("""{"f": {"linear.weight": {"dtype": "F32", "shape": [4, 16]}, "linear.bias": {"dtype": "F32", "shape": [4]}}}""")));
            Assert.Contains("2_Dense/linear.weight", Assert.ThrowsAny<WeightException>(() => HubModel.Of(folder.FullName, ", pooling: AttnGen.Pooling.Mean, normalize: AttnGen.Normalization.Yes").Load()).Message, StringComparison.Ordinal);
            File.Delete(Path.Combine(folder.FullName, "2_Dense/model.safetensors"));
            Assert.Contains("2_Dense/model.safetensors", Assert.Throws<FileNotFoundException>(() => HubModel.Of(folder.FullName, ", pooling: AttnGen.Pooling.Mean, normalize: AttnGen.Normalization.Yes").Load()).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Module(string name, string path) => $$"""{"name": "{{name}} {{path}}", "path": "{{path}}", "type": "sentence_transformers.models.{{name}}"}""";

    private static void Refused(string expected, string? config, string tensors) =>
        Assert.Contains(expected, Assert.Single(Diagnose($"[{s_transformer}, {s_pooling}, {s_dense}]", Files(config, tensors))), StringComparison.Ordinal);

    private static List<ModelText> Files(string? config, string tensors, params (string Folder, string? Config, string Tensors)[] more)
    {
        var manifest = SmallModels.All[0].Manifest;
        List<ModelText> files = [new("model", "1_Pooling/config.json", """{"pooling_mode": "mean"}""")];
        foreach (var (folder, settings, headers) in more.Prepend(("2_Dense", config, tensors)))
        {
            if (settings is not null)
                files.Add(new("model", $"{folder}/config.json", settings));
            manifest = manifest.TrimEnd()[..^1] + $", \"{folder}/model.safetensors\": {headers}}}";
        }

        return [.. files, new("model", "config.json", SmallModels.All[0].Config), new("model", "manifest.json", manifest)];
    }

    private static List<string> Diagnose(string modules, IReadOnlyList<ModelText> files) =>
        [.. HubModel.Diagnose([.. files, new("model", "modules.json", modules)]).Select(diagnostic => diagnostic.GetMessage(CultureInfo.InvariantCulture))];
}
