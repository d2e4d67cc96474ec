using System.Runtime.Intrinsics;
using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

public class SimdLaneTests
{
    [Theory]
    [InlineData(512, null, null, 512)]
    [InlineData(512, "256", null, 256)]
    [InlineData(512, 256, null, 256)]
    [InlineData(512, null, "256", 256)]
    [InlineData(512, "256", "128", 128)]
    [InlineData(512, "128", "256", 128)]
    [InlineData(256, "512", null, 256)]
    [InlineData(128, "512", "512", 128)]
    [InlineData(512, "511", null, 256)]
    [InlineData(512, "1", null, 128)]
    [InlineData(512, "-5", null, 128)]
    [InlineData(512, "", "wide", 512)]
    [InlineData(512, null, " 128 ", 128)]
    public void IsLoweredNeverRaised(int widest, object? appContext, string? environment, int expected) =>
        Assert.Equal(expected, SimdLane.Lower(widest, appContext, environment));

    [Fact]
    public void FitsTheProcessor()
    {
        Assert.Contains(SimdLane.Bits, new[] { 128, 256, 512 });
        Assert.True(SimdLane.Bits <= 128 || Vector256.IsHardwareAccelerated);
        Assert.True(SimdLane.Bits <= 256 || Vector512.IsHardwareAccelerated);
        Assert.Equal(System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported, SimdLane.FusedMultiplyAdd);
    }
}
