using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // erf is odd and entire, and 1 to 3e-8 beyond 3.92. In w = x/4: erf = w + w·P(w²) on |w| ≤ 0.98, P in u = w² − 0.98²/2 of degree
    //   15 (centred for the same reason as in Gelu), minimax in relative error (3.1e-8).
    // Why w is added at the end: P is then near 0 where erf is near 1, and its rounding does not show there.
    // End: the coefficients are chosen so that the result at the limit rounds to 1 exactly.
    private const float ErfLimit = 0.98f;
    private const float ErfCentre = 0.480200022f;
    private const float ErfC0 = 0.442947209f;
    private const float ErfC1 = -1.50028026f;
    private const float ErfC2 = 2.32591939f;
    private const float ErfC3 = -3.94394112f;
    private const float ErfC4 = 6.81515646f;
    private const float ErfC5 = -11.5967798f;
    private const float ErfC6 = 19.0556831f;
    private const float ErfC7 = -29.4900436f;
    private const float ErfC8 = 41.9375763f;
    private const float ErfC9 = -59.0925713f;
    private const float ErfC10 = 87.7643127f;
    private const float ErfC11 = -96.9636459f;
    private const float ErfC12 = 48.9801865f;
    private const float ErfC13 = -79.5299911f;
    private const float ErfC14 = 245.097153f;
    private const float ErfC15 = -200.608856f;

    /// <summary>erf(x) = 2/√π·∫₀ˣ e^(−t²) dt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        Vector512<float> w = Clamp(x * Vector512.Create(0.25f), -ErfLimit, ErfLimit);
        Vector512<float> u = MultiplyAdd(w, w, Vector512.Create(-ErfCentre));
        Vector512<float> p = Vector512.Create(ErfC15);
        p = MultiplyAdd(p, u, Vector512.Create(ErfC14));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC13));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC12));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC11));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC10));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC9));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC8));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC7));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC6));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC5));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC4));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC3));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC2));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC1));
        p = MultiplyAdd(p, u, Vector512.Create(ErfC0));
        return MultiplyAdd(w, p, w);
    }

    /// <inheritdoc cref="Erf(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Erf(Vector256<float> x)
    {
        Vector256<float> w = Clamp(x * Vector256.Create(0.25f), -ErfLimit, ErfLimit);
        Vector256<float> u = MultiplyAdd(w, w, Vector256.Create(-ErfCentre));
        Vector256<float> p = Vector256.Create(ErfC15);
        p = MultiplyAdd(p, u, Vector256.Create(ErfC14));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC13));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC12));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC11));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC10));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC9));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC8));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC7));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC6));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC5));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC4));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC3));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC2));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC1));
        p = MultiplyAdd(p, u, Vector256.Create(ErfC0));
        return MultiplyAdd(w, p, w);
    }

    /// <inheritdoc cref="Erf(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Erf(Vector128<float> x)
    {
        Vector128<float> w = Clamp(x * Vector128.Create(0.25f), -ErfLimit, ErfLimit);
        Vector128<float> u = MultiplyAdd(w, w, Vector128.Create(-ErfCentre));
        Vector128<float> p = Vector128.Create(ErfC15);
        p = MultiplyAdd(p, u, Vector128.Create(ErfC14));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC13));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC12));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC11));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC10));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC9));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC8));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC7));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC6));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC5));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC4));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC3));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC2));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC1));
        p = MultiplyAdd(p, u, Vector128.Create(ErfC0));
        return MultiplyAdd(w, p, w);
    }

    /// <inheritdoc cref="Erf(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Erf(float x) => Erf(Vector128.CreateScalar(x)).ToScalar();
}
