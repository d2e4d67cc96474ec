namespace AttnGen.Generator.Emission.Kernels;

/// <summary>A member of IHeads.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Value">What a class says, in C#.</param>
internal sealed record HeadsConstant(string Type, string Name, string Summary, Func<Planning.HeadsPlan, string> Value);

/// <summary>
/// Attention itself: heads apart, then scores, mask, softmax and weighted sum, a block of queries at a time. It stands once for all options; those that a class does
/// not have are constants of its Heads, and the compiler drops what they switch off.
/// </summary>
internal static class AttentionKernels
{
    /// <summary>What a class says of its heads: the members of IHeads, type and name.</summary>
    public static readonly ImmutableArray<HeadsConstant> Constants = ImmutableArray.Create<HeadsConstant>(
        new("int", "Count", "Query heads.", a => Number(a.Count)),
        new("int", "KvCount", "Key and value heads.", a => Number(a.KvCount)),
        new("int", "KeyDim", "Features of a query and of a key.", a => Number(a.KeyDim)),
        new("int", "ValueDim", "Features of a value.", a => Number(a.ValueDim)),
        new("int", "QueryStride", "Floats between rows of queries.", a => Number(a.QueryStride)),
        new("int", "ValueStride", "Floats between rows of a head's values.", a => Number(a.ValueStride)),
        new("int", "ContextStride", "Floats between rows of the result.", a => Number(a.ContextStride)),
        new("int", "ScoreStride", "Floats between rows of scores.", a => Number(a.ScoreStride)),
        new("int", "Appended", "Keys after the caller's: a learned one, one of zeros.", a => Number(a.Appended)),
        new("bool", "LearnedKey", "Whether the first of those is learned.", a => Flag(a.LearnedKey)),
        new("bool", "ZeroKey", "Whether the last of those is zeros.", a => Flag(a.ZeroKey)),
        new("bool", "IsKept", "Whether keys are kept from call to call.", a => Flag(a.IsKept)),
        new("float", "Scale", "What scores are multiplied by.", a => Generator.Text.Float(a.Scale)),
        new("float", "Softcap", "cap·tanh(score/cap); 0: none.", a => Generator.Text.Float(a.Softcap)),
        new("bool", "Causal", "Whether a query sees no later key.", a => Flag(a.Causal)),
        new("bool", "Windowed", "Whether a query sees only keys near it.", a => Flag(a.Windowed)),
        new("bool", "Relative", "Whether a bias by relative position is added.", a => Flag(a.Relative)),
        new("bool", "Alibi", "Whether scores fall with the distance.", a => Flag(a.AlibiSlopes.Count > 0)),
        new("global::System.ReadOnlySpan<float>", "Slopes", "How steeply they fall, head by head.", a => a.AlibiSlopes.Count == 0 ? "default" : $"[{string.Join(", ", a.AlibiSlopes.Select(Generator.Text.Float))}]"));

    private static string Number(int value) => Generator.Text.Of(value);

    private static string Flag(bool value) => value ? "true" : "false";

    public static string Text { get; } = $$"""
        /// <summary>What attention is compiled for: constants.</summary>
        internal interface IHeads
        {
        {{string.Join("\n", Constants.Select(c => $"    /// <summary>{c.Summary}</summary>\n    static abstract {c.Type} {c.Name} {{ get; }}"))}}
            /// <summary>C[rows, Dv] = (P[rows, keys]·V[keys, Dv])/Σ.</summary>
            static abstract void WeightedSum<TLane>(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys) where TLane : struct, ILane;
        }

        /// <summary>softmax(Q·Kᵀ)·V.</summary>
        internal static class Attention
        {
            /// <summary>A window that reaches everything.</summary>
            internal const int MaxWindow = 1 << 29;

            /// <summary>Keys [S, Hkv·Dh] become panels [Hkv][S/16][Dh][16] (each head transposed, so that vectors run over keys); values become rows [Hkv][S][Dv].</summary>
            /// <param name="real">Keys that are not padding; counts only where keys are appended.</param>
            /// <param name="first">Where the first of them goes.</param>
            /// <returns>Whether a value is NaN or infinite: it then must reach every query, as 0·NaN does in PyTorch, and no key may be skipped.</returns>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static bool SplitHeads<THeads>(ref float k, nint ldk, ref float v, nint ldv, ref float keyPanels, ref float valueRows, int capacity, int S, int real, ref float biasK, ref float biasV, int first = 0)
                where THeads : struct, IHeads
            {
                bool skips = Skips<THeads>();
                nint room = THeads.Appended > 0 ? (nint)capacity + {{Planning.Blocking.AppendedRoom}} : capacity; // appended keys may open new panels
                for (int t = 0; t < S;)
                {
                    int slot = first + t;
                    ref float panel = ref Unsafe.Add(ref keyPanels, (nint)(slot / 16) * (16 * THeads.KeyDim) + slot % 16);
                    ref float k0 = ref Unsafe.Add(ref k, t * ldk);
                    if (THeads.KeyDim < 4 || slot % 4 != 0 || t > S - 4)
                    {
                        for (int head = 0; head < THeads.KvCount; head++)
                        {
                            for (int d = 0; d < THeads.KeyDim; d++)
                                Unsafe.Add(ref panel, d * 16) = Unsafe.Add(ref k0, head * THeads.KeyDim + d);
                            panel = ref Unsafe.Add(ref panel, room * THeads.KeyDim);
                        }

                        t++;
                        continue;
                    }

                    ref float k1 = ref Unsafe.Add(ref k0, ldk); ref float k2 = ref Unsafe.Add(ref k1, ldk); ref float k3 = ref Unsafe.Add(ref k2, ldk);
                    for (int head = 0; head < THeads.KvCount; head++)
                    {
                        for (int d = 0; d < (THeads.KeyDim & ~3); d += 4)
                        {
                            // Four tokens × four features, transposed in registers.
                            Vector128<float> r0 = Vector128.LoadUnsafe(ref k0, (nuint)d), r1 = Vector128.LoadUnsafe(ref k1, (nuint)d), r2 = Vector128.LoadUnsafe(ref k2, (nuint)d), r3 = Vector128.LoadUnsafe(ref k3, (nuint)d);
                            Vector128<float> lo01 = HeadLayout.ZipLower(r0, r1), lo23 = HeadLayout.ZipLower(r2, r3), hi01 = HeadLayout.ZipUpper(r0, r1), hi23 = HeadLayout.ZipUpper(r2, r3);
                            ref float to = ref Unsafe.Add(ref panel, d * 16);
                            HeadLayout.LowerHalves(lo01, lo23).StoreUnsafe(ref to);
                            HeadLayout.UpperHalves(lo01, lo23).StoreUnsafe(ref to, 16);
                            HeadLayout.LowerHalves(hi01, hi23).StoreUnsafe(ref to, 32);
                            HeadLayout.UpperHalves(hi01, hi23).StoreUnsafe(ref to, 48);
                        }

                        for (int d = THeads.KeyDim & ~3; d < THeads.KeyDim; d++)
                            Vector128.Create(Unsafe.Add(ref k0, d), Unsafe.Add(ref k1, d), Unsafe.Add(ref k2, d), Unsafe.Add(ref k3, d)).StoreUnsafe(ref panel, (nuint)d * 16);
                        k0 = ref Unsafe.Add(ref k0, THeads.KeyDim); k1 = ref Unsafe.Add(ref k1, THeads.KeyDim); k2 = ref Unsafe.Add(ref k2, THeads.KeyDim); k3 = ref Unsafe.Add(ref k3, THeads.KeyDim);
                        panel = ref Unsafe.Add(ref panel, room * THeads.KeyDim);
                    }

                    t += 4;
                }

                Vector256<float> probe = Vector256<float>.Zero; float last = 0; // Σ of value·0: 0, or NaN if a value is NaN or infinite
                for (int t = 0; t < S; t++)
                {
                    ref float value = ref Unsafe.Add(ref v, t * ldv);
                    ref float row = ref Unsafe.Add(ref valueRows, (nint)(first + t) * THeads.ValueStride);
                    for (int head = 0; head < THeads.KvCount; head++)
                    {
                        for (int d = 0; d < (THeads.ValueDim & ~7); d += 8)
                        {
                            Vector256<float> eight = Vector256.LoadUnsafe(ref value, (nuint)d);
                            eight.StoreUnsafe(ref row, (nuint)d);
                            if (skips)
                                probe += eight * 0f;
                        }

                        for (int d = THeads.ValueDim & ~7; d < THeads.ValueDim; d++)
                        {
                            Unsafe.Add(ref row, d) = Unsafe.Add(ref value, d);
                            if (skips)
                                last += Unsafe.Add(ref value, d) * 0f;
                        }

                        value = ref Unsafe.Add(ref value, THeads.ValueDim); row = ref Unsafe.Add(ref row, room * THeads.ValueStride);
                    }
                }

                if (THeads.Appended > 0)
                    Append<THeads>(ref keyPanels, ref valueRows, room, S, real, ref biasK, ref biasV);
                return Vector256.Sum(probe) + last != 0;
            }

            /// <summary>Whether blocks of queries skip keys that none of them may see.</summary>
            [MethodImplAttribute(MethodImplOptions.AggressiveInlining)]
            private static bool Skips<THeads>() where THeads : struct, IHeads => (THeads.Causal || THeads.Windowed) && THeads.Appended == 0;

            /// <summary>The appended keys and values, right after S.</summary>
            private static void Append<THeads>(ref float keyPanels, ref float valueRows, nint room, int S, int real, ref float biasK, ref float biasV) where THeads : struct, IHeads
            {
                for (int head = 0; head < THeads.KvCount; head++)
                {
                    // Padding stands between the caller's keys and the appended ones: weight 0, and so that 0·NaN cannot be, value 0.
                    ref float rows = ref Unsafe.Add(ref valueRows, (head * room) * THeads.ValueStride);
                    MemoryMarshal.CreateSpan(ref Unsafe.Add(ref rows, (nint)real * THeads.ValueStride), (S - real) * THeads.ValueStride).Clear();
                    ref float panels = ref Unsafe.Add(ref keyPanels, head * room * THeads.KeyDim);
                    for (int i = 0; i < THeads.Appended; i++)
                    {
                        bool learned = THeads.LearnedKey && i == 0;
                        int t = S + i;
                        for (int d = 0; d < THeads.KeyDim; d++)
                            Unsafe.Add(ref panels, (nint)(t / 16) * (16 * THeads.KeyDim) + d * 16 + t % 16) = learned ? Unsafe.Add(ref biasK, head * THeads.KeyDim + d) : 0;
                        for (int d = 0; d < THeads.ValueDim; d++)
                            Unsafe.Add(ref rows, (nint)t * THeads.ValueStride + d) = learned ? Unsafe.Add(ref biasV, head * THeads.ValueDim + d) : 0;
                    }
                }
            }

            /// <summary>
            /// context = softmax(Q·Kᵀ·scale + mask)·V, head by head, {{Planning.Blocking.QueryBlock}} queries at a time ({{Planning.Blocking.LongQueryBlock}} beyond {{Planning.Blocking.LongKeys}} keys, so that their scores stay in the first-level cache):
            /// memory O(T), never O(T²).
            /// </summary>
            /// <param name="relative">Biases by relative position: of head 0, and of the key where the query stands; null without them.</param>
            /// <param name="relativeStride">Floats from one head's to the next's.</param>
            /// <param name="whole">Whether a value is NaN or infinite, so that no key may be skipped; or, where keys are kept, so that queries go through one by one, each with the keys that it sees.</param>
            /// <param name="window">Keys that a query sees to each side, itself included; counts only where there is a window.</param>
            /// <param name="weights">Where each head's [T, S] are to be shown, if at all.</param>
            /// <param name="ring">Where keys are kept in a ring, its tokens.</param>
            [MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]
            internal static void Attend<TLane, THeads, TQuery>(ref float q, ref float keyPanels, ref float valueRows, ref float context, ref float scores, ref float inverse, ref float relative, nint relativeStride,
                int capacity, int T, int S, bool whole, int window, in AttentionMask mask, ShownWeights weights, int ring = 0)
                where TLane : struct, ILane where THeads : struct, IHeads where TQuery : struct, IStride
            {
                bool skips = Skips<THeads>(), ranged = THeads.Causal || THeads.Windowed, reshaped = THeads.Softcap > 0 || THeads.Alibi || THeads.Relative;
                nint room = THeads.Appended > 0 ? (nint)capacity + {{Planning.Blocking.AppendedRoom}} : capacity;
                int real = mask.Keys < 0 ? S : mask.Keys; // keys that are not padding; appended ones stand right after S, and padding between is hidden below
                int all = S + THeads.Appended;
                bool masked = !mask.Bias.IsEmpty || !mask.KeyFlags.IsEmpty || !mask.PairFlags.IsEmpty;
                float scale = reshaped || !mask.Bias.IsEmpty ? 1f : THeads.Scale; // Shape scales the scores before anything is added to them
                ref float nothing = ref Unsafe.NullRef<float>();
                int block = THeads.IsKept && whole ? 1 : S > {{Planning.Blocking.LongKeys}} ? {{Planning.Blocking.LongQueryBlock}} : {{Planning.Blocking.QueryBlock}};
                for (int head = 0; head < THeads.Count; head++)
                {
                    int kv = head / (THeads.Count / THeads.KvCount);
                    ref float keys = ref Unsafe.Add(ref keyPanels, kv * room * THeads.KeyDim);
                    ref float values = ref Unsafe.Add(ref valueRows, kv * room * THeads.ValueStride);
                    global::System.Span<float> shown = weights.Of(head);
                    for (int row = 0; row < T; row += block)
                    {
                        int rows = Math.Min(block, T - row);
                        long position = (long)mask.FirstQuery + row; // of the first query of the block among the keys, before which it may stand
                        // Keys [begin, end) are those that a query of the block may see; columns of scores start at begin.
                        int begin = 0, end = THeads.Appended > 0 ? all : real;
                        if (skips && (THeads.IsKept || !whole))
                        {
                            if (THeads.Windowed)
                                begin = (int)Math.Clamp(position - (window - 1), 0, Math.Max(0, real - 1)) & ~31; // whole panels
                            end = Math.Max(begin, (int)Math.Clamp(THeads.Causal ? position + rows : position + rows - 1 + window, 0, real));
                        }

                        int n = end - begin;
                        int padded = (n + 15) & ~15;
                        int at = THeads.IsKept && ring > 0 ? begin % ring : begin; // where the first of them is kept

                        // scores[rows, n] = Q·Kᵀ
                        ref float query = ref Unsafe.Add(ref q, (nint)row * THeads.QueryStride + head * THeads.KeyDim);
                        for (int j = 0; j < padded; j += 32)
                        {
                            ref float panel = ref Unsafe.Add(ref keys, (nint)(at + j) * THeads.KeyDim);
                            if (padded - j > 16)
                                TLane.Panel32<TQuery>(ref query, ref panel, 16 * THeads.KeyDim, ref nothing, ref nothing, ref nothing, ref Unsafe.Add(ref scores, j), THeads.ScoreStride, rows, THeads.KeyDim);
                            else
                                TLane.Panel16<TQuery>(ref query, ref panel, 16 * THeads.KeyDim, ref nothing, ref nothing, ref nothing, ref Unsafe.Add(ref scores, j), THeads.ScoreStride, rows, THeads.KeyDim);
                        }

                        if (reshaped || !mask.Bias.IsEmpty)
                        {
                            // The bias of the block's first query and the first column; the next query's stand one to the left.
                            ref float bias = ref (THeads.Relative ? ref Unsafe.Add(ref relative, head * relativeStride - (nint)position + begin) : ref relative);
                            TLane.AdjustScores<THeads>(ref scores, rows, padded, THeads.Alibi ? THeads.Slopes[head] : 0f, (nint)mask.FirstQuery + row - begin, ref bias);
                        }

                        // Hidden keys: −∞.
                        for (int i = 0; i < rows && (ranged || THeads.Appended > 0 || masked || padded > n); i++)
                        {
                            ref float line = ref Unsafe.Add(ref scores, (nint)i * THeads.ScoreStride);
                            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, n), padded - n).Fill(float.NegativeInfinity);
                            if (THeads.Appended > 0)
                                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, real), S - real).Fill(float.NegativeInfinity);
                            int last = THeads.Appended > 0 ? S : end; // of the caller's keys
                            if (masked)
                                ScoreMask.Apply(MemoryMarshal.CreateSpan(ref line, last - begin), mask, head, row + i, T, S, begin);
                            if (ranged)
                            {
                                int after = (int)Math.Clamp(THeads.Causal ? position + i + 1 : position + i + window, begin, last);
                                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref line, after - begin), last - after).Fill(float.NegativeInfinity);
                            }

                            if (THeads.Windowed)
                            {
                                int before = (int)Math.Clamp(position + i - (window - 1), begin, last);
                                MemoryMarshal.CreateSpan(ref line, before - begin).Fill(float.NegativeInfinity);
                            }
                        }

                        TLane.Softmax(ref scores, ref inverse, THeads.ScoreStride, rows, padded, scale);

                        if (!shown.IsEmpty)
                        {
                            for (int i = 0; i < rows; i++)
                            {
                                ref float line = ref Unsafe.Add(ref scores, (nint)i * THeads.ScoreStride);
                                global::System.Span<float> to = shown.Slice((row + i) * all, all);
                                to.Clear();
                                for (int j = 0; j < n; j++)
                                    to[begin + j] = Unsafe.Add(ref line, j) * Unsafe.Add(ref inverse, i);
                            }
                        }

                        // context[rows, Dv] = weights·V
                        // Where a value is NaN or infinite, a query's own keys alone: what is hidden would come in as 0·∞.
                        int unseen = THeads.IsKept && THeads.Windowed && whole ? (int)Math.Clamp(position - (window - 1), begin, end) - begin : 0;
                        THeads.WeightedSum<TLane>(ref Unsafe.Add(ref scores, unseen), ref Unsafe.Add(ref values, (nint)(at + unseen) * THeads.ValueStride), ref inverse, ref Unsafe.Add(ref context, (nint)row * THeads.ContextStride + head * THeads.ValueDim), rows, n - unseen);
                    }
                }
            }
        }
        """;

    public static string Kept { get; } = """
        /// <summary>Attention to keys and values that sequences keep from call to call.</summary>
        internal static class KeptAttention
        {
            /// <summary>Keys and values of the call's rows to the end of their sequences' caches, in the layouts of <see cref="Attention.SplitHeads"/>; in a ring twice, so that any run of them is in one piece.</summary>
            internal static void Keep<THeads>(ref float k, nint ldk, ref float v, nint ldv, global::System.ReadOnlySpan<CacheSlice> sequences, int layer, int place) where THeads : struct, IHeads
            {
                ref float nothing = ref Unsafe.NullRef<float>();
                foreach (ref readonly CacheSlice s in sequences)
                {
                    ref float keys = ref s.KeysOf(layer, place);
                    ref float values = ref s.ValuesOf(layer, place, THeads.KvCount * THeads.KeyDim);
                    int ring = s.RingOf(place), room = s.RoomOf(place);
                    for (int done = 0; done < s.Rows;)
                    {
                        int at = ring == 0 ? s.Position : (s.Position + done) % ring;
                        int rows = ring == 0 ? s.Rows : Math.Min(s.Rows - done, ring - at);
                        ref float k0 = ref Unsafe.Add(ref k, (s.Row + done) * ldk);
                        ref float v0 = ref Unsafe.Add(ref v, (s.Row + done) * ldv);
                        if (Attention.SplitHeads<THeads>(ref k0, ldk, ref v0, ldv, ref keys, ref values, room, rows, rows, ref nothing, ref nothing, at))
                            s.NoteNotFinite();
                        if (ring > 0)
                            Attention.SplitHeads<THeads>(ref k0, ldk, ref v0, ldv, ref keys, ref values, room, rows, rows, ref nothing, ref nothing, at + ring);
                        done += rows;
                    }
                }
            }

            /// <summary>Each sequence's queries on the keys and values of its source, all of which they see.</summary>
            /// <param name="weights">Where each head's [T, S'] of the only sequence are to be shown, if at all.</param>
            internal static void AttendSource<TLane, THeads, TQuery>(ref float q, ref float context, ref float scores, ref float inverse, global::System.ReadOnlySpan<CacheSlice> sequences, int layer, ShownWeights weights)
                where TLane : struct, ILane where THeads : struct, IHeads where TQuery : struct, IStride
            {
                foreach (ref readonly CacheSlice s in sequences)
                {
                    ref float keys = ref s.SourceKeysOf(layer);
                    ref float values = ref s.SourceValuesOf(layer, THeads.KvCount * THeads.KeyDim);
                    Attention.Attend<TLane, THeads, TQuery>(ref Unsafe.Add(ref q, (nint)s.Row * THeads.QueryStride), ref keys, ref values, ref Unsafe.Add(ref context, (nint)s.Row * THeads.ContextStride),
                        ref scores, ref inverse, ref Unsafe.NullRef<float>(), 0, s.SourceRoom, s.Rows, s.SourceTokens, false, 0, default, weights);
                }
            }

            /// <summary>Each sequence's queries on the keys and values of its cache: see <see cref="Attention.Attend"/>.</summary>
            /// <param name="weights">Where each head's [T, S] of the only sequence are to be shown, if at all.</param>
            internal static void Attend<TLane, THeads, TQuery>(ref float q, ref float context, ref float scores, ref float inverse, ref float relative, nint relativeStride,
                global::System.ReadOnlySpan<CacheSlice> sequences, int layer, int place, int window, in AttentionMask mask, ShownWeights weights)
                where TLane : struct, ILane where THeads : struct, IHeads where TQuery : struct, IStride
            {
                foreach (ref readonly CacheSlice s in sequences)
                {
                    AttentionMask own = mask.WithFirstQuery(s.Position);
                    ref float keys = ref s.KeysOf(layer, place);
                    ref float values = ref s.ValuesOf(layer, place, THeads.KvCount * THeads.KeyDim);
                    Attention.Attend<TLane, THeads, TQuery>(ref Unsafe.Add(ref q, (nint)s.Row * THeads.QueryStride), ref keys, ref values, ref Unsafe.Add(ref context, (nint)s.Row * THeads.ContextStride),
                        ref scores, ref inverse, ref relative, relativeStride, s.RoomOf(place), s.Rows, s.Keys, s.HasNotFinite, window, own, weights, s.RingOf(place));
                }
            }
        }
        """;
}
