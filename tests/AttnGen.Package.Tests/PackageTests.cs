using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AttnGen.Package.Tests;

public sealed partial class PackageTests(PackedPackage package) : IClassFixture<PackedPackage>
{
    [Fact]
    public void HoldsTheLibraryTheGeneratorAndNothingElse()
    {
        using var zip = ZipFile.OpenRead(package.File);
        string[] expected =
        [
            "AttnGen.nuspec",
            "LICENSE",
            "README.md",
            "analyzers/dotnet/cs/AttnGen.Generator.dll",
            "build/AttnGen.targets",
            "buildTransitive/AttnGen.targets",
            "lib/net10.0/AttnGen.dll",
            "lib/net10.0/AttnGen.xml",
        ];
        // The rest is the archive's own bookkeeping.
        var found = zip.Entries.Select(e => e.FullName)
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

    /// <summary>Built as a stranger builds it, with every analyzer for trimming and NativeAOT on: no warning, and the program's own checks hold.</summary>
    [Fact]
    public async Task BuildsAndRuns() => Assert.Matches(ChecksumLine(), await package.JitOutputAsync());

    [Fact]
    public Task TrimmedComputesTheSameBits() => PublishAndCompareAsync("trimmed", ("PublishTrimmed", "true"), ("SelfContained", "true"));

    [Fact]
    public Task NativeAotComputesTheSameBits()
    {
        Assert.SkipUnless(Tool.IsOnPath("clang") || Tool.IsOnPath("gcc"), "NativeAOT links with clang or gcc, and neither is on the PATH (Debian: apt-get install clang zlib1g-dev)");
        return PublishAndCompareAsync("aot", ("PublishAot", "true"), ("IlcInstructionSet", RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "x86-64-v3" : "native"));
    }

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

    private async Task PublishAndCompareAsync(string name, params (string Property, string Value)[] properties)
    {
        var folder = package.WriteConsumer(name, PackedPackage.Source("Program.cs"), [.. properties, ("TrimmerSingleWarn", "false"), ("SuppressTrimAnalysisWarnings", "false")]);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(folder, "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "out"));
        var output = await Tool.RunAsync(folder, Path.Combine(folder, "out", OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer"));
        Assert.Equal(await package.JitOutputAsync(), output);
    }

    [GeneratedRegex("^checksum [0-9A-F]{16}$", RegexOptions.Multiline)]
    private static partial Regex ChecksumLine();
}
