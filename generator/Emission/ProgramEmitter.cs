using AttnGen.Generator.Emission.Kernels;
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
            foreach (var method in plan.Model?.Methods ?? EquatableArray<MethodPlan>.Empty)
            {
                if (method.Steps.Count == 0)
                    continue;
                w.Line();
                OutputEmitter.Method(w, plan, method);
            }

            foreach (var step in plan.Before)
            {
                if (step is EmbedTokensStep or PatchesStep)
                {
                    w.Line();
                    InputEmitter.Write(w, step);
                }
            }

            foreach (var step in plan.Layer.OfType<HeadNormStep>().GroupBy(s => (s.Rows.Stride, s.Heads)).Select(g => g.First()))
            {
                w.Line();
                HeadEmitter.HeadNorm(w, step);
            }
        }

        if (plan.Attention is { } attention)
        {
            w.Line();
            Heads(w, attention);
        }
    }

    /// <summary>What attention is compiled for, as the type argument of the kernels.</summary>
    private static void Heads(SourceWriter w, AttentionPlan a)
    {
        var s = a.Score;
        w.Line($"/// <summary>{a.Heads} heads of {a.HeadDim}{(a.KvHeads == a.Heads ? "" : $", {a.KvHeads} of keys and values")}{(a.ValueHeadDim == a.HeadDim ? "" : $", values of {a.ValueHeadDim}")}.</summary>");
        using (w.Open("file readonly struct Heads : IHeads"))
        {
            foreach (var (type, name, _) in AttentionKernels.Constants)
                w.Line($"public static {type} {name} => {Value(name)};");
            w.Line();
            w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveInlining)]");
            w.Line("public static void WeightedSum<TLane>(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys) where TLane : struct, ILane =>");
            w.Line($"    TLane.WeightedSum{a.ValueHeadDim}<A{a.ScoreStride}, A{a.ValueStride}, A{a.ContextStride}>(ref p, ref v, ref inverse, ref c, rows, keys);");
        }

        string Value(string name) => name switch
        {
            "Count" => Text.Of(a.Heads),
            "KvCount" => Text.Of(a.KvHeads),
            "KeyDim" => Text.Of(a.HeadDim),
            "ValueDim" => Text.Of(a.ValueHeadDim),
            "QueryStride" => Text.Of(a.QueryStride),
            "ValueStride" => Text.Of(a.ValueStride),
            "ContextStride" => Text.Of(a.ContextStride),
            "ScoreStride" => Text.Of(a.ScoreStride),
            "Appended" => Text.Of(a.Extra),
            "LearnedKey" => Flag(a.BiasKv),
            "ZeroKey" => Flag(a.ZeroAttn),
            "Scale" => Text.Float(s.Scale),
            "Softcap" => Text.Float(s.Softcap),
            "Causal" => Flag(s.Causal),
            "Windowed" => Flag(s.Window > 0 || a.WindowVaries),
            "Relative" => Flag(a.Relative is not null),
            "Alibi" => Flag(s.Position == PositionKind.Alibi),
            "Slopes" => a.AlibiSlopes.Count == 0 ? "default" : $"[{string.Join(", ", a.AlibiSlopes.Select(Text.Float))}]",
            _ => throw new NotSupportedException(name),
        };

        static string Flag(bool value) => value ? "true" : "false";
    }

    // ---- Forward ----

    private static void Forward(SourceWriter w, ModelPlan plan)
    {
        bool attends = plan.Attention is not null;
        string inputs = plan.Form switch
        {
            CallForm.Attention or CallForm.DotProduct => "ref float query, ref float key, ref float value, ref float y",
            CallForm.Tokens => "global::System.ReadOnlySpan<int> tokenIds, global::System.ReadOnlySpan<int> tokenTypes",
            CallForm.Image => "ref float pixels",
            _ => "ref float x, ref float y",
        };
        string computed = plan.Form switch
        {
            CallForm.Attention or CallForm.DotProduct => $"y[T, {plan.OutputWidth}] = attention of query[T, {plan.InputWidth}] to key[S, {plan.KeyWidth}] and value[S, {plan.ValueWidth}]",
            CallForm.SelfAttention => $"x[T, {plan.InputWidth}] through {Layers()} to y[T, {plan.OutputWidth}]; S is T",
            CallForm.Tokens => $"T token ids through {Layers()} to hidden states h[T, {plan.OutputWidth}], which stay in the arena; S is T",
            CallForm.Image => $"An image's T = {plan.MaxTokens} tokens through {Layers()} to hidden states h[T, {plan.OutputWidth}], which stay in the arena; S is T",
            _ => $"y[T, {plan.OutputWidth}] of x[T, {plan.InputWidth}], row by row",
        };
        string Layers() => plan.Layers == 1 ? "one layer" : $"{plan.Layers} layers";
        w.Line($"/// <summary>{computed}. Capacity is the number of tokens that the arena has room for.</summary>");
        string mask = attends ? ", int S, in AttentionMask mask, in ForwardTrace trace" : "";
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"internal static void Forward<TLane>(ref float weights, ref float arena, int capacity, {inputs}, int T{mask}) where TLane : struct, ILane"))
        {
            w.Line("// The session's arena: every buffer there is.");
            foreach (var b in plan.Buffers)
                w.Line($"ref float {b.Name} = {Place(b)}; // {b.Shape}");
            if (plan.Buffers.Count > 0)
                w.Line();
            var shared = plan.Weights.Items.Where(weight => !weight.PerLayer).ToList();
            if (shared.Count > 0)
            {
                w.Line(plan.Hidden is null ? "// Tables, which no file holds." : "// Weights that belong to no layer.");
                foreach (var weight in shared)
                    w.Line($"ref float {weight.Name} = {At("weights", weight.Offset)}; // {weight.Shape}");
                w.Line();
            }

            foreach (var step in plan.Before)
                Print(w, plan, step);
            using (plan.InLoop ? w.Open($"for (int layer = 0; layer < {plan.Layers}; layer++)") : default)
            {
                var own = plan.Weights.Items.Where(weight => weight.PerLayer).ToList();
                if (own.Count > 0)
                {
                    w.Line(plan.InLoop ? "// This layer's weights." : "// The weights.");
                    string index = plan.LayerSets.Count == 0 ? "(nint)layer" : plan.StoredLayers == 1 ? "0" : "(nint)sets[layer]";
                    if (plan.StoredLayers > 1 && plan.LayerSets.Count > 0)
                        w.Line($"global::System.ReadOnlySpan<int> sets = [{string.Join(", ", plan.LayerSets)}]; // which of the {plan.StoredLayers} sets of weights a layer takes");
                    w.Line($"ref float own = {(plan.InLoop ? $"ref Unsafe.Add(ref weights, {Text.Offset(plan.SharedFloats)} + {index} * {Text.Offset(plan.LayerFloats)})" : At("weights", plan.SharedFloats))};");
                    foreach (var weight in own)
                        w.Line($"ref float {weight.Name} = {At("own", weight.Offset)}; // {weight.Shape}");
                    w.Line();
                }

                if (plan.Attention is { WindowVaries: true })
                {
                    w.Line("// Keys that a query of this layer reaches to each side, itself included.");
                    w.Line($"global::System.ReadOnlySpan<int> windows = [{string.Join(", ", plan.Attention.Windows.Select(window => window == 0 ? "Attention.MaxWindow" : Text.Of(window)))}];");
                    w.Line("int window = windows[layer];");
                    w.Line();
                }

                if (plan.Model is { Rotary.Count: > 0 } model)
                {
                    w.Line("// This layer's table of rotations.");
                    w.Line($"global::System.ReadOnlySpan<long> tables = [{string.Join(", ", model.Rotary)}];");
                    w.Line("ref float rotaryOfLayer = ref Unsafe.Add(ref weights, (nint)tables[layer]);");
                    w.Line();
                }

                if (plan.Hidden is not null)
                    ShowHidden(w, plan, plan.InLoop ? "layer" : "0");
                foreach (var step in plan.Layer)
                    Print(w, plan, step);
            }

            if (plan.InLoop)
                w.Line();
            if (plan.Hidden is { LastIsNormed: false })
                ShowHidden(w, plan, Text.Of(plan.Layers));
            foreach (var step in plan.After)
                Print(w, plan, step);
            if (plan.Hidden is { LastIsNormed: true })
                ShowHidden(w, plan, Text.Of(plan.Layers));
        }
    }

    private static void ShowHidden(SourceWriter w, ModelPlan plan, string index)
    {
        var h = plan.Hidden!.Buffer;
        w.Line("if (!trace.HiddenStates.IsEmpty)");
        w.Line($"    Rows.Copy(ref {h.Name}, {h.PerToken}, {(index == "0" ? "ref MemoryMarshal.GetReference(trace.HiddenStates)" : $"ref Unsafe.Add(ref MemoryMarshal.GetReference(trace.HiddenStates), (nint){index} * T * {plan.OutputWidth})")}, {plan.OutputWidth}, T, {plan.OutputWidth});");
        w.Line();
    }

    /// <summary>The reference that stands for nothing.</summary>
    internal const string Null = "ref Unsafe.NullRef<float>()";

    internal static string Place(BufferPlan b) => (b.TokenOffset, b.FixedOffset) switch
    {
        (0, 0) => "ref arena",
        (0, _) => $"ref Unsafe.Add(ref arena, {b.FixedOffset})",
        (_, 0) => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset})",
        _ => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset} + {b.FixedOffset})",
    };

    internal static string At(string block, long offset) => offset == 0 ? "ref " + block : $"ref Unsafe.Add(ref {block}, {Text.Offset(offset)})";

    private static string At(WeightPlan weight) => "ref " + weight.Name;

    private static void SoftmaxRows(SourceWriter w, int dim)
    {
        int full = dim & ~15, tail = dim & 15;
        w.Line($"/// <summary>Each row of {dim} in place{(tail == 0 ? "" : $"; its last {tail} are worked on in a copy that −∞ pads to 16")}.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open("internal static void Forward<TLane>(ref float y, int rows) where TLane : struct, ILane"))
        {
            w.Line("global::System.Span<float> tail = stackalloc float[16];");
            using (w.Open("for (int i = 0; i < rows; i++)"))
            {
                w.Line($"global::System.Span<float> row = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref y, (nint)i * {dim}), {dim});");
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

    internal static void Print(SourceWriter w, ModelPlan plan, Step step)
    {
        string formula = Formula(step);
        w.Line($"// {step.Title}{(formula.Length > 0 ? ": " : "")}{formula}.");
        switch (step)
        {
            case CopyStep s:
                w.Line($"Rows.Copy(ref {s.From.Name}, {s.From.Stride}, ref {s.To.Name}, {s.To.Stride}, {s.Count}, {s.Width});");
                break;
            case AddTableStep s:
                w.Line($"Rows.Add(ref {s.To.Name}, {At(s.Table)}, (nint)T * {s.Width});");
                break;
            case AddStep s:
                w.Line($"Rows.Add(ref {s.To.Name}, ref {s.From.Name}, (nint)T * {s.Width});");
                break;
            case MultiplyStep s:
                w.Line($"Rows.Multiply(ref {s.To.Name}, ref {s.By.Name}, (nint)T * {s.Width});");
                break;
            case ProjectStep s:
                w.Line(Call(s, s.Count, null));
                break;
            case ProjectTogetherStep s:
                using (w.Open($"for (int row = 0; row < Math.Max(T, S); row += {s.Block})"))
                {
                    foreach (var part in s.Parts)
                    {
                        w.Line($"// {part.Title}: {Formula(part)}.");
                        w.Line(Call(part, $"Math.Min({s.Block}, {part.Count} - row)", "row"));
                    }
                }

                break;
            case EmbedTokensStep s:
                w.Line($"EmbedTokens(ref {s.To.Name}, {At(s.Words)}{(s.Positions is null ? "" : ", " + At(s.Positions))}{(s.Types is null ? "" : ", " + At(s.Types))}, tokenIds{(s.Types is null ? "" : ", tokenTypes")});");
                break;
            case PatchesStep s:
                w.Line($"Patches(ref pixels, ref {s.To.Name});");
                break;
            case AliasStep s:
                w.Line($"ref float {s.Name} = ref Unsafe.Add(ref {s.Of.Name}, {s.Row * s.Of.Stride});");
                break;
            case MeanStep s:
                w.Line($"Pools.Mean(ref {s.From.Name}, {s.From.Stride}, {s.Width}, T, mask, MemoryMarshal.CreateSpan(ref {s.To.Name}, {s.Width}));");
                break;
            case OutputStep s:
                OutputEmitter.Step(w, s);
                break;
            case NormStep s:
                if (s.FirstLayer > 0)
                {
                    w.Line(s.FirstLayer == 1 ? "if (layer == 0)" : $"if (layer < {s.FirstLayer})");
                    w.Line($"    Rows.Copy(ref {s.From.Name}, {s.From.Stride}, ref {s.To.Name}, {s.To.Stride}, T, {s.Norm.Dim});");
                    w.Line("else");
                }

                w.Line($"{(s.FirstLayer > 0 ? "    " : "")}TLane.{s.Norm.Kernel.Name}(ref {s.From.Name}, {s.From.Stride}, ref {s.To.Name}, {s.To.Stride}, {At(s.Gain)}, {(s.Norm.Kind == NormKind.LayerNorm ? At(s.Shift!) + ", " : "")}{s.Count}, {Epsilon(s.Norm)});");
                break;
            case HeadNormStep s:
                w.Line($"NormHeads{s.Heads}<TLane>(ref {s.Rows.Name}, ref headRow, {At(s.Gain)}, {(s.Shift is null ? "ref Unsafe.NullRef<float>()" : At(s.Shift))}, {s.Count});");
                break;
            case RotaryStep s:
                string angles = s.TableVaries ? "ref rotaryOfLayer" : At(s.Table);
                if (s.IsQuery && plan.Model is null)
                {
                    w.Line("// Queries before the first key stand at negative positions.");
                    w.Line("int ahead = (int)Math.Clamp(-(long)mask.FirstQuery, 0, T);");
                    w.Line("if (ahead > 0)");
                    w.Line($"    Rotation.Backwards(ref {s.Rows.Name}, {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.RotaryDim}, {(s.Interleaved ? "true" : "false")}, {angles}, {s.Table.Stride}, {s.Table.Rows}, mask.FirstQuery, ahead);");
                    w.Line($"Rotary.{Kind(s)}(ref Unsafe.Add(ref {s.Rows.Name}, (nint)ahead * {s.Rows.Stride}), {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.RotaryDim}, ref Unsafe.Add({angles}, (nint)Math.Max(0, mask.FirstQuery) * {s.Table.Stride}), {s.Table.Stride}, {s.Count} - ahead);");
                    break;
                }

                w.Line($"Rotary.{Kind(s)}(ref {s.Rows.Name}, {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.RotaryDim}, {angles}, {s.Table.Stride}, {s.Count});");
                break;
            case SplitHeadsStep s:
                string learned = s.Attention.BiasKv ? $"{At(s.Attention.BiasK!)}, {At(s.Attention.BiasV!)}" : $"{Null}, {Null}";
                w.Line($"bool whole = Attention.SplitHeads<Heads>(ref {s.Keys.Name}, {s.Keys.Stride}, ref {s.Values.Name}, {s.Values.Stride}, ref keyPanels, ref valueRows, capacity, S, mask.Keys < 0 ? S : mask.Keys, {learned});");
                break;
            case AttendStep s:
                string weights = plan.InLoop
                    ? $"trace.AttentionWeights.IsEmpty ? default : trace.AttentionWeights.Slice(layer * {s.Attention.Heads} * T * {s.Attention.Keys}, {s.Attention.Heads} * T * {s.Attention.Keys})"
                    : "trace.AttentionWeights";
                string relative = s.Attention.Relative is { } table ? $"ref Unsafe.Add({At(table)}, {(table.Columns - 1) / 2}), {table.Stride}" : $"{Null}, 0";
                string window = s.Attention.WindowVaries ? "window" : Text.Of(s.Attention.Score.Window);
                w.Line($"Attention.Attend<TLane, Heads, A{s.Attention.QueryStride}>(ref {s.Query.Name}, ref keyPanels, ref valueRows, ref {s.To.Name}, ref scores, ref inverse, {relative}, capacity, T, S, whole, {window}, mask, {weights});");
                break;
            default:
                throw new NotSupportedException(step.GetType().Name); // A step that prints nothing would be another model.
        }

        w.Line();
    }

    /// <summary>A step with its shapes, as the paper writes it; "" where its title says all.</summary>
    private static string Formula(Step step)
    {
        return step switch
        {
            CopyStep s => $"{s.To.Name}[{s.Count}, {s.Width}] = {s.From.Name}",
            AddTableStep s => $"{s.To.Name}[T, {s.Width}] += the first T rows of {s.Table.Name}",
            AddStep s => $"{s.To.Name}[T, {s.Width}] += {s.From.Name}",
            MultiplyStep s => $"{s.To.Name}[T, {s.Width}] = {s.To.Name} ∘ {s.By.Name}",
            ProjectStep s => Product(s, s.To.Name, s.AddToResult),
            OutputStep s => Product(s.Project, "y", false) + (s.Average ? ", the mean of that and what y holds" : ""),
            NormStep s => $"{s.To.Name}[{s.Count}, {s.Norm.Dim}] = {s.Norm.Kind}({s.From.Name})",
            HeadNormStep s => $"{s.Rows.Name}[{s.Count}, {s.Heads}, {s.HeadDim}]",
            RotaryStep s => $"{s.RotaryDim} features of {s.Rows.Name}[{s.Count}, {s.Heads}, {s.HeadDim}]",
            SplitHeadsStep s => $"of {s.Keys.Name}[S, {s.Attention.KvHeads}·{s.Attention.HeadDim}] and {s.Values.Name}[S, {s.Attention.KvHeads}·{s.Attention.ValueHeadDim}]",
            AttendStep s => $"{s.To.Name}[T, {s.Attention.Heads}·{s.Attention.ValueHeadDim}] of {s.Query.Name}[T, {s.Attention.Heads}·{s.Attention.HeadDim}]",
            EmbedTokensStep s => $"{s.To.Name}[T, {s.Width}]",
            MeanStep s => $"{s.To.Name}[1, {s.Width}] of {s.From.Name}[T, {s.Width}]",
            _ => "",
        };

        static string Product(ProjectStep s, string to, bool add)
        {
            string product = $"{s.From.Name}[{s.Count}, {s.K}]·{s.Weight.Name}{(s.Bias is null ? "" : " + " + s.Bias.Name)}";
            return $"{to}[{s.Count}, {s.N}] {(add ? "+=" : "=")} {(s.Activation == "None" ? product : $"{s.Activation}({product})")}";
        }
    }

    /// <summary>The product's driver with its type arguments.</summary>
    internal static string Run(ProjectStep s) => $"Product.Run<TLane, A{s.From.Stride}, {s.Activation}>";

    /// <summary>The last arguments of a product.</summary>
    internal static string Blocks(ProjectStep s) => $"mc: {s.MC}, kc: {s.KC}";

    internal static string Call(ProjectStep s, string count, string? row)
    {
        string At(Operand operand) => row is null ? "ref " + operand.Name : $"ref Unsafe.Add(ref {operand.Name}, (nint){row} * {operand.Stride})";
        var sums = s.Sums is null ? s.To : s.To with { Name = s.Sums };
        return $"{Run(s)}({At(s.From)}, ref {s.Weight.Name}, {(s.Bias is null ? Null : "ref " + s.Bias.Name)}, {At(s.To)}, ldc: {s.To.Stride}, add: {(s.AddToResult ? "true" : "false")}, sums: {At(sums)}, rows: {count}, k: {s.K}, n: {s.N}, {Blocks(s)});";
    }

    /// <summary>The last arguments of a norm.</summary>
    internal static string Epsilon(NormPlan norm) => $"{Text.Float(norm.Epsilon)}, {Text.Float(norm.LeastSquares)}";

    private static string Kind(RotaryStep s) => s.Interleaved ? "Interleaved" : "Half";
}
