using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints attention itself: heads apart, then scores, mask, softmax and weighted sum, a block of queries at a time.</summary>
internal static class AttentionEmitter
{
    public static void SplitHeads(SourceWriter w, AttentionPlan a)
    {
        string extra = (a.Extra > 0 ? ", int real" : "") + (a.BiasKv ? ", ref float biasK, ref float biasV" : "");
        w.Line("/// <summary>Keys [S, Hkv·Dh] become panels [Hkv][S/16][Dh][16] (each head transposed, so that vectors run over keys); values become rows [Hkv][S][Dv].</summary>");
        if (a.Skips)
            w.Line("/// <returns>Whether a value is NaN or infinite: it then must reach every query, as 0·NaN does in PyTorch, and no key may be skipped.</returns>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
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
                            w.Line("Vector128<float> r0 = Vector128.LoadUnsafe(ref k0, (nuint)d), r1 = Vector128.LoadUnsafe(ref k1, (nuint)d), r2 = Vector128.LoadUnsafe(ref k2, (nuint)d), r3 = Vector128.LoadUnsafe(ref k3, (nuint)d);");
                            w.Line("Vector128<float> lo01 = HeadLayout.ZipLower(r0, r1), lo23 = HeadLayout.ZipLower(r2, r3), hi01 = HeadLayout.ZipUpper(r0, r1), hi23 = HeadLayout.ZipUpper(r2, r3);");
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
                w.Line("Vector256<float> probe = Vector256<float>.Zero; float last = 0; // Σ of value·0: 0, or NaN if a value is NaN or infinite");
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
                            w.Line("Vector256<float> eight = Vector256.LoadUnsafe(ref value, d);");
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

    public static void Attend(SourceWriter w, AttentionPlan a)
    {
        var s = a.Score;
        bool ranged = a.IsRanged, alibi = s.Position == PositionKind.Alibi;
        bool windowed = s.Window > 0 || a.WindowVaries;
        string Less(int n) => a.WindowVaries ? (n == 0 ? "window" : $"(window - {n})") : Text.Of(s.Window - n);
        // Where keys before a window are skipped, columns of scores start at key begin; otherwise at the first key.
        bool begins = a.Skips && windowed;
        string first = begins ? "begin" : "0", from = begins ? "(begin + j)" : "j", fromValue = begins ? $"ref Unsafe.Add(ref values, (nint)begin * {a.ValueStride})" : "ref values";
        string cap = a.Room > 0 ? $"(capacity + {a.Room})" : "capacity";
        int group = a.Heads / a.KvHeads;
        w.Line($"/// <summary>context = softmax(Q·Kᵀ·scale + mask)·V, head by head, {LaneTable.QueryBlock} queries at a time ({LaneTable.LongQueryBlock} beyond {LaneTable.LongKeys} keys, so that their scores stay in the first-level cache): memory O(T), never O(T²).</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void Attend<TLane>(ref float q, ref float keyPanels, ref float valueRows, ref float context, ref float scores, ref float inverse, {(a.Relative is null ? "" : "ref float relative, ")}int capacity, int T, int S, {(a.Skips ? "bool whole, " : "")}{(a.WindowVaries ? "int window, " : "")}in AttentionMask mask, global::System.Span<float> weights) where TLane : struct, ILane"))
        {
            w.Line("int real = mask.Keys < 0 ? S : mask.Keys; // keys that are not padding");
            if (a.Extra > 0)
                w.Line($"// The {a.Extra} appended keys stand right after S; padding between is hidden below.");
            w.Line("bool masked = !mask.Bias.IsEmpty || !mask.KeyFlags.IsEmpty || !mask.PairFlags.IsEmpty;");
            w.Line(a.Reshaped ? "const float Scale = 1f; // Shape has scaled the scores" : $"float scale = mask.Bias.IsEmpty ? {Text.Float(s.Scale)} : 1f; // a bias is added to scaled scores");
            if (alibi)
                w.Line($"global::System.ReadOnlySpan<float> slopes = [{string.Join(", ", a.AlibiSlopes.Select(Text.Float))}];");
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
                        w.Line("long position = (long)mask.FirstQuery + row; // of the first query of the block among the keys, before which it may stand");
                        string end = s.Causal ? "whole ? real : (int)Math.Clamp(position + rows, 0, real)" : $"whole ? real : (int)Math.Clamp(position + rows - 1 + {Less(0)}, 0, real)";
                        if (begins)
                        {
                            w.Line($"int begin = whole ? 0 : (int)Math.Clamp(position - {Less(1)}, 0, Math.Max(0, real - 1)) & ~31; // whole panels");
                            w.Line($"int end = Math.Max(begin, {end});");
                            w.Line("int n = end - begin; // keys that a query of the block may see");
                        }
                        else
                        {
                            w.Line($"int n = {end}; // keys that a query of the block may see");
                        }
                    }
                    else
                    {
                        if (ranged)
                            w.Line("long position = (long)mask.FirstQuery + row; // of the first query of the block among the keys, before which it may stand");
                        w.Line(a.Extra > 0 ? $"int n = S + {a.Extra};" : "int n = real;");
                    }

                    w.Line("int padded = (n + 15) & ~15;");
                    w.Line();
                    w.Line("// scores[rows, n] = Q·Kᵀ");
                    using (w.Open("for (int j = 0; j < padded; j += 32)"))
                    {
                        w.Line($"ref float panel = ref Unsafe.Add(ref keys, (nint){from} * {a.HeadDim});");
                        w.Line($"ref float query = ref Unsafe.Add(ref q, (nint)row * {a.QueryStride} + head * {a.HeadDim});");
                        w.Line("if (padded - j > 16)");
                        w.Line($"    TLane.Panel32A{a.QueryStride}(ref query, ref panel, {16 * a.HeadDim}, ref Unsafe.NullRef<float>(), ref Unsafe.NullRef<float>(), ref Unsafe.NullRef<float>(), ref Unsafe.Add(ref scores, j), {a.ScoreStride}, rows, {a.HeadDim});");
                        w.Line("else");
                        w.Line($"    TLane.Panel16A{a.QueryStride}(ref query, ref panel, {16 * a.HeadDim}, ref Unsafe.NullRef<float>(), ref Unsafe.NullRef<float>(), ref Unsafe.NullRef<float>(), ref Unsafe.Add(ref scores, j), {a.ScoreStride}, rows, {a.HeadDim});");
                    }

                    w.Line();
                    if (a.Relative is { } table)
                        w.Line($"ref float bias = ref Unsafe.Add(ref relative, (nint)head * {table.Stride} + {(table.Columns - 1) / 2} - row); // of the first query and key 0; the next query's stand one to the left");
                    if (!a.Reshaped)
                        w.Line("if (!mask.Bias.IsEmpty)");
                    w.Line($"{(a.Reshaped ? "" : "    ")}TLane.Shape(ref scores, rows, padded{(alibi ? $", slopes[head], (nint)mask.FirstQuery + row{(begins ? " - begin" : "")}" : "")}{(a.Relative is null ? "" : ", ref bias")});");

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
                            : $"    ScoreMask.Apply(MemoryMarshal.CreateSpan(ref line, n), mask, head, row + i, T, S, {first});");
                        string last = a.Extra > 0 ? "S" : begins ? "end" : "n";
                        if (ranged)
                        {
                            w.Line(s.Causal
                                ? $"int after = (int)Math.Clamp(position + i + 1, {first}, {last});"
                                : $"int after = (int)Math.Clamp(position + i + {Less(0)}, {first}, {last});");
                            w.Line($"MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, {(begins ? "after - begin" : "after")}), {last} - after).Fill(float.NegativeInfinity);");
                        }

                        if (windowed)
                        {
                            w.Line($"int before = (int)Math.Clamp(position + i - {Less(1)}, {first}, {last});");
                            w.Line($"MemoryMarshal.CreateSpan(ref line, {(begins ? "before - begin" : "before")}).Fill(float.NegativeInfinity);");
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
                            w.Line($"global::System.Span<float> shown = weights.Slice((head * T + row + i) * {a.Keys}, {a.Keys});");
                            w.Line("shown.Clear();");
                            w.Line("for (int j = 0; j < n; j++)");
                            w.Line($"    shown[{(begins ? "begin + j" : "j")}] = Unsafe.Add(ref line, j) * Unsafe.Add(ref inverse, i);");
                        }
                    }

                    w.Line();
                    w.Line("// context[rows, Dv] = weights·V");
                    w.Line($"TLane.WeightedSum(ref scores, {fromValue}, ref inverse, ref Unsafe.Add(ref context, (nint)row * {a.ContextStride} + head * {a.ValueHeadDim}), rows, n);");
                }
            }
        }
    }
}
