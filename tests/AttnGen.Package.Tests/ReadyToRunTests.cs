using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace AttnGen.Package.Tests;

/// <summary>The packages carry the libraries' machine code, programs run it, and it computes what the JIT's does.</summary>
public sealed partial class ReadyToRunTests(PackedPackage package)
{
    public static TheoryData<string> Libraries => ["AttnGen", "AttnGen.Tokenizers", "AttnGen.Embeddings", "AttnGen.Generation"];

    /// <summary>One IL, twice: for any system, and with machine code.</summary>
    [Theory]
    [MemberData(nameof(Libraries))]
    public void TheMachineCodeIsOfTheSameAssembly(string library)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(PackedPackage.Feed, $"{library}.{package.Version}.nupkg"));
        var (plain, plainCode) = Read($"lib/net10.0/{library}.dll");
        var (compiled, compiledCode) = Read($"runtimes/{PackedPackage.Rid}/lib/net10.0/{library}.dll");
        Assert.Equal(plain, compiled);
        Assert.Equal(0, plainCode);
        Assert.True(compiledCode > 0, $"{library} has no machine code");

        (Guid Module, int NativeHeader) Read(string name)
        {
            using var stream = zip.GetEntry(name)!.Open();
            var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            bytes.Position = 0;
            using var file = new PEReader(bytes);
            var metadata = file.GetMetadataReader();
            return (metadata.GetGuid(metadata.GetModuleDefinition().Mvid), file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);
        }
    }

    /// <summary>A program that was only built runs it: of the library's plain methods hardly one is left to the JIT. (Kernels are: they take the widest vectors.)</summary>
    [Fact]
    public async Task AnUnpublishedProgramRunsIt()
    {
        var program = await package.BuildAsync();
        var folder = Path.GetDirectoryName(program)!;
        var compiled = await CompiledAsync("1");
        var all = await CompiledAsync("0");
        Assert.True(all.Count > 50, $"without it {all.Count} methods of the library are compiled at run time");
        Assert.True(compiled.Count * 5 < all.Count, $"with it {compiled.Count} methods of the library are compiled at run time, without it {all.Count}:\n{string.Join('\n', compiled)}");

        // Not in tiers: a second thread of the JIT would write to the list at the same time.
        async Task<List<string>> CompiledAsync(string usesIt)
        {
            var list = Path.Combine(folder, $"compiled{usesIt}.txt");
            Assert.Equal(await package.JitOutputAsync(), await Tool.DotnetAsync(folder, [("DOTNET_ReadyToRun", usesIt), ("DOTNET_TieredCompilation", "0"), ("DOTNET_JitStdOutFile", list), ("DOTNET_JitDisasmSummary", "1")], program));
            return [.. File.ReadLines(list).Where(line => OfLibrary().IsMatch(line))];
        }
    }

    [GeneratedRegex(@"compiled AttnGen\.")]
    private static partial Regex OfLibrary();
}
