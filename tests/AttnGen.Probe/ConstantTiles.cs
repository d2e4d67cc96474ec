using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Probe;

/// <summary>
/// The largest tile of each lane as one would write it for rows that are 64 floats apart, with the distances as literals. The generated tiles have them as a type argument, and
/// DisassemblyTests holds the machine code of one against that of the other.
/// </summary>
internal static class ConstantTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ConstantTile12x32(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int k)
    {
        Vector512<float> c0_0 = Vector512<float>.Zero, c0_1 = Vector512<float>.Zero;
        Vector512<float> c1_0 = Vector512<float>.Zero, c1_1 = Vector512<float>.Zero;
        Vector512<float> c2_0 = Vector512<float>.Zero, c2_1 = Vector512<float>.Zero;
        Vector512<float> c3_0 = Vector512<float>.Zero, c3_1 = Vector512<float>.Zero;
        Vector512<float> c4_0 = Vector512<float>.Zero, c4_1 = Vector512<float>.Zero;
        Vector512<float> c5_0 = Vector512<float>.Zero, c5_1 = Vector512<float>.Zero;
        Vector512<float> c6_0 = Vector512<float>.Zero, c6_1 = Vector512<float>.Zero;
        Vector512<float> c7_0 = Vector512<float>.Zero, c7_1 = Vector512<float>.Zero;
        Vector512<float> c8_0 = Vector512<float>.Zero, c8_1 = Vector512<float>.Zero;
        Vector512<float> c9_0 = Vector512<float>.Zero, c9_1 = Vector512<float>.Zero;
        Vector512<float> c10_0 = Vector512<float>.Zero, c10_1 = Vector512<float>.Zero;
        Vector512<float> c11_0 = Vector512<float>.Zero, c11_1 = Vector512<float>.Zero;
        if (!Unsafe.IsNullRef(ref sums))
        {
            c0_0 = Vector512.LoadUnsafe(ref sums); c0_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c1_0 = Vector512.LoadUnsafe(ref sums); c1_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c2_0 = Vector512.LoadUnsafe(ref sums); c2_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c3_0 = Vector512.LoadUnsafe(ref sums); c3_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c4_0 = Vector512.LoadUnsafe(ref sums); c4_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c5_0 = Vector512.LoadUnsafe(ref sums); c5_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c6_0 = Vector512.LoadUnsafe(ref sums); c6_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c7_0 = Vector512.LoadUnsafe(ref sums); c7_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c8_0 = Vector512.LoadUnsafe(ref sums); c8_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c9_0 = Vector512.LoadUnsafe(ref sums); c9_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c10_0 = Vector512.LoadUnsafe(ref sums); c10_1 = Vector512.LoadUnsafe(ref sums, 16); sums = ref Unsafe.Add(ref sums, ldc);
            c11_0 = Vector512.LoadUnsafe(ref sums); c11_1 = Vector512.LoadUnsafe(ref sums, 16);
        }

        ref float next = ref Unsafe.Add(ref b, pair); // the second panel
        for (; k > 0; k--)
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref b), b1 = Vector512.LoadUnsafe(ref next);
            Vector512<float> a0 = Vector512.Create(a); c0_0 = Vector512.FusedMultiplyAdd(a0, b0, c0_0); c0_1 = Vector512.FusedMultiplyAdd(a0, b1, c0_1);
            Vector512<float> a1 = Vector512.Create(Unsafe.Add(ref a, 64)); c1_0 = Vector512.FusedMultiplyAdd(a1, b0, c1_0); c1_1 = Vector512.FusedMultiplyAdd(a1, b1, c1_1);
            Vector512<float> a2 = Vector512.Create(Unsafe.Add(ref a, 128)); c2_0 = Vector512.FusedMultiplyAdd(a2, b0, c2_0); c2_1 = Vector512.FusedMultiplyAdd(a2, b1, c2_1);
            Vector512<float> a3 = Vector512.Create(Unsafe.Add(ref a, 192)); c3_0 = Vector512.FusedMultiplyAdd(a3, b0, c3_0); c3_1 = Vector512.FusedMultiplyAdd(a3, b1, c3_1);
            Vector512<float> a4 = Vector512.Create(Unsafe.Add(ref a, 256)); c4_0 = Vector512.FusedMultiplyAdd(a4, b0, c4_0); c4_1 = Vector512.FusedMultiplyAdd(a4, b1, c4_1);
            Vector512<float> a5 = Vector512.Create(Unsafe.Add(ref a, 320)); c5_0 = Vector512.FusedMultiplyAdd(a5, b0, c5_0); c5_1 = Vector512.FusedMultiplyAdd(a5, b1, c5_1);
            Vector512<float> a6 = Vector512.Create(Unsafe.Add(ref a, 384)); c6_0 = Vector512.FusedMultiplyAdd(a6, b0, c6_0); c6_1 = Vector512.FusedMultiplyAdd(a6, b1, c6_1);
            Vector512<float> a7 = Vector512.Create(Unsafe.Add(ref a, 448)); c7_0 = Vector512.FusedMultiplyAdd(a7, b0, c7_0); c7_1 = Vector512.FusedMultiplyAdd(a7, b1, c7_1);
            Vector512<float> a8 = Vector512.Create(Unsafe.Add(ref a, 512)); c8_0 = Vector512.FusedMultiplyAdd(a8, b0, c8_0); c8_1 = Vector512.FusedMultiplyAdd(a8, b1, c8_1);
            Vector512<float> a9 = Vector512.Create(Unsafe.Add(ref a, 576)); c9_0 = Vector512.FusedMultiplyAdd(a9, b0, c9_0); c9_1 = Vector512.FusedMultiplyAdd(a9, b1, c9_1);
            Vector512<float> a10 = Vector512.Create(Unsafe.Add(ref a, 640)); c10_0 = Vector512.FusedMultiplyAdd(a10, b0, c10_0); c10_1 = Vector512.FusedMultiplyAdd(a10, b1, c10_1);
            Vector512<float> a11 = Vector512.Create(Unsafe.Add(ref a, 704)); c11_0 = Vector512.FusedMultiplyAdd(a11, b0, c11_0); c11_1 = Vector512.FusedMultiplyAdd(a11, b1, c11_1);
            a = ref Unsafe.Add(ref a, 1); b = ref Unsafe.Add(ref b, 16); next = ref Unsafe.Add(ref next, 16);
        }

        if (!Unsafe.IsNullRef(ref bias))
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref bias), b1 = Vector512.LoadUnsafe(ref bias, 16);
            c0_0 += b0; c0_1 += b1;
            c1_0 += b0; c1_1 += b1;
            c2_0 += b0; c2_1 += b1;
            c3_0 += b0; c3_1 += b1;
            c4_0 += b0; c4_1 += b1;
            c5_0 += b0; c5_1 += b1;
            c6_0 += b0; c6_1 += b1;
            c7_0 += b0; c7_1 += b1;
            c8_0 += b0; c8_1 += b1;
            c9_0 += b0; c9_1 += b1;
            c10_0 += b0; c10_1 += b1;
            c11_0 += b0; c11_1 += b1;
        }
        if (!Unsafe.IsNullRef(ref residual))
        {
            c0_0 += Vector512.LoadUnsafe(ref residual); c0_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c1_0 += Vector512.LoadUnsafe(ref residual); c1_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c2_0 += Vector512.LoadUnsafe(ref residual); c2_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c3_0 += Vector512.LoadUnsafe(ref residual); c3_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c4_0 += Vector512.LoadUnsafe(ref residual); c4_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c5_0 += Vector512.LoadUnsafe(ref residual); c5_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c6_0 += Vector512.LoadUnsafe(ref residual); c6_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c7_0 += Vector512.LoadUnsafe(ref residual); c7_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c8_0 += Vector512.LoadUnsafe(ref residual); c8_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c9_0 += Vector512.LoadUnsafe(ref residual); c9_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c10_0 += Vector512.LoadUnsafe(ref residual); c10_1 += Vector512.LoadUnsafe(ref residual, 16); residual = ref Unsafe.Add(ref residual, ldc);
            c11_0 += Vector512.LoadUnsafe(ref residual); c11_1 += Vector512.LoadUnsafe(ref residual, 16);
        }

        c0_0.StoreUnsafe(ref c); c0_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c1_0.StoreUnsafe(ref c); c1_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c2_0.StoreUnsafe(ref c); c2_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c3_0.StoreUnsafe(ref c); c3_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c4_0.StoreUnsafe(ref c); c4_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c5_0.StoreUnsafe(ref c); c5_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c6_0.StoreUnsafe(ref c); c6_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c7_0.StoreUnsafe(ref c); c7_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c8_0.StoreUnsafe(ref c); c8_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c9_0.StoreUnsafe(ref c); c9_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c10_0.StoreUnsafe(ref c); c10_1.StoreUnsafe(ref c, 16); c = ref Unsafe.Add(ref c, ldc);
        c11_0.StoreUnsafe(ref c); c11_1.StoreUnsafe(ref c, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ConstantTile6x16(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int k)
    {
        Vector256<float> c0_0 = Vector256<float>.Zero, c0_1 = Vector256<float>.Zero;
        Vector256<float> c1_0 = Vector256<float>.Zero, c1_1 = Vector256<float>.Zero;
        Vector256<float> c2_0 = Vector256<float>.Zero, c2_1 = Vector256<float>.Zero;
        Vector256<float> c3_0 = Vector256<float>.Zero, c3_1 = Vector256<float>.Zero;
        Vector256<float> c4_0 = Vector256<float>.Zero, c4_1 = Vector256<float>.Zero;
        Vector256<float> c5_0 = Vector256<float>.Zero, c5_1 = Vector256<float>.Zero;
        if (!Unsafe.IsNullRef(ref sums))
        {
            c0_0 = Vector256.LoadUnsafe(ref sums); c0_1 = Vector256.LoadUnsafe(ref sums, 8); sums = ref Unsafe.Add(ref sums, ldc);
            c1_0 = Vector256.LoadUnsafe(ref sums); c1_1 = Vector256.LoadUnsafe(ref sums, 8); sums = ref Unsafe.Add(ref sums, ldc);
            c2_0 = Vector256.LoadUnsafe(ref sums); c2_1 = Vector256.LoadUnsafe(ref sums, 8); sums = ref Unsafe.Add(ref sums, ldc);
            c3_0 = Vector256.LoadUnsafe(ref sums); c3_1 = Vector256.LoadUnsafe(ref sums, 8); sums = ref Unsafe.Add(ref sums, ldc);
            c4_0 = Vector256.LoadUnsafe(ref sums); c4_1 = Vector256.LoadUnsafe(ref sums, 8); sums = ref Unsafe.Add(ref sums, ldc);
            c5_0 = Vector256.LoadUnsafe(ref sums); c5_1 = Vector256.LoadUnsafe(ref sums, 8);
        }

        for (; k > 0; k--)
        {
            Vector256<float> b0 = Vector256.LoadUnsafe(ref b), b1 = Vector256.LoadUnsafe(ref b, 8);
            Vector256<float> a0 = Vector256.Create(a); c0_0 = Vector256.FusedMultiplyAdd(a0, b0, c0_0); c0_1 = Vector256.FusedMultiplyAdd(a0, b1, c0_1);
            Vector256<float> a1 = Vector256.Create(Unsafe.Add(ref a, 64)); c1_0 = Vector256.FusedMultiplyAdd(a1, b0, c1_0); c1_1 = Vector256.FusedMultiplyAdd(a1, b1, c1_1);
            Vector256<float> a2 = Vector256.Create(Unsafe.Add(ref a, 128)); c2_0 = Vector256.FusedMultiplyAdd(a2, b0, c2_0); c2_1 = Vector256.FusedMultiplyAdd(a2, b1, c2_1);
            Vector256<float> a3 = Vector256.Create(Unsafe.Add(ref a, 192)); c3_0 = Vector256.FusedMultiplyAdd(a3, b0, c3_0); c3_1 = Vector256.FusedMultiplyAdd(a3, b1, c3_1);
            Vector256<float> a4 = Vector256.Create(Unsafe.Add(ref a, 256)); c4_0 = Vector256.FusedMultiplyAdd(a4, b0, c4_0); c4_1 = Vector256.FusedMultiplyAdd(a4, b1, c4_1);
            Vector256<float> a5 = Vector256.Create(Unsafe.Add(ref a, 320)); c5_0 = Vector256.FusedMultiplyAdd(a5, b0, c5_0); c5_1 = Vector256.FusedMultiplyAdd(a5, b1, c5_1);
            a = ref Unsafe.Add(ref a, 1); b = ref Unsafe.Add(ref b, 16);
        }

        if (!Unsafe.IsNullRef(ref bias))
        {
            Vector256<float> b0 = Vector256.LoadUnsafe(ref bias), b1 = Vector256.LoadUnsafe(ref bias, 8);
            c0_0 += b0; c0_1 += b1;
            c1_0 += b0; c1_1 += b1;
            c2_0 += b0; c2_1 += b1;
            c3_0 += b0; c3_1 += b1;
            c4_0 += b0; c4_1 += b1;
            c5_0 += b0; c5_1 += b1;
        }
        if (!Unsafe.IsNullRef(ref residual))
        {
            c0_0 += Vector256.LoadUnsafe(ref residual); c0_1 += Vector256.LoadUnsafe(ref residual, 8); residual = ref Unsafe.Add(ref residual, ldc);
            c1_0 += Vector256.LoadUnsafe(ref residual); c1_1 += Vector256.LoadUnsafe(ref residual, 8); residual = ref Unsafe.Add(ref residual, ldc);
            c2_0 += Vector256.LoadUnsafe(ref residual); c2_1 += Vector256.LoadUnsafe(ref residual, 8); residual = ref Unsafe.Add(ref residual, ldc);
            c3_0 += Vector256.LoadUnsafe(ref residual); c3_1 += Vector256.LoadUnsafe(ref residual, 8); residual = ref Unsafe.Add(ref residual, ldc);
            c4_0 += Vector256.LoadUnsafe(ref residual); c4_1 += Vector256.LoadUnsafe(ref residual, 8); residual = ref Unsafe.Add(ref residual, ldc);
            c5_0 += Vector256.LoadUnsafe(ref residual); c5_1 += Vector256.LoadUnsafe(ref residual, 8);
        }

        c0_0.StoreUnsafe(ref c); c0_1.StoreUnsafe(ref c, 8); c = ref Unsafe.Add(ref c, ldc);
        c1_0.StoreUnsafe(ref c); c1_1.StoreUnsafe(ref c, 8); c = ref Unsafe.Add(ref c, ldc);
        c2_0.StoreUnsafe(ref c); c2_1.StoreUnsafe(ref c, 8); c = ref Unsafe.Add(ref c, ldc);
        c3_0.StoreUnsafe(ref c); c3_1.StoreUnsafe(ref c, 8); c = ref Unsafe.Add(ref c, ldc);
        c4_0.StoreUnsafe(ref c); c4_1.StoreUnsafe(ref c, 8); c = ref Unsafe.Add(ref c, ldc);
        c5_0.StoreUnsafe(ref c); c5_1.StoreUnsafe(ref c, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ConstantTile6x8(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int k)
    {
        Vector128<float> c0_0 = Vector128<float>.Zero, c0_1 = Vector128<float>.Zero;
        Vector128<float> c1_0 = Vector128<float>.Zero, c1_1 = Vector128<float>.Zero;
        Vector128<float> c2_0 = Vector128<float>.Zero, c2_1 = Vector128<float>.Zero;
        Vector128<float> c3_0 = Vector128<float>.Zero, c3_1 = Vector128<float>.Zero;
        Vector128<float> c4_0 = Vector128<float>.Zero, c4_1 = Vector128<float>.Zero;
        Vector128<float> c5_0 = Vector128<float>.Zero, c5_1 = Vector128<float>.Zero;
        if (!Unsafe.IsNullRef(ref sums))
        {
            c0_0 = Vector128.LoadUnsafe(ref sums); c0_1 = Vector128.LoadUnsafe(ref sums, 4); sums = ref Unsafe.Add(ref sums, ldc);
            c1_0 = Vector128.LoadUnsafe(ref sums); c1_1 = Vector128.LoadUnsafe(ref sums, 4); sums = ref Unsafe.Add(ref sums, ldc);
            c2_0 = Vector128.LoadUnsafe(ref sums); c2_1 = Vector128.LoadUnsafe(ref sums, 4); sums = ref Unsafe.Add(ref sums, ldc);
            c3_0 = Vector128.LoadUnsafe(ref sums); c3_1 = Vector128.LoadUnsafe(ref sums, 4); sums = ref Unsafe.Add(ref sums, ldc);
            c4_0 = Vector128.LoadUnsafe(ref sums); c4_1 = Vector128.LoadUnsafe(ref sums, 4); sums = ref Unsafe.Add(ref sums, ldc);
            c5_0 = Vector128.LoadUnsafe(ref sums); c5_1 = Vector128.LoadUnsafe(ref sums, 4);
        }

        for (; k > 0; k--)
        {
            Vector128<float> b0 = Vector128.LoadUnsafe(ref b), b1 = Vector128.LoadUnsafe(ref b, 4);
            Vector128<float> a0 = Vector128.Create(a); c0_0 = Vector128.MultiplyAddEstimate(a0, b0, c0_0); c0_1 = Vector128.MultiplyAddEstimate(a0, b1, c0_1);
            Vector128<float> a1 = Vector128.Create(Unsafe.Add(ref a, 64)); c1_0 = Vector128.MultiplyAddEstimate(a1, b0, c1_0); c1_1 = Vector128.MultiplyAddEstimate(a1, b1, c1_1);
            Vector128<float> a2 = Vector128.Create(Unsafe.Add(ref a, 128)); c2_0 = Vector128.MultiplyAddEstimate(a2, b0, c2_0); c2_1 = Vector128.MultiplyAddEstimate(a2, b1, c2_1);
            Vector128<float> a3 = Vector128.Create(Unsafe.Add(ref a, 192)); c3_0 = Vector128.MultiplyAddEstimate(a3, b0, c3_0); c3_1 = Vector128.MultiplyAddEstimate(a3, b1, c3_1);
            Vector128<float> a4 = Vector128.Create(Unsafe.Add(ref a, 256)); c4_0 = Vector128.MultiplyAddEstimate(a4, b0, c4_0); c4_1 = Vector128.MultiplyAddEstimate(a4, b1, c4_1);
            Vector128<float> a5 = Vector128.Create(Unsafe.Add(ref a, 320)); c5_0 = Vector128.MultiplyAddEstimate(a5, b0, c5_0); c5_1 = Vector128.MultiplyAddEstimate(a5, b1, c5_1);
            a = ref Unsafe.Add(ref a, 1); b = ref Unsafe.Add(ref b, 16);
        }

        if (!Unsafe.IsNullRef(ref bias))
        {
            Vector128<float> b0 = Vector128.LoadUnsafe(ref bias), b1 = Vector128.LoadUnsafe(ref bias, 4);
            c0_0 += b0; c0_1 += b1;
            c1_0 += b0; c1_1 += b1;
            c2_0 += b0; c2_1 += b1;
            c3_0 += b0; c3_1 += b1;
            c4_0 += b0; c4_1 += b1;
            c5_0 += b0; c5_1 += b1;
        }
        if (!Unsafe.IsNullRef(ref residual))
        {
            c0_0 += Vector128.LoadUnsafe(ref residual); c0_1 += Vector128.LoadUnsafe(ref residual, 4); residual = ref Unsafe.Add(ref residual, ldc);
            c1_0 += Vector128.LoadUnsafe(ref residual); c1_1 += Vector128.LoadUnsafe(ref residual, 4); residual = ref Unsafe.Add(ref residual, ldc);
            c2_0 += Vector128.LoadUnsafe(ref residual); c2_1 += Vector128.LoadUnsafe(ref residual, 4); residual = ref Unsafe.Add(ref residual, ldc);
            c3_0 += Vector128.LoadUnsafe(ref residual); c3_1 += Vector128.LoadUnsafe(ref residual, 4); residual = ref Unsafe.Add(ref residual, ldc);
            c4_0 += Vector128.LoadUnsafe(ref residual); c4_1 += Vector128.LoadUnsafe(ref residual, 4); residual = ref Unsafe.Add(ref residual, ldc);
            c5_0 += Vector128.LoadUnsafe(ref residual); c5_1 += Vector128.LoadUnsafe(ref residual, 4);
        }

        c0_0.StoreUnsafe(ref c); c0_1.StoreUnsafe(ref c, 4); c = ref Unsafe.Add(ref c, ldc);
        c1_0.StoreUnsafe(ref c); c1_1.StoreUnsafe(ref c, 4); c = ref Unsafe.Add(ref c, ldc);
        c2_0.StoreUnsafe(ref c); c2_1.StoreUnsafe(ref c, 4); c = ref Unsafe.Add(ref c, ldc);
        c3_0.StoreUnsafe(ref c); c3_1.StoreUnsafe(ref c, 4); c = ref Unsafe.Add(ref c, ldc);
        c4_0.StoreUnsafe(ref c); c4_1.StoreUnsafe(ref c, 4); c = ref Unsafe.Add(ref c, ldc);
        c5_0.StoreUnsafe(ref c); c5_1.StoreUnsafe(ref c, 4);
    }

    /// <summary>Has each of them compiled: all with nothing to sum.</summary>
    public static int Run()
    {
        float[] a = new float[12 * 64], b = new float[64], c = new float[12 * 32];
        ref float nothing = ref Unsafe.NullRef<float>();
        if (Vector512.IsHardwareAccelerated)
            ConstantTile12x32(ref a[0], ref b[0], 0, ref nothing, ref nothing, ref nothing, ref c[0], 32, 0);
        if (Vector256.IsHardwareAccelerated)
            ConstantTile6x16(ref a[0], ref b[0], 0, ref nothing, ref nothing, ref nothing, ref c[0], 32, 0);
        ConstantTile6x8(ref a[0], ref b[0], 0, ref nothing, ref nothing, ref nothing, ref c[0], 32, 0);
        return 0;
    }
}
