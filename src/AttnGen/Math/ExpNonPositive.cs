using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // Range reduction: n = round(x/ln 2), r = x − n·ln 2, |r| ≤ 0.3467, e^x = 2^n·e^r.
    //   n comes from adding 1.5·2^23: the sum's unit in the last place is 1, so its low bits are n. ln 2 is split in two (Cody and
    //   Waite): n·Ln2High is exact in float32 (9 + 8 significant bits) even without FMA, and so is x − n·Ln2High.
    // Polynomial: e^r ≈ 1 + r + r²·(C0 + … + C4·r⁴), minimax in units in the last place (0.04 ulp before rounding), coefficients
    //   rounded to float32 one after the other, the rest refitted each time.
    // Reconstruction: the magic number also holds the exponent's bias 127, so that shifting the sum's bits left by 23 gives 2^n. At
    //   n = −127 that is 0: x is held at −88, and no comparison is needed. (Of NaN the bits are the processor's; p is NaN, whatever it is multiplied by.)
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float MagicBiased = 12582912f + 127f;
    private const float ExpC0 = 0.499999911f;
    private const float ExpC1 = 0.166665107f;
    private const float ExpC2 = 0.0416685194f;
    private const float ExpC3 = 0.00836985186f;
    private const float ExpC4 = 0.00138295128f;

    /// <summary>e^x for x ≤ 0 (softmax: scores minus their maximum): −∞ and everything below −87.7 give 0, NaN gives NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpNonPositive(Vector512<float> x)
    {
        x = AtLeast(x, -88f);
        Vector512<float> shifted = MultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(MagicBiased));
        Vector512<float> n = shifted - Vector512.Create(MagicBiased);
        Vector512<float> r = MultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = Vector512.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector512.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector512<float>.One);
        p = MultiplyAdd(p, r, Vector512<float>.One);
        return p * Vector512.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }

    /// <inheritdoc cref="ExpNonPositive(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpNonPositive(Vector256<float> x)
    {
        x = AtLeast(x, -88f);
        Vector256<float> shifted = MultiplyAdd(x, Vector256.Create(Log2E), Vector256.Create(MagicBiased));
        Vector256<float> n = shifted - Vector256.Create(MagicBiased);
        Vector256<float> r = MultiplyAdd(n, Vector256.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector256.Create(-Ln2Low), r);
        Vector256<float> p = Vector256.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector256.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector256<float>.One);
        p = MultiplyAdd(p, r, Vector256<float>.One);
        return p * Vector256.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }

    /// <inheritdoc cref="ExpNonPositive(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ExpNonPositive(Vector128<float> x)
    {
        x = AtLeast(x, -88f);
        Vector128<float> shifted = MultiplyAdd(x, Vector128.Create(Log2E), Vector128.Create(MagicBiased));
        Vector128<float> n = shifted - Vector128.Create(MagicBiased);
        Vector128<float> r = MultiplyAdd(n, Vector128.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector128.Create(-Ln2Low), r);
        Vector128<float> p = Vector128.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector128.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector128<float>.One);
        p = MultiplyAdd(p, r, Vector128<float>.One);
        return p * Vector128.ShiftLeft(shifted.AsInt32(), 23).AsSingle();
    }

    /// <inheritdoc cref="ExpNonPositive(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ExpNonPositive(float x) => ExpNonPositive(Vector128.CreateScalar(x)).ToScalar();
}
