using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;

namespace AttnGen.Tests.Behaviour;

/// <summary>
/// A distance of rows that is a type argument costs nothing: the JIT makes the same instructions of a tile as of one that is written by hand with literals, with no call in
/// it and no vector on the stack.
/// </summary>
public partial class DisassemblyTests
{
    public static TheoryData<int, string> Tiles => new() { { 512, "Tile12x32" }, { 256, "Tile6x16" }, { 128, "Tile6x8" } };

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileIsTheOneWithLiterals(int bits, string tile)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the listing is read as x64 code");
        Assert.SkipWhen(bits == 512 && !Vector512.IsHardwareAccelerated || bits == 256 && !Vector256.IsHardwareAccelerated, $"this machine has no vectors of {bits} bits");
        var generated = Listing(["lanes", Path.GetTempFileName()], bits, tile).Single(method => method.Key.Contains("A64]", StringComparison.Ordinal));
        var written = Listing(["tiles"], bits, "Constant" + tile).Single();
        Assert.True(written.Value.Count > 50, $"Only {written.Value.Count} instructions of {written.Key} were found.");
        Assert.Equal(written.Value, generated.Value);
        Assert.DoesNotContain(generated.Value, line => line.StartsWith("call", StringComparison.Ordinal));
        Assert.DoesNotContain(generated.Value, line => line.Contains("mm", StringComparison.Ordinal) && (line.Contains("[rsp", StringComparison.Ordinal) || line.Contains("[rbp", StringComparison.Ordinal)));
    }

    /// <summary>The instructions of every method of that name that the child compiles, by the method's full name; labels are numbered the same in both.</summary>
    private static Dictionary<string, List<string>> Listing(string[] arguments, int bits, string method)
    {
        var file = Path.GetTempFileName();
        try
        {
            var run = ChildProcess.Run(
                arguments, ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasm", method), ("DOTNET_JitDisasmDiffable", "1"), ("ATTNGEN_MAX_VECTOR_BITS", bits.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            Assert.True(run.ExitCode == 0, run.Error);
            var methods = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            List<string>? current = null;
            foreach (var line in File.ReadLines(file))
            {
                if (Head().Match(line) is { Success: true } head)
                    methods.TryAdd(head.Groups[1].Value, current = []);
                else if (Instruction().Match(line) is { Success: true } instruction)
                    current?.Add(instruction.Groups[1].Value);
            }

            return methods;
        }
        finally
        {
            File.Delete(file);
            foreach (var path in arguments.Where(File.Exists))
                File.Delete(path);
        }
    }

    [GeneratedRegex(@"^; Assembly listing for method (\S+)")]
    private static partial Regex Head();

    [GeneratedRegex(@"^ {7,}([a-z][^;]*?)\s*(;.*)?$")]
    private static partial Regex Instruction();
}
