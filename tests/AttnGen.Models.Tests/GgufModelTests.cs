using System.Text.Json;
using AttnGen.Testing;
using AttnGen.Tool;
using ModelText = AttnGen.Testing.ModelText;

namespace AttnGen.Models.Tests;

/// <summary>The same weights as a folder of the hub and as a GGUF file, written as the converter of llama.cpp does, give the same logits, bit for bit.</summary>
public sealed class GgufModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attngen").FullName;

    public static TheoryData<string> Folders => ["bloom", "gemma2", "gpt2", "gpt_neox", "llama", "llama-rope-llama3", "phi", "qwen2", "qwen3"];

    public static TheoryData<string> Small => [.. SmallModels.Gguf.Select(model => model.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Small))]
    public void Every_architecture_gives_the_folders_bits(string name)
    {
        var (_, config, manifest) = SmallModels.Gguf.Single(model => model.Name == name);
        var tensors = WeightFile.Random(manifest, seed: 5).ToDictionary(tensor => tensor.Key, tensor => (tensor.Value.Shape, Values: (float[])[.. tensor.Value.Values.Select(value => value * 0.73310f)]));
        Compare(config, tensors, CompilationTests.Files("model", config, manifest));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Golden_folders_give_the_same_bits(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        var config = File.ReadAllText(Path.Combine(folder, "config.json"));
        Compare(config, Tensors(Path.Combine(folder, "model.safetensors")), ModelText.Read("model", folder));
    }

    [Fact]
    public void The_tale_teller_gives_the_same_bits()
    {
        var folder = Shared.Require("assets", "taleteller");
        Compare(File.ReadAllText(Path.Combine(folder, "config.json")), Tensors(Path.Combine(folder, "model.safetensors")), ModelText.Read("model", folder));
    }

    /// <summary>A file of llama.cpp's own.</summary>
    [Fact]
    public void Stories260K_is_the_folder_of_its_safetensors()
    {
        StoriesFolder.Write(_folder);
        var expected = Logits(HubModel.Of(_folder).Load(), 512);
        using var model = Load(Shared.Require("models", "stories260K", "stories260K.gguf"));
        Assert.Equal(expected, Logits(model, 512));
    }

    /// <summary>A file of every type that is read: the class that a folder of float32 with the same values becomes gives the same bits, on one thread and on several.</summary>
    [Fact]
    public void Types_are_widened_when_they_are_loaded()
    {
        const string Config = """{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":256,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":512,"vocab_size":21,"max_position_embeddings":19}""";
        (uint Type, int Elements, int Bytes, int[] Scales)[] types =
        [
            (8, 32, 34, [0]), (2, 32, 18, [0]), (3, 32, 20, [0, 2]), (6, 32, 22, [0]), (7, 32, 24, [0, 2]), (12, 256, 144, [0, 2]), (13, 256, 176, [0, 2]), (14, 256, 210, [208]),
        ];
        var random = new Random(11);
        var tensors = SmallModels.Wide.ToDictionary(tensor => tensor.Name, tensor => (tensor.Shape, Values: (float[])[.. Enumerable.Range(0, (int)tensor.Shape.Aggregate((a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5))]));
        var next = 0;
        var file = GgufConverter.Convert(Config, tensors, (writer, name, shape, values) =>
        {
            if (shape.Length == 1)
            {
                writer.Tensor(name, shape, values);
                return;
            }

            var (type, elements, bytes, scales) = types[next++ % types.Length];
            var data = new byte[values.Length / elements * bytes];
            random.NextBytes(data);
            for (var block = 0; block < data.Length; block += bytes)
            {
                foreach (var place in scales)
                    BitConverter.TryWriteBytes(data.AsSpan(block + place), (Half)(0.01 * random.NextDouble() / (type > 10 ? 64 : 1)));
            }

            writer.Tensor(name, shape, type, data);
        });
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, file.ToBytes());
        using var one = Load(path);
        using var several = Load(path, threads: 3);
        var folder = Path.Combine(_folder, "hub");
        Directory.CreateDirectory(folder);
        using (var widened = GgufModel.Open(path))
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), WeightFile.Bytes(widened.TensorNames.ToDictionary(name => name, name =>
            {
                widened.TryGetShape(name, out var shape);
                var values = new float[shape.ToArray().Aggregate((a, b) => a * b)];
                widened.Read(name, 0, values);
                return (shape.ToArray(), values);
            })));
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        var expected = Logits(HubModel.Of(folder).Load(), 21);
        Assert.Contains(expected, value => Math.Abs(value) > 1e-3f && float.IsFinite(value));
        Assert.Equal(expected, Logits(one, 21));
        Assert.Equal(expected, Logits(several, 21));
        Assert.Contains("Q4_K", one.Info.Plan, StringComparison.Ordinal);
    }

    /// <summary>What does not fit is said in the file's words.</summary>
    [Theory]
    [InlineData("llama.attention.head_count", 3, "model.gguf: llama.embedding_length 16 is not a multiple of llama.attention.head_count 3")]
    [InlineData("llama.feed_forward_length", 23, "tensor 'blk.0.ffn_gate.weight' has shape [24,16], expected [23,16] from llama.feed_forward_length=23, llama.embedding_length=16")]
    [InlineData("llama.block_count", 3, "tensor 'blk.2.attn_norm.weight' [16] is missing")]
    [InlineData("llama.block_count", 1, "llama.block_count=1, but the file also has model.layers.1.*")]
    [InlineData("llama.unheard_of", 1, "'llama.unheard_of' is a key that llama does not have; it has no effect")]
    public void What_does_not_fit_is_said_in_the_files_words(string key, int value, string expected)
    {
        var (_, config, manifest) = SmallModels.Gguf.Single(model => model.Name == "llama-tied");
        var file = GgufConverter.Convert(config, WeightFile.Random(manifest).Where(tensor => key != "llama.attention.head_count" || !tensor.Key.Contains("self_attn", StringComparison.Ordinal)));
        file.Remove("llama.rope.dimension_count");
        file.UInt32(key, value);
        if (key == "llama.attention.head_count")
            file.UInt32("llama.attention.head_count_kv", 1);
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, file.ToBytes());
        var files = ModelDirectory.Read(new ModelRequest(path)).Texts.Select(text => new ModelText("model", text.Name, text.Text)).ToList();
        Assert.Contains(HubModel.Diagnose(files), said => said.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_class_refuses_the_file_of_another_shape()
    {
        var (_, config, manifest) = SmallModels.Gguf.Single(model => model.Name == "llama-tied");
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, GgufConverter.Convert(config, WeightFile.Random(manifest)).ToBytes());
        var directory = ModelDirectory.Read(new ModelRequest(path));
        var type = GeneratorHost.Compile(HubModel.Source("model"), new HostOptions { Models = [.. directory.Texts.Select(text => new ModelText("model", text.Name, text.Text))] }).GetType("Model")!;
        var load = type.GetMethod("Load", [typeof(string), typeof(ModelLoadOptions)])!.CreateDelegate<Func<string?, ModelLoadOptions?, ITransformerModel>>();
        load(_folder, null).Dispose(); // the folder that holds it alone
        var other = SmallModels.Gguf.Single(model => model.Name == "qwen2");
        File.WriteAllBytes(path, GgufConverter.Convert(other.Config, WeightFile.Random(other.Manifest)).ToBytes());
        Assert.Contains("model.gguf", Assert.Throws<WeightMismatchException>(() => load(path, null)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "no model");
        Assert.Contains("is no GGUF file", Assert.Throws<GgufFormatException>(() => load(path, null)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => load(Path.Combine(_folder, "gone.gguf"), null));
    }

    private void Compare(string config, IReadOnlyDictionary<string, (long[] Shape, float[] Values)> tensors, IReadOnlyList<ModelText> files)
    {
        var source = new TensorDictionary();
        foreach (var (name, (shape, values)) in tensors)
            source.Add(name, shape, values);
        var type = GeneratorHost.Compile(HubModel.Source("model"), new HostOptions { Models = files }).GetType("Model")!;
        var hub = (ITransformerModel)type.GetMethod("Load", [typeof(ITensorSource), typeof(ModelLoadOptions)])!.Invoke(null, [source, null])!;
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, GgufConverter.Convert(config, tensors).ToBytes());
        using var model = Load(path);
        using var document = JsonDocument.Parse(config);
        var vocabulary = document.RootElement.GetProperty("vocab_size").GetInt32();
        var expected = Logits(hub, vocabulary);
        Assert.Contains(expected, value => Math.Abs(value) > 1e-3f);
        Assert.Equal(expected, Logits(model, vocabulary));
        Assert.Equal((hub.Info.MaxTokens, hub.Info.Layers, hub.Info.Heads), (model.Info.MaxTokens, model.Info.Layers, model.Info.Heads));
    }

    internal static ITransformerModel Load(string path, int threads = 1)
    {
        var directory = ModelDirectory.Read(new ModelRequest(path));
        var files = directory.Texts.Select(text => new ModelText("model", text.Name, text.Text)).ToList();
        var type = GeneratorHost.Compile(HubModel.Source("model"), new HostOptions { Models = files }).GetType("Model")!;
        return (ITransformerModel)type.GetMethod("Load", [typeof(string), typeof(ModelLoadOptions)])!.Invoke(null, [path, new ModelLoadOptions { Threads = threads }])!;
    }

    internal static float[] Logits(ITransformerModel model, int vocabulary)
    {
        int[] ids = [.. Enumerable.Range(0, Math.Min(17, model.Info.MaxTokens)).Select(i => (i * 7 + 3) % vocabulary)];
        var logits = new float[ids.Length * vocabulary];
        using var sequence = ((ILanguageModel)model).CreateSequence();
        sequence.Extend(ids, logits);
        return logits;
    }

    internal static Dictionary<string, (long[] Shape, float[] Values)> Tensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.TensorNames.ToDictionary(name => name, name =>
        {
            file.TryGetShape(name, out var shape);
            var values = new float[shape.ToArray().Aggregate(1L, (a, b) => a * b)];
            file.Read(name, 0, values);
            return (shape.ToArray(), values);
        });
    }
}
