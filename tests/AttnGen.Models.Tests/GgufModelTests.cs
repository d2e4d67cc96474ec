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
