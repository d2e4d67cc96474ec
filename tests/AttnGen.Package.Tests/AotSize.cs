using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Package.Tests;

/// <summary>
/// The size of the consumer as a NativeAOT program, without symbols, against the committed one. Growth is a cost, and shrinkage is either progress to
/// keep or something that fell out: both are to be seen. ATTNGEN_ACCEPT=1 takes the new size.
/// </summary>
internal static class AotSize
{
    // Patches of the SDK move it by less.
    private const double Tolerance = 0.02;

    private static string BaselineFile => Path.Combine(PackedPackage.Root, "tests", "AttnGen.Package.Tests", "aot-size.json");

    /// <summary>Fails if the program is not of the size that is committed for this system; of others nothing is known.</summary>
    internal static void Check(string program)
    {
        var sizes = JsonNode.Parse(File.ReadAllText(BaselineFile))!.AsObject();
        var bytes = new FileInfo(program).Length;
        if (Environment.GetEnvironmentVariable("ATTNGEN_ACCEPT") == "1")
        {
            sizes[PackedPackage.Rid] = bytes;
            File.WriteAllText(BaselineFile, sizes.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
            return;
        }

        if (sizes[PackedPackage.Rid] is { } committed)
        {
            Assert.Equal("", Compare(bytes, (long)committed));
        }
    }

    /// <summary>What is wrong with a size; empty: nothing.</summary>
    internal static string Compare(long bytes, long committed)
    {
        var change = ((double)bytes / committed) - 1;
        return Math.Abs(change) <= Tolerance ? "" : FormattableString.Invariant(
            $"the NativeAOT program has {bytes} bytes, {change * 100:+0.0;-0.0} % from {committed} in tests/AttnGen.Package.Tests/aot-size.json (up to {Tolerance * 100} % is allowed): find out why; if it is right, run again with ATTNGEN_ACCEPT=1");
    }
}
