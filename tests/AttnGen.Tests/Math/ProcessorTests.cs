using System.Runtime.Intrinsics;
using AttnGen.Tests.Behaviour;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Elementary;

/// <summary>Maxima and minima mean the same on every processor: the scalar definition, for zeros of both signs, NaN in either place, infinities and subnormal numbers, at every width.</summary>
public class ProcessorTests
{
    private static readonly float[] s_values =
        [0f, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.5f, -1.5f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88, -88, 5.4f, -5.4f];

    [Fact]
    public void ReluIsItsDefinition()
    {
        Span<float> mixed = stackalloc float[16];
        foreach (var x in s_values)
        {
            float expected = x < 0 ? 0 : x;
            Same(expected, VectorMath.Relu(x));
            for (var i = 0; i < 16; i++)
            {
                mixed.Fill(-3);
                mixed[i] = x;
                Same(expected, VectorMath.Relu(Vector512.Create<float>(mixed))[i]);
                Same(expected, VectorMath.Relu(Vector256.Create<float>(mixed[(i & 8)..]))[i & 7]);
                Same(expected, VectorMath.Relu(Vector128.Create<float>(mixed[(i & 12)..]))[i & 3]);
                Assert.Equal(0, BitConverter.SingleToInt32Bits(VectorMath.Relu(Vector512.Create<float>(mixed))[(i + 1) % 16]));
            }
        }
    }

    /// <summary>The reference says −0, too, and so do generated classes.</summary>
    [Fact]
    public void ReluOfMinusZero()
    {
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(AttnGen.Reference.ActivationReference.Relu(-0.0)));
        using var loaded = Models.Load<AttnGen.Probe.Goldens.ReluOnly>(new AttnGen.Probe.ArraySource().Add("weight", [1, 1], [1]));
        var y = Models.Rows(loaded, [-float.Epsilon, 0, -1]); // 1·x + 0 from zero: a sum is never −0
        Assert.All(y, value => Assert.Equal(0, BitConverter.SingleToInt32Bits(value)));
    }

    /// <summary>a &gt; b ? a : b, folded 16 to 8 to 4 to 2 to 1.</summary>
    [Fact]
    public void Max16IsItsDefinition()
    {
        var random = new Random(5);
        Span<float> lanes = stackalloc float[16];
        Span<float> fold = stackalloc float[16];
        for (var draw = 0; draw < 20_000; draw++)
        {
            for (var i = 0; i < 16; i++)
                lanes[i] = draw % 3 == 0 ? s_values[random.Next(2)] : s_values[random.Next(s_values.Length)];
            lanes.CopyTo(fold);
            for (var half = 8; half > 0; half /= 2)
                for (var i = 0; i < half; i++)
                    fold[i] = fold[i] > fold[i + half] ? fold[i] : fold[i + half];
            Same(fold[0], VectorMath.Max16(Vector512.Create<float>(lanes)));
            Same(fold[0], VectorMath.Max16(Vector256.Create<float>(lanes), Vector256.Create<float>(lanes[8..])));
            Same(fold[0], VectorMath.Max16(Vector128.Create<float>(lanes), Vector128.Create<float>(lanes[4..]), Vector128.Create<float>(lanes[8..]), Vector128.Create<float>(lanes[12..])));
        }
    }

    /// <summary>
    /// Without any instruction set the functions take their other branch, the comparison, which is what Arm and WebAssembly take: the same bits at every such value as with x86's own instructions.
    /// </summary>
    [Fact]
    public void TheOtherBranchSaysTheSame()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Sse.IsSupported, "This machine has no x86 instructions to switch off.");
        var with = ChildProcess.Run(["elementary"]);
        var without = ChildProcess.Run(["elementary"], ("DOTNET_EnableHWIntrinsic", "0"));
        Assert.True(with.ExitCode == 0 && without.ExitCode == 0, with.Error + without.Error);
        Assert.True(with.Output.Split('\n').Length > 4000, with.Output);
        Assert.Equal(with.Output, without.Output);
    }

    private static void Same(float expected, float found) =>
        Assert.True(BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(found) || (float.IsNaN(expected) && float.IsNaN(found)), $"{found} ({BitConverter.SingleToInt32Bits(found):X8}), not {expected}");
}
