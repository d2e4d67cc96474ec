using System.IO.Compression;
using AttnGen.Testing;

namespace AttnGen.Tool.Tests;

/// <summary>A folder with a model of texts and one of images (CLIP): <c>--tower</c> names one of them, and every command needs it.</summary>
public sealed class TowerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public TowerTests()
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Clone.Root, "tests", "AttnGen.Models.Tests", "Reference", "models.zip"));
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.StartsWith("clip-whole-", StringComparison.Ordinal) && entry.Name.Length > 0))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[entry.FullName])!);
            entry.ExtractToFile(_folder[entry.FullName]);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("verify")]
    [InlineData("bench")]
    [InlineData("embed", "--text", "x")]
    [InlineData("emit", "--out", "none")]
    public async Task Without_a_tower_the_folder_is_refused_with_the_fix(string command, params string[] more)
    {
        var run = (await ToolRun.Of([command, _folder["clip-whole-texts"], .. more])).Gave(1);
        Assert.Contains("name it at the class: tower: Tower.Text or tower: Tower.Image", run.Sentence());
    }

    [Theory]
    [InlineData("Text", "Forward → [T, 12]")]
    [InlineData("Image", "Forward → [T, 10]")]
    public async Task Inspect_shows_the_tower(string tower, string line)
    {
        var folder = _folder["clip-whole-texts"];
        var text = (await ToolRun.Of("inspect", folder, "--tower", tower)).Gave(0).Out;
        Assert.Contains(line, text);
        Assert.Contains("Embed → [5] (the model's projection)", text);
        var json = (await ToolRun.Of("inspect", folder, "--tower", tower, "--json")).Gave(0).Json();
        Assert.Equal(5, json.GetProperty("embeddingSize").GetInt32());
    }

    [Theory]
    [InlineData("clip-whole-texts", "Text")]
    [InlineData("clip-whole-images", "Image")]
    public async Task Verify_and_bench_run_the_tower(string name, string tower)
    {
        var report = (await ToolRun.Of("verify", _folder[name], "--tower", tower, "--json")).Gave(0).Json();
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Contains(report.GetProperty("arrays").EnumerateArray(), array => array.GetProperty("name").GetString() == "single.embedding" && array.GetProperty("verdict").GetString() == "ok");
        var results = (await ToolRun.Of("bench", _folder[name], "--tower", tower, "--seconds", "0.01", "--json")).Gave(0).Json().GetProperty("results");
        Assert.All(results.EnumerateArray(), result => Assert.Equal(0, result.GetProperty("allocatedBytes").GetInt64()));
    }

    [Theory]
    [InlineData("Text", "model.Forward(ids")]
    [InlineData("Image", "model.Embed(pixels")]
    public async Task New_passes_the_tower_on(string tower, string call)
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_folder["feed"]).FullName, "AttnGen.0.3.0.nupkg"), "");
        File.WriteAllText(_folder["feed/AttnGen.Embeddings.0.3.0.nupkg"], "");
        string project = _folder["Try"], folder = _folder["clip-whole-texts"];
        Assert.Contains("tower: Tower.Text or tower: Tower.Image", (await ToolRun.Of("new", project, "--model", folder, "--feed", _folder["feed"])).Gave(1).Sentence());
        Assert.False(Directory.Exists(project));

        (await ToolRun.Of("new", project, "--model", folder, "--tower", tower, "--feed", _folder["feed"])).Gave(0);
        var program = File.ReadAllText(Path.Combine(project, "Program.cs"));
        Assert.Contains($"[TransformerModel(\"../clip-whole-texts\", tower: Tower.{tower})]", program);
        Assert.Contains(call, program);
        Assert.Contains($"`attngen verify ../clip-whole-texts --tower {tower}`", File.ReadAllText(Path.Combine(project, "README.md")));
        var texts = ModelDirectory.Read(new ModelRequest(folder)).Texts.Select(text => new ModelText("../clip-whole-texts", text.Name, text.Text)).ToList();
        Assert.Empty(NewTests.Compile(program, texts));
    }

    [Fact]
    public async Task New_refuses_a_tower_of_nothing() =>
        Assert.Contains("--tower is Text, but there is no model", (await ToolRun.Of("new", _folder["Try"], "--tower", "Text")).Gave(2).Sentence());
}
