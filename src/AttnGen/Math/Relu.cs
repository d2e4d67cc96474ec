using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AttnGen;

public static partial class VectorMath
{
    // x86's maximum of 0 and x, in this order, is this comparison: of two zeros, and of NaN and a number, it returns the second operand. Arm's gives +0
    // for −0, WebAssembly's 0 for NaN, so there it is a comparison and a selection. PyTorch on x64, and ours always: relu(−0) = −0.

    /// <summary>x &lt; 0 ? 0 : x, on every processor: −0 stays −0, and NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Relu(Vector512<float> x) =>
        Sse.IsSupported ? Vector512.MaxNative(Vector512<float>.Zero, x) : Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), Vector512<float>.Zero, x);

    /// <inheritdoc cref="Relu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Relu(Vector256<float> x) =>
        Sse.IsSupported ? Vector256.MaxNative(Vector256<float>.Zero, x) : Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), Vector256<float>.Zero, x);

    /// <inheritdoc cref="Relu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Relu(Vector128<float> x) =>
        Sse.IsSupported ? Vector128.MaxNative(Vector128<float>.Zero, x) : Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128<float>.Zero), Vector128<float>.Zero, x);

    /// <inheritdoc cref="Relu(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Relu(float x) => Relu(Vector128.CreateScalar(x)).ToScalar();
}
