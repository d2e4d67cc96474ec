using System.Runtime.Intrinsics;

namespace AttnGen.Tests.Elementary;

/// <summary>Where the functions stand still, for every float32 number there; NaN, infinities and zeros; the range of the bounded ones.</summary>
public class SpecialCaseTests
{
    private const float Max = float.MaxValue;
    private const float Inf = float.PositiveInfinity;

    [Fact]
    public void Far_from_zero_the_functions_stand_still()
    {
        Constant<Function.Exp>(88.73f, Inf, Inf);
        Constant<Function.Exp>(-103.98f, -Inf, 0);
        Constant<Function.ExpNonPositive>(-87.7f, -Inf, 0);
        Constant<Function.Erf>(3.93f, Inf, 1);
        Constant<Function.Erf>(-3.93f, -Inf, -1);
        Constant<Function.Tanh>(9.1f, Inf, 1);
        Constant<Function.Tanh>(-9.1f, -Inf, -1);
        Constant<Function.Sigmoid>(17.4f, Inf, 1);
        Constant<Function.Sigmoid>(-88.8f, -Inf, 0);
        Constant<Function.Gelu>(-5.401f, -Max, -0f);
        Constant<Function.GeluTanh>(-10.2f, -Max, -0f);
        Constant<Function.QuickGelu>(-52.2f, -Max, -0f);
        Constant<Function.Silu>(-88.8f, -Max, -0f);
        Constant<Function.Relu>(-float.Epsilon, -Inf, 0);
        Itself<Function.Gelu>(5.401f);
        Itself<Function.GeluTanh>(5.2f);
        Itself<Function.QuickGelu>(10.3f);
        Itself<Function.Silu>(17.4f);
        Itself<Function.Relu>(0f);

        static void Constant<T>(float near, float far, float value)
            where T : IFunction => Assert.Equal(0, Floats.Differ<T>(near, far, 0, value));

        static void Itself<T>(float near)
            where T : IFunction => Assert.Equal(0, Floats.Differ<T>(near, Inf, 1, -0f));
    }

    [Fact]
    public void Bounded_functions_stay_within_their_bounds()
    {
        Within<Function.Erf>(-1, 1);
        Within<Function.Tanh>(-1, 1);
        Within<Function.Sigmoid>(0, 1);
        Within<Function.Exp>(0, Inf);
        Assert.Equal(0, Floats.Outside<Function.ExpNonPositive>(-0f, -Inf, 0, 1));

        static void Within<T>(float low, float high)
            where T : IFunction => Assert.Equal(0, Floats.Outside<T>(0, Inf, low, high) + Floats.Outside<T>(-0f, -Inf, low, high));
    }

    // In the order 0, −0, +∞, −∞. As PyTorch computes them: −∞·0 is NaN.
    [Fact]
    public void Zeros_and_infinities()
    {
        Gives<Function.Exp>(1, 1, Inf, 0);
        Gives<Function.ExpNonPositive>(1, 1, null, 0);
        Gives<Function.Erf>(0, -0f, 1, -1);
        Gives<Function.Tanh>(0, -0f, 1, -1);
        Gives<Function.Sigmoid>(0.5f, 0.5f, 1, 0);
        Gives<Function.Gelu>(0, -0f, Inf, float.NaN);
        Gives<Function.GeluTanh>(0, -0f, Inf, float.NaN);
        Gives<Function.QuickGelu>(0, -0f, Inf, float.NaN);
        Gives<Function.Silu>(0, -0f, Inf, float.NaN);
        Gives<Function.Relu>(0, -0f, Inf, 0);
        Gives<Function.ReciprocalSqrt>(Inf, -Inf, 0, float.NaN);

        static void Gives<T>(float? zero, float? minusZero, float? infinity, float? minusInfinity)
            where T : IFunction
        {
            Same(zero, 0);
            Same(minusZero, -0f);
            Same(infinity, Inf);
            Same(minusInfinity, -Inf);

            static void Same(float? expected, float x)
            {
                var found = T.At(x);
                if (expected is { } value && !(float.IsNaN(value) && float.IsNaN(found)))
                    Assert.True(BitConverter.SingleToInt32Bits(value) == BitConverter.SingleToInt32Bits(found), $"{typeof(T).Name}({x}) is {found}, not {value}");
            }
        }
    }

    [Fact]
    public void Every_NaN_stays_NaN()
    {
        Stays<Function.Exp>();
        Stays<Function.ExpNonPositive>();
        Stays<Function.Erf>();
        Stays<Function.Tanh>();
        Stays<Function.Sigmoid>();
        Stays<Function.Gelu>();
        Stays<Function.GeluTanh>();
        Stays<Function.QuickGelu>();
        Stays<Function.Silu>();
        Stays<Function.Relu>();
        Stays<Function.ReciprocalSqrt>();

        static void Stays<T>()
            where T : IFunction
        {
            for (var payload = 1u; payload < 1u << 23; payload += 97)
            {
                Check(0x7F800000 + payload);
                Check(0xFF800000 + payload);
            }

            static void Check(uint bits)
            {
                var x = BitConverter.UInt32BitsToSingle(bits);
                var nan = float.IsNaN(T.At(x)) && float.IsNaN(T.At(Vector256.Create(x))[7]) && float.IsNaN(T.At(Vector512.Create(x))[15]);
                Assert.True(nan, $"{typeof(T).Name} of NaN {bits:X8}");
            }
        }
    }
}
