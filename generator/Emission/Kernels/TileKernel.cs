using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission.Kernels;

/// <summary>
/// The register tile: R rows of A times V vectors of B, one accumulator each, one broadcast of A a row and step of k.
/// Every output element sums over k in order with one fused multiply-add a step, from zero, so its bits do not depend on the tile or on blocks of k.
/// The bias comes last: a sum that starts from a large one would lose its digits at every step.
/// </summary>
internal static class TileKernel
{
    /// <summary>The tiles of C = A·W + bias, and the row loop over them.</summary>
    /// <param name="w">Where to.</param>
    /// <param name="lane">The width.</param>
    /// <param name="panel">The family.</param>
    /// <param name="columns">32 or 16.</param>
    /// <param name="written">Names of the tiles that stand already: products of 32 and of 16 columns share some.</param>
    public static void Panel(SourceWriter w, LanePlan lane, PanelKernel panel, int columns, HashSet<string> written)
    {
        var tiles = lane.Tiles.Select(t => (t.Rows, Vectors: Math.Min(t.Vectors, columns / lane.Width))).ToList();
        w.Line($"/// <summary>C[rows, {columns}] = sums + A[rows, k]·W (+ bias) (+ residual). A's rows are {panel.Stride} floats apart; W is {(columns == 32 ? "two panels [k][16], pair floats apart" : "one panel [k][16]")}. Sums of earlier blocks of k, bias and residual may be null; sums and residual have rows ldc apart, as C, and may be C.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"public static void Panel{columns}A{panel.Stride}(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int rows, int k)"))
        {
            w.Line("int row = 0;");
            for (int i = 0; i < tiles.Count; i++)
            {
                var (rows, vectors) = tiles[i];
                int width = vectors * lane.Width;
                string name = Name(rows, vectors);
                bool repeat = lane.Repeats(i);
                string loop = repeat ? $"for (; row <= rows - {rows}; row += {rows})" : $"if (row <= rows - {rows})";
                using (w.Open(loop))
                {
                    string at = "ref Unsafe.Add(ref a, (nint)row * " + panel.Stride + ")";
                    for (int n = 0; n < columns; n += width)
                    {
                        string plus = n == 0 ? "" : " + " + n;
                        string panelAt = n == 0 ? "ref b" : n < LaneTable.Panel ? $"ref Unsafe.Add(ref b, {n})" : $"ref Unsafe.Add(ref b, pair{(n == LaneTable.Panel ? "" : " + " + (n - LaneTable.Panel))})";
                        w.Line($"{name}({at}, {panelAt}, pair, ref Offset(ref sums, row * ldc{plus}), ref {(n == 0 ? "bias" : $"Offset(ref bias, {n})")}, ref Offset(ref residual, row * ldc{plus}), ref Unsafe.Add(ref c, row * ldc{plus}), ldc, k);");
                    }

                    if (!repeat && i < tiles.Count - 1)
                        w.Line($"row += {rows};");
                }
            }
        }

        foreach (var (rows, vectors) in tiles)
        {
            string name = Name(rows, vectors);
            if (!written.Add(name))
                continue;
            w.Line();
            PanelTile(w, lane, name, rows, vectors, panel.Stride);
        }

        string Name(int rows, int vectors) => $"Tile{rows}x{vectors * lane.Width}A{panel.Stride}";
    }

    private static void PanelTile(SourceWriter w, LanePlan lane, string name, int rows, int vectors, int lda)
    {
        string v = "Vector" + lane.Bits;
        w.Line($"// {Count(rows, "row")} × {Count(vectors, "vector")}: {Count(rows * vectors, "accumulator")} + {vectors} of W + 1 broadcast = {rows * vectors + vectors + 1} of {lane.Registers} registers{(rows * vectors + vectors + 1 > lane.Registers ? " (W is read from memory by the multiply-adds)" : "")}.");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {name}(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int k)"))
        {
            for (int i = 0; i < rows; i++)
                w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"{v}<float> c{i}_{j} = {v}<float>.Zero;")));
            Rows("sums", "=");
            Loop(w, lane.Bits, rows, vectors, lda, LaneTable.Panel, paired: vectors * lane.Width > LaneTable.Panel);
            using (w.Open("if (!Unsafe.IsNullRef(ref bias))"))
            {
                w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"{v}<float> b{j} = {v}.LoadUnsafe(ref bias{At(j * lane.Width)});")));
                for (int i = 0; i < rows; i++)
                    w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"c{i}_{j} += b{j};")));
            }

            Rows("residual", "+=");
            w.Line();
            for (int i = 0; i < rows; i++)
            {
                string next = i < rows - 1 ? " c = ref Unsafe.Add(ref c, ldc);" : "";
                w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"c{i}_{j}.StoreUnsafe(ref c{At(j * lane.Width)});")) + next);
            }
        }

        // What the rows of a block, if it is there, do to the accumulators.
        void Rows(string block, string what)
        {
            using (w.Open($"if (!Unsafe.IsNullRef(ref {block}))"))
            {
                for (int i = 0; i < rows; i++)
                {
                    string next = i < rows - 1 ? $" {block} = ref Unsafe.Add(ref {block}, ldc);" : "";
                    w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"c{i}_{j} {what} {v}.LoadUnsafe(ref {block}{At(j * lane.Width)});")) + next);
                }
            }
        }
    }

    /// <summary>The tiles of C = (P·V)·inverse, and the row loop over them.</summary>
    public static void WeightedSum(SourceWriter w, LanePlan lane, AttentionPlan attention)
    {
        w.Line($"/// <summary>C[rows, {attention.ValueHeadDim}] = (P[rows, keys]·V[keys, {attention.ValueHeadDim}])/Σ: the weighted sum of the values. P's rows are {attention.ScoreStride} floats apart, V's {attention.ValueStride}, C's {attention.ContextStride}.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        var needed = new List<(string Name, int Rows, int Bits, int Vectors, int Stored)>();
        using (w.Open("public static void WeightedSum(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys)"))
        {
            w.Line("int row = 0;");
            for (int i = 0; i < lane.Tiles.Count; i++)
            {
                var tile = lane.Tiles[i];
                bool repeat = lane.Repeats(i);
                string loop = repeat ? $"for (; row <= rows - {tile.Rows}; row += {tile.Rows})" : $"if (row <= rows - {tile.Rows})";
                using (w.Open(loop))
                {
                    foreach (var pass in ValuePass.Of(lane, tile, attention.Chunks))
                    {
                        string name = $"Weigh{tile.Rows}x{pass.Stored}";
                        if (!needed.Any(n => n.Name == name))
                            needed.Add((name, tile.Rows, pass.Bits, pass.Vectors, pass.Stored));
                        string at = pass.Count == 1 ? Text.Of(pass.Start) : "d";
                        if (pass.Count > 1)
                            w.Line($"for (int d = {pass.Start}; d < {pass.Start + pass.Count * pass.Stored}; d += {pass.Stored})");
                        w.Line($"{(pass.Count > 1 ? "    " : "")}{name}(ref Unsafe.Add(ref p, (nint)row * {attention.ScoreStride}), ref Unsafe.Add(ref v, {at}), ref Unsafe.Add(ref inverse, row), ref Unsafe.Add(ref c, (nint)row * {attention.ContextStride} + {at}), keys);");
                    }

                    if (!repeat && i < lane.Tiles.Count - 1)
                        w.Line($"row += {tile.Rows};");
                }
            }
        }

        foreach (var (name, rows, bits, vectors, stored) in needed)
        {
            w.Line();
            WeighTile(w, name, rows, bits, vectors, stored, attention);
        }
    }

    private static void WeighTile(SourceWriter w, string name, int rows, int bits, int vectors, int stored, AttentionPlan attention)
    {
        string v = "Vector" + bits;
        int width = bits / 32;
        w.Line($"// {rows} queries × {stored} features ({vectors} × {v}).");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {name}(ref float a, ref float b, ref float inverse, ref float c, int k)"))
        {
            for (int i = 0; i < rows; i++)
                w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"{v}<float> c{i}_{j} = {v}<float>.Zero;")));
            Loop(w, bits, rows, vectors, attention.ScoreStride, attention.ValueStride, paired: false);
            for (int i = 0; i < rows; i++)
            {
                w.Line($"{v}<float> s{i} = {v}.Create(Unsafe.Add(ref inverse, {i}));");
                for (int j = 0; j < vectors; j++)
                    Store(w, $"(c{i}_{j} * s{i})", bits, Math.Min(width, stored - j * width), i * attention.ContextStride + j * width);
            }
        }
    }

    private static string Count(int n, string what) => n == 1 ? "1 " + what : $"{n} {what}s";

    /// <summary>The loop over k: the only one, everything inside it is constant.</summary>
    private static void Loop(SourceWriter w, int bits, int rows, int vectors, int lda, int ldb, bool paired)
    {
        string v = "Vector" + bits;
        string fma = bits == 128 ? "MultiplyAddEstimate" : "FusedMultiplyAdd";
        w.Line();
        if (paired)
            w.Line("ref float next = ref Unsafe.Add(ref b, pair); // the second panel");
        using (w.Open("for (; k > 0; k--)"))
        {
            w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => j * bits / 32 is var at && paired && at >= ldb ? $"{v}<float> b{j} = {v}.LoadUnsafe(ref next{At(at - ldb)});" : $"{v}<float> b{j} = {v}.LoadUnsafe(ref b{At(at)});")));
            for (int i = 0; i < rows; i++)
            {
                string a = i == 0 ? "a" : $"Unsafe.Add(ref a, {i * lda})";
                w.Line($"{v}<float> a{i} = {v}.Create({a}); " + string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"c{i}_{j} = {v}.{fma}(a{i}, b{j}, c{i}_{j});")));
            }

            w.Line($"a = ref Unsafe.Add(ref a, 1); b = ref Unsafe.Add(ref b, {ldb});{(paired ? $" next = ref Unsafe.Add(ref next, {ldb});" : "")}");
        }

        w.Line();
    }

    private static string At(int floats) => floats == 0 ? "" : $", {floats}";

    /// <summary>Stores the first <paramref name="count"/> floats of a vector and not one more.</summary>
    private static void Store(SourceWriter w, string value, int bits, int count, int at)
    {
        int width = bits / 32;
        if (count == width)
        {
            w.Line($"{value}.StoreUnsafe(ref c{At(at)});");
        }
        else if (count == 1)
        {
            w.Line($"Unsafe.Add(ref c, {at}) = {value}.ToScalar();");
        }
        else if (bits == 64)
        {
            w.Line($"{value}.StoreUnsafe(ref c{At(at)});");
        }
        else
        {
            Store(w, value + ".GetLower()", bits / 2, Math.Min(count, width / 2), at);
            if (count > width / 2)
                Store(w, value + ".GetUpper()", bits / 2, count - width / 2, at + width / 2);
        }
    }
}
