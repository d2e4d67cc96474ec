using System.Globalization;
using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>
/// Every shape with guard pages before or behind every input, output, mask, trace, weight block and arena.
/// An access outside ends the child process; its last line names shape, T, S and side.
/// </summary>
public class GuardPageTests
{
    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    public void NothingOutsideIsTouched(string bits)
    {
        Assert.SkipUnless(GuardedMemory.Supported, "mmap is called as on Linux.");
        var result = ChildProcess.Run(["guard"], ("ATTNGEN_MAX_VECTOR_BITS", bits));
        Assert.True(result.ExitCode == 0, $"The child ended with {result.ExitCode} in: {result.LastLine}\n{result.Error}");
        var (shapes, calls) = (int.Parse(result["shapes"].Split(' ')[0], CultureInfo.InvariantCulture), int.Parse(result["shapes"].Split(' ')[2], CultureInfo.InvariantCulture));
        Assert.Equal(ModelCase.All.Count, shapes);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bits} bits: {calls} calls of {shapes} shapes between guard pages");
        Assert.True(calls > 20_000, $"only {calls} calls");
    }

    /// <summary>The guards themselves: a read of one float too many ends the child.</summary>
    [Fact]
    public void GuardsBite()
    {
        Assert.SkipUnless(GuardedMemory.Supported, "mmap is called as on Linux.");
        Assert.NotInRange(ChildProcess.Run(["bite"], ("DOTNET_DbgEnableMiniDump", "0")).ExitCode, 0, 2);
    }
}
