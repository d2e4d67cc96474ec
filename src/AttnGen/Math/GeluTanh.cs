using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // (1 + tanh(y/2))/2 = 1/(1 + e^−y) with y = 2·√(2/π)·(x + 0.044715·x³). The poles of this function are nearer than those of Φ, so
    // a polynomial needs degree 31 in x and costs more than e^−y and the division (measured: 6.0 against 5.3 ns for 16 elements).
    private const float GeluTanhLinear = 1.59576912f;
    private const float GeluTanhCubic = 0.0713548163f;

    /// <summary>x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). At −∞ it is NaN (−∞·0), as in PyTorch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluTanh(Vector512<float> x)
    {
        Vector512<float> y = x * MultiplyAdd(x * x, Vector512.Create(GeluTanhCubic), Vector512.Create(GeluTanhLinear));
        return x / (Vector512<float>.One + ExpOfNegated(y));
    }

    /// <inheritdoc cref="GeluTanh(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GeluTanh(Vector256<float> x)
    {
        Vector256<float> y = x * MultiplyAdd(x * x, Vector256.Create(GeluTanhCubic), Vector256.Create(GeluTanhLinear));
        return x / (Vector256<float>.One + ExpOfNegated(y));
    }

    /// <inheritdoc cref="GeluTanh(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GeluTanh(Vector128<float> x)
    {
        Vector128<float> y = x * MultiplyAdd(x * x, Vector128.Create(GeluTanhCubic), Vector128.Create(GeluTanhLinear));
        return x / (Vector128<float>.One + ExpOfNegated(y));
    }

    /// <inheritdoc cref="GeluTanh(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float GeluTanh(float x) => GeluTanh(Vector128.CreateScalar(x)).ToScalar();
}
