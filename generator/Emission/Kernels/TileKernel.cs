using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission.Kernels;

/// <summary>
/// The register tile: R rows of A times V vectors of B, one accumulator each, one broadcast of A a row and step of k.
/// Every output element sums over k in order with one fused multiply-add a step, from zero, so its bits do not depend on the tile or on blocks of k.
/// </summary>
/// <remarks>
/// There are two kinds, which differ in how B's rows follow each other and in what happens to the sums. A product's B is one panel or two, its sums go on from earlier ones,
/// and the bias comes last: a sum that starts from a large one would lose its digits at every step. A weighted sum's B is rows of values, and its sums are divided by Σ.
/// </remarks>
internal static class TileKernel
{
    /// <summary>How many columns a call of a panel kernel covers: two panels, or the last one.</summary>
    public static readonly ImmutableArray<int> Columns = ImmutableArray.Create(Blocking.Pair, Blocking.Panel);

    // Of accumulators that begin as zero.
    private const int RowsInLine = 4;

    private const string Product = "ref float sums, ref float bias, ref float residual, ref float c, nint ldc";

    // Short, because a tile names them once a row and vector.
    private const string ProductOfTile = "ref float s, ref float bias, ref float r, ref float c, nint ldc";

    public static string PanelSignature(int columns) => $"Panel{columns}<TA>(ref float a, ref float b, nint pair, {Product}, int rows, int k) where TA : struct, IStride";

    public static string PanelSummary(int columns) =>
        $"C[rows, {columns}] = sums + A[rows, k]·W (+ bias) (+ residual). A's rows are TA apart; W is {(columns == Blocking.Pair ? "two panels [k][16], pair floats apart" : "one panel [k][16]")}. Sums of earlier blocks of k, bias and residual may be null; sums and residual have rows ldc apart, as C, and may be C.";

    public static string WeightedSumSummary(WeightedSumKernel kernel) =>
        $"C[rows, {kernel.Columns}] = (P[rows, keys]·V[keys, {kernel.Columns}])/Σ: the weighted sum of the values. Rows of P, V and C are TP, TV and TC apart.";

    public static string WeightedSumSignature(WeightedSumKernel kernel) =>
        $"{kernel.Name}<TP, TV, TC>(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys) where TP : struct, IStride where TV : struct, IStride where TC : struct, IStride";

    /// <summary>The tiles of C = A·W + bias, and the loops over rows that call them.</summary>
    public static void Products(SourceWriter w, LanePlan lane)
    {
        var tiles = new List<TileShape>();
        foreach (int columns in Columns)
        {
            w.Line("[MethodImplAttribute(Optimized)]");
            using (w.Open("public static void " + PanelSignature(columns)))
            {
                Rows(w, lane, tile =>
                {
                    tile = tile with { Vectors = Math.Min(tile.Vectors, columns / lane.Width) };
                    if (!tiles.Contains(tile))
                        tiles.Add(tile);
                    for (int n = 0; n < columns; n += tile.Vectors * lane.Width)
                    {
                        string plus = n == 0 ? "" : " + " + n;
                        string panel = n == 0 ? "ref b" : n < Blocking.Panel ? $"ref Unsafe.Add(ref b, {n})" : $"ref Unsafe.Add(ref b, pair{(n == Blocking.Panel ? "" : " + " + (n - Blocking.Panel))})";
                        w.Line($"{Name("Tile", tile.Rows, tile.Vectors * lane.Width)}<TA>(ref Unsafe.Add(ref a, (nint)row * TA.Floats), {panel}, pair, ref Rows.Offset(ref sums, row * ldc{plus}), ref {(n == 0 ? "bias" : $"Rows.Offset(ref bias, {n})")}, ref Rows.Offset(ref residual, row * ldc{plus}), ref Unsafe.Add(ref c, row * ldc{plus}), ldc, k);");
                    }
                });
            }

            w.Line();
        }

        w.Line("// Tiles: s are the sums of earlier blocks of k, r is the residual; each may be null.");
        foreach (var (rows, vectors) in tiles)
        {
            int held = rows * vectors + vectors + 1;
            w.Line($"// {Count(rows, "row")} × {Count(vectors, "vector")}: {Count(rows * vectors, "accumulator")} + {vectors} of W + 1 broadcast = {held} of {lane.Registers} registers{(held > lane.Registers ? " (W is read from memory by the multiply-adds)" : "")}.");
            Tile(
                w, $"{Name("Tile", rows, vectors * lane.Width)}<TA>(ref float a, ref float b, nint pair, {ProductOfTile}, int k) where TA : struct, IStride", lane, lane.Bits, rows, vectors, "TA",
                Text.Of(Blocking.Panel), paired: vectors * lane.Width > Blocking.Panel, continued: true, () => AddAndStore(w, lane, rows, vectors));
        }
    }

    /// <summary>The tiles of C = (P·V)/Σ, and the loops over rows that call them.</summary>
    public static void WeightedSums(SourceWriter w, LanePlan lane, IEnumerable<WeightedSumKernel> kernels)
    {
        var needed = new List<(string Name, int Rows, ValuePass Pass)>();
        foreach (var kernel in kernels)
        {
            var chunks = ValueChunk.Of(kernel.Columns);
            w.Line("[MethodImplAttribute(Optimized)]");
            using (w.Open("public static void " + WeightedSumSignature(kernel)))
            {
                Rows(w, lane, tile =>
                {
                    foreach (var pass in ValuePass.Of(lane, tile, chunks))
                    {
                        string name = Name("Weigh", tile.Rows, pass.Stored);
                        if (needed.All(known => known.Name != name))
                            needed.Add((name, tile.Rows, pass));
                        string at = pass.Count == 1 ? Text.Of(pass.Start) : "d";
                        if (pass.Count > 1)
                            w.Line($"for (int d = {pass.Start}; d < {pass.Start + pass.Count * pass.Stored}; d += {pass.Stored})");
                        w.Line($"{(pass.Count > 1 ? "    " : "")}{name}<TP, TV, TC>(ref Unsafe.Add(ref p, (nint)row * TP.Floats), ref Unsafe.Add(ref v, {at}), ref Unsafe.Add(ref inverse, row), ref Unsafe.Add(ref c, (nint)row * TC.Floats + {at}), keys);");
                    }
                });
            }

            w.Line();
        }

        foreach (var (name, rows, pass) in needed)
        {
            w.Line($"// {rows} queries × {pass.Stored} features ({pass.Vectors} × Vector{pass.Bits}).");
            Tile(
                w, $"{name}<TP, TV, TC>(ref float a, ref float b, ref float inverse, ref float c, int k) where TP : struct, IStride where TV : struct, IStride where TC : struct, IStride",
                lane, pass.Bits, rows, pass.Vectors, "TP", "TV.Floats", paired: false, continued: false, () => DivideAndStore(w, lane, rows, pass));
        }
    }

    private static string Name(string kind, int rows, int columns) => $"{kind}{rows}x{columns}";

    private static string Count(int n, string what) => n == 1 ? "1 " + what : $"{n} {what}s";

    /// <summary>The loop over rows: as many of each tile as there are rows for, the largest first.</summary>
    private static void Rows(SourceWriter w, LanePlan lane, Action<TileShape> call)
    {
        w.Line("int row = 0;");
        for (int i = 0; i < lane.Tiles.Count; i++)
        {
            var tile = lane.Tiles[i];
            bool repeat = lane.Repeats(i);
            using (w.Open(repeat ? $"for (; row <= rows - {tile.Rows}; row += {tile.Rows})" : $"if (row <= rows - {tile.Rows})"))
            {
                call(tile);
                if (!repeat && i < lane.Tiles.Count - 1)
                    w.Line($"row += {tile.Rows};");
            }
        }
    }

    /// <summary>A tile: accumulators from zero or from earlier sums, the loop over k, and what happens to the sums.</summary>
    private static void Tile(SourceWriter w, string signature, LanePlan lane, int bits, int rows, int vectors, string a, string b, bool paired, bool continued, Action end)
    {
        string of = KernelFile.Of(lane, bits), type = KernelFile.Type(lane, bits);
        int width = bits / 32;
        w.Line("[MethodImplAttribute(Optimized)]");
        using (w.Open("private static void " + signature))
        {
            for (int i = 0; i < rows; i += RowsInLine)
                w.Line($"{type} {string.Join(", ", Enumerable.Range(i, Math.Min(RowsInLine, rows - i)).SelectMany(row => Vectors(j => $"c{row}_{j} = {type}.Zero")))};");
            if (continued)
                FromRows(w, lane, rows, vectors, "s", "=");
            w.Line();
            if (paired)
                w.Line("ref float next = ref Unsafe.Add(ref b, pair); // the second panel");
            using (w.Open("for (; k > 0; k--)"))
            {
                w.Line($"{type} {string.Join(", ", Vectors(j => paired && j * width >= Blocking.Panel ? $"b{j} = {of}LoadUnsafe(ref next{At(j * width - Blocking.Panel)})" : $"b{j} = {of}LoadUnsafe(ref b{At(j * width)})"))};");
                for (int i = 0; i < rows; i++)
                {
                    string from = i == 0 ? "a" : i == 1 ? $"Unsafe.Add(ref a, {a}.Floats)" : $"Unsafe.Add(ref a, {i} * {a}.Floats)";
                    w.Line($"{type} a{i} = {of}Create({from}); {string.Join(" ", Vectors(j => $"c{i}_{j} = {of}{LanePlan.MultiplyAdd(bits)}(a{i}, b{j}, c{i}_{j});"))}");
                }

                w.Line($"a = ref Unsafe.Add(ref a, 1); b = ref Unsafe.Add(ref b, {b});{(paired ? $" next = ref Unsafe.Add(ref next, {b});" : "")}");
            }

            w.Line();
            end();
        }

        w.Line();

        IEnumerable<string> Vectors(Func<int, string> of) => Enumerable.Range(0, vectors).Select(of);
    }

    /// <summary>Bias and residual, if they are there, and out.</summary>
    private static void AddAndStore(SourceWriter w, LanePlan lane, int rows, int vectors)
    {
        using (w.Open("if (!Unsafe.IsNullRef(ref bias))"))
        {
            w.Line($"V {string.Join(", ", Vectors(j => $"b{j} = LoadUnsafe(ref bias{At(j * lane.Width)})"))};");
            for (int i = 0; i < rows; i++)
                w.Line(string.Join(" ", Vectors(j => $"c{i}_{j} += b{j};")));
        }

        FromRows(w, lane, rows, vectors, "r", "+=");
        w.Line();
        for (int i = 0; i < rows; i++)
            w.Line(string.Join(" ", Vectors(j => $"c{i}_{j}.StoreUnsafe(ref c{At(j * lane.Width)});")) + (i < rows - 1 ? " c = ref Unsafe.Add(ref c, ldc);" : ""));

        IEnumerable<string> Vectors(Func<int, string> of) => Enumerable.Range(0, vectors).Select(of);
    }

    /// <summary>What the rows of a block, if it is there, do to the accumulators.</summary>
    private static void FromRows(SourceWriter w, LanePlan lane, int rows, int vectors, string block, string what)
    {
        using (w.Open($"if (!Unsafe.IsNullRef(ref {block}))"))
        {
            for (int i = 0; i < rows; i++)
            {
                string next = i < rows - 1 ? $" {block} = ref Unsafe.Add(ref {block}, ldc);" : "";
                w.Line(string.Join(" ", Enumerable.Range(0, vectors).Select(j => $"c{i}_{j} {what} LoadUnsafe(ref {block}{At(j * lane.Width)});")) + next);
            }
        }
    }

    private static void DivideAndStore(SourceWriter w, LanePlan lane, int rows, ValuePass pass)
    {
        int width = pass.Bits / 32;
        for (int i = 0; i < rows; i++)
        {
            string line = $"{KernelFile.Type(lane, pass.Bits)} s{i} = {KernelFile.Of(lane, pass.Bits)}Create(Unsafe.Add(ref inverse, {i}));";
            for (int j = 0; j < pass.Vectors; j++)
                line += " " + Store($"(c{i}_{j} * s{i})", pass.Bits, Math.Min(width, pass.Stored - j * width), j * width);
            w.Line(line + (i < rows - 1 ? " c = ref Unsafe.Add(ref c, TC.Floats);" : ""));
        }
    }

    private static string At(int floats) => floats == 0 ? "" : $", {floats}";

    /// <summary>Stores the first <paramref name="count"/> floats of a vector and not one more.</summary>
    private static string Store(string value, int bits, int count, int at)
    {
        int width = bits / 32;
        if (count == width || (bits == 64 && count != 1))
            return $"{value}.StoreUnsafe(ref c{At(at)});";
        if (count == 1)
            return $"Unsafe.Add(ref c, {at}) = {value}.ToScalar();";
        string lower = Store(value + ".GetLower()", bits / 2, Math.Min(count, width / 2), at);
        return count <= width / 2 ? lower : lower + " " + Store(value + ".GetUpper()", bits / 2, count - width / 2, at + width / 2);
    }
}
