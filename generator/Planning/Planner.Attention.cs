namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // Attention: projections, what happens to each head's queries and keys, scores and weighted sum.
    private sealed partial class Builder
    {
        private AttentionPlan? _attention;
        private EquatableArray<long> _rotary = EquatableArray<long>.Empty;

        /// <summary>Attention up to its output projection, which is returned. Stack: the layers that it belongs to.</summary>
        private ProjectStep Attention(
            AttentionSpec s, AttentionTensors t, string title, Operand query, Operand key, Operand value, Operand to, bool add,
            RelativeBiasSpec? relative = null, EquatableArray<LayerSpec> varies = default)
        {
            var q = Buffer("q", "[T, H·Dh]", Up(t.Query.Outputs, 16));
            var k = Buffer("k", "[S, Hkv·Dh]", Up(t.Key.Outputs, 16));
            var v = Buffer("v", "[S, Hkv·Dv]", Up(t.Value.Outputs, 16));
            var parts = new[]
            {
                Project("Queries: x·W_Q", query, "Q", t.Query, q, perLayer: true),
                Project("Keys: x·W_K", key, "K", t.Key, k, perLayer: true, count: "S"),
                Project("Values: x·W_V", value, "V", t.Value, v, perLayer: true, count: "S"),
            };
            int block = parts.Min(part => part.MC);
            _layer.Add(new ProjectTogetherStep("Queries, keys and values in one pass", parts.ToEquatable(), block));
            var context = Heads(s, t.Heads, q, k, v, relative, varies);
            return Project(title, context, "O", t.Output, to, perLayer: true, add: add);
        }

        /// <summary>From queries, keys and values on: norms and rotation of heads, scores, softmax, weighted sum.</summary>
        private Operand Heads(AttentionSpec s, HeadTensors? t, Operand q, Operand k, Operand v, RelativeBiasSpec? relative = null, EquatableArray<LayerSpec> varies = default)
        {
            if (t?.QueryNorm is { } queryNorm && t.KeyNorm is { } keyNorm)
            {
                var (normOfQueries, gq, sq) = NormWeights("qNorm", queryNorm, perLayer: true);
                var (normOfKeys, gk, sk) = NormWeights("kNorm", keyNorm, perLayer: true);
                Buffer("headRow", "[Dh] one head", 0, Up(s.HeadDim, 16));
                _layer.Add(new HeadNormStep("Norm of each head's query", q, s.Heads, s.HeadDim, normOfQueries, gq, sq, "T"));
                _layer.Add(new HeadNormStep("Norm of each head's key", k, s.KvHeads, s.HeadDim, normOfKeys, gk, sk, "S"));
            }

            var score = s.Score;
            if (score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved)
                Rotate(s, q, k, varies);

            int nk = s.KvHeads * s.HeadDim, nv = s.KvHeads * s.ValueHeadDim;
            var biasK = t?.BiasK is { } ofKeys ? Vector("biasK", Whole(ofKeys, nk), nk, perLayer: true) : null;
            var biasV = t?.BiasV is { } ofValues ? Vector("biasV", Whole(ofValues, nv), nv, perLayer: true) : null;
            int extra = (s.BiasKv ? 1 : 0) + (s.ZeroAttn ? 1 : 0);
            int valueStride = ValueChunk.Of(s.ValueHeadDim).Sum(chunk => chunk.Width);
            int room = extra > 0 ? Blocking.AppendedRoom : 0;
            Buffer("keyPanels", "[Hkv][S/16][Dh][16] keys, transposed: vectors run over keys", s.KvHeads * s.HeadDim, room * s.KvHeads * s.HeadDim);
            Buffer("valueRows", "[Hkv][S][Dv] values of each head", s.KvHeads * valueStride, room * s.KvHeads * valueStride);
            int scoreStride = Up(s.MaxTokens + extra, 32) + Blocking.ScorePadding;
            Buffer("scores", $"[{Blocking.QueryBlock}, S] scores, then weights, of one head and {Blocking.QueryBlock} queries", 0, Blocking.QueryBlock * scoreStride);
            Buffer("inverse", $"[{Blocking.QueryBlock}] 1/Σ of each row of scores", 0, Up(Blocking.QueryBlock, 16));
            var context = Buffer("context", "[T, H·Dv] the heads side by side", Up(s.Heads * s.ValueHeadDim, 16));
            var slopes = score.Position == PositionKind.Alibi ? AlibiSlopes(s.Heads) : [];
            _kernels.AddRange([new ProductKernel(), new ActivationKernel("None"), new AttentionKernel(), new WeightedSumKernel(s.ValueHeadDim), .. new[] { q.Stride, scoreStride, valueStride, context.Stride }.Select(stride => new StrideKernel(stride))]);
            _attention = new AttentionPlan(s.Heads, s.KvHeads, s.HeadDim, s.ValueHeadDim, valueStride, q.Stride, context.Stride, scoreStride, s.BiasKv, s.ZeroAttn, score, biasK, biasV, slopes.ToEquatable())
            {
                Relative = relative is null ? null : RelativeTable(relative, s),
                Windows = varies.Any(layer => layer.Window > 0) ? varies.Select(layer => layer.Window).ToEquatable() : EquatableArray<int>.Empty,
            };
            _layer.Add(new SplitHeadsStep("Heads apart, keys into panels, values into rows", k, v, _attention));
            _layer.Add(new AttendStep("softmax(Q·Kᵀ·scale)·V of every head", q, context, _attention));
            return context;
        }

        private void Rotate(AttentionSpec s, Operand q, Operand k, EquatableArray<LayerSpec> layers)
        {
            var score = s.Score;
            bool interleaved = score.Position == PositionKind.RotaryInterleaved, varies = layers.Select(layer => layer.Theta).Distinct().Count() > 1;
            _kernels.Add(new RotaryKernel(interleaved));
            var tables = (varies ? layers.Select(layer => layer.Theta) : [score.RopeTheta]).Distinct().Select((theta, i) => RotaryTable(i == 0 ? "rotary" : "rotary" + Text.Of(i + 1), theta)).ToList();
            var table = tables[0];
            if (varies)
                _rotary = layers.Select(layer => tables.Find(known => known.Theta == layer.Theta)!.Offset).ToEquatable();

            _layer.Add(new RotaryStep("Rotate each head's query by its position", q, s.Heads, s.HeadDim, score.RotaryDim, interleaved, table, true, "T", varies));
            _layer.Add(new RotaryStep("Rotate each head's key by its position", k, s.KvHeads, s.HeadDim, score.RotaryDim, interleaved, table, false, "S", varies));

            WeightPlan RotaryTable(string name, double theta) => Computed(name, WeightForm.Rotary, s.MaxTokens, 2 * score.RotaryDim, 2 * Up(score.RotaryDim, 16), theta);
        }

        private WeightPlan RelativeTable(RelativeBiasSpec s, AttentionSpec a)
        {
            // One entry for each distance from −(MaxTokens − 1) to MaxTokens − 1, and room for the vectors that read past the last key.
            int stride = Up(2 * a.MaxTokens + 64, 16);
            return Weight("relative", WeightForm.Relative, Whole(s.Name, s.Buckets), a.Heads, 2 * a.MaxTokens - 1, stride);
        }

        /// <summary>Press et al. 2021: 2^(−8/n)·… for n heads; heads beyond the largest power of two take every other slope of twice as many.</summary>
        private static List<double> AlibiSlopes(int heads)
        {
            int power = 1;
            while (power * 2 <= heads)
                power *= 2;
            List<double> slopes = [];
            for (int i = 0; i < power; i++)
                slopes.Add(Math.Pow(2, -8.0 * (i + 1) / power));
            for (int i = 0; slopes.Count < heads; i += 2)
                slopes.Add(Math.Pow(2, -8.0 * (i + 1) / (2 * power)));
            return slopes;
        }
    }
}
