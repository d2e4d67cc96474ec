using AttnGen.Tests;

namespace AttnGen.Package.Tests;

/// <summary><c>attngen new</c> as a stranger uses it: the tool installed from its package, a folder of packages, and a project that is restored, built and run.</summary>
public sealed class NewProjectTests(PackedPackage package)
{
    [Fact]
    public async Task ABlockSaysWhatItIsAndWhatItCosts()
    {
        var lines = await NewAndRunAsync("Block");
        Assert.Matches("^Mixer: attention with 8 heads over rows of 64 numbers, 16,640 parameters, up to 512 tokens$", lines[0]);
        Assert.Matches(@"^\[16, 64\] to \[16, 64\]: [0-9]+\.[0-9] µs and 0 bytes of new memory a call$", lines[1]);
        Assert.Matches("^In head 0, token 0 takes most from token [0-9]+: [0-9.]+ ?% of the whole$", lines[2]);
        Assert.StartsWith("Now change [Attention(", lines[3], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task ASentenceModelGivesCosines()
    {
        var lines = await NewAndRunAsync("Search", Shared.Require("models", "all-MiniLM-L6-v2"));
        Assert.Equal("AllMiniLML6V2: texts of up to 256 tokens become vectors of 384 numbers. Their cosines:", lines[0]);
        Assert.Matches(@"^ +0\.\d{4}  A man is playing a guitar\.  \|  Somebody makes music\.$", lines[1]);
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public async Task ACrossEncoderGivesARanking()
    {
        var model = CopyModel("bert-cross-encoder", "cross encoder");
        File.WriteAllLines(Path.Combine(model, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "a", "in", "of", "is", "lettuce", "bus", "garden"]);
        var lines = await NewAndRunAsync("Rank", model);
        Assert.Contains("Documents for \"What eats lettuce?\", the best first:", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, lines.Count(line => line.StartsWith("  ", StringComparison.Ordinal) && line.EndsWith('.')));
    }

    [Fact]
    public async Task AnImageModelSaysWhatToFeed()
    {
        var lines = await NewAndRunAsync("Look", Shared.Require("golden", "hf", "vit"));
        Assert.Contains("images [3, ", lines[0], StringComparison.Ordinal);
        Assert.Contains("Your own: dotnet run -- image.f32, with ", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^  0\.\d{4}  .+$", lines[2]);
    }

    [Fact]
    public async Task AModelWithoutATokenizerWorksOnIds()
    {
        var lines = await NewAndRunAsync("Ids", Shared.Require("golden", "hf", "bert"));
        Assert.Contains("ids give", lines[1], StringComparison.Ordinal);
    }

    /// <summary>From a clone, without --feed and in a folder of the clone, whose own settings reach the project: its artifacts/packages.</summary>
    [Fact]
    public async Task FromACloneItFindsThePackagesOfTheClone()
    {
        var folder = Path.Combine(PackedPackage.Root, "artifacts", $"new {Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            var tool = Path.Combine(PackedPackage.Root, "src", "AttnGen.Tool", "bin", "Release", "net10.0", "AttnGen.Tool.dll");
            var said = await Tool.DotnetAsync(folder, tool, "new", "InTheClone");
            Assert.Contains("Run it: cd InTheClone && dotnet run", said, StringComparison.Ordinal);
            Assert.Contains($"\"AttnGen\" Version=\"{package.Version}\"", await File.ReadAllTextAsync(Path.Combine(folder, "InTheClone", "InTheClone.csproj")), StringComparison.Ordinal);
            var output = await Tool.DotnetAsync(Path.Combine(folder, "InTheClone"), "run");
            PackedPackage.NoWarnings(output);
            Assert.StartsWith("Mixer: attention", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string[]> NewAndRunAsync(string name, string? model = null)
    {
        var folder = package.MakeFolder("new " + name);
        var said = await Tool.RunAsync(folder, await package.InstallToolAsync(), ["new", name, "--feed", PackedPackage.Feed, .. model is null ? Array.Empty<string>() : ["--model", model]]);
        Assert.Contains($"Run it: cd {name} && dotnet run", said, StringComparison.Ordinal);
        var project = Path.Combine(folder, name);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-p:NuGetAudit=false", "-p:TreatWarningsAsErrors=true"));
        return (await Tool.DotnetAsync(project, "run", "--no-build")).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string CopyModel(string golden, string name)
    {
        var source = Shared.Require("golden", "hf", golden);
        var folder = package.MakeFolder(name);
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        }

        return folder;
    }
}
