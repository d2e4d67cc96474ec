using Microsoft.Build.Utilities;

namespace AttnGen.Build.Tests;

/// <summary>Modules of sentence-transformers that have weights of their own (Dense): these go where the model's weights go.</summary>
public sealed class DenseFolderTests : IDisposable
{
    private const string Modules = """
        [{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
         {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}, {"path": "maps/b", "type": "sentence_transformers.sentence_transformer.modules.dense.Dense"}, {"path": "4_Other", "type": "mine.Dense"}]
        """;

    private readonly TestProject _project = new();

    public DenseFolderTests()
    {
        _project.WriteWeights("m/model.safetensors", "w");
        _project.Write("m/modules.json", Modules);
        foreach (var folder in new[] { "2_Dense", "maps/b", "4_Other" })
        {
            _project.Write($"m/{folder}/config.json", "{}");
            _project.WriteWeights($"m/{folder}/model.safetensors", "linear.weight");
        }
    }

    public void Dispose() => _project.Dispose();

    private static readonly string[] s_files =
    [
        "2_Dense/config.json", "2_Dense/model.safetensors", "4_Other/config.json", "maps/b/config.json", "maps/b/model.safetensors", "model.safetensors", "modules.json",
    ];

    [Fact]
    public void TheirWeightsAreInTheManifestAndBesideTheProgram()
    {
        var outcome = _project.Run("m");
        Assert.Equal(["model.safetensors: w F32[1,2]", "2_Dense/model.safetensors: linear.weight F32[1,2]", "maps/b/model.safetensors: linear.weight F32[1,2]"], outcome.Tensors());
        Assert.Equal(["manifest.json of m", "modules.json of m", "2_Dense/config.json of m", "maps/b/config.json of m", "4_Other/config.json of m"], outcome.ForCompiler.OrderBy(file => !file.StartsWith("manifest", StringComparison.Ordinal)));
        Assert.Equal(s_files.Select(file => "m/" + file), outcome.Copied.Order(StringComparer.Ordinal));
        Assert.All(outcome.CopiedPaths, path => Assert.True(File.Exists(path), path));
    }

    /// <summary>With shards, too: there the module's file is one, and the index does not name it.</summary>
    [Fact]
    public void BesideShards()
    {
        File.Move(_project["m/model.safetensors"], _project["m/a.safetensors"]);
        _project.Write("m/model.safetensors.index.json", """{"weight_map": {"w": "a.safetensors"}}""");
        Assert.Equal(["a.safetensors: w F32[1,2]", "2_Dense/model.safetensors: linear.weight F32[1,2]", "maps/b/model.safetensors: linear.weight F32[1,2]"], _project.Run("m").Tensors());
        Assert.Contains("in 1 shards, and Embed=\"true\"", _project.Problem(With("Embed")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheyAreEmbedded()
    {
        var outcome = _project.Run(With("Embed"));
        Assert.Empty(outcome.Copied);
        Assert.Equal(s_files.Select(file => "AttnGen/m/" + file), outcome.Embedded.Order(StringComparer.Ordinal));
        using (var file = File.OpenWrite(_project["m/maps/b/model.safetensors"]))
        {
            file.SetLength(2_000_000_001); // Sparse: no byte of it is written.
        }

        Assert.Contains("maps/b/model.safetensors has 2000000001 bytes, and Embed=\"true\"", _project.Problem(With("Embed")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheyArePacked()
    {
        var packed = _project.Run("m").Packed.Select(file => file.Path.Replace('\\', '/')).ToArray();
        foreach (var file in new[] { "m/model.safetensors", "m/2_Dense/model.safetensors", "m/maps/b/model.safetensors" })
        {
            Assert.Single(packed, path => path.EndsWith(file, StringComparison.Ordinal));
        }
    }

    /// <summary>The compiler runs again when their headers change, and not when their numbers do.</summary>
    [Fact]
    public void TheManifestFollowsTheirHeaders()
    {
        var before = _project.Run("m").ManifestText;
        _project.Write("m/2_Dense/model.safetensors", SafetensorsBytes.File([("linear.weight", "F32", [1, 2], [1, 2, 3, 4, 5, 6, 7, 8])]));
        Assert.Equal(before, _project.Run("m").ManifestText);
        _project.WriteWeights("m/2_Dense/model.safetensors", "linear.weight", "linear.bias");
        Assert.Contains("2_Dense/model.safetensors: linear.bias F32[1,2]", _project.Run("m").Tensors());
    }

    [Theory]
    [InlineData("", "modules.json names the module 'Dense', but maps/b/model.safetensors is not there; fetch that file, too.")]
    [InlineData("pytorch_model.bin", "maps/b/model.safetensors is not there; there is maps/b/pytorch_model.bin, and only safetensors are read: load the folder once with sentence-transformers and save it, which writes that file.")]
    public void TheirWeightsAreAbsent(string file, string expected)
    {
        File.Delete(_project["m/maps/b/model.safetensors"]);
        if (file.Length > 0)
            _project.Write("m/maps/b/" + file, "");
        Assert.Contains(expected, _project.Problem("m"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheirWeightsAreMalformed()
    {
        _project.Write("m/2_Dense/model.safetensors", "abc");
        Assert.Contains("2_Dense/model.safetensors", _project.Problem("m"), StringComparison.Ordinal);
    }

    private static TaskItem With(string flag)
    {
        var item = new TaskItem("m");
        item.SetMetadata(flag, "true");
        return item;
    }
}
