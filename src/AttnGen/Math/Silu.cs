using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    /// <summary>x·σ(x) = x/(1 + e^−x), also called swish. silu(−∞) is NaN (−∞·0), as in PyTorch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + ExpOfNegated(x));

    /// <inheritdoc cref="Silu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Silu(Vector256<float> x) => x / (Vector256<float>.One + ExpOfNegated(x));

    /// <inheritdoc cref="Silu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Silu(Vector128<float> x) => x / (Vector128<float>.One + ExpOfNegated(x));

    /// <inheritdoc cref="Silu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Silu(float x) => Silu(Vector128.CreateScalar(x)).ToScalar();
}
