using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the program: the paper's steps in order, written once for all lanes, with the kernels behind TLane.</summary>
internal static class ProgramEmitter
{
    public static void Write(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>The steps, in the order of the paper. Row-major everywhere; T queries, S keys.</summary>");
        using (w.Open("file static class Program"))
        {
            if (plan.Form == CallForm.Softmax)
                SoftmaxRows(w, plan.InputWidth);
            else
                Forward(w, plan);
            foreach (var project in plan.Projects)
            {
                w.Line();
                Project(w, plan, project);
            }

            foreach (var step in plan.Layer.OfType<SplitHeadsStep>().Take(1))
            {
                w.Line();
                SplitHeads(w, step.Attention);
            }

            foreach (var step in plan.Layer.OfType<AttendStep>().Take(1))
            {
                w.Line();
                Attend(w, step.Attention);
            }

            foreach (var step in plan.Layer.OfType<RotaryStep>().GroupBy(s => (s.Rows.Stride, s.Heads)).Select(g => g.First()))
            {
                w.Line();
                Rotate(w, step);
            }

            foreach (var step in plan.Layer.OfType<HeadNormStep>().GroupBy(s => (s.Rows.Stride, s.Heads)).Select(g => g.First()))
            {
                w.Line();
                HeadNorm(w, step);
            }

            if (plan.Layer.OfType<MultiplyStep>().Any())
            {
                w.Line();
                Elementwise(w, "Multiply", "to ← to ∘ by", "*");
            }

            if (plan.Before.OfType<AddTableStep>().Any())
            {
                w.Line();
                Elementwise(w, "Add", "to ← to + by", "+");
            }

            if (AllSteps(plan).Any(step => step is CopyStep || step is HeadNormStep { HeadDim: var d } && d % 16 != 0) || plan.Layers > 1 || plan.Form == CallForm.SelfAttention)
            {
                w.Line();
                CopyRows(w);
            }
        }
    }

    private static IEnumerable<Step> AllSteps(ModelPlan plan) => plan.Before.Concat(plan.Layer).Concat(plan.After);

    // ---- Forward ----

    private static void Forward(SourceWriter w, ModelPlan plan)
    {
        bool attends = plan.Attention is not null;
        string inputs = plan.Form is CallForm.Attention or CallForm.DotProduct ? "ref float query, ref float key, ref float value" : "ref float x";
        string mask = attends ? ", int S, in AttentionMask mask, in ForwardTrace trace" : "";
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"internal static void Forward<TLane>(ref float weights, ref float arena, int capacity, {inputs}, ref float y, int T{mask}) where TLane : struct, ILane"))
        {
            w.Line("// The session's arena: every buffer there is.");
            foreach (var b in plan.Buffers)
                w.Line($"ref float {b.Name} = {Place(b)}; // {b.Shape}");
            if (plan.Buffers.Count > 0)
                w.Line();
            var shared = plan.Weights.Items.Where(weight => !weight.PerLayer).ToList();
            if (shared.Count > 0)
            {
                foreach (var weight in shared)
                    w.Line($"ref float {weight.Variable} = {At("weights", weight.Offset)}; // {weight.Shape}");
                w.Line();
            }

            foreach (var step in plan.Before)
                Print(w, plan, step);
            bool layered = plan.Layers > 1;
            using (layered ? w.Open($"for (int layer = 0; layer < {plan.Layers}; layer++)") : default)
            {
                var own = plan.Weights.Items.Where(weight => weight.PerLayer).ToList();
                if (own.Count > 0)
                {
                    w.Line(layered ? "// This layer's weights." : "// The weights.");
                    w.Line($"ref float w = ref Unsafe.Add(ref weights, {Numbers.Offset(plan.SharedFloats)}{(layered ? $" + (nint)layer * {Numbers.Offset(plan.LayerFloats)}" : "")});");
                    foreach (var weight in own)
                        w.Line($"ref float {weight.Variable} = {At("w", weight.Offset)}; // {weight.Shape}");
                    w.Line();
                }

                if (plan.Form == CallForm.SelfAttention)
                    ShowHidden(w, plan, layered ? "layer" : "0");
                foreach (var step in plan.Layer)
                    Print(w, plan, step);
            }

            if (plan.Form == CallForm.SelfAttention)
                ShowHidden(w, plan, plan.Layers.ToString(System.Globalization.CultureInfo.InvariantCulture));
            foreach (var step in plan.After)
                Print(w, plan, step);
        }
    }

    private static void ShowHidden(SourceWriter w, ModelPlan plan, string index)
    {
        int stride = plan.Buffers.Items.First(b => b.Name == "h").PerToken;
        w.Line("if (!trace.HiddenStates.IsEmpty)");
        w.Line($"    CopyRows(ref h, {stride}, ref Unsafe.Add(ref MemoryMarshal.GetReference(trace.HiddenStates), (nint){index} * T * {plan.OutputWidth}), {plan.OutputWidth}, T, {plan.OutputWidth});");
        w.Line();
    }

    private static string Place(BufferPlan b) => (b.TokenOffset, b.FixedOffset) switch
    {
        (0, 0) => "ref arena",
        (0, _) => $"ref Unsafe.Add(ref arena, {b.FixedOffset})",
        (_, 0) => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset})",
        _ => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset} + {b.FixedOffset})",
    };

    private static string At(string block, long offset) => offset == 0 ? "ref " + block : $"ref Unsafe.Add(ref {block}, {Numbers.Offset(offset)})";

    private static string At(WeightPlan weight) => "ref " + weight.Variable;

    private static void SoftmaxRows(SourceWriter w, int dim)
    {
        int full = dim & ~15, tail = dim & 15;
        w.Line($"/// <summary>Each row of {dim} in place{(tail == 0 ? "" : $"; its last {tail} are worked on in a copy that −∞ pads to 16")}.</summary>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open("internal static void Forward<TLane>(ref float y, int rows) where TLane : struct, ILane"))
        {
            w.Line("Span<float> tail = stackalloc float[16];");
            using (w.Open("for (int i = 0; i < rows; i++)"))
            {
                w.Line($"var row = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref y, (nint)i * {dim}), {dim});");
                w.Line("tail.Fill(float.NegativeInfinity);");
                if (tail > 0)
                    w.Line($"row.Slice({full}).CopyTo(tail);");
                w.Line($"float inverse = TLane.SoftmaxRow(ref MemoryMarshal.GetReference(row), ref MemoryMarshal.GetReference(tail), {full});");
                if (tail > 0)
                    w.Line($"tail.Slice(0, {tail}).CopyTo(row.Slice({full}));");
                w.Line("for (int j = 0; j < row.Length; j++)");
                w.Line("    row[j] *= inverse;");
            }
        }
    }

    private static void Print(SourceWriter w, ModelPlan plan, Step step)
    {
        w.Line("// " + step.Title + ".");
        switch (step)
        {
            case CopyStep s:
                w.Line($"CopyRows(ref {s.From.Name}, {s.From.Stride}, ref {s.To.Name}, {s.To.Stride}, {s.Count}, {s.Width});");
                break;
            case AddTableStep s:
                w.Line($"Add(ref {s.To.Name}, {At(s.Table)}, (nint)T * {s.Width});");
                break;
            case MultiplyStep s:
                w.Line($"Multiply(ref {s.To.Name}, ref {s.By.Name}, (nint)T * {s.Width});");
                break;
            case ProjectStep s:
                w.Line(Call(s, s.Count, null));
                break;
            case ProjectTogetherStep s:
                using (w.Open($"for (int row = 0; row < {(s.Parts.All(part => part.Count == "T") ? "T" : "Math.Max(T, S)")}; row += {s.Block})"))
                {
                    foreach (var part in s.Parts)
                        w.Line($"{Call(part, $"Math.Min({s.Block}, {part.Count} - row)", "row")} // {part.Title}");
                }

                break;
            case NormStep s:
                w.Line($"TLane.{s.Norm.Name}(ref {s.From.Name}, {s.From.Stride}, ref {s.To.Name}, {s.To.Stride}, {At(s.Gain)}, {(s.Norm.Kind == NormKind.LayerNorm ? At(s.Shift!) + ", " : "")}T);");
                break;
            case HeadNormStep s:
                w.Line($"NormHeads{s.Heads}<TLane>(ref {s.Rows.Name}, ref headRow, {At(s.Gain)}, {(s.Shift is null ? "ref Unsafe.NullRef<float>()" : At(s.Shift))}, {s.Count});");
                break;
            case RotaryStep s:
                w.Line($"Rotate{s.Heads}(ref {s.Rows.Name}, ref Unsafe.Add({At(s.Table)}, {(s.IsQuery ? $"(nint)mask.FirstQuery * {s.Table.Stride}" : "0")}), {s.Count});");
                break;
            case SplitHeadsStep s:
                string extra = (s.Attention.Extra > 0 ? ", mask.Keys < 0 ? S : mask.Keys" : "") + (s.Attention.BiasKv ? $", {At(s.Attention.BiasK!)}, {At(s.Attention.BiasV!)}" : "");
                w.Line($"{(s.Attention.Skips ? "bool whole = " : "")}SplitHeads(ref {s.Keys.Name}, {s.Keys.Stride}, ref {s.Values.Name}, {s.Values.Stride}, ref keyPanels, ref valueRows, capacity, S{extra});");
                break;
            case AttendStep s:
                string weights = plan.Layers > 1
                    ? $"trace.AttentionWeights.IsEmpty ? default : trace.AttentionWeights.Slice(layer * {s.Attention.Heads} * T * {Total(s.Attention)}, {s.Attention.Heads} * T * {Total(s.Attention)})"
                    : "trace.AttentionWeights";
                w.Line($"Attend<TLane>(ref {s.Query.Name}, ref keyPanels, ref valueRows, ref {s.To.Name}, ref scores, ref inverse, {At(s.Attention.Zeros)}, capacity, T, S, {(s.Attention.Skips ? "whole, " : "")}mask, {weights});");
                break;
        }

        w.Line();
    }

    private static string Call(ProjectStep s, string count, string? row)
    {
        string At(Operand operand) => row is null ? "ref " + operand.Name : $"ref Unsafe.Add(ref {operand.Name}, (nint){row} * {operand.Stride})";
        var sums = s.Sums is null ? s.To : s.To with { Name = s.Sums };
        return $"{s.Kernel}<TLane>({At(s.From)}, ref {s.Weight.Variable}, ref {s.Bias.Variable}, {At(s.To)}, {s.To.Stride}, {(s.AddToResult ? "true" : "false")}, {At(sums)}, {count}, {s.K}, {s.N});";
    }

    private static string Total(AttentionPlan a) => a.Extra == 0 ? "S" : $"(S + {a.Extra})";

    // ---- the matrix product ----

    private static void Project(SourceWriter w, ModelPlan plan, ProjectKernel p)
    {
        var panel = plan.Panels.Items.First(x => x.Stride == p.Stride);
        bool act = p.Activation != "None";
        w.Line($"/// <summary>C[rows, n] = {(act ? p.Activation + "(" : "")}bias + A[rows, k]·W{(act ? ")" : "")}, or C += that if <paramref name=\"add\"/>; sums is room for C where it is added to and K takes several blocks. A's rows are {p.Stride} floats apart, W lies in panels [n/16][k][16].</summary>");
        w.Line($"/// <remarks>A panel of W stays hot while all rows pass over it. Blocks of {p.MC} rows × {p.KC} of k keep A in the second-level cache; sums go on in the order of k, so blocks change no bit.</remarks>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
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
                        w.Line("ref float init = ref (k0 == 0 ? ref Unsafe.Add(ref bias, col) : ref unfinished);");
                        w.Line("ref float target = ref (last ? ref result : ref unfinished);");
                        w.Line("ref float residual = ref (add && last ? ref result : ref Unsafe.NullRef<float>());");
                        w.Line("nint initStride = k0 == 0 ? 0 : ldc;");
                        string call(int columns) => $"TLane.Panel{columns}A{p.Stride}(ref block, ref panel, (nint)k * 16, ref init, initStride, ref residual, ref target, ldc, count, depth);";
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

    // ---- attention ----

    private static void SplitHeads(SourceWriter w, AttentionPlan a)
    {
        string extra = (a.Extra > 0 ? ", int real" : "") + (a.BiasKv ? ", ref float biasK, ref float biasV" : "");
        w.Line("/// <summary>Keys [S, Hkv·Dh] become panels [Hkv][S/16][Dh][16] (each head transposed, so that vectors run over keys); values become rows [Hkv][S][Dv].</summary>");
        if (a.Skips)
            w.Line("/// <returns>Whether a value is NaN or infinite: it then must reach every query, as 0·NaN does in PyTorch, and no key may be skipped.</returns>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static {(a.Skips ? "bool" : "void")} SplitHeads(ref float k, nint ldk, ref float v, nint ldv, ref float keyPanels, ref float valueRows, int capacity, int S{extra})"))
        {
            string cap = a.Room > 0 ? $"(capacity + {a.Room})" : "capacity";
            w.Line("int t = 0;");
            if (a.HeadDim >= 4)
            {
                using (w.Open("for (; t <= S - 4; t += 4)"))
                {
                    w.Line($"ref float panel = ref Unsafe.Add(ref keyPanels, (nint)(t / 16) * {16 * a.HeadDim} + t % 16);");
                    w.Line("ref float k0 = ref Unsafe.Add(ref k, t * ldk); ref float k1 = ref Unsafe.Add(ref k0, ldk); ref float k2 = ref Unsafe.Add(ref k1, ldk); ref float k3 = ref Unsafe.Add(ref k2, ldk);");
                    using (w.Open($"for (int head = 0; head < {a.KvHeads}; head++)"))
                    {
                        using (w.Open($"for (int d = 0; d < {a.HeadDim & ~3}; d += 4)"))
                        {
                            w.Line("// Four tokens × four features, transposed in registers.");
                            w.Line("var r0 = Vector128.LoadUnsafe(ref k0, (nuint)d); var r1 = Vector128.LoadUnsafe(ref k1, (nuint)d); var r2 = Vector128.LoadUnsafe(ref k2, (nuint)d); var r3 = Vector128.LoadUnsafe(ref k3, (nuint)d);");
                            w.Line("var lo01 = HeadLayout.ZipLower(r0, r1); var lo23 = HeadLayout.ZipLower(r2, r3); var hi01 = HeadLayout.ZipUpper(r0, r1); var hi23 = HeadLayout.ZipUpper(r2, r3);");
                            w.Line("ref float to = ref Unsafe.Add(ref panel, d * 16);");
                            w.Line("HeadLayout.LowerHalves(lo01, lo23).StoreUnsafe(ref to);");
                            w.Line("HeadLayout.UpperHalves(lo01, lo23).StoreUnsafe(ref to, 16);");
                            w.Line("HeadLayout.LowerHalves(hi01, hi23).StoreUnsafe(ref to, 32);");
                            w.Line("HeadLayout.UpperHalves(hi01, hi23).StoreUnsafe(ref to, 48);");
                        }

                        for (int d = a.HeadDim & ~3; d < a.HeadDim; d++)
                            w.Line($"Vector128.Create(Unsafe.Add(ref k0, {d}), Unsafe.Add(ref k1, {d}), Unsafe.Add(ref k2, {d}), Unsafe.Add(ref k3, {d})).StoreUnsafe(ref panel, {d * 16});");
                        w.Line($"k0 = ref Unsafe.Add(ref k0, {a.HeadDim}); k1 = ref Unsafe.Add(ref k1, {a.HeadDim}); k2 = ref Unsafe.Add(ref k2, {a.HeadDim}); k3 = ref Unsafe.Add(ref k3, {a.HeadDim});");
                        w.Line($"panel = ref Unsafe.Add(ref panel, (nint){cap} * {a.HeadDim});");
                    }
                }

                w.Line();
            }

            using (w.Open("for (; t < S; t++)"))
            {
                w.Line($"ref float panel = ref Unsafe.Add(ref keyPanels, (nint)(t / 16) * {16 * a.HeadDim} + t % 16);");
                using (w.Open($"for (int head = 0; head < {a.KvHeads}; head++)"))
                {
                    w.Line($"for (int d = 0; d < {a.HeadDim}; d++)");
                    w.Line($"    Unsafe.Add(ref panel, d * 16) = Unsafe.Add(ref k, t * ldk + head * {a.HeadDim} + d);");
                    w.Line($"panel = ref Unsafe.Add(ref panel, (nint){cap} * {a.HeadDim});");
                }
            }

            w.Line();
            if (a.Skips)
                w.Line("var probe = Vector256<float>.Zero; float last = 0; // Σ of value·0: 0, or NaN if a value is NaN or infinite");
            using (w.Open("for (t = 0; t < S; t++)"))
            {
                w.Line("ref float value = ref Unsafe.Add(ref v, t * ldv);");
                w.Line($"ref float row = ref Unsafe.Add(ref valueRows, (nint)t * {a.ValueStride});");
                using (w.Open($"for (int head = 0; head < {a.KvHeads}; head++)"))
                {
                    int whole = a.ValueHeadDim & ~7;
                    if (whole > 0)
                    {
                        using (w.Open($"for (nuint d = 0; d < {whole}; d += 8)"))
                        {
                            w.Line("var eight = Vector256.LoadUnsafe(ref value, d);");
                            w.Line("eight.StoreUnsafe(ref row, d);");
                            if (a.Skips)
                                w.Line("probe += eight * 0f;");
                        }
                    }

                    for (int d = whole; d < a.ValueHeadDim; d++)
                        w.Line($"Unsafe.Add(ref row, {d}) = Unsafe.Add(ref value, {d});{(a.Skips ? $" last += Unsafe.Add(ref value, {d}) * 0f;" : "")}");
                    w.Line($"value = ref Unsafe.Add(ref value, {a.ValueHeadDim}); row = ref Unsafe.Add(ref row, (nint){cap} * {a.ValueStride});");
                }
            }

            if (a.Skips)
                w.Line("return Vector256.Sum(probe) + last != 0;");
            if (a.Extra == 0)
                return;
            w.Line();
            using (w.Open($"for (int head = 0; head < {a.KvHeads}; head++)"))
            {
                w.Line("// Padding stands between the caller's keys and the appended ones: weight 0, and so that 0·NaN cannot be, value 0.");
                w.Line($"MemoryMarshal.CreateSpan(ref Unsafe.Add(ref valueRows, ((nint)head * {cap} + real) * {a.ValueStride}), (S - real) * {a.ValueStride}).Clear();");
                w.Line($"ref float panels = ref Unsafe.Add(ref keyPanels, (nint)head * {cap} * {a.HeadDim});");
                int at = 0;
                if (a.BiasKv)
                    Append("the learned key and value", $"Unsafe.Add(ref biasK, head * {a.HeadDim} + d)", $"Unsafe.Add(ref biasV, head * {a.ValueHeadDim} + d)");
                if (a.ZeroAttn)
                    Append("a key and a value of zeros", "0", "0");

                void Append(string what, string keyOf, string valueOf)
                {
                    string t = at == 0 ? "S" : $"(S + {at})";
                    w.Line($"// Appended: {what}.");
                    w.Line($"for (int d = 0; d < {a.HeadDim}; d++)");
                    w.Line($"    Unsafe.Add(ref panels, (nint)({t} / 16) * {16 * a.HeadDim} + d * 16 + {t} % 16) = {keyOf};");
                    w.Line($"for (int d = 0; d < {a.ValueHeadDim}; d++)");
                    w.Line($"    Unsafe.Add(ref valueRows, ((nint)head * {cap} + {t}) * {a.ValueStride} + d) = {valueOf};");
                    at++;
                }
            }
        }
    }

    private static void Attend(SourceWriter w, AttentionPlan a)
    {
        var s = a.Score;
        bool ranged = s.Causal || s.Window > 0;
        string cap = a.Room > 0 ? $"(capacity + {a.Room})" : "capacity";
        int group = a.Heads / a.KvHeads;
        w.Line($"/// <summary>context = softmax(Q·Kᵀ·scale + mask)·V, head by head, {LaneTable.QueryBlock} queries at a time ({LaneTable.LongQueryBlock} beyond {LaneTable.LongKeys} keys, so that their scores stay in the first-level cache): memory O(T), never O(T²).</summary>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void Attend<TLane>(ref float q, ref float keyPanels, ref float valueRows, ref float context, ref float scores, ref float inverse, ref float zeros, int capacity, int T, int S, {(a.Skips ? "bool whole, " : "")}in AttentionMask mask, Span<float> weights) where TLane : struct, ILane"))
        {
            w.Line("int real = mask.Keys < 0 ? S : mask.Keys; // keys that are not padding");
            if (a.Extra > 0)
                w.Line($"// The {a.Extra} appended keys stand right after S; padding between is hidden below.");
            w.Line("bool masked = !mask.Bias.IsEmpty || !mask.KeyFlags.IsEmpty || !mask.PairFlags.IsEmpty;");
            w.Line(a.Reshaped ? "const float Scale = 1f; // Shape has scaled the scores" : $"float scale = mask.Bias.IsEmpty ? {Numbers.Float(s.Scale)} : 1f; // a bias is added to scaled scores");
            if (s.Position == PositionKind.Alibi)
                w.Line($"ReadOnlySpan<float> slopes = [{string.Join(", ", a.AlibiSlopes.Select(Numbers.Float))}];");
            w.Line($"int block = S > {LaneTable.LongKeys} ? {LaneTable.LongQueryBlock} : {LaneTable.QueryBlock};");
            using (w.Open($"for (int head = 0; head < {a.Heads}; head++)"))
            {
                string kv = group == 1 ? "head" : a.KvHeads == 1 ? "0" : $"(head / {group})";
                w.Line($"ref float keys = ref Unsafe.Add(ref keyPanels, (nint){kv} * {cap} * {a.HeadDim});");
                w.Line($"ref float values = ref Unsafe.Add(ref valueRows, (nint){kv} * {cap} * {a.ValueStride});");
                using (w.Open("for (int row = 0; row < T; row += block)"))
                {
                    w.Line("int rows = Math.Min(block, T - row);");
                    if (a.Skips)
                    {
                        w.Line("int position = mask.FirstQuery + row; // of the first query of the block among the keys");
                        w.Line(s.Window > 0 ? $"int begin = whole ? 0 : Math.Clamp(position - {s.Window - 1}, 0, Math.Max(0, real - 1)) & ~31; // whole panels" : "const int begin = 0;");
                        w.Line(s.Causal ? "int end = whole ? real : Math.Clamp(position + rows, 0, real);" : $"int end = whole ? real : Math.Clamp(position + rows - 1 + {s.Window}, 0, real);");
                        w.Line("end = Math.Max(end, begin);");
                    }
                    else
                    {
                        if (ranged)
                            w.Line("int position = mask.FirstQuery + row;");
                        w.Line("const int begin = 0;");
                        w.Line(a.Extra > 0 ? $"int end = S + {a.Extra};" : "int end = real;");
                    }

                    w.Line("int n = end - begin, padded = (n + 15) & ~15;");
                    w.Line();
                    w.Line("// scores[rows, n] = Q·Kᵀ");
                    using (w.Open("for (int j = 0; j < padded; j += 32)"))
                    {
                        w.Line($"ref float panel = ref Unsafe.Add(ref keys, (nint)(begin + j) * {a.HeadDim});");
                        w.Line($"ref float query = ref Unsafe.Add(ref q, (nint)row * {a.QueryStride} + head * {a.HeadDim});");
                        w.Line("if (padded - j > 16)");
                        w.Line($"    TLane.Panel32A{a.QueryStride}(ref query, ref panel, {16 * a.HeadDim}, ref zeros, 0, ref Unsafe.NullRef<float>(), ref Unsafe.Add(ref scores, j), {a.ScoreStride}, rows, {a.HeadDim});");
                        w.Line("else");
                        w.Line($"    TLane.Panel16A{a.QueryStride}(ref query, ref panel, {16 * a.HeadDim}, ref zeros, 0, ref Unsafe.NullRef<float>(), ref Unsafe.Add(ref scores, j), {a.ScoreStride}, rows, {a.HeadDim});");
                    }

                    w.Line();
                    string slope = s.Position == PositionKind.Alibi ? "slopes[head]" : "0f";
                    string distance = s.Position == PositionKind.Alibi ? "mask.FirstQuery + row - begin" : "0";
                    if (a.Reshaped)
                    {
                        w.Line($"TLane.Shape(ref scores, rows, padded, {slope}, {distance});");
                    }
                    else
                    {
                        w.Line("if (!mask.Bias.IsEmpty)");
                        w.Line("    TLane.Shape(ref scores, rows, padded, 0f, 0);");
                    }

                    w.Line();
                    w.Line("// Hidden keys: −∞.");
                    using (w.Open(ranged || a.Extra > 0 ? "for (int i = 0; i < rows; i++)" : "for (int i = 0; i < rows && (masked || padded > n); i++)"))
                    {
                        w.Line($"ref float line = ref Unsafe.Add(ref scores, (nint)i * {a.ScoreStride});");
                        w.Line("MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, n), padded - n).Fill(float.NegativeInfinity);");
                        if (a.Extra > 0)
                            w.Line("MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, real), S - real).Fill(float.NegativeInfinity);");
                        w.Line("if (masked)");
                        w.Line(a.Extra > 0
                            ? "    ScoreMask.Apply(MemoryMarshal.CreateSpan(ref line, S), mask, head, row + i, T, S, 0);"
                            : "    ScoreMask.Apply(MemoryMarshal.CreateSpan(ref line, n), mask, head, row + i, T, S, begin);");
                        string last = a.Extra > 0 ? "S" : "end";
                        if (s.Causal || s.Window > 0)
                        {
                            w.Line(s.Causal
                                ? $"int after = Math.Clamp(position + i + 1, begin, {last});"
                                : $"int after = Math.Clamp(position + i + {s.Window}, begin, {last});");
                            w.Line($"MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, after - begin), {last} - after).Fill(float.NegativeInfinity);");
                        }

                        if (s.Window > 0)
                        {
                            w.Line($"int first = Math.Clamp(position + i - {s.Window - 1}, begin, {last});");
                            w.Line("MemoryMarshal.CreateSpan(ref line, first - begin).Fill(float.NegativeInfinity);");
                        }
                    }

                    w.Line();
                    w.Line($"TLane.Softmax(ref scores, ref inverse, rows, padded, {(a.Reshaped ? "Scale" : "scale")});");
                    w.Line();
                    using (w.Open("if (!weights.IsEmpty)"))
                    {
                        using (w.Open("for (int i = 0; i < rows; i++)"))
                        {
                            w.Line($"ref float line = ref Unsafe.Add(ref scores, (nint)i * {a.ScoreStride});");
                            w.Line($"var shown = weights.Slice((head * T + row + i) * {Total(a)}, {Total(a)});");
                            w.Line("shown.Clear();");
                            w.Line("for (int j = 0; j < n; j++)");
                            w.Line("    shown[begin + j] = Unsafe.Add(ref line, j) * Unsafe.Add(ref inverse, i);");
                        }
                    }

                    w.Line();
                    w.Line("// context[rows, Dv] = weights·V");
                    w.Line($"TLane.WeightedSum(ref scores, ref Unsafe.Add(ref values, (nint)begin * {a.ValueStride}), ref inverse, ref Unsafe.Add(ref context, (nint)row * {a.ContextStride} + head * {a.ValueHeadDim}), rows, n);");
                }
            }
        }
    }

    private static void Rotate(SourceWriter w, RotaryStep s)
    {
        int r = s.RotaryDim, half = r / 2, sin = s.Table.Stride / 2;
        w.Line($"/// <summary>Rotary embedding of {s.Heads} heads of {s.HeadDim}, {r} features of each, in pairs {(s.Interleaved ? "(2j, 2j + 1)" : $"(j, j + {half})")}. A row of the table holds cos, then sin with the sign of its place.</summary>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
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
                                w.Line("var x = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j));");
                                w.Line("var turned = Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2)) * Vector128.LoadUnsafe(ref Unsafe.Add(ref sin, j));");
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
                                w.Line($"var lower = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j)); var upper = Vector128.LoadUnsafe(ref Unsafe.Add(ref v, j + {half}));");
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

    private static void HeadNorm(SourceWriter w, HeadNormStep s)
    {
        bool layer = s.Norm.Kind == NormKind.LayerNorm;
        string shift = layer ? "ref shift, " : "";
        w.Line($"/// <summary>Norm of each of {s.Heads} heads' {s.HeadDim} features.</summary>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
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

    private static void Elementwise(SourceWriter w, string name, string summary, string op)
    {
        w.Line($"/// <summary>{summary}; count is a multiple of 16.</summary>");
        w.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {name}(ref float to, ref float by, nint count)"))
        {
            w.Line("for (nint i = 0; i < count; i += 8)");
            w.Line($"    (Vector256.LoadUnsafe(ref Unsafe.Add(ref to, i)) {op} Vector256.LoadUnsafe(ref Unsafe.Add(ref by, i))).StoreUnsafe(ref Unsafe.Add(ref to, i));");
        }
    }

    private static void CopyRows(SourceWriter w)
    {
        w.Line("/// <summary>Copies rows of <paramref name=\"width\"/> floats and not one more.</summary>");
        using (w.Open("private static void CopyRows(ref float from, nint fromStride, ref float to, nint toStride, int rows, int width)"))
        {
            w.Line("for (int row = 0; row < rows; row++)");
            w.Line("    MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref from, row * fromStride), width).CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, row * toStride), width));");
        }
    }
}
