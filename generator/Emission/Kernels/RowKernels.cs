using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission.Kernels;

/// <summary>
/// Kernels that walk along rows: softmax, score shaping, norms, activations. Reductions use sixteen virtual lanes
/// (one Vector512, two Vector256 or four Vector128) and one fixed tree, so every lane gives the same bits.
/// </summary>
internal static class RowKernels
{
    /// <summary>Standard deviations that a layer norm's mean may have before a row is normalised in double precision.</summary>
    private const int LargestMean = 32;

    public const string SoftmaxSignature = "Softmax(ref float scores, ref float inverse, nint stride, int rows, int n, float scale)";

    public const string SoftmaxRowSignature = "SoftmaxRow(ref float row, ref float tail, int n)";

    public const string AdjustScoresSignature = "AdjustScores<THeads>(ref float scores, int rows, int n, float slope, nint distance, ref float relative) where THeads : struct, IHeads";

    public const string ActivateSignature = "Activate<TActivation>(ref float c, nint ldc, int rows, int columns) where TActivation : struct, IActivation";

    public const string SoftmaxSummary = "Each row of scores becomes e^(scale·(s − max)), and inverse its 1/Σ (0 for a row that is −∞ throughout). n is a multiple of 16; what pads it is −∞.";

    public const string SoftmaxRowSummary = "The row becomes e^(x − max); returns 1/Σ (0 for a row that is −∞ throughout). The row's first n, a multiple of 16, lie in place, the rest in tail, padded with −∞.";

    public const string AdjustScoresSummary = "s ← scale·s, or cap·tanh(scale·s/cap); then − slope·|i − j| and + bias of j − i, where there are. The query of row 0 stands distance keys after the key of column 0. The bias of row 0 and column 0 is relative's first; the next row's stand one to the left.";

    public const string ActivateSummary = "c ← activation(c) on [rows, columns].";

    public static string NormSummary(NormKernel norm) => norm.Kind == NormKind.LayerNorm
        ? $"y = (x − mean)/√(variance + ε)·gain + shift over {norm.Dim} features. Rows are padded to {norm.Padded} floats."
        : $"y = x/√(mean(x²) + ε)·gain over {norm.Dim} features. Rows are padded to {norm.Padded} floats.";

    public static string NormSignature(NormKernel norm) => $"{norm.Name}(ref float x, nint ldx, ref float y, nint ldy, ref float gain, {(norm.Kind == NormKind.LayerNorm ? "ref float shift, " : "")}int rows, float epsilon, float leastSquares)";

    /// <summary>exp(scale·s − max) of each row in place, and 1/Σ.</summary>
    public static void Softmax(SourceWriter w, LanePlan lane)
    {
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("public static void " + SoftmaxSignature))
        {
            w.Line($"V factor = Create(scale);");
            using (w.Open("for (; rows > 0; rows--)"))
            {
                SoftmaxBody(w, lane, "scores", null);
                w.Line($"float sum = VectorMath.Sum16({List(lane, "s")});");
                w.Line("inverse = sum == 0f ? 0f : 1f / sum;");
                w.Line("scores = ref Unsafe.Add(ref scores, stride); inverse = ref Unsafe.Add(ref inverse, 1);");
            }
        }

        w.Line();
    }

    /// <summary>One row, for [Softmax]: returns 1/Σ.</summary>
    public static void SoftmaxRow(SourceWriter w, LanePlan lane)
    {
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("public static float " + SoftmaxRowSignature))
        {
            w.Line("const float scale = 1f;");
            w.Line($"V factor = Create(scale);");
            SoftmaxBody(w, lane, "row", "tail");
            w.Line($"float sum = VectorMath.Sum16({List(lane, "s")});");
            w.Line("return sum == 0f ? 0f : 1f / sum;");
        }
    }

    private static void SoftmaxBody(SourceWriter w, LanePlan lane, string row, string? tail)
    {
        Each(w, lane, p => $"V m{p} = Create(float.NegativeInfinity);");
        w.Line("for (nint j = 0; j < n; j += 16)");
        Body(w, lane, p => $"m{p} = MaxNative(LoadUnsafe(ref Unsafe.Add(ref {row}, j{Plus(lane, p)})), m{p});");
        if (tail is not null)
            Each(w, lane, p => $"m{p} = MaxNative(LoadUnsafe(ref {tail}{Index(lane, p)}), m{p});");
        w.Line($"float max = VectorMath.Max16({List(lane, "m")});");
        w.Line("// Every key is hidden: each e^−∞ is 0, and so is Σ. (A NaN among them makes Σ NaN, as it must.)");
        w.Line($"V top = Create(max == float.NegativeInfinity ? 0f : max);");
        Each(w, lane, p => $"V s{p} = V.Zero;");
        w.Line("// The distance from the maximum is taken before it is scaled: fma(s, scale, −max·scale) would leave the rounding of max·scale, which is more than 1 for scores beyond 1e7.");
        using (w.Open("for (nint j = 0; j < n; j += 16)"))
        {
            Each(w, lane, p => $"V e{p} = VectorMath.ExpNonPositive((LoadUnsafe(ref Unsafe.Add(ref {row}, j{Plus(lane, p)})) - top) * factor);");
            Each(w, lane, p => $"e{p}.StoreUnsafe(ref Unsafe.Add(ref {row}, j{Plus(lane, p)})); s{p} += e{p};");
        }

        if (tail is not null)
        {
            Each(w, lane, p => $"V t{p} = VectorMath.ExpNonPositive((LoadUnsafe(ref {tail}{Index(lane, p)}) - top) * factor);");
            Each(w, lane, p => $"t{p}.StoreUnsafe(ref {tail}{Index(lane, p)}); s{p} += t{p};");
        }

        w.Line();
    }

    /// <summary>scale, softcap, ALiBi and relative positions, where the softmax cannot take them in its stride.</summary>
    public static void AdjustScores(SourceWriter w, LanePlan lane)
    {
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("public static void " + AdjustScoresSignature))
        {
            w.Line($"V scale = Create(THeads.Scale), cap = Create(THeads.Softcap), fall = Create(-slope);");
            using (w.Open("for (int i = 0; i < rows; i++)"))
            {
                w.Line("ref float row = ref Unsafe.Add(ref scores, (nint)i * THeads.ScoreStride);");
                using (w.Open($"for (nint j = 0; j < n; j += {lane.Width})"))
                {
                    w.Line($"V s = LoadUnsafe(ref Unsafe.Add(ref row, j)) * scale;");
                    w.Line("if (THeads.Softcap > 0)");
                    w.Line("    s = cap * VectorMath.Tanh(s / cap);");
                    w.Line("if (THeads.Alibi)");
                    w.Line($"    s = {MulAdd(lane)}(fall, Abs(CreateSequence((float)(j - distance - i), 1f)), s);");
                    w.Line("if (THeads.Relative)");
                    w.Line($"    s += LoadUnsafe(ref Unsafe.Add(ref relative, j - i));");
                    w.Line("s.StoreUnsafe(ref Unsafe.Add(ref row, j));");
                }
            }
        }

        w.Line();
    }

    /// <summary>Layer norm or RMS norm of rows.</summary>
    public static void Norm(SourceWriter w, LanePlan lane, NormKernel norm)
    {
        bool layer = norm.Kind == NormKind.LayerNorm;
        string tail = norm.Tail > 0 ? "tail" : "";
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("public static void " + NormSignature(norm)))
        {
            if (norm.Tail > 0)
                Each(w, lane, p => $"V {tail}{p} = LessThan(CreateSequence({Text.Float(p * lane.Width)}, 1f), Create({Text.Float(norm.Tail)})); // the real ones of the last sixteen");
            using (w.Open("for (; rows > 0; rows--)"))
            {
                if (norm.IsHeld(lane))
                    HeldNormRow(w, lane, norm);
                else
                    LoopedNormRow(w, lane, norm);
                w.Line("x = ref Unsafe.Add(ref x, ldx); y = ref Unsafe.Add(ref y, ldy);");
            }
        }

        string shift = layer ? "ref shift, " : "", shiftParameter = layer ? "ref float shift, " : "";
        w.Line();
        w.Line("/// <summary>The first row in double precision, because single precision does not hold its squares; the others as usual.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.NoInlining)]");
        using (w.Open($"private static void {norm.Name}Large(ref float x, nint ldx, ref float y, nint ldy, ref float gain, {shiftParameter}int rows, float epsilon, float leastSquares)"))
        {
            w.Line($"RowNorms.{norm.Kind}(ref x, ref y, ref gain, {shift}{norm.Dim}, {norm.Padded}, epsilon);");
            using (w.Open("for (; rows > 1; rows--)"))
            {
                w.Line("x = ref Unsafe.Add(ref x, ldx); y = ref Unsafe.Add(ref y, ldy);");
                w.Line($"{norm.Name}(ref x, ldx, ref y, ldy, ref gain, {shift}1, epsilon, leastSquares);");
            }
        }

        w.Line();
    }

    /// <summary>
    /// The sum of the squares; where single precision does not hold it, or not the mean that it was taken around, the rows from here on go another way, which leaves
    /// nothing to be kept in registers on this one.
    /// </summary>
    private static void Squares(SourceWriter w, LanePlan lane, NormKernel norm)
    {
        w.Line($"float squares = VectorMath.Sum16({List(lane, "q")});");
        bool layer = norm.Kind == NormKind.LayerNorm;
        if (layer)
            w.Line($"// The mean's rounding counts where the row's distances from it are small beside it: from a mean of {LargestMean} deviations on.");
        using (w.Open($"if (!(squares >= leastSquares && squares <= float.MaxValue{(layer ? $" && squares > mean * mean * {Text.Float(norm.Dim / (double)(LargestMean * LargestMean))}" : "")})) // too small or too large for single precision, or NaN"))
        {
            w.Line($"{norm.Name}Large(ref x, ldx, ref y, ldy, ref gain, {(norm.Kind == NormKind.LayerNorm ? "ref shift, " : "")}rows, epsilon, leastSquares);");
            w.Line("return;");
        }

        w.Line();
    }

    /// <summary>A row that fits half of the registers is loaded once.</summary>
    private static void HeldNormRow(SourceWriter w, LanePlan lane, NormKernel norm)
    {
        bool layer = norm.Kind == NormKind.LayerNorm;
        int vectors = norm.Full / lane.Width;
        for (int i = 0; i < vectors; i++)
            w.Line($"V x{i} = LoadUnsafe(ref x{(i == 0 ? "" : ", " + i * lane.Width)});");
        if (layer)
        {
            Each(w, lane, p => $"V s{p} = V.Zero;");
            for (int i = 0; i < vectors; i++)
                w.Line($"s{i % lane.Parts} += x{i};");
            w.Line($"float mean = VectorMath.Sum16({List(lane, "s")}) * {Text.Float(1.0 / norm.Dim)};");
            w.Line($"V m = Create(mean);");
            for (int i = 0; i < vectors; i++)
                w.Line($"x{i} -= m;");
        }

        Each(w, lane, p => $"V q{p} = V.Zero;");
        for (int i = 0; i < vectors; i++)
            w.Line($"q{i % lane.Parts} = {MulAdd(lane)}(x{i}, x{i}, q{i % lane.Parts});");
        Squares(w, lane, norm);
        w.Line($"V r = Create({InverseRoot(norm)});");
        for (int i = 0; i < vectors; i++)
        {
            string at = i == 0 ? "" : ", " + i * lane.Width;
            w.Line(layer
                ? $"{MulAdd(lane)}(x{i} * r, LoadUnsafe(ref gain{at}), LoadUnsafe(ref shift{at})).StoreUnsafe(ref y{at});"
                : $"(x{i} * r * LoadUnsafe(ref gain{at})).StoreUnsafe(ref y{at});");
        }
    }

    private static void LoopedNormRow(SourceWriter w, LanePlan lane, NormKernel norm)
    {
        bool layer = norm.Kind == NormKind.LayerNorm;
        if (layer)
        {
            Sum(w, lane, norm, "s", x => x, (acc, x) => $"{acc} += {x};");
            w.Line($"float mean = VectorMath.Sum16({List(lane, "s")}) * {Text.Float(1.0 / norm.Dim)};");
            w.Line($"V m = Create(mean);");
            Sum(w, lane, norm, "q", x => $"({x} - m)", (acc, x) => $"{{ V d = {x}; {acc} = {MulAdd(lane)}(d, d, {acc}); }}");
        }
        else
        {
            Sum(w, lane, norm, "q", x => x, (acc, x) => $"{{ V d = {x}; {acc} = {MulAdd(lane)}(d, d, {acc}); }}");
        }

        Squares(w, lane, norm);
        w.Line($"V r = Create({InverseRoot(norm)});");
        int padded = norm.Padded;
        w.Line($"for (nint j = 0; j < {padded}; j += {lane.Width})");
        string load = $"LoadUnsafe(ref Unsafe.Add(ref x, j))", gain = $"LoadUnsafe(ref Unsafe.Add(ref gain, j))";
        w.Line("    " + (layer
            ? $"{MulAdd(lane)}(({load} - m) * r, {gain}, LoadUnsafe(ref Unsafe.Add(ref shift, j))).StoreUnsafe(ref Unsafe.Add(ref y, j));"
            : $"({load} * r * {gain}).StoreUnsafe(ref Unsafe.Add(ref y, j));"));
    }

    private static string InverseRoot(NormKernel norm) =>
        $"1f / MathF.Sqrt(squares * {Text.Float(1.0 / norm.Dim)} + epsilon)";

    private static void Sum(SourceWriter w, LanePlan lane, NormKernel norm, string name, Func<string, string> of, Func<string, string, string> step)
    {
        Each(w, lane, p => $"V {name}{p} = V.Zero;");
        if (norm.Full > 0)
        {
            w.Line($"for (nint j = 0; j < {norm.Full}; j += 16)");
            Body(w, lane, p => step(name + p, of($"LoadUnsafe(ref Unsafe.Add(ref x, j{Plus(lane, p)}))")));
        }

        if (norm.Tail > 0)
            Each(w, lane, p => step(name + p, $"({of($"LoadUnsafe(ref Unsafe.Add(ref x, {norm.Full + p * lane.Width}))")} & tail{p})"));
    }

    /// <summary>An activation over a block of a result, while it is still in the first-level cache.</summary>
    public static void Activate(SourceWriter w, LanePlan lane)
    {
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("public static void " + ActivateSignature))
        {
            using (w.Open("for (; rows > 0; rows--)"))
            {
                w.Line($"for (nint j = 0; j < columns; j += {lane.Width})");
                w.Line($"    TActivation.Of(LoadUnsafe(ref Unsafe.Add(ref c, j))).StoreUnsafe(ref Unsafe.Add(ref c, j));");
                w.Line("c = ref Unsafe.Add(ref c, ldc);");
            }
        }

        w.Line();
    }

    private static string MulAdd(LanePlan lane) => LanePlan.MultiplyAdd(lane.Bits);

    private static string Plus(LanePlan lane, int part) => part == 0 ? "" : $" + {part * lane.Width}";

    private static string Index(LanePlan lane, int part) => part == 0 ? "" : $", {part * lane.Width}";

    private static string List(LanePlan lane, string name) => string.Join(", ", Enumerable.Range(0, lane.Parts).Select(p => name + p));

    private static void Each(SourceWriter w, LanePlan lane, Func<int, string> line)
    {
        for (int p = 0; p < lane.Parts; p++)
            w.Line(line(p));
    }

    private static void Body(SourceWriter w, LanePlan lane, Func<int, string> line)
    {
        if (lane.Parts == 1)
        {
            w.Line("    " + line(0));
        }
        else
        {
            w.Line("{");
            for (int p = 0; p < lane.Parts; p++)
                w.Line("    " + line(p));
            w.Line("}");
        }
    }
}
