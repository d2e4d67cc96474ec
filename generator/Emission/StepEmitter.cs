using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints a step: its line of the paper with its shapes, and the call that carries it out.</summary>
internal static class StepEmitter
{
    /// <summary>The reference to nothing.</summary>
    private const string Null = "ref Unsafe.NullRef<float>()";

    public static void Print(SourceWriter w, Step step, bool inLoop)
    {
        string formula = Formula(step);
        w.Line($"// {step.Title}{(formula.Length > 0 ? ": " : "")}{formula}.");
        switch (step)
        {
            case CopyStep s:
                w.Line($"Rows.Copy({At(s.From)}, {s.From.Stride}, {At(s.To)}, {s.To.Stride}, {s.Count}, {s.Width});");
                break;
            case AddTableStep { GoesOnFrom: { } first } s:
                w.Line("foreach (ref readonly global::AttnGen.Runtime.CacheSlice sequence in sequences)");
                w.Line($"    Rows.Add(ref Unsafe.Add({At(s.To)}, (nint)sequence.Row * {s.To.Stride}), ref Unsafe.Add({At(s.Table)}, (nint)({first} + sequence.Position) * {s.Table.Stride}), (nint)sequence.Rows * {s.Width});");
                break;
            case AddTableStep s:
                w.Line($"Rows.Add({At(s.To)}, {At(s.Table)}, (nint)T * {s.Width});");
                break;
            case AddStep s:
                w.Line(s.Factor == 1
                    ? $"Rows.Add({At(s.To)}, {At(s.From)}, (nint)T * {s.Width});"
                    : $"Rows.AddScaled({At(s.To)}, {At(s.From)}, (nint)T * {s.Width}, {Text.Float(s.Factor)});");
                break;
            case ScaleStep s:
                w.Line($"Rows.Scale({At(s.Rows)}, (nint)T * {s.Width}, {s.By.Name});");
                break;
            case AnglesStep s:
                w.Line($"Angles({At(s.To)}, sequences);");
                break;
            case MultiplyStep s:
                w.Line($"Rows.Multiply({At(s.To)}, {At(s.By)}, (nint)T * {s.Width});");
                break;
            case ProjectStep s:
                w.Line(Product(s, s.Count, null));
                break;
            case ProjectTogetherStep s:
                using (w.Open($"for (int row = 0; row < {(s.Parts.All(part => part.Count == "T") ? "T" : "Math.Max(T, S)")}; row += {s.Block})"))
                {
                    foreach (var part in s.Parts)
                    {
                        w.Line($"// {part.Title}: {Formula(part)}.");
                        w.Line(Product(part, $"Math.Min({s.Block}, {part.Count} - row)", "row"));
                    }
                }

                break;
            case EmbedTokensStep s:
                w.Line($"{s.Method}({At(s.To)}, {At(s.Words)}{(s.Positions is null ? "" : ", " + At(s.Positions))}{(s.Types is null ? "" : ", " + At(s.Types))}, tokenIds{(s.Types is null ? "" : ", tokenTypes")}{(s is { GoesOn: true, Positions: not null } ? ", sequences" : "")});");
                break;
            case FramesStep s:
                w.Line(s.From is { } rows
                    ? $"Convolution.OfRows({At(rows)}, {rows.Stride}, {s.Channels}, {s.Frames}, {s.Every}, {At(s.To)}, {s.To.Stride});"
                    : $"Convolution.OfChannels(ref inputFeatures, {s.Channels}, {s.Frames}, {s.Every}, {At(s.To)}, {s.To.Stride});");
                break;
            case PatchesStep s:
                w.Line($"Patches(ref pixels, {At(s.To)});");
                break;
            case PoolStep s:
                w.Line($"Pools.{s.Mode}({At(s.From)}, {s.From.Stride}, {s.Width}, T, mask, MemoryMarshal.CreateSpan({At(s.To)}, {s.Width}));");
                break;
            case EndRowStep s:
                w.Line($"Rows.Copy(ref Unsafe.Add({At(s.From)}, (nint)Pools.EndToken(tokenIds, {Text.Of(s.EndId)}) * {s.From.Stride}), {s.From.Stride}, {At(s.To)}, {s.To.Stride}, 1, {s.Width});");
                break;
            case OutputStep s:
                Output(w, s);
                break;
            case ShowStep s:
                Show(w, s);
                break;
            case NormStep s:
                Norm(w, s);
                break;
            case HeadNormStep s:
                HeadNorm(w, s);
                break;
            case RotaryStep s:
                Rotary(w, s);
                break;
            case SplitHeadsStep s:
                w.Line($"bool {s.Whole} = Attention.SplitHeads<{s.Heads.Name}>({At(s.Keys)}, {s.Keys.Stride}, {At(s.Values)}, {s.Values.Stride}, {At(s.KeyPanels)}, {At(s.ValueRows)}, capacity, S, mask.Keys < 0 ? S : mask.Keys, {AtOrNull(s.BiasK)}, {AtOrNull(s.BiasV)});");
                break;
            case KeepStep s:
                w.Line($"KeptAttention.Keep<{s.Heads.Name}>({At(s.Keys)}, {s.Keys.Stride}, {At(s.Values)}, {s.Values.Stride}, sequences, layer, {s.Place});");
                break;
            case AttendSourceStep s:
                w.Line($"KeptAttention.AttendSource<TLane, {s.Heads.Name}, A{s.Query.Stride}>({At(s.Query)}, {At(s.To)}, {At(s.Scores)}, {At(s.Inverse)}, sequences, layer, Traces.Source(trace, layer, {s.Heads.Count}, T * sequences[0].SourceTokens));");
                break;
            case AttendKeptStep s:
                w.Line($"KeptAttention.Attend<TLane, {s.Heads.Name}, A{s.Query.Stride}>({At(s.Query)}, {At(s.To)}, {At(s.Scores)}, {At(s.Inverse)}, {Relative(s.Relative)}, sequences, layer, {s.Place}, {s.Windows?.Name ?? Text.Of(s.Window)}, mask, Traces.Weights(trace, layer, {s.Heads.Count}, T * S));");
                break;
            case AttendStep s:
                w.Line($"Attention.Attend<TLane, {s.Heads.Name}, A{s.Query.Stride}>({At(s.Query)}, {At(s.KeyPanels)}, {At(s.ValueRows)}, {At(s.To)}, {At(s.Scores)}, {At(s.Inverse)}, {Relative(s.Relative)}, capacity, T, S, {s.Whole}, {s.Windows?.Name ?? Text.Of(s.Window)}, mask, Traces.Weights(trace, {(inLoop ? "layer" : "0")}, {s.Heads.Count}, T * {s.Heads.Keys}));");
                break;
            case SoftmaxStep s:
                Softmax(w, s);
                break;
            default:
                throw new NotSupportedException(step.GetType().Name); // A step that was skipped would silently change the model.
        }

        w.Line();
    }

    private static string At(Operand rows) => rows.First == 0 ? "ref " + rows.Name : $"ref Unsafe.Add(ref {rows.Name}, {rows.First * rows.Stride})";

    /// <summary>Biases by relative position: of the key where the query stands, and the floats from one head's to the next's.</summary>
    private static string Relative(WeightPlan? table) => table is null ? $"{Null}, 0" : $"ref Unsafe.Add({At(table)}, {(table.Columns - 1) / 2}), {table.Stride}";

    private static string At(WeightPlan weight) => "ref " + weight.Name;

    private static string AtOrNull(WeightPlan? weight) => weight is null ? Null : At(weight);

    /// <summary>A step with its shapes, as the paper writes it; "" where its title says all.</summary>
    private static string Formula(Step step)
    {
        return step switch
        {
            CopyStep s => $"{s.To.Name}[{s.Count}, {s.Width}] = {s.From.Name}",
            AddTableStep s => $"{s.To.Name}[T, {s.Width}] += {(s.GoesOnFrom is null ? "the first T rows" : "the rows of each position")} of {s.Table.Name}",
            AddStep s => $"{s.To.Name}[T, {s.Width}] += {(s.Factor == 1 ? "" : Text.Of(s.Factor) + "·")}{s.From.Name}",
            ScaleStep s => $"{s.Rows.Name}[T, {s.Width}] *= {s.By.Name}",
            AnglesStep s => $"{s.To.Name}[T, {s.To.Stride}]",
            KeepStep s => $"of {s.Keys.Name}[T, {s.Heads.KvCount}·{s.Heads.KeyDim}] and {s.Values.Name}[T, {s.Heads.KvCount}·{s.Heads.ValueDim}]",
            AttendSourceStep s => $"{s.To.Name}[T, {s.Heads.Count}·{s.Heads.ValueDim}] of {s.Query.Name}[T, {s.Heads.Count}·{s.Heads.KeyDim}]",
            AttendKeptStep s => $"{s.To.Name}[T, {s.Heads.Count}·{s.Heads.ValueDim}] of {s.Query.Name}[T, {s.Heads.Count}·{s.Heads.KeyDim}]",
            MultiplyStep s => $"{s.To.Name}[T, {s.Width}] = {s.To.Name} ∘ {s.By.Name}",
            ProjectStep s => Product(s, s.To.Name, s.AddToResult),
            OutputStep s => (s.Scale == 1 ? "" : Text.Of(s.Scale) + "·") + Product(s.Project, "y", false) + (s.Softcap > 0 ? $", capped at {Text.Of(s.Softcap)}" : "") + (s.Average ? ", the mean of that and what y holds" : ""),
            NormStep s => $"{s.To.Name}[{s.Count}, {s.Norm.Dim}] = {s.Norm.Kind}({s.From.Name})",
            HeadNormStep s => $"{s.Rows.Name}[{s.Count}, {s.Heads}, {s.HeadDim}]",
            RotaryStep s => $"{s.Rotary.Dim} features of {s.Rows.Name}[{s.Count}, {s.Heads}, {s.HeadDim}]",
            SplitHeadsStep s => $"of {s.Keys.Name}[S, {s.Heads.KvCount}·{s.Heads.KeyDim}] and {s.Values.Name}[S, {s.Heads.KvCount}·{s.Heads.ValueDim}]",
            AttendStep s => $"{s.To.Name}[T, {s.Heads.Count}·{s.Heads.ValueDim}] of {s.Query.Name}[T, {s.Heads.Count}·{s.Heads.KeyDim}]",
            EmbedTokensStep s => $"{s.To.Name}[T, {s.Width}]",
            PoolStep s => $"{s.To.Name}[1, {s.Width}] of {s.From.Name}[T, {s.Width}]",
            EndRowStep s => $"{s.To.Name}[1, {s.Width}] of {s.From.Name}[T, {s.Width}], {(s.EndId < 0 ? "the first with the largest id" : $"the first with id {Text.Of(s.EndId)}")}",
            _ => "",
        };

        static string Product(ProjectStep s, string to, bool add)
        {
            string product = $"{s.From.Name}[{s.Count}, {s.K}]·{s.Weight.Name}{(s.Bias is null ? "" : " + " + s.Bias.Name)}";
            return $"{to}[{s.Count}, {s.N}] {(add ? "+=" : "=")} {(s.Activation == "None" ? product : $"{s.Activation}({product})")}";
        }
    }

    // ---- products ----

    /// <summary>The product's driver with its type arguments.</summary>
    private static string Run(ProjectStep s) => $"Product.Run<TLane, A{s.From.Stride}, {s.Activation}>";

    /// <summary>The last arguments of a product.</summary>
    private static string Blocks(ProjectStep s) => $"mc: {s.MC}, kc: {s.KC}";

    private static string Product(ProjectStep s, string count, string? row)
    {
        string AtRow(Operand rows) => row is null ? At(rows) : $"ref Unsafe.Add({At(rows)}, (nint){row} * {rows.Stride})";
        return $"{Run(s)}({AtRow(s.From)}, {At(s.Weight)}, {AtOrNull(s.Bias)}, {AtRow(s.To)}, ldc: {s.To.Stride}, add: {(s.AddToResult ? "true" : "false")}, sums: {AtRow(s.Sums)}, rows: {count}, k: {s.K}, n: {s.N}, {Blocks(s)});";
    }

    private static void Output(SourceWriter w, OutputStep s)
    {
        var p = s.Project;
        string count = p.Count;
        bool blocks = p.N > s.Block;
        using (blocks ? w.Open($"for (int column = 0; column < {p.N}; column += {s.Block})") : default)
        {
            string n = Text.Of(p.N);
            if (blocks)
            {
                w.Line($"int columns = Math.Min({s.Block}, {p.N} - column);");
                n = "columns";
            }

            string weight = blocks ? $"ref Unsafe.Add({At(p.Weight)}, (nint)column * {p.K})" : At(p.Weight);
            string bias = p.Bias is null ? Null : blocks ? $"ref Unsafe.Add({At(p.Bias)}, column)" : At(p.Bias);
            w.Line($"{Run(p)}({At(p.From)}, {weight}, {bias}, {At(p.To)}, ldc: {p.To.Stride}, add: false, sums: {At(p.To)}, rows: {count}, k: {p.K}, n: {n}, {Blocks(p)});");
            if (s.Scale != 1 || s.Softcap > 0)
                w.Line($"Logits.Reshape({At(p.To)}, {p.To.Stride}, {count}, {n}, {Text.Float(s.Scale)}, {Text.Float(s.Softcap)});");
            if (s.Average)
            {
                string i = blocks ? "column + i" : "i";
                w.Line($"for (int i = 0; i < {n}; i++)");
                w.Line($"    Unsafe.Add(ref y, {i}) = (Unsafe.Add(ref y, {i}) + Unsafe.Add({At(p.To)}, i)) * 0.5f;");
            }
            else
            {
                w.Line($"Rows.Copy({At(p.To)}, {p.To.Stride}, {(blocks ? "ref Unsafe.Add(ref y, column)" : "ref y")}, {p.N}, {count}, {n});");
            }
        }
    }

    // ---- rows ----

    private static void Show(SourceWriter w, ShowStep s)
    {
        string state = s.Layer is { } layer ? Text.Of(layer) : "layer";
        w.Line($"if (Traces.ShowsState(trace, {state}))");
        w.Line($"    Rows.Copy({At(s.From)}, {s.From.Stride}, ref Traces.State(trace, {state}, T * {s.Width}), {s.Width}, T, {s.Width});");
    }

    private static void Norm(SourceWriter w, NormStep s)
    {
        string indent = "";
        if (s.FirstLayer > 0)
        {
            w.Line(s.FirstLayer == 1 ? "if (layer == 0)" : $"if (layer < {s.FirstLayer})");
            w.Line($"    Rows.Copy({At(s.From)}, {s.From.Stride}, {At(s.To)}, {s.To.Stride}, {s.Count}, {s.Norm.Dim});");
            w.Line("else");
            indent = "    ";
        }

        w.Line($"{indent}TLane.{s.Norm.Kernel.Name}({At(s.From)}, {s.From.Stride}, {At(s.To)}, {s.To.Stride}, {Learned(s.Gain, s.Shift)}{s.Count}, {Epsilon(s.Norm)});");
    }

    private static void HeadNorm(SourceWriter w, HeadNormStep s)
    {
        using (w.Open($"for (int t = 0; t < {s.Count}; t++)"))
        {
            w.Line($"ref float row = ref Unsafe.Add({At(s.Rows)}, (nint)t * {s.Rows.Stride});");
            if (s.Through is not { } through)
            {
                w.Line($"TLane.{s.Norm.Kernel.Name}(ref row, {s.HeadDim}, ref row, {s.HeadDim}, {Learned(s.Gain, s.Shift)}{s.Heads}, {Epsilon(s.Norm)});");
                return;
            }

            using (w.Open($"for (int head = 0; head < {s.Heads}; head++)"))
            {
                w.Line("// A head whose size is not a multiple of sixteen goes through a padded row.");
                w.Line($"Rows.Copy(ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, {At(through)}, 0, 1, {s.HeadDim});");
                w.Line($"TLane.{s.Norm.Kernel.Name}({At(through)}, 0, {At(through)}, 0, {Learned(s.Gain, s.Shift)}1, {Epsilon(s.Norm)});");
                w.Line($"Rows.Copy({At(through)}, 0, ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, 1, {s.HeadDim});");
            }
        }
    }

    private static string Learned(WeightPlan gain, WeightPlan? shift) => $"{At(gain)}, {(shift is null ? "" : At(shift) + ", ")}";

    private static string Epsilon(NormPlan norm) => $"{Text.Float(norm.Epsilon)}, {Text.Float(norm.LeastSquares)}";

    private static void Rotary(SourceWriter w, RotaryStep s)
    {
        string kind = s.Rotary.Interleaved ? "Interleaved" : "Half";
        if (s.Computed is { } computed)
        {
            string at = s.Angles is { } varied ? $"ref Unsafe.Add({At(computed.To)}, {varied.Name})" : At(computed.To);
            if (s.SkipsLayers)
                w.Line($"if ({s.Angles!.Name} >= 0)");
            w.Line($"{(s.SkipsLayers ? "    " : "")}Rotary.{kind}({At(s.Rows)}, {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.Rotary.Dim}, {at}, {computed.To.Stride}, {computed.Half}, {s.Count});");
            return;
        }

        var table = s.Tables[0];
        string angles = s.Angles is { } own ? $"ref Unsafe.AddByteOffset(ref weights, (nint){own.Name})" : At(table);
        if (!s.IsMoved)
        {
            w.Line($"Rotary.{kind}({At(s.Rows)}, {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.Rotary.Dim}, {angles}, {table.Stride}, {table.Stride / 2}, {s.Count});");
            return;
        }

        w.Line("// Queries before the first key are at negative positions.");
        w.Line("int ahead = (int)Math.Clamp(-(long)mask.FirstQuery, 0, T);");
        w.Line("if (ahead > 0)");
        w.Line($"    Rotation.Backwards({At(s.Rows)}, {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.Rotary.Dim}, {(s.Rotary.Interleaved ? "true" : "false")}, {angles}, {table.Stride}, {table.Rows}, mask.FirstQuery, ahead);");
        w.Line($"Rotary.{kind}(ref Unsafe.Add({At(s.Rows)}, (nint)ahead * {s.Rows.Stride}), {s.Rows.Stride}, {s.Heads}, {s.HeadDim}, {s.Rotary.Dim}, ref Unsafe.Add({angles}, (nint)Math.Max(0, mask.FirstQuery) * {table.Stride}), {table.Stride}, {table.Stride / 2}, {s.Count} - ahead);");
    }

    private static void Softmax(SourceWriter w, SoftmaxStep s)
    {
        int full = s.Width & ~15, tail = s.Width & 15;
        w.Line($"global::System.Span<float> tail = stackalloc float[16];{(tail == 0 ? "" : $" // the last {tail} of a row, padded to 16 with −∞")}");
        using (w.Open("for (int i = 0; i < T; i++)"))
        {
            w.Line($"global::System.Span<float> row = MemoryMarshal.CreateSpan(ref Unsafe.Add({At(s.Rows)}, (nint)i * {s.Rows.Stride}), {s.Width});");
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
