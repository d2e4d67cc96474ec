using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what happens to each head's query and key before the scores: rotation by position, norm.</summary>
internal static class HeadEmitter
{
    public static void Rotate(SourceWriter w, RotaryStep s)
    {
        int r = s.RotaryDim, half = r / 2, sin = s.Table.Stride / 2;
        w.Line($"/// <summary>Rotary embedding of {s.Heads} heads of {s.HeadDim}, {r} features of each, in pairs {(s.Interleaved ? "(2j, 2j + 1)" : $"(j, j + {half})")}. A row of the table holds cos, then sin with the sign of its place.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void Rotate{s.Heads}(ref float rows, ref float table, int count)"))
        {
            using (w.Open("for (int t = 0; t < count; t++)"))
            {
                w.Line($"ref float cos = ref Unsafe.Add(ref table, (nint)t * {s.Table.Stride});");
                w.Line($"ref float sin = ref Unsafe.Add(ref cos, {sin});");
                using (w.Open($"for (int head = 0; head < {s.Heads}; head++)"))
                {
                    w.Line($"ref float v = ref Unsafe.Add(ref rows, (nint)t * {s.Rows.Stride} + head * {s.HeadDim});");
                    w.Line("int j = 0;");
                    if (s.Interleaved)
                    {
                        if (r >= 4)
                        {
                            using (w.Open($"for (; j <= {r - 4}; j += 4)"))
                            {
                                w.Line("Vector128<float> x = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j));");
                                w.Line("Vector128<float> turned = Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2)) * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j));");
                                w.Line("Vector128.MultiplyAddEstimate(x, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j)), turned).StoreUnsafe(ref Unsafe.Add(ref v, j));");
                            }
                        }

                        using (w.Open($"for (; j < {r}; j += 2)"))
                        {
                            w.Line("float even = Unsafe.Add(ref v, j), odd = Unsafe.Add(ref v, j + 1);");
                            w.Line("Unsafe.Add(ref v, j) = VectorMath.MultiplyAdd(even, Unsafe.Add(ref cos, j), odd * Unsafe.Add(ref sin, j));");
                            w.Line("Unsafe.Add(ref v, j + 1) = VectorMath.MultiplyAdd(odd, Unsafe.Add(ref cos, j + 1), even * Unsafe.Add(ref sin, j + 1));");
                        }
                    }
                    else
                    {
                        if (half >= 4)
                        {
                            using (w.Open($"for (; j <= {half - 4}; j += 4)"))
                            {
                                w.Line($"Vector128<float> lower = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j)), upper = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j + {half}));");
                                w.Line("Vector128.MultiplyAddEstimate(lower, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j)), upper * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j))).StoreUnsafe(ref Unsafe.Add(ref v, j));");
                                w.Line($"Vector128.MultiplyAddEstimate(upper, Vector128.LoadUnsafe(ref Unsafe.Add(ref cos, j + {half})), lower * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j + {half}))).StoreUnsafe(ref Unsafe.Add(ref v, j + {half}));");
                            }
                        }

                        using (w.Open($"for (; j < {half}; j++)"))
                        {
                            w.Line($"float lower = Unsafe.Add(ref v, j), upper = Unsafe.Add(ref v, j + {half});");
                            w.Line("Unsafe.Add(ref v, j) = VectorMath.MultiplyAdd(lower, Unsafe.Add(ref cos, j), upper * Unsafe.Add(ref sin, j));");
                            w.Line($"Unsafe.Add(ref v, j + {half}) = VectorMath.MultiplyAdd(upper, Unsafe.Add(ref cos, j + {half}), lower * Unsafe.Add(ref sin, j + {half}));");
                        }
                    }
                }
            }
        }
    }

    public static void HeadNorm(SourceWriter w, HeadNormStep s)
    {
        bool layer = s.Norm.Kind == NormKind.LayerNorm;
        string shift = layer ? "ref shift, " : "";
        w.Line($"/// <summary>Norm of each of {s.Heads} heads' {s.HeadDim} features.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void NormHeads{s.Heads}<TLane>(ref float rows, ref float headRow, ref float gain, ref float shift, int count) where TLane : struct, ILane"))
        {
            using (w.Open("for (int t = 0; t < count; t++)"))
            {
                w.Line($"ref float row = ref Unsafe.Add(ref rows, (nint)t * {s.Rows.Stride});");
                if (s.HeadDim % 16 == 0)
                {
                    w.Line($"TLane.{s.Norm.Name}(ref row, {s.HeadDim}, ref row, {s.HeadDim}, ref gain, {shift}{s.Heads});");
                }
                else
                {
                    using (w.Open($"for (int head = 0; head < {s.Heads}; head++)"))
                    {
                        w.Line("// A head that is no multiple of sixteen goes through a padded row.");
                        w.Line($"CopyRows(ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, ref headRow, 0, 1, {s.HeadDim});");
                        w.Line($"TLane.{s.Norm.Name}(ref headRow, 0, ref headRow, 0, ref gain, {shift}1);");
                        w.Line($"CopyRows(ref headRow, 0, ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, 1, {s.HeadDim});");
                    }
                }
            }
        }
    }
}
