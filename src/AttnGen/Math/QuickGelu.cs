using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    /// <summary>x·σ(1.702·x) = x/(1 + e^(−1.702·x)). At −∞ it is NaN (−∞·0), as in PyTorch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> QuickGelu(Vector512<float> x) => x / (Vector512<float>.One + ExpOfNegated(x * Vector512.Create(1.702f)));

    /// <inheritdoc cref="QuickGelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> QuickGelu(Vector256<float> x) => x / (Vector256<float>.One + ExpOfNegated(x * Vector256.Create(1.702f)));

    /// <inheritdoc cref="QuickGelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> QuickGelu(Vector128<float> x) => x / (Vector128<float>.One + ExpOfNegated(x * Vector128.Create(1.702f)));

    /// <inheritdoc cref="QuickGelu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float QuickGelu(float x) => QuickGelu(Vector128.CreateScalar(x)).ToScalar();
}
