using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AttnGen.Package.Tests.Documents;
using AttnGen.Tests;

namespace AttnGen.Package.Tests;

public sealed partial class PackageTests(PackedPackage package)
{
    [Fact]
    public void HoldsTheLibraryTheGeneratorTheBuildTaskAndNothingElse()
    {
        using var zip = ZipFile.OpenRead(package.File);
        string[] expected =
        [
            "AttnGen.nuspec",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "LICENSE",
            "README.md",
            "analyzers/dotnet/cs/AttnGen.Generator.dll",
            "build/net10.0/AttnGen.props",
            "build/net10.0/AttnGen.targets",
            "buildTransitive/net10.0/AttnGen.props",
            "buildTransitive/net10.0/AttnGen.targets",
            "lib/net10.0/AttnGen.dll",
            "lib/net10.0/AttnGen.xml",
            $"runtimes/{PackedPackage.Rid}/lib/net10.0/AttnGen.dll",
            "tasks/netstandard2.0/AttnGen.Build.dll",
        ];
        // The pages have a test of their own; the rest is the archive's bookkeeping.
        var found = zip.Entries.Select(e => e.FullName)
            .Where(n => !(n.StartsWith("docs/", StringComparison.Ordinal) && (n.EndsWith(".md", StringComparison.Ordinal) || n.EndsWith(".png", StringComparison.Ordinal))))
            .Where(n => n is not "[Content_Types].xml" && !n.StartsWith("_rels/", StringComparison.Ordinal) && !n.StartsWith("package/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void DependsOnNothing()
    {
        using var zip = ZipFile.OpenRead(package.File);
        using var stream = zip.GetEntry("AttnGen.nuspec")!.Open();
        Assert.DoesNotContain(XDocument.Load(stream).Descendants(), e => e.Name.LocalName == "dependency");
    }

    /// <summary>Every relative link of every page leads to a file of the package.</summary>
    [Fact]
    public void LinksOfItsPagesHold()
    {
        using var zip = ZipFile.OpenRead(package.File);
        var files = zip.Entries.Select(e => e.FullName).ToHashSet(StringComparer.Ordinal);
        var dead = new List<string>();
        var links = 0;
        foreach (var page in zip.Entries.Where(e => e.FullName.EndsWith(".md", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(page.Open());
            foreach (Match link in Link().Matches(reader.ReadToEnd()))
            {
                links++;
                var target = new Uri(new Uri("package:///" + page.FullName), link.Groups[1].Value).AbsolutePath.TrimStart('/');
                if (!files.Contains(target))
                {
                    dead.Add($"{page.FullName}: {link.Groups[1].Value}");
                }
            }
        }

        Assert.True(links > 30, $"{links} links");
        Assert.Empty(dead);
    }

    /// <summary>An older framework is refused when packages are restored, and not by missing types later.</summary>
    [Fact]
    public async Task RefusesOlderFrameworks()
    {
        // No framework reference: its pack would be one more thing to restore.
        var folder = package.WriteConsumer("older-framework", PackedPackage.Source("Program.cs"), ("TargetFramework", "net8.0"), ("DisableImplicitFrameworkReferences", "true"), ("UseAppHost", "false"));
        var (code, output) = await Tool.TryDotnetAsync(folder, "restore");
        Assert.True(code != 0 && output.Contains("error NU1202: Package AttnGen", StringComparison.Ordinal), output);
    }

    /// <summary>Built as a stranger builds it, with every analyzer for trimming and NativeAOT on: no warning, and the program's own checks hold.</summary>
    [Fact]
    public async Task BuildsAndRuns() => Assert.Matches(ChecksumLine(), await package.JitOutputAsync());

    [Fact]
    public Task TrimmedComputesTheSameBits() => PublishAndCompareAsync("trimmed", ("PublishTrimmed", "true"), ("SelfContained", "true"));

    [Fact]
    public async Task NativeAotComputesTheSameBits()
    {
        Assert.SkipUnless(Tool.IsOnPath("clang") || Tool.IsOnPath("gcc"), "NativeAOT links with clang or gcc, and neither is on the PATH (Debian: apt-get install clang zlib1g-dev)");
        var x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        var exe = await PublishAndCompareAsync("aot", ("PublishAot", "true"), ("IlcInstructionSet", x64 ? "x86-64-v3" : "native"));
        AotSize.Check(exe);
        if (x64)
        {
            // The instruction set reached the kernels: without it they would run on 128 bits.
            Assert.Equal("256", (await Tool.RunAsync(Path.GetDirectoryName(exe)!, exe, "lane")).Trim());
        }
    }

    /// <summary>The example of docs/shapes.md compiles as shown, without a warning, and prints what the page says.</summary>
    [Fact]
    public async Task TheShapeExampleCompilesAndPrintsWhatItSays()
    {
        var (program, output) = Example("docs/shapes.md");
        var folder = package.WriteConsumer("shape", program);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(folder, "build", "-c", "Release", "-o", "out"));
        Assert.Equal(output, (await Tool.DotnetAsync(folder, Path.Combine("out", "Consumer.dll"))).ReplaceLineEndings("\n").Trim());
    }

    /// <summary>The README's programs, in projects with the README's line, print what it says.</summary>
    [Theory]
    [InlineData("all-MiniLM-L6-v2")]
    [InlineData("taleteller")]
    public async Task TheReadmeProgramsPrintWhatTheySay(string model)
    {
        var output = Outputs("README.md").Single(block => block.Follows!.Text.Contains($"(\"models/{model}\")", StringComparison.Ordinal));
        var items = DocumentPages.Blocks("README.md").Single(block => block.Language == "xml").Text;
        Assert.Contains($"models/{model}", Regex.Match(items, "<AttnGenModel [^>]*/>").Value, StringComparison.Ordinal);
        var printed = await RunWithModelAsync($"readme {model}", output.Follows!.Text, model);
        Assert.Equal(OneLine(output.Text), OneLine(printed));
    }

    /// <summary>The blocks of docs/decoders.md that go on from one another are one program, which prints what the page says.</summary>
    [Fact]
    public async Task TheProgramOfDecodersPrintsWhatItSays()
    {
        var blocks = DocumentPages.Blocks("docs/decoders.md").Where(block => block.Language == "csharp").ToList();
        blocks = [blocks[0], .. blocks.Skip(1).TakeWhile(block => !block.Text.Contains("[TransformerModel(", StringComparison.Ordinal))];
        Assert.True(blocks.Count > 4, $"{blocks.Count} blocks");
        var at = blocks[0].Text.IndexOf("[TransformerModel(", StringComparison.Ordinal);
        var program = string.Concat(blocks[0].Text[..at], "Console.WriteLine();\n", string.Concat(blocks.Skip(1).Select(block => block.Text)), blocks[0].Text[at..]);
        var printed = await RunWithModelAsync("decoders", program, "taleteller");
        Assert.Equal(OneLine(string.Join('\n', Outputs("docs/decoders.md").Select(block => block.Text))), OneLine(printed));
    }

    private async Task<string> RunWithModelAsync(string name, string program, string model)
    {
        var source = model == "taleteller" ? Path.Combine(PackedPackage.Root, "samples", "models", model) : Shared.Require("models", model);
        var folder = package.WriteConsumer(
            name, program, $"<PackageReference Include=\"AttnGen.Embeddings;AttnGen.Generation\" Version=\"[{package.Version}]\" />\n    <AttnGenModel Include=\"models/{model}\" />");
        Directory.CreateDirectory(Path.Combine(folder, "models"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "models", model), source);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(folder, "build", "-o", "out"));
        return await Tool.DotnetAsync(folder, Path.Combine("out", "Consumer.dll"));
    }

    // A page breaks lines where it likes.
    private static string OneLine(string text) => Regex.Replace(text, "\\s+", " ").Trim();

    /// <summary>ATTNP001: once, and only where the instruction set is missing.</summary>
    [Theory]
    [InlineData("", 1)]
    [InlineData("x86-64-v3", 0)]
    public async Task WarnsWhenNativeAotHasNoInstructionSet(string instructions, int warnings)
    {
        (string, string)[] properties =
        [
            ("PublishAot", "true"),
            ("RuntimeIdentifier", "linux-x64"),
            ("MSBuildTreatWarningsAsErrors", "false"),
            .. instructions.Length == 0 ? Array.Empty<(string, string)>() : [("IlcInstructionSet", instructions)],
        ];
        var folder = package.WriteConsumer($"warning{warnings}", PackedPackage.Source("Program.cs"), properties);
        var output = await Tool.DotnetAsync(folder, "build", "-c", "Release");
        Assert.Contains($"{warnings} Warning(s)", output, StringComparison.Ordinal);
        Assert.Equal(warnings == 1, output.Contains("warning ATTNP001: PublishAot is true but IlcInstructionSet is not set", StringComparison.Ordinal));
    }

    /// <summary>Publishes the consumer, runs it, and compares what it prints with what it prints under the JIT.</summary>
    /// <returns>The program's path.</returns>
    private async Task<string> PublishAndCompareAsync(string name, params (string Property, string Value)[] properties)
    {
        var folder = package.WriteConsumer(name, PackedPackage.Source("Program.cs"), [.. properties, ("TrimmerSingleWarn", "false"), ("SuppressTrimAnalysisWarnings", "false")]);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(folder, "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "out"));
        var exe = Path.Combine(folder, "out", OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer");
        var output = await Tool.RunAsync(folder, exe);
        Assert.Equal(await package.JitOutputAsync(), output);
        return exe;
    }

    // The program of a page that is followed by its output.
    private static (string Program, string Output) Example(string page)
    {
        var output = Outputs(page).Single();
        return (output.Follows!.Text, output.Text.Trim());
    }

    private static IEnumerable<MarkdownBlock> Outputs(string page) => DocumentPages.Blocks(page).Where(block => block.Language == "text" && block.Follows?.Language == "csharp");

    [GeneratedRegex("^checksum [0-9A-F]{16}$", RegexOptions.Multiline)]
    private static partial Regex ChecksumLine();

    // Relative ones: no scheme, and not within the page.
    [GeneratedRegex(@"\]\((?![a-z]+:|#)([^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
