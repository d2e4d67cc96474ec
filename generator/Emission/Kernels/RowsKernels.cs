namespace AttnGen.Generator.Emission.Kernels;

/// <summary>Copies, sums and products of rows, which all lanes share.</summary>
internal static class RowsKernels
{
    public const string Text = """
        /// <summary>Rows of floats: copied, added, multiplied.</summary>
        internal static class Rows
        {
            /// <summary>A step from a reference that may be null: what stands for nothing stays that.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveInlining)]
            internal static ref float Offset(ref float r, nint n) => ref (Unsafe.IsNullRef(ref r) ? ref r : ref Unsafe.Add(ref r, n));

            /// <summary>Copies rows of <paramref name="width"/> floats and not one more.</summary>
            internal static void Copy(ref float from, nint fromStride, ref float to, nint toStride, int rows, int width)
            {
                for (int row = 0; row < rows; row++)
                    MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref from, row * fromStride), width).CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, row * toStride), width));
            }

            /// <summary>to ← to ∘ by; count is a multiple of 16.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void Multiply(ref float to, ref float by, nint count)
            {
                for (nint i = 0; i < count; i += 8)
                    (Vector256.LoadUnsafe(ref Unsafe.Add(ref to, i)) * Vector256.LoadUnsafe(ref Unsafe.Add(ref by, i))).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }

            /// <summary>to ← to·by; count is a multiple of 16.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void Scale(ref float to, nint count, float by)
            {
                for (nint i = 0; i < count; i += 8)
                    (Vector256.LoadUnsafe(ref Unsafe.Add(ref to, i)) * Vector256.Create(by)).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }

            /// <summary>to ← to + by·factor, each rounded; count is a multiple of 16.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void AddScaled(ref float to, ref float by, nint count, float factor)
            {
                for (nint i = 0; i < count; i += 8)
                    (Vector256.LoadUnsafe(ref Unsafe.Add(ref to, i)) + Vector256.LoadUnsafe(ref Unsafe.Add(ref by, i)) * Vector256.Create(factor)).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }

            /// <summary>to ← to + by; count is a multiple of 16.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void Add(ref float to, ref float by, nint count)
            {
                for (nint i = 0; i < count; i += 8)
                    (Vector256.LoadUnsafe(ref Unsafe.Add(ref to, i)) + Vector256.LoadUnsafe(ref Unsafe.Add(ref by, i))).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }
        }
        """;
}
