using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Tests.Elementary;

/// <summary>Loops over all float32 numbers of a range, in parallel: a range is walked by bit patterns, so that no number is left out.</summary>
internal static class Floats
{
    private const int Chunk = 1 << 20;

    /// <summary>The largest error of a function over a range, in units in the last place and scaled by max(1, |x|), and where.</summary>
    internal readonly record struct Worst(double Ulp, float UlpAt, double Scaled, float ScaledAt)
    {
        public Worst Or(Worst other) => new(
            Math.Max(Ulp, other.Ulp), other.Ulp > Ulp ? other.UlpAt : UlpAt,
            Math.Max(Scaled, other.Scaled), other.Scaled > Scaled ? other.ScaledAt : ScaledAt);
    }

    /// <summary>Every <paramref name="stride"/>-th number from <paramref name="near"/> to <paramref name="far"/> (same sign, |near| ≤ |far|), both included.</summary>
    public static Worst Errors<T>(float near, float far, int stride = 1)
        where T : IFunction
    {
        var worst = default(Worst);
        var gate = new Lock();
        ForChunks(near, far, stride, (first, count) =>
        {
            var mine = ErrorsOfChunk<T>(first, count, stride);
            lock (gate)
                worst = worst.Or(mine);
        });
        return worst;
    }

    /// <summary>How many results from <paramref name="near"/> to <paramref name="far"/> have other bits than <paramref name="factor"/>·x + <paramref name="constant"/>.</summary>
    public static long Differ<T>(float near, float far, float factor, float constant)
        where T : IFunction
    {
        var wrong = 0L;
        ForChunks(near, far, 1, (first, count) => Interlocked.Add(ref wrong, DifferInChunk<T>(first, count, factor, constant)));
        return wrong;
    }

    /// <summary>How many results are outside [<paramref name="low"/>, <paramref name="high"/>], or not a number.</summary>
    public static long Outside<T>(float near, float far, float low, float high)
        where T : IFunction
    {
        var wrong = 0L;
        ForChunks(near, far, 1, (first, count) => Interlocked.Add(ref wrong, OutsideInChunk<T>(first, count, low, high)));
        return wrong;
    }

    private static void ForChunks(float near, float far, int stride, Action<uint, int> body)
    {
        uint first = BitConverter.SingleToUInt32Bits(near), last = BitConverter.SingleToUInt32Bits(far);
        Assert.True(first <= last, "The range must run away from zero.");
        var numbers = ((last - first) / (uint)stride) + 1L;
        Parallel.For(0, (numbers + Chunk - 1) / Chunk, chunk => body(
            first + (uint)(chunk * Chunk * stride), (int)Math.Min(Chunk, numbers - (chunk * Chunk))));
    }

    // The last vector of a chunk is filled up with the chunk's last number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Vector(uint first, int index, int count, int stride) => (Vector512.Create(first)
        + (Vector512.Min(Vector512.Create((uint)index) + Vector512<uint>.Indices, Vector512.Create((uint)(count - 1))) * (uint)stride)).AsSingle();

    private static Worst ErrorsOfChunk<T>(uint first, int count, int stride)
        where T : IFunction
    {
        double ulp = 0, scaled = 0;
        float ulpAt = 0, scaledAt = 0;
        Span<float> xs = stackalloc float[16];
        Span<float> ys = stackalloc float[16];
        for (var i = 0; i < count; i += 16)
        {
            var vector = Vector(first, i, count, stride);
            vector.CopyTo(xs);
            T.At(vector).CopyTo(ys);
            for (var j = 0; j < 16; j++)
            {
                var exact = T.Exact(xs[j]);
                var error = Math.Abs(ys[j] - exact);
                var inUlp = error / Ulp(exact);
                var inScale = error / Math.Max(1, Math.Abs(xs[j]));
                // Written so that NaN counts as the worst.
                if (!(inUlp <= ulp))
                    (ulp, ulpAt) = (double.IsNaN(inUlp) ? double.PositiveInfinity : inUlp, xs[j]);
                if (!(inScale <= scaled))
                    (scaled, scaledAt) = (double.IsNaN(inScale) ? double.PositiveInfinity : inScale, xs[j]);
            }
        }
        return new(ulp, ulpAt, scaled, scaledAt);
    }

    private static long DifferInChunk<T>(uint first, int count, float factor, float constant)
        where T : IFunction
    {
        var wrong = 0L;
        for (var i = 0; i < count; i += 16)
        {
            var x = Vector(first, i, count, 1);
            // A product of −0 and a sum with −0 keep every bit.
            var expected = factor == 0 ? Vector512.Create(constant) : (x * factor) + Vector512.Create(constant);
            if (!Vector512.EqualsAll(T.At(x).AsInt32(), expected.AsInt32()))
                wrong++;
        }
        return wrong;
    }

    private static long OutsideInChunk<T>(uint first, int count, float low, float high)
        where T : IFunction
    {
        var wrong = 0L;
        for (var i = 0; i < count; i += 16)
        {
            var y = T.At(Vector(first, i, count, 1));
            if (!Vector512.GreaterThanOrEqualAll(y, Vector512.Create(low)) || !Vector512.LessThanOrEqualAll(y, Vector512.Create(high)))
                wrong++;
        }
        return wrong;
    }

    // The distance of neighbouring float32 numbers at |y|.
    private static double Ulp(double y)
    {
        var exponent = (int)((BitConverter.DoubleToUInt64Bits(y) >> 52) & 0x7FF) - 1023;
        return BitConverter.UInt64BitsToDouble((ulong)(Math.Max(exponent, -126) - 23 + 1023) << 52);
    }
}
