using AttnGen.Runtime;

namespace AttnGen.Tests.Elementary;

/// <summary>
/// The errors that docs/numerics.md publishes, over every float32 number from 2^−12 to where the function stands still, and every 61st
/// nearer to zero, where each function is its first Taylor terms. The bounds are what was found, rounded up.
/// </summary>
public class AccuracyTests
{
    private const float Near = 1f / 4096;

    [Fact]
    public void Exp() => Holds<Function.Exp>(-103.9f, 88.72f, ulp: 0.90);

    [Fact]
    public void Exp_non_positive() => Holds<Function.ExpNonPositive>(-87.33f, null, ulp: 0.90);

    [Fact]
    public void Erf() => Holds<Function.Erf>(-3.95f, 3.95f, ulp: 3.4, scaled: 1.8e-7);

    [Fact]
    public void Tanh() => Holds<Function.Tanh>(-9.5f, 9.5f, ulp: 5.0, scaled: 1.6e-7);

    [Fact]
    public void Sigmoid() => Holds<Function.Sigmoid>(-87.33f, 20f, ulp: 2.5);

    [Fact]
    public void Silu() => Holds<Function.Silu>(-87.33f, 20f, ulp: 2.4, scaled: 1.2e-7);

    [Fact]
    public void Gelu() => Holds<Function.Gelu>(-6f, 6f, scaled: 1.75e-7);

    [Fact]
    public void Gelu_tanh() => Holds<Function.GeluTanh>(-10f, 10f, scaled: 1.25e-7);

    [Fact]
    public void Quick_gelu() => Holds<Function.QuickGelu>(-20f, 20f, scaled: 1.25e-7);

    [Fact]
    public void Reciprocal_square_root()
    {
        // Every mantissa at an even and an odd exponent; other exponents only scale.
        var worst = Floats.Errors<Function.ReciprocalSqrt>(1f, 4f);
        Assert.True(worst.Ulp <= 1.5, worst.ToString());
    }

    private static void Holds<T>(float lowest, float? highest, double ulp = double.PositiveInfinity, double scaled = double.PositiveInfinity)
        where T : IFunction
    {
        Assert.SkipUnless(SimdLane.FusedMultiplyAdd, "The bounds hold with fused multiply-add; docs/numerics.md says what is lost without.");
        var worst = Floats.Errors<T>(-Near, lowest).Or(Floats.Errors<T>(-MathF.ScaleB(1, -100), -Near, 61));
        if (highest is { } end)
            worst = worst.Or(Floats.Errors<T>(Near, end)).Or(Floats.Errors<T>(MathF.ScaleB(1, -100), Near, 61));
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", typeof(T).Name, worst);
        Assert.True(worst.Ulp <= ulp && worst.Scaled <= scaled, worst.ToString());
    }
}
