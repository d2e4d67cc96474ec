namespace AttnGen.Generator.Emission.Kernels;

/// <summary>The matrix product around the tiles: blocks of rows and of k, panel by panel.</summary>
internal static class ProductKernels
{
    public const string Text = """
        /// <summary>The product with packed weights.</summary>
        internal static class Product
        {
            /// <summary>
            /// C[rows, n] = activation(A[rows, k]·W + bias), or C += that if <paramref name="add"/>; bias may be null; sums is room for C where it is added to and K takes several blocks.
            /// A's rows are TA apart, W lies in panels [n/16][k][16].
            /// </summary>
            /// <remarks>A panel of W stays hot while all rows pass over it. Blocks of mc rows × kc of k keep A in the second-level cache; sums go on in the order of k, so blocks change no bit.</remarks>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void Run<TLane, TA, TActivation>(ref float a, ref float w, ref float bias, ref float c, nint ldc, bool add, ref float sums, int rows, int k, int n, int mc, int kc)
                where TLane : struct, ILane where TA : struct, IStride where TActivation : struct, IActivation
            {
                for (int row = 0; row < rows; row += mc)
                {
                    int count = Math.Min(mc, rows - row);
                    for (int k0 = 0; k0 < k; k0 += kc)
                    {
                        int depth = Math.Min(kc, k - k0);
                        ref float block = ref Unsafe.Add(ref a, (nint)row * TA.Floats + k0);
                        for (int col = 0; col < n; col += 32)
                        {
                            ref float panel = ref Unsafe.Add(ref w, (nint)col * k + (nint)k0 * 16);
                            ref float result = ref Unsafe.Add(ref c, row * ldc + col);
                            bool last = k0 + depth == k;
                            ref float unfinished = ref Unsafe.Add(ref sums, row * ldc + col);
                            ref float sumsBefore = ref (k0 == 0 ? ref Unsafe.NullRef<float>() : ref unfinished);
                            ref float target = ref (last ? ref result : ref unfinished);
                            ref float biasAtLast = ref (last ? ref Rows.Offset(ref bias, col) : ref Unsafe.NullRef<float>());
                            ref float residual = ref (add && last ? ref result : ref Unsafe.NullRef<float>());
                            if (n - col > 16)
                                TLane.Panel32<TA>(ref block, ref panel, (nint)k * 16, ref sumsBefore, ref biasAtLast, ref residual, ref target, ldc, count, depth);
                            else
                                TLane.Panel16<TA>(ref block, ref panel, (nint)k * 16, ref sumsBefore, ref biasAtLast, ref residual, ref target, ldc, count, depth);
                            if (last && typeof(TActivation) != typeof(None))
                                TLane.Activate<TActivation>(ref target, ldc, count, n - col > 16 ? 32 : 16);
                        }
                    }
                }
            }
        }
        """;
}
