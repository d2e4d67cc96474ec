using System.Runtime.Intrinsics;

namespace AttnGen.Tests.Elementary;

/// <summary>The same bits at 16, 8, 4 and 1 elements: 2^32/2503 numbers from all binades, and both sides of every power of two.</summary>
public class WidthTests
{
    [Fact]
    public void Exp() => Agree<Function.Exp>();

    [Fact]
    public void Exp_non_positive() => Agree<Function.ExpNonPositive>();

    [Fact]
    public void Erf() => Agree<Function.Erf>();

    [Fact]
    public void Tanh() => Agree<Function.Tanh>();

    [Fact]
    public void Sigmoid() => Agree<Function.Sigmoid>();

    [Fact]
    public void Gelu() => Agree<Function.Gelu>();

    [Fact]
    public void Gelu_tanh() => Agree<Function.GeluTanh>();

    [Fact]
    public void Quick_gelu() => Agree<Function.QuickGelu>();

    [Fact]
    public void Silu() => Agree<Function.Silu>();

    [Fact]
    public void Relu() => Agree<Function.Relu>();

    [Fact]
    public void Reciprocal_square_root() => Agree<Function.ReciprocalSqrt>();

    [Fact]
    public void Multiply_add()
    {
        var random = new Random(3);
        for (var i = 0; i < 10_000; i++)
        {
            float a = random.NextSingle() - 0.5f, b = random.NextSingle() - 0.5f, c = -(a * b);
            var expected = BitConverter.SingleToInt32Bits(VectorMath.MultiplyAdd(a, b, c));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(VectorMath.MultiplyAdd(Vector128.Create(a), Vector128.Create(b), Vector128.Create(c))[3]));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(VectorMath.MultiplyAdd(Vector256.Create(a), Vector256.Create(b), Vector256.Create(c))[7]));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(VectorMath.MultiplyAdd(Vector512.Create(a), Vector512.Create(b), Vector512.Create(c))[15]));
            if (AttnGen.Runtime.SimdLane.FusedMultiplyAdd)
                Assert.Equal(MathF.FusedMultiplyAdd(a, b, c), BitConverter.Int32BitsToSingle(expected));
        }
    }

    private static void Agree<T>()
        where T : IFunction
    {
        Span<float> x = stackalloc float[16];
        Span<float> widest = stackalloc float[16];
        Span<float> other = stackalloc float[16];
        for (var first = 0L; first < 1L << 32; first += 2503 * 16)
        {
            for (var j = 0; j < 16; j++)
                x[j] = BitConverter.UInt32BitsToSingle((uint)(first + (j * 2503L)));
            Compare(x, widest, other);
        }
        for (var exponent = 0u; exponent < 512; exponent++)
        {
            for (var j = 0; j < 16; j++)
                x[j] = BitConverter.UInt32BitsToSingle((exponent << 23) + (uint)j - 8);
            Compare(x, widest, other);
        }

        static void Compare(Span<float> x, Span<float> widest, Span<float> other)
        {
            T.At(Vector512.Create<float>(x)).CopyTo(widest);
            for (var j = 0; j < 16; j += 8)
                T.At(Vector256.Create<float>(x[j..])).CopyTo(other[j..]);
            Same(x, widest, other, 256);
            for (var j = 0; j < 16; j += 4)
                T.At(Vector128.Create<float>(x[j..])).CopyTo(other[j..]);
            Same(x, widest, other, 128);
            for (var j = 0; j < 16; j++)
                other[j] = T.At(x[j]);
            Same(x, widest, other, 32);
        }

        static void Same(Span<float> x, Span<float> widest, Span<float> other, int bits)
        {
            for (var j = 0; j < 16; j++)
            {
                if (BitConverter.SingleToInt32Bits(widest[j]) != BitConverter.SingleToInt32Bits(other[j]) && !(float.IsNaN(widest[j]) && float.IsNaN(other[j])))
                    Assert.Fail($"{typeof(T).Name}({x[j]:R}) is {widest[j]:R} at 512 bits and {other[j]:R} at {bits}");
            }
        }
    }
}
