using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the matrix product around the micro-kernels: blocks of rows and of k, panel by panel.</summary>
internal static class ProductEmitter
{
    public static void Project(SourceWriter w, ModelPlan plan, ProjectKernel p)
    {
        var panel = plan.Panels.Items.First(x => x.Stride == p.Stride);
        bool act = p.Activation != "None";
        w.Line($"/// <summary>C[rows, n] = {(act ? p.Activation + "(" : "")}A[rows, k]·W + bias{(act ? ")" : "")}, or C += that if <paramref name=\"add\"/>; bias may be null; sums is room for C where it is added to and K takes several blocks. A's rows are {p.Stride} floats apart, W lies in panels [n/16][k][16].</summary>");
        w.Line($"/// <remarks>A panel of W stays hot while all rows pass over it. Blocks of {p.MC} rows × {p.KC} of k keep A in the second-level cache; sums go on in the order of k, so blocks change no bit.</remarks>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {p.Name}<TLane>(ref float a, ref float w, ref float bias, ref float c, nint ldc, bool add, ref float sums, int rows, int k, int n) where TLane : struct, ILane"))
        {
            using (w.Open($"for (int row = 0; row < rows; row += {p.MC})"))
            {
                w.Line($"int count = Math.Min({p.MC}, rows - row);");
                using (w.Open($"for (int k0 = 0; k0 < k; k0 += {p.KC})"))
                {
                    w.Line($"int depth = Math.Min({p.KC}, k - k0);");
                    w.Line($"ref float block = ref Unsafe.Add(ref a, (nint)row * {p.Stride} + k0);");
                    using (w.Open($"for (int col = 0; col < n; col += {LaneTable.Pair})"))
                    {
                        w.Line("ref float panel = ref Unsafe.Add(ref w, (nint)col * k + (nint)k0 * 16);");
                        w.Line("ref float result = ref Unsafe.Add(ref c, row * ldc + col);");
                        w.Line("bool last = k0 + depth == k;");
                        w.Line("ref float unfinished = ref Unsafe.Add(ref sums, row * ldc + col);");
                        w.Line("ref float sumsBefore = ref (k0 == 0 ? ref Unsafe.NullRef<float>() : ref unfinished);");
                        w.Line("ref float target = ref (last ? ref result : ref unfinished);");
                        w.Line("ref float biasAtLast = ref (last ? ref Offset(ref bias, col) : ref Unsafe.NullRef<float>());");
                        w.Line("ref float residual = ref (add && last ? ref result : ref Unsafe.NullRef<float>());");
                        string call(int columns) => $"TLane.Panel{columns}A{p.Stride}(ref block, ref panel, (nint)k * 16, ref sumsBefore, ref biasAtLast, ref residual, ref target, ldc, count, depth);";
                        if (panel.Half && panel.Full)
                        {
                            w.Line("if (n - col > 16)");
                            w.Line("    " + call(32));
                            w.Line("else");
                            w.Line("    " + call(16));
                        }
                        else
                        {
                            w.Line(call(panel.Full ? 32 : 16));
                        }

                        if (act)
                        {
                            w.Line("if (last)");
                            w.Line($"    TLane.{p.Activation}(ref target, ldc, count, n - col > 16 ? 32 : 16);");
                        }
                    }
                }
            }
        }
    }
}
