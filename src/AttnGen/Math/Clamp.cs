using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // x86's max and min return their second operand when either is NaN, Arm's return NaN: with x second, NaN comes through on both.

    /// <summary>min(max(x, low), high); NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clamp(Vector512<float> x, float low, float high) => Vector512.MinNative(Vector512.Create(high), Vector512.MaxNative(Vector512.Create(low), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Clamp(Vector256<float> x, float low, float high) => Vector256.MinNative(Vector256.Create(high), Vector256.MaxNative(Vector256.Create(low), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Clamp(Vector128<float> x, float low, float high) => Vector128.MinNative(Vector128.Create(high), Vector128.MaxNative(Vector128.Create(low), x));
}
