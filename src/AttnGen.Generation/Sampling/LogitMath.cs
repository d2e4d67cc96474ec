using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Generation;

/// <summary>Passes over a row of logits.</summary>
internal static class LogitMath
{
    /// <summary>The largest logit.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="isNumber">Whether each of them is a number.</param>
    public static float Max(ReadOnlySpan<float> logits, out bool isNumber)
    {
        var (max, i) = (float.NegativeInfinity, 0);
        isNumber = true;
        if (logits.Length >= Vector256<float>.Count)
        {
            var most = Vector256.Create(float.NegativeInfinity);
            var ordered = Vector256<int>.AllBitsSet;
            for (; i <= logits.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var v = Vector256.Create<float>(logits[i..]);
                ordered &= Vector256.Equals(v, v).AsInt32();
                most = Vector256.ConditionalSelect(Vector256.GreaterThan(v, most), v, most);
            }

            isNumber = ordered == Vector256<int>.AllBitsSet;
            for (var lane = 0; lane < Vector256<float>.Count; lane++)
            {
                max = most[lane] > max ? most[lane] : max;
            }
        }

        for (; i < logits.Length; i++)
        {
            isNumber &= !float.IsNaN(logits[i]);
            max = logits[i] > max ? logits[i] : max;
        }

        return max;
    }

    /// <summary>The first place that has a value.</summary>
    public static int IndexOf(ReadOnlySpan<float> logits, float value)
    {
        var i = 0;
        var wanted = Vector256.Create(value);
        while (i <= logits.Length - Vector256<float>.Count && !Vector256.EqualsAny(Vector256.Create<float>(logits[i..]), wanted))
        {
            i += Vector256<float>.Count;
        }

        while (logits[i] != value)
        {
            i++;
        }

        return i;
    }

    /// <summary>Divides each logit.</summary>
    public static void Divide(Span<float> logits, float by)
    {
        var i = 0;
        var divisor = Vector256.Create(by);
        for (; i <= logits.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Create<float>(logits[i..]) / divisor).CopyTo(logits[i..]);
        }

        for (; i < logits.Length; i++)
        {
            logits[i] /= by;
        }
    }

    /// <summary>e^(value − max) of each, with the same bits at every width.</summary>
    public static void Exponentials(ReadOnlySpan<float> values, float max, Span<float> result)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref var from = ref MemoryMarshal.GetReference(values);
            ref var to = ref MemoryMarshal.GetReference(result[..values.Length]);
            for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                VectorMath.Exp(Vector256.LoadUnsafe(ref from, (nuint)i) - Vector256.Create(max)).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < values.Length; i++)
        {
            result[i] = VectorMath.Exp(values[i] - max);
        }
    }

    /// <summary>The sum in double precision: four sums of every fourth number, and those pairwise.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        double a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }

        for (; i < values.Length; i++)
        {
            a += values[i];
        }

        return (a + b) + (c + d);
    }

    /// <summary>A number whose order as an integer is that of the float. Both zeros have the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Order(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value + 0f);
        return (uint)bits ^ ((uint)(bits >> 31) | 0x80000000);
    }
}
