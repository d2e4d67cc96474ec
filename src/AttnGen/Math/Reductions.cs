using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

/// <summary>
/// Vector functions with the same bits at every width: the building blocks of the generated kernels, open to everyone.
/// </summary>
public static partial class VectorMath
{
    // One reduction tree for all widths. Sixteen virtual lanes, lane i holding elements i, i + 16, i + 32, ...:
    // one Vector512, two Vector256 or four Vector128. They fold 16 -> 8 (i with i + 8), 8 -> 4, 4 -> 2, 2 -> 1,
    // so that the order of additions, and with it every bit of the result, does not depend on the machine.

    /// <summary>The sum of sixteen virtual lanes, folded in halves.</summary>
    /// <param name="v">Lanes 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum16(Vector512<float> v) => Fold(v.GetLower() + v.GetUpper());

    /// <summary>The sum of sixteen virtual lanes, folded in halves.</summary>
    /// <param name="a">Lanes 0 to 7.</param>
    /// <param name="b">Lanes 8 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum16(Vector256<float> a, Vector256<float> b) => Fold(a + b);

    /// <summary>The sum of sixteen virtual lanes, folded in halves.</summary>
    /// <param name="a">Lanes 0 to 3.</param>
    /// <param name="b">Lanes 4 to 7.</param>
    /// <param name="c">Lanes 8 to 11.</param>
    /// <param name="d">Lanes 12 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum16(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        Fold((a + c) + (b + d));

    /// <summary>The maximum of sixteen virtual lanes, folded in halves as (a &gt; b ? a : b), on every processor: of two zeros, and of NaN and a number, the second counts (so a NaN may be lost; the caller's sum still sees it).</summary>
    /// <param name="v">Lanes 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max16(Vector512<float> v) => FoldMax(Larger(v.GetLower(), v.GetUpper()));

    /// <summary>The maximum of sixteen virtual lanes, folded in halves as (a &gt; b ? a : b), on every processor: of two zeros, and of NaN and a number, the second counts (so a NaN may be lost; the caller's sum still sees it).</summary>
    /// <param name="a">Lanes 0 to 7.</param>
    /// <param name="b">Lanes 8 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max16(Vector256<float> a, Vector256<float> b) => FoldMax(Larger(a, b));

    /// <summary>The maximum of sixteen virtual lanes, folded in halves as (a &gt; b ? a : b), on every processor: of two zeros, and of NaN and a number, the second counts (so a NaN may be lost; the caller's sum still sees it).</summary>
    /// <param name="a">Lanes 0 to 3.</param>
    /// <param name="b">Lanes 4 to 7.</param>
    /// <param name="c">Lanes 8 to 11.</param>
    /// <param name="d">Lanes 12 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max16(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        FoldMax(Larger(Larger(a, c), Larger(b, d)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fold(Vector256<float> v) => Fold(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fold(Vector128<float> v)
    {
        var pair = v + Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1));
        return pair.GetElement(0) + pair.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float FoldMax(Vector256<float> v) => FoldMax(Larger(v.GetLower(), v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float FoldMax(Vector128<float> v)
    {
        var pair = Larger(v, Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1)));
        var one = Larger(pair, Vector128.Shuffle(pair, Vector128.Create(1, 0, 3, 2)));
        return one.ToScalar();
    }
}
