using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    /// <summary>1/√x, both steps correctly rounded (no hardware estimate: those differ between makers).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ReciprocalSqrt(Vector512<float> x) => Vector512<float>.One / Vector512.Sqrt(x);

    /// <inheritdoc cref="ReciprocalSqrt(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ReciprocalSqrt(Vector256<float> x) => Vector256<float>.One / Vector256.Sqrt(x);

    /// <inheritdoc cref="ReciprocalSqrt(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ReciprocalSqrt(Vector128<float> x) => Vector128<float>.One / Vector128.Sqrt(x);

    /// <inheritdoc cref="ReciprocalSqrt(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReciprocalSqrt(float x) => ReciprocalSqrt(Vector128.CreateScalar(x)).ToScalar();
}
