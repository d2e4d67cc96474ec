using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // As ExpNonPositive on −x, with the sign moved into the constants: s = x + n·ln 2 = −r, odd coefficients negated. The polynomial
    // gives 2·e^−s (every coefficient doubled, which costs nothing and rounds nothing) and the scale is 2^(n−1), so that n = 128 has
    // an exponent and the product overflows to +∞ by itself. x is held in [−89, 87], where n is −126 … 128. (NaN: as in ExpNonPositive.)
    private const float MagicBiasedHalf = 12582912f + 126f;

    /// <summary>e^−x for 1 + e^−x: +∞ for x below −88.73, 0 for x above 87.3, NaN gives NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ExpOfNegated(Vector512<float> x)
    {
        x = Clamp(x, -89f, 87f);
        Vector512<float> shifted = MultiplyAdd(x, Vector512.Create(-Log2E), Vector512.Create(MagicBiasedHalf));
        Vector512<float> n = shifted - Vector512.Create(MagicBiasedHalf);
        Vector512<float> s = MultiplyAdd(n, Vector512.Create(Ln2High), x);
        s = MultiplyAdd(n, Vector512.Create(Ln2Low), s);
        Vector512<float> p = Vector512.Create(2 * ExpC4);
        p = MultiplyAdd(p, s, Vector512.Create(-2 * ExpC3));
        p = MultiplyAdd(p, s, Vector512.Create(2 * ExpC2));
        p = MultiplyAdd(p, s, Vector512.Create(-2 * ExpC1));
        p = MultiplyAdd(p, s, Vector512.Create(2 * ExpC0));
        p = MultiplyAdd(p, s, Vector512.Create(-2f));
        p = MultiplyAdd(p, s, Vector512.Create(2f));
        return p * Vector512.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ExpOfNegated(Vector256<float> x)
    {
        x = Clamp(x, -89f, 87f);
        Vector256<float> shifted = MultiplyAdd(x, Vector256.Create(-Log2E), Vector256.Create(MagicBiasedHalf));
        Vector256<float> n = shifted - Vector256.Create(MagicBiasedHalf);
        Vector256<float> s = MultiplyAdd(n, Vector256.Create(Ln2High), x);
        s = MultiplyAdd(n, Vector256.Create(Ln2Low), s);
        Vector256<float> p = Vector256.Create(2 * ExpC4);
        p = MultiplyAdd(p, s, Vector256.Create(-2 * ExpC3));
        p = MultiplyAdd(p, s, Vector256.Create(2 * ExpC2));
        p = MultiplyAdd(p, s, Vector256.Create(-2 * ExpC1));
        p = MultiplyAdd(p, s, Vector256.Create(2 * ExpC0));
        p = MultiplyAdd(p, s, Vector256.Create(-2f));
        p = MultiplyAdd(p, s, Vector256.Create(2f));
        return p * Vector256.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ExpOfNegated(Vector128<float> x)
    {
        x = Clamp(x, -89f, 87f);
        Vector128<float> shifted = MultiplyAdd(x, Vector128.Create(-Log2E), Vector128.Create(MagicBiasedHalf));
        Vector128<float> n = shifted - Vector128.Create(MagicBiasedHalf);
        Vector128<float> s = MultiplyAdd(n, Vector128.Create(Ln2High), x);
        s = MultiplyAdd(n, Vector128.Create(Ln2Low), s);
        Vector128<float> p = Vector128.Create(2 * ExpC4);
        p = MultiplyAdd(p, s, Vector128.Create(-2 * ExpC3));
        p = MultiplyAdd(p, s, Vector128.Create(2 * ExpC2));
        p = MultiplyAdd(p, s, Vector128.Create(-2 * ExpC1));
        p = MultiplyAdd(p, s, Vector128.Create(2 * ExpC0));
        p = MultiplyAdd(p, s, Vector128.Create(-2f));
        p = MultiplyAdd(p, s, Vector128.Create(2f));
        return p * Vector128.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }
}
