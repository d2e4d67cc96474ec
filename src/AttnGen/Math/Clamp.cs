using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AttnGen;

public static partial class VectorMath
{
    // Maxima and minima whose result does not depend on the processor. Native ones differ in two cases: of NaN and a number x86 returns the
    // second operand, Arm NaN, WebAssembly the first; of −0 and +0 x86 returns the second operand, Arm +0 from max and −0 from min. So each function here
    // is defined by a comparison, and takes the native instruction only where that is the same thing.

    /// <summary>Whether the native maximum and minimum of a constant other than zero and x, in this order, let NaN in x through (and so are AtLeast and AtMost).</summary>
    private static bool NativeKeepsNaN => Sse.IsSupported || AdvSimd.IsSupported;

    /// <summary>x &lt; low ? low : x, low not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtLeast(Vector512<float> x, float low) =>
        NativeKeepsNaN ? Vector512.MaxNative(Vector512.Create(low), x) : Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(low)), Vector512.Create(low), x);

    /// <summary>x &gt; high ? high : x, high not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtMost(Vector512<float> x, float high) =>
        NativeKeepsNaN ? Vector512.MinNative(Vector512.Create(high), x) : Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(high)), Vector512.Create(high), x);

    /// <summary>min(max(x, low), high), neither of them zero; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clamp(Vector512<float> x, float low, float high) => AtMost(AtLeast(x, low), high);

    /// <summary>x &lt; low ? low : x, low not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AtLeast(Vector256<float> x, float low) =>
        NativeKeepsNaN ? Vector256.MaxNative(Vector256.Create(low), x) : Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(low)), Vector256.Create(low), x);

    /// <summary>x &gt; high ? high : x, high not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AtMost(Vector256<float> x, float high) =>
        NativeKeepsNaN ? Vector256.MinNative(Vector256.Create(high), x) : Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256.Create(high)), Vector256.Create(high), x);

    /// <summary>min(max(x, low), high), neither of them zero; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Clamp(Vector256<float> x, float low, float high) => AtMost(AtLeast(x, low), high);

    /// <summary>x &lt; low ? low : x, low not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AtLeast(Vector128<float> x, float low) =>
        NativeKeepsNaN ? Vector128.MaxNative(Vector128.Create(low), x) : Vector128.ConditionalSelect(Vector128.LessThan(x, Vector128.Create(low)), Vector128.Create(low), x);

    /// <summary>x &gt; high ? high : x, high not zero: NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AtMost(Vector128<float> x, float high) =>
        NativeKeepsNaN ? Vector128.MinNative(Vector128.Create(high), x) : Vector128.ConditionalSelect(Vector128.GreaterThan(x, Vector128.Create(high)), Vector128.Create(high), x);

    /// <summary>min(max(x, low), high), neither of them zero; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Clamp(Vector128<float> x, float low, float high) => AtMost(AtLeast(x, low), high);

    /// <summary>a &gt; b ? a : b: x86's maximum as it is; of NaN and a number, and of two zeros, the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Larger(Vector256<float> a, Vector256<float> b) =>
        Sse.IsSupported ? Vector256.MaxNative(a, b) : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    /// <summary>a &gt; b ? a : b: x86's maximum as it is; of NaN and a number, and of two zeros, the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Larger(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Vector128.MaxNative(a, b) : Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);
}
