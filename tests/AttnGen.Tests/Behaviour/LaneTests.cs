using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Every shape on every vector lane, each in a child process that says which lane it ran. Same bits wherever there is FMA.</summary>
public class LaneTests
{
    private static readonly Lazy<(float[] Values, string Hash)> s_widest = new(() =>
    {
        var (values, result) = Run();
        return (values, result["hash"]);
    });

    public static TheoryData<string, string, int, int> WithFma => new()
    {
        // Switch, value, the lane that must run, the widest lane that the machine must have for it.
        { "ATTNGEN_MAX_VECTOR_BITS", "128", 128, 128 },
        { "ATTNGEN_MAX_VECTOR_BITS", "256", 256, 256 },
        { "ATTNGEN_MAX_VECTOR_BITS", "512", 512, 512 },
        { "DOTNET_EnableAVX512", "0", 256, 256 },
        { "DOTNET_PreferredVectorBitWidth", "256", 256, 256 },
    };

    [Theory]
    [MemberData(nameof(WithFma))]
    public void SameBits(string name, string value, int lane, int needs)
    {
        Assert.SkipUnless(Fma.IsSupported, "This machine has no FMA.");
        Assert.SkipWhen(needs == 512 && !Vector512.IsHardwareAccelerated, "This machine has no fast 512-bit vectors.");
        Assert.SkipWhen(needs == 256 && !Vector256.IsHardwareAccelerated, "This machine has no 256-bit vectors.");
        var (values, result) = Run((name, value));
        Assert.Equal(lane.ToString(System.Globalization.CultureInfo.InvariantCulture), result["lane"]);
        Assert.Equal("True", result["fma"]);
        Difference.Check($"{name}={value}", Difference.ToDoubles(values), Difference.ToDoubles(s_widest.Value.Values), 0);
        Assert.Equal(s_widest.Value.Hash, result["hash"]);
    }

    /// <summary>Without FMA every product is rounded, so bits differ; docs/numerics.md says how much is allowed.</summary>
    [Fact]
    public void WithoutFma()
    {
        Assert.SkipUnless(Fma.IsSupported, "This machine has no FMA to switch off.");
        var (values, result) = Run(("DOTNET_EnableAVX2", "0"));
        Assert.Equal("128", result["lane"]);
        Assert.Equal("False", result["fma"]);
        Difference.Check("without FMA", Difference.ToDoubles(values), Difference.ToDoubles(s_widest.Value.Values), 1e-5, 1e-5);
    }

    private static (float[] Values, ChildProcess.Result Result) Run(params (string, string)[] environment)
    {
        var file = Path.GetTempFileName();
        try
        {
            var result = ChildProcess.Run(["lanes", file], environment);
            Assert.True(result.ExitCode == 0, result.Output + result.Error);
            return (MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray(), result);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
