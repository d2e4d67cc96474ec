using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

public static partial class VectorMath
{
    // Range reduction and polynomial: see ExpNonPositive.
    // Reconstruction: n runs from −150 to 128, more than one exponent holds, so 2^n = 2^a·2^b with a = ⌊n/2⌋, b = n − a. The first
    //   product is exact, the second rounds (only) where the result is subnormal.
    // NaN: the bits of the sum, and so a and b, then depend on the processor's NaN; p is NaN, and so is the product with anything.
    private const float Magic = 12582912f;

    /// <summary>e^x over the whole range: below −103.98 it is 0, above 88.72 +∞, and subnormal results are rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Clamp(x, -104f, 89f);
        Vector512<float> shifted = MultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(Magic));
        Vector512<float> n = shifted - Vector512.Create(Magic);
        Vector512<float> r = MultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = Vector512.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector512.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector512.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector512<float>.One);
        p = MultiplyAdd(p, r, Vector512<float>.One);
        Vector512<int> exponent = shifted.AsInt32() - Vector512.Create(Magic).AsInt32();
        Vector512<int> half = Vector512.ShiftRightArithmetic(exponent, 1);
        Vector512<float> a = Vector512.ShiftLeft(half + Vector512.Create(127), 23).AsSingle();
        Vector512<float> b = Vector512.ShiftLeft(exponent - half + Vector512.Create(127), 23).AsSingle();
        return p * a * b;
    }

    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        x = Clamp(x, -104f, 89f);
        Vector256<float> shifted = MultiplyAdd(x, Vector256.Create(Log2E), Vector256.Create(Magic));
        Vector256<float> n = shifted - Vector256.Create(Magic);
        Vector256<float> r = MultiplyAdd(n, Vector256.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector256.Create(-Ln2Low), r);
        Vector256<float> p = Vector256.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector256.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector256.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector256<float>.One);
        p = MultiplyAdd(p, r, Vector256<float>.One);
        Vector256<int> exponent = shifted.AsInt32() - Vector256.Create(Magic).AsInt32();
        Vector256<int> half = Vector256.ShiftRightArithmetic(exponent, 1);
        Vector256<float> a = Vector256.ShiftLeft(half + Vector256.Create(127), 23).AsSingle();
        Vector256<float> b = Vector256.ShiftLeft(exponent - half + Vector256.Create(127), 23).AsSingle();
        return p * a * b;
    }

    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> x)
    {
        x = Clamp(x, -104f, 89f);
        Vector128<float> shifted = MultiplyAdd(x, Vector128.Create(Log2E), Vector128.Create(Magic));
        Vector128<float> n = shifted - Vector128.Create(Magic);
        Vector128<float> r = MultiplyAdd(n, Vector128.Create(-Ln2High), x);
        r = MultiplyAdd(n, Vector128.Create(-Ln2Low), r);
        Vector128<float> p = Vector128.Create(ExpC4);
        p = MultiplyAdd(p, r, Vector128.Create(ExpC3));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC2));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC1));
        p = MultiplyAdd(p, r, Vector128.Create(ExpC0));
        p = MultiplyAdd(p, r, Vector128<float>.One);
        p = MultiplyAdd(p, r, Vector128<float>.One);
        Vector128<int> exponent = shifted.AsInt32() - Vector128.Create(Magic).AsInt32();
        Vector128<int> half = Vector128.ShiftRightArithmetic(exponent, 1);
        Vector128<float> a = Vector128.ShiftLeft(half + Vector128.Create(127), 23).AsSingle();
        Vector128<float> b = Vector128.ShiftLeft(exponent - half + Vector128.Create(127), 23).AsSingle();
        return p * a * b;
    }

    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Exp(Vector128.CreateScalar(x)).ToScalar();
}
