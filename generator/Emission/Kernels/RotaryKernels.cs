using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission.Kernels;

/// <summary>Rotation of each head's query and key by its position (Su et al. 2021, arXiv:2104.09864).</summary>
internal static class RotaryKernels
{
    public static void Write(SourceWriter w, IEnumerable<RotaryKernel> kernels)
    {
        w.Line("/// <summary>Rotary embedding of the first features of each head. A row of the table holds cos and, <c>sines</c> floats later, sin with the sign of its place.</summary>");
        using (w.Open("internal static class Rotary"))
        {
            foreach (var kernel in kernels)
                w.Text(kernel.Interleaved ? Interleaved : Half);
        }

        w.Line();
    }

    private const string Half = """
        /// <summary>Pairs (j, j + features/2).</summary>
        [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
        internal static void Half(ref float rows, nint stride, int heads, int headDim, int features, ref float table, nint tableStride, nint sines, int count)
        {
            int half = features / 2;
            for (int t = 0; t < count; t++)
            {
                ref float cos = ref Unsafe.Add(ref table, t * tableStride);
                ref float sin = ref Unsafe.Add(ref cos, sines);
                for (int head = 0; head < heads; head++)
                {
                    ref float v = ref Unsafe.Add(ref rows, t * stride + head * headDim);
                    int j = 0;
                    for (; j <= half - 4; j += 4)
                    {
                        Vector128<float> lower = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j)), upper = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j + half));
                        Vector128.MultiplyAddEstimate(lower, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j)), upper * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j))).StoreUnsafe(ref Unsafe.Add(ref v, j));
                        Vector128.MultiplyAddEstimate(upper, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j + half)), lower * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j + half))).StoreUnsafe(ref Unsafe.Add(ref v, j + half));
                    }

                    for (; j < half; j++)
                    {
                        float lower = Unsafe.Add(ref v, j), upper = Unsafe.Add(ref v, j + half);
                        Unsafe.Add(ref v, j) = VectorMath.MultiplyAdd(lower, Unsafe.Add(ref cos, j), upper * Unsafe.Add(ref sin, j));
                        Unsafe.Add(ref v, j + half) = VectorMath.MultiplyAdd(upper, Unsafe.Add(ref cos, j + half), lower * Unsafe.Add(ref sin, j + half));
                    }
                }
            }
        }
        """;

    private const string Interleaved = """
        /// <summary>Pairs (2j, 2j + 1).</summary>
        [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
        internal static void Interleaved(ref float rows, nint stride, int heads, int headDim, int features, ref float table, nint tableStride, nint sines, int count)
        {
            for (int t = 0; t < count; t++)
            {
                ref float cos = ref Unsafe.Add(ref table, t * tableStride);
                ref float sin = ref Unsafe.Add(ref cos, sines);
                for (int head = 0; head < heads; head++)
                {
                    ref float v = ref Unsafe.Add(ref rows, t * stride + head * headDim);
                    int j = 0;
                    for (; j <= features - 4; j += 4)
                    {
                        Vector128<float> x = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j));
                        Vector128<float> turned = Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2)) * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j));
                        Vector128.MultiplyAddEstimate(x, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j)), turned).StoreUnsafe(ref Unsafe.Add(ref v, j));
                    }

                    for (; j < features; j += 2)
                    {
                        float even = Unsafe.Add(ref v, j), odd = Unsafe.Add(ref v, j + 1);
                        Unsafe.Add(ref v, j) = VectorMath.MultiplyAdd(even, Unsafe.Add(ref cos, j), odd * Unsafe.Add(ref sin, j));
                        Unsafe.Add(ref v, j + 1) = VectorMath.MultiplyAdd(odd, Unsafe.Add(ref cos, j + 1), even * Unsafe.Add(ref sin, j + 1));
                    }
                }
            }
        }
        """;
}
