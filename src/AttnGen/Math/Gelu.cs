using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // Φ(x) − 1/2 is odd and entire: x·P(x²) on |x| ≤ 5.4, beyond which Φ is 0 or 1 to 4e-8; z is x held there.
    // Polynomial: P in u = x² − 5.4²/2. Centring is what makes it usable in float32: on u ∈ [−14.58, 14.58] the sum of |Ck·u^k|
    //   stays near 1, where the powers of x² themselves would cancel from 10⁶. Minimax in absolute error (3.1e-8), degree 14.
    //   A rational of the same accuracy needs as many multiplications and a division. The powers from u³ on are two chains, even and
    //   odd, because one chain of 14 waits on itself where two multiply-adds start each cycle (15 % of the time at 256 bits); the last
    //   three steps are one chain again, because two large halves that cancel doubled the error near the limit.
    // End: limit and coefficients are chosen so that the limit times P rounds to 1/2 exactly, with FMA and without, so that gelu(x) is
    //   x or −0 from there on (a last bit there would be multiplied by x). Hence the last product and sum are rounded separately.
    // NaN: what a native maximum and minimum make of it differs between processors (a limit or NaN); z is a factor beside x, which makes
    //   NaN of either. The limits are no zeros, so a zero keeps its sign on all.
    private const float GeluLimit = 5.40000057f;
    private const float GeluCentre = 14.5800009f;
    private const float GeluC0 = 0.130928114f;
    private const float GeluC1 = -0.0044806581f;
    private const float GeluC2 = 0.000228151199f;
    private const float GeluC3 = -1.26503101e-05f;
    private const float GeluC4 = 7.10723157e-07f;
    private const float GeluC5 = -3.90664745e-08f;
    private const float GeluC6 = 2.0449471e-09f;
    private const float GeluC7 = -9.9863777e-11f;
    private const float GeluC8 = 4.7292734e-12f;
    private const float GeluC9 = -2.24314897e-13f;
    private const float GeluC10 = 8.40071776e-15f;
    private const float GeluC11 = -1.92010643e-16f;
    private const float GeluC12 = 9.60387462e-18f;
    private const float GeluC13 = -7.57832892e-19f;
    private const float GeluC14 = 1.98301624e-20f;

    /// <summary>x·Φ(x) = x/2·(1 + erf(x/√2)) (Hendrycks and Gimpel 2016, arXiv:1606.08415). At −∞ it is NaN (−∞·0), as in PyTorch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x)
    {
        Vector512<float> z = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-GeluLimit)), Vector512.Create(GeluLimit));
        Vector512<float> u = MultiplyAdd(z, z, Vector512.Create(-GeluCentre));
        Vector512<float> w = u * u;
        Vector512<float> p = Vector512.Create(GeluC13);
        Vector512<float> q = Vector512.Create(GeluC14);
        p = MultiplyAdd(p, w, Vector512.Create(GeluC11));
        q = MultiplyAdd(q, w, Vector512.Create(GeluC12));
        p = MultiplyAdd(p, w, Vector512.Create(GeluC9));
        q = MultiplyAdd(q, w, Vector512.Create(GeluC10));
        p = MultiplyAdd(p, w, Vector512.Create(GeluC7));
        q = MultiplyAdd(q, w, Vector512.Create(GeluC8));
        p = MultiplyAdd(p, w, Vector512.Create(GeluC5));
        q = MultiplyAdd(q, w, Vector512.Create(GeluC6));
        p = MultiplyAdd(p, w, Vector512.Create(GeluC3));
        q = MultiplyAdd(q, w, Vector512.Create(GeluC4));
        p = MultiplyAdd(q, u, p);
        p = MultiplyAdd(p, u, Vector512.Create(GeluC2));
        p = MultiplyAdd(p, u, Vector512.Create(GeluC1));
        p = MultiplyAdd(p, u, Vector512.Create(GeluC0));
        return x * (Vector512.Create(0.5f) + z * p);
    }

    /// <inheritdoc cref="Gelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Gelu(Vector256<float> x)
    {
        Vector256<float> z = Vector256.MinNative(Vector256.MaxNative(x, Vector256.Create(-GeluLimit)), Vector256.Create(GeluLimit));
        Vector256<float> u = MultiplyAdd(z, z, Vector256.Create(-GeluCentre));
        Vector256<float> w = u * u;
        Vector256<float> p = Vector256.Create(GeluC13);
        Vector256<float> q = Vector256.Create(GeluC14);
        p = MultiplyAdd(p, w, Vector256.Create(GeluC11));
        q = MultiplyAdd(q, w, Vector256.Create(GeluC12));
        p = MultiplyAdd(p, w, Vector256.Create(GeluC9));
        q = MultiplyAdd(q, w, Vector256.Create(GeluC10));
        p = MultiplyAdd(p, w, Vector256.Create(GeluC7));
        q = MultiplyAdd(q, w, Vector256.Create(GeluC8));
        p = MultiplyAdd(p, w, Vector256.Create(GeluC5));
        q = MultiplyAdd(q, w, Vector256.Create(GeluC6));
        p = MultiplyAdd(p, w, Vector256.Create(GeluC3));
        q = MultiplyAdd(q, w, Vector256.Create(GeluC4));
        p = MultiplyAdd(q, u, p);
        p = MultiplyAdd(p, u, Vector256.Create(GeluC2));
        p = MultiplyAdd(p, u, Vector256.Create(GeluC1));
        p = MultiplyAdd(p, u, Vector256.Create(GeluC0));
        return x * (Vector256.Create(0.5f) + z * p);
    }

    /// <inheritdoc cref="Gelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Gelu(Vector128<float> x)
    {
        Vector128<float> z = Vector128.MinNative(Vector128.MaxNative(x, Vector128.Create(-GeluLimit)), Vector128.Create(GeluLimit));
        Vector128<float> u = MultiplyAdd(z, z, Vector128.Create(-GeluCentre));
        Vector128<float> w = u * u;
        Vector128<float> p = Vector128.Create(GeluC13);
        Vector128<float> q = Vector128.Create(GeluC14);
        p = MultiplyAdd(p, w, Vector128.Create(GeluC11));
        q = MultiplyAdd(q, w, Vector128.Create(GeluC12));
        p = MultiplyAdd(p, w, Vector128.Create(GeluC9));
        q = MultiplyAdd(q, w, Vector128.Create(GeluC10));
        p = MultiplyAdd(p, w, Vector128.Create(GeluC7));
        q = MultiplyAdd(q, w, Vector128.Create(GeluC8));
        p = MultiplyAdd(p, w, Vector128.Create(GeluC5));
        q = MultiplyAdd(q, w, Vector128.Create(GeluC6));
        p = MultiplyAdd(p, w, Vector128.Create(GeluC3));
        q = MultiplyAdd(q, w, Vector128.Create(GeluC4));
        p = MultiplyAdd(q, u, p);
        p = MultiplyAdd(p, u, Vector128.Create(GeluC2));
        p = MultiplyAdd(p, u, Vector128.Create(GeluC1));
        p = MultiplyAdd(p, u, Vector128.Create(GeluC0));
        return x * (Vector128.Create(0.5f) + z * p);
    }

    /// <inheritdoc cref="Gelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gelu(float x) => Gelu(Vector128.CreateScalar(x)).ToScalar();
}
