using System.IO.Compression;
using System.Xml.Linq;
using AttnGen.Tests;

namespace AttnGen.Package.Tests;

/// <summary>The packages for text as a stranger installs them, and the samples that use them.</summary>
public sealed class EmbeddingsPackageTests(PackedPackage package)
{
    /// <summary>What a package brings: the house's own in its version, and nothing else but abstractions.</summary>
    [Theory]
    [InlineData("AttnGen.Tokenizers", "")]
    [InlineData("AttnGen.Embeddings", "AttnGen AttnGen.Tokenizers Microsoft.Extensions.AI.Abstractions Microsoft.Extensions.DependencyInjection.Abstractions")]
    [InlineData("AttnGen.Generation", "AttnGen AttnGen.Tokenizers Microsoft.Extensions.AI.Abstractions")]
    public void DependsOnAttnGenOfTheSameVersionAndOnAbstractions(string library, string expected)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(PackedPackage.Feed, $"{library}.{package.Version}.nupkg"));
        using var stream = zip.GetEntry($"{library}.nuspec")!.Open();
        var dependencies = XDocument.Load(stream).Descendants().Where(e => e.Name.LocalName == "dependency").ToDictionary(e => e.Attribute("id")!.Value, e => e.Attribute("version")!.Value);
        Assert.Equal(expected, string.Join(' ', dependencies.Keys.Order(StringComparer.Ordinal)));
        Assert.All(dependencies.Where(one => one.Key.StartsWith("AttnGen", StringComparison.Ordinal)), one => Assert.Equal(package.Version, one.Value));
        foreach (var file in new[] { "README.md", "LICENSE", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml" })
            Assert.NotNull(zip.GetEntry(file));
    }

    /// <summary>Both samples build from the packages alone, with no model anywhere; with one they answer.</summary>
    [Fact]
    public async Task TheSamplesBuildAndAnswer()
    {
        var samples = package.CopySamples("SemanticSearch", "Rerank");

        // A cross-encoder of another shape, as the sample says: its configuration in place of the sample's.
        var goldens = Shared.Require("golden", "hf", "bert-cross-encoder");
        File.Copy(Path.Combine(goldens, "config.json"), Path.Combine(samples, "Rerank", "model", "config.json"), overwrite: true);
        foreach (var sample in new[] { "SemanticSearch", "Rerank" })
        {
            var folder = Path.Combine(samples, sample);
            PackedPackage.NoWarnings(await Tool.DotnetAsync(folder, "build", "-o", "out", $"-p:AttnGenVersion={package.Version}", "-p:TreatWarningsAsErrors=true"));
            var (code, message) = await RunAsync(sample, "--model", "none", "a query");
            Assert.Equal(2, code);
            Assert.Contains($"dotnet run --project samples/{sample} -- models/", message, StringComparison.Ordinal);
        }

        var (_, found) = await RunAsync("SemanticSearch", Shared.Require("models", "all-MiniLM-L6-v2"), "I cannot log in to my account");
        var lines = found.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain('\u001b', found);
        Assert.StartsWith("318 sentences; ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("I cannot log in to my account  (", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^  0\.\d{3}  I forgot my password and the reset mail never comes\.$", lines[2]);
        Assert.Equal(7, lines.Length);

        // The goldens have no tokenizer; any that the model's ids allow will do.
        var crossEncoder = Path.Combine(samples, "cross-encoder");
        Directory.CreateDirectory(crossEncoder);
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(goldens, file), Path.Combine(crossEncoder, file));
        }

        File.WriteAllLines(Path.Combine(crossEncoder, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "a", "in", "of", "is", "water", "snow", "rain"]);
        File.WriteAllLines(Path.Combine(crossEncoder, "lines.txt"), ["the rain", "snow in the rain of a", "is a"]);
        var (exit, ranked) = await RunAsync("Rerank", crossEncoder, "--file", Path.Combine(crossEncoder, "lines.txt"), "the water");
        Assert.True(exit == 0, ranked);
        Assert.Equal(
            ["is a", "snow in the rain of a", "the rain"],
            ranked.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..].Select(line => line[(line.LastIndexOf("  ", StringComparison.Ordinal) + 2)..]).Order(StringComparer.Ordinal));

        Task<(int Code, string Output)> RunAsync(string sample, params string[] arguments) =>
            Tool.TryDotnetAsync(samples, [Path.Combine(sample, "out", sample + ".dll"), .. arguments]);
    }

    /// <summary>The samples that write, from the packages alone; their model comes with the clone.</summary>
    [Fact]
    public async Task TheSamplesWrite()
    {
        var samples = package.CopySamples("Tales", "Chat", "models");
        foreach (var sample in new[] { "Tales", "Chat" })
            PackedPackage.NoWarnings(await Tool.DotnetAsync(Path.Combine(samples, sample), "build", "-o", "out", $"-p:AttnGenVersion={package.Version}", "-p:TreatWarningsAsErrors=true"));

        // The tale is inside the program: nothing of the folder lies beside it.
        Assert.False(Directory.Exists(Path.Combine(samples, "Tales", "out", "taleteller")));
        var tale = await Tool.DotnetAsync(Path.Combine(samples, "Tales"), Path.Combine("out", "Tales.dll"), "Tell me a story about Mira and a kite.", "Who is the story about?");
        Assert.Contains("Mira had a kite.", tale, StringComparison.Ordinal);
        Assert.Contains("The story is about Mira.", tale, StringComparison.Ordinal);
        Assert.Contains("It knows its grammar, not English", tale, StringComparison.Ordinal);
        var chat = await Tool.RunAsync(Path.Combine(samples, "Chat"), "bash", "-c", "printf 'Hello\n/clear\n\n' | dotnet out/Chat.dll");
        Assert.Contains("> Hello", chat, StringComparison.Ordinal);
    }

}
