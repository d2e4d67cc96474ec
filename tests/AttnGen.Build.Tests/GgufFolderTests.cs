using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace AttnGen.Build.Tests;

/// <summary>GGUF files as items: what the compiler gets, what goes where, and when it is made again.</summary>
public sealed class GgufFolderTests : IDisposable
{
    private static readonly string[] s_texts = ["config.json", "gguf.names.json", "tokenizer_config.json", "chat_template.jinja", "manifest.json"];

    private readonly TestProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_file()
    {
        _project.Write("models/small.gguf", GgufSample.Writer().ToBytes());
        var outcome = _project.Run("models/small.gguf");
        Assert.Equal(s_texts.Select(text => text + " of models/small.gguf"), outcome.ForCompiler);
        Assert.Equal(["models/small.gguf"], outcome.Copied);
        Assert.All(outcome.CompilerPaths.Concat(outcome.CopiedPaths), path => Assert.True(File.Exists(path), path));
        Assert.Contains("small.gguf: model.layers.0.self_attn.q_proj.weight F32[8,8]", outcome.Tensors());
        Assert.Equal(11, outcome.Tensors().Count());
        var config = Text(outcome, "config.json");
        Assert.Contains("\"model_type\": \"llama\"", config, StringComparison.Ordinal);
        Assert.Contains("\"rms_norm_eps\": 1E-05", config, StringComparison.Ordinal);
        Assert.Contains("\"hidden_size\": \"llama.embedding_length\"", Text(outcome, "gguf.names.json"), StringComparison.Ordinal);
        Assert.Contains("\"model.layers.0.mlp.up_proj.weight\": \"blk.0.ffn_up.weight\"", Text(outcome, "gguf.names.json"), StringComparison.Ordinal);
        Assert.Contains("\"bos_token\": \"<s>\"", Text(outcome, "tokenizer_config.json"), StringComparison.Ordinal);
        Assert.Equal("{{ messages }}", Text(outcome, "chat_template.jinja"));
        Assert.Contains(outcome.Packed, file => file.Path.EndsWith("small.gguf", StringComparison.Ordinal));
    }

    /// <summary>A folder that holds the file alone, or beside what no config.json goes with.</summary>
    [Fact]
    public void A_folder()
    {
        _project.Write("m/small.gguf", GgufSample.Writer().ToBytes());
        _project.Write("m/README.md", "");
        _project.Write("m/tokenizer.json", "{}");
        var outcome = _project.Run("m");
        Assert.Equal(s_texts.Select(text => text + " of m"), outcome.ForCompiler);
        Assert.Equal(["m/small.gguf", "m/tokenizer.json"], outcome.Copied);
    }

    [Theory]
    [InlineData("Embed", "true", "", "AttnGen/models/small.gguf/small.gguf")]
    [InlineData("Copy", "false", "", "")]
    [InlineData("Name", "tiny", "tiny", "")]
    [InlineData("Name", "other/tiny.gguf", "other/tiny.gguf", "")]
    public void Metadata(string key, string value, string copied, string embedded)
    {
        _project.Write("models/small.gguf", GgufSample.Writer().ToBytes());
        var item = new TaskItem("models/small.gguf");
        item.SetMetadata(key, value);
        var outcome = _project.Run(item);
        Assert.Equal(copied.Length == 0 ? [] : [copied], outcome.Copied);
        Assert.Equal(embedded.Length == 0 ? [] : [embedded], outcome.Embedded);
        Assert.Equal(s_texts.Length, outcome.ForCompiler.Count());
    }

    /// <summary>The texts are written again when the file is another, and one that it no longer has goes.</summary>
    [Fact]
    public void Another_file()
    {
        _project.Write("m.gguf", GgufSample.Writer().ToBytes());
        var first = _project.Run("m.gguf");
        var time = File.GetLastWriteTimeUtc(first.ManifestPath);
        Assert.Equal(time, File.GetLastWriteTimeUtc(_project.Run("m.gguf").ManifestPath));
        var writer = GgufSample.Writer();
        writer.Remove("tokenizer.chat_template");
        writer.UInt32("llama.context_length", 32);
        _project.Write("m.gguf", writer.ToBytes());
        var second = _project.Run("m.gguf");
        Assert.Equal(s_texts.Where(text => text != "chat_template.jinja").Select(text => text + " of m.gguf"), second.ForCompiler);
        Assert.Contains("\"max_position_embeddings\": 32", Text(second, "config.json"), StringComparison.Ordinal);

        // A file that is refused leaves no texts of an earlier one.
        _project.Write("m.gguf", "no model");
        Assert.Equal(["manifest.json of m.gguf"], _project.Run("m.gguf").ForCompiler);
        Assert.Contains("m.gguf is no GGUF file", _project.Problem("m.gguf"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_the_place()
    {
        _project.Write("two/a.gguf", GgufSample.Writer().ToBytes());
        _project.Write("two/b.gguf", GgufSample.Writer().ToBytes());
        Assert.Contains("the folder holds 2 GGUF files, the first are 'a.gguf' and 'b.gguf'; name the file itself", _project.Problem("two"), StringComparison.Ordinal);
        Assert.Contains("there is no such file", _project.Problem("two/c.gguf"), StringComparison.Ordinal);
    }

    /// <summary>What is sound and not supported is told as such.</summary>
    [Fact]
    public void Not_supported()
    {
        var writer = GgufSample.Writer();
        writer.Text("general.architecture", "stablelm");
        _project.Write("m.gguf", writer.ToBytes());
        var member = Assert.Single(_project.Run("m.gguf").Manifest().EnumerateObject());
        Assert.Equal("__unsupported__", member.Name);
        Assert.StartsWith("m.gguf: general.architecture 'stablelm' is not supported; supported are bloom, falcon, gemma", member.Value.GetString(), StringComparison.Ordinal);
    }

    /// <summary>Two projects have other files in the same place: each goes where only its own classes look.</summary>
    [Fact]
    public void Two_files_in_one_place()
    {
        var (a, b) = (GgufSample.Writer(), GgufSample.Writer());
        b.UInt32("llama.context_length", 32);
        _project.Write("a/m.gguf", a.ToBytes());
        _project.Write("b/m.gguf", b.ToBytes());
        ITaskItem[] models = [.. new[] { "a", "b" }.Select(folder => (ITaskItem)ModelClaim.Item(_project[$"{folder}/m.gguf"], "Lib" + folder, "models/m.gguf", "", _project[$"{folder}/m.gguf"], isCopied: true))];
        var task = new PlaceModels { BuildEngine = TestProject.Engine(), Assembly = "App", Project = "App.csproj", TargetMetadata = "TargetPath", Models = models };
        Assert.True(task.Execute());
        Assert.Equal(["attngen/Liba/models/m.gguf", "attngen/Libb/models/m.gguf"], task.PlacedModels.Select(item => item.GetMetadata("TargetPath")).Order(StringComparer.Ordinal));
    }

    private static string Text(Outcome outcome, string file) => File.ReadAllText(outcome.CompilerPaths.Single(path => Path.GetFileName(path) == file));
}
