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

    /// <summary>Built and run, published trimmed, published as NativeAOT: no warning anywhere, and the same bits from all three.</summary>
    [Fact]
    public async Task JitTrimmedAndNativeAotComputeTheSameBits()
    {
        var program = PackedPackage.Source("Program.cs");
        var rid = RuntimeInformation.RuntimeIdentifier;
        var exe = OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer";
        (string, string)[] strict = [("TrimmerSingleWarn", "false"), ("SuppressTrimAnalysisWarnings", "false")];

        var jit = package.WriteConsumer("jit", program, ("IsAotCompatible", "true"));
        NoWarnings(await Tool.DotnetAsync(jit, "build", "-c", "Release", "-o", "out"));
        var expected = await Tool.DotnetAsync(jit, Path.Combine("out", "Consumer.dll"));
        Assert.Matches(ChecksumLine(), expected);

        var trimmed = package.WriteConsumer("trimmed", program, [("PublishTrimmed", "true"), ("SelfContained", "true"), .. strict]);
        NoWarnings(await Tool.DotnetAsync(trimmed, "publish", "-c", "Release", "-r", rid, "-o", "out"));
        Assert.Equal(expected, await Tool.RunAsync(trimmed, Path.Combine(trimmed, "out", exe)));

        var instructions = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "x86-64-v3" : "native";
        var aot = package.WriteConsumer("aot", program, [("PublishAot", "true"), ("IlcInstructionSet", instructions), .. strict]);
        NoWarnings(await Tool.DotnetAsync(aot, "publish", "-c", "Release", "-r", rid, "-o", "out"));
        Assert.Equal(expected, await Tool.RunAsync(aot, Path.Combine(aot, "out", exe)));
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

    private static void NoWarnings(string output) => Assert.DoesNotMatch("(?i)\\bwarning\\b (?!\\(s\\))", output);

    [GeneratedRegex("^checksum [0-9A-F]{16}$", RegexOptions.Multiline)]
    private static partial Regex ChecksumLine();
}
