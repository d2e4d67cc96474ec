namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // Attention: projections, what happens to each head's queries and keys, scores and weighted sum.
    private sealed partial class Builder
    {
        /// <summary>Attention up to its output projection, which is returned.</summary>
        private ProjectStep Attention(AttentionPart part, string title, Operand query, Operand key, Operand value, Operand to, bool add, StackSpec? stack = null)
        {
            var (s, t) = (part.Sizes, part.Tensors);
            string keys = stack?.KeepsKeys == true ? "T" : "S"; // keys of this call; the others are kept already
            var q = Buffer("q", "[T, H·Dh]", Up(t.Query.Outputs, 16));
            if (part.ReadsSource)
            {
                Add(Project("Queries: x·W_Q", query, "Q", t.Query, q));
                if (t.Heads?.QueryNorm is { } queryNorm)
                    HeadNorm("Norm of each head's query", q, s.Heads, s.HeadDim, "qNorm", queryNorm, "T");
                var read = ReadSource(part, q);
                return Project(title, read, "O", t.Output, to, add: add);
            }

            var k = Buffer("k", $"[{keys}, Hkv·Dh]", Up(t.Key.Outputs, 16));
            var v = Buffer("v", $"[{keys}, Hkv·Dv]", Up(t.Value.Outputs, 16));
            var parts = new[]
            {
                Project("Queries: x·W_Q", query, "Q", t.Query, q),
                Project("Keys: x·W_K", key, "K", t.Key, k, count: keys),
                Project("Values: x·W_V", value, "V", t.Value, v, count: keys),
            };
            Add(new ProjectTogetherStep("Queries, keys and values in one pass", parts.ToEquatable(), parts.Min(product => product.MC)));
            var context = Heads(s, t.Heads, q, k, v, part.RelativeBias, stack);
            return Project(title, context, "O", t.Output, to, add: add);
        }

        /// <summary>From queries, keys and values on: norms and rotation of heads, scores, softmax, weighted sum.</summary>
        private Operand Heads(AttentionSpec s, HeadTensors? t, Operand q, Operand k, Operand v, RelativeBiasSpec? relative = null, StackSpec? stack = null)
        {
            bool keeps = stack?.KeepsKeys == true;
            string keys = keeps ? "T" : "S";
            var varies = stack?.Varies ?? EquatableArray<LayerSpec>.Empty;
            if (t?.QueryNorm is { } all && t.KeyNorm is { } allKeys && all.Norm.Dim != s.HeadDim)
            {
                Add(Norm("Norm of all heads' queries", q, q, "qNorm", all));
                Add(Norm("Norm of all heads' keys", k, k, "kNorm", allKeys, keys));
            }
            else if (t?.QueryNorm is { } queryNorm && t.KeyNorm is { } keyNorm)
            {
                HeadNorm("Norm of each head's query", q, s.Heads, s.HeadDim, "qNorm", queryNorm, "T");
                HeadNorm("Norm of each head's key", k, s.KvHeads, s.HeadDim, "kNorm", keyNorm, keys);
            }

            var score = s.Score;
            if (score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved)
                Rotate(s, q, k, keys, stack);
            if (varies.Any(layer => layer.Scale is not (0 or 1)))
                Add(new ScaleStep("Queries scaled by layer", q, q.Stride, Varies("queryScale", "float", varies.Select(layer => Text.Float(layer.Scale == 0 ? 1 : layer.Scale)), "what its queries are multiplied by")));

            int nk = s.KvHeads * s.HeadDim, nv = s.KvHeads * s.ValueHeadDim;
            var biasK = t?.BiasK is { } ofKeys ? Vector("biasK", Whole(ofKeys, nk), nk) : null;
            var biasV = t?.BiasV is { } ofValues ? Vector("biasV", Whole(ofValues, nv), nv) : null;
            int extra = (s.BiasKv ? 1 : 0) + (s.ZeroAttn ? 1 : 0);
            int valueStride = ValueChunk.Of(s.ValueHeadDim).Sum(chunk => chunk.Width);
            bool windows = varies.Any(layer => layer.Window > 0);
            int room = extra > 0 ? Blocking.AppendedRoom : 0;
            int scoreStride = Up(s.MaxTokens + extra, 32) + Blocking.ScorePadding;
            if (keeps)
                _cache ??= Cache(s, valueStride);
            var keyPanels = keeps ? _cache! : Buffer("keyPanels", "[Hkv][S/16][Dh][16] keys, transposed: vectors run over keys", s.KvHeads * s.HeadDim, room * s.KvHeads * s.HeadDim);
            var valueRows = keeps ? _cache! : Buffer("valueRows", "[Hkv][S][Dv] values of each head", s.KvHeads * valueStride, room * s.KvHeads * valueStride) with { Stride = valueStride };
            var scores = Buffer("scores", $"[{Blocking.QueryBlock}, S] scores, then weights, of one head and {Blocking.QueryBlock} queries", 0, Blocking.QueryBlock * scoreStride) with { Stride = scoreStride };
            var inverse = Buffer("inverse", $"[{Blocking.QueryBlock}] 1/Σ of each row of scores", 0, Up(Blocking.QueryBlock, 16));
            var context = Buffer("context", "[T, H·Dv] the heads side by side", Up(s.Heads * s.ValueHeadDim, 16));
            var bias = relative is null ? null : RelativeTable(relative, s);
            var heads = new HeadsPlan(
                Unique("Heads"), s.Heads, s.KvHeads, s.HeadDim, s.ValueHeadDim, q.Stride, valueStride, context.Stride, scoreStride, s.BiasKv, s.ZeroAttn, score.Scale, score.Softcap,
                score.Causal, score.Window > 0 || windows, bias is not null, score.Position == PositionKind.Alibi ? AlibiSlopes(s.Heads).ToEquatable() : EquatableArray<double>.Empty)
            { IsKept = keeps };
            var ofLayers = windows ? Varies("window", "int", varies.Select(layer => layer.Window == 0 ? "Attention.MaxWindow" : Text.Of(layer.Window)), "keys that a query reaches to each side, itself included") : null;
            if (keeps)
            {
                string place = Place(stack!);
                Add(new KeepStep("Keys and values to the end of each sequence's cache", k, v, _cache!, heads) { Place = place });
                Add(new AttendKeptStep("softmax(Q·Kᵀ·scale)·V of every head, each sequence on its own keys and values", q, _cache!, scores, inverse, context, heads, bias, score.Window, ofLayers) { Place = place });
                return context;
            }

            string whole = Unique("whole");
            Add(new SplitHeadsStep("Heads apart, keys into panels, values into rows", k, v, keyPanels, valueRows, heads, biasK, biasV, whole));
            Add(new AttendStep("softmax(Q·Kᵀ·scale)·V of every head", q, keyPanels, valueRows, scores, inverse, context, heads, bias, score.Window, ofLayers, whole));
            return context;
        }

        private Operand? _headRow;

        private void HeadNorm(string title, Operand rows, int heads, int headDim, string name, NormTensors tensors, string count)
        {
            var through = headDim % 16 == 0 ? null : _headRow ??= Buffer("headRow", "[Dh] one head", 0, Up(headDim, 16));
            var (norm, gain, shift) = NormWeights(name, tensors);
            Add(new HeadNormStep(title, rows, heads, headDim, norm, gain, shift, through, count));
        }

        private Operand? _source;
        private readonly List<(AttentionPart Part, HeadsPlan Heads)> _readers = [];

        /// <summary>Attention to a source: its keys and values are in the sequence's cache.</summary>
        private Operand ReadSource(AttentionPart part, Operand q)
        {
            var s = part.Sizes;
            int valueStride = ValueChunk.Of(s.ValueHeadDim).Sum(chunk => chunk.Width), scoreStride = Up(s.MaxTokens, 32) + Blocking.ScorePadding;
            _source ??= Kept("source", "[Hkv][S'/16][Dh][16] keys of the source, then [Hkv][S'][Dv] values");
            var scores = Buffer("scores", $"[{Blocking.QueryBlock}, S'] scores, then weights, of one head and {Blocking.QueryBlock} queries", 0, Blocking.QueryBlock * scoreStride) with { Stride = scoreStride };
            var inverse = Buffer("inverse", $"[{Blocking.QueryBlock}] 1/Σ of each row of scores", 0, Up(Blocking.QueryBlock, 16));
            var context = Buffer("context", "[T, H·Dv] the heads side by side", Up(s.Heads * s.ValueHeadDim, 16));
            var heads = new HeadsPlan(
                Unique("Heads"), s.Heads, s.KvHeads, s.HeadDim, s.ValueHeadDim, q.Stride, valueStride, context.Stride, scoreStride, LearnedKey: false, ZeroKey: false, s.Score.Scale, s.Score.Softcap,
                Causal: false, Windowed: false, Relative: false, EquatableArray<double>.Empty)
            { IsKept = true };
            _readers.Add((part, heads));
            Add(new AttendSourceStep("softmax(Q·Kᵀ·scale)·V of every head, each sequence on the keys and values of its source", q, _source, scores, inverse, context, heads));
            return context;
        }

        /// <summary>The program that puts a source's keys and values into a sequence's cache, layer by layer.</summary>
        private ProgramPlan KeepSource(StackSpec stack, Operand h)
        {
            _body.Clear();
            _varies.Clear();
            Layers(stack.Stored, () =>
            {
                foreach (var (part, heads) in _readers)
                {
                    var k = Buffer("k", "[S', Hkv·Dh]", Up(part.Tensors.Key.Outputs, 16));
                    var v = Buffer("v", "[S', Hkv·Dv]", Up(part.Tensors.Value.Outputs, 16));
                    var parts = new[] { Project("Keys: h·W_K", h, "K", part.Tensors.Key, k), Project("Values: h·W_V", h, "V", part.Tensors.Value, v) };
                    Add(new ProjectTogetherStep("Keys and values in one pass", parts.ToEquatable(), parts.Min(product => product.MC)));
                    if (part.Tensors.Heads?.KeyNorm is { } keyNorm)
                        HeadNorm("Norm of each head's key", k, part.Sizes.KvHeads, part.Sizes.HeadDim, "kNorm", keyNorm, "T");
                    Add(new KeepStep("Keys and values into the sequence's cache", k, v, _source!, heads) { Place = "0" });
                }
            });
            Flush();
            return new ProgramPlan(
                "KeepSource", $"The keys and values that {stack.Layers} layers of the decoder read of the encoder's h[T, {stack.Attention.DModel}], which Forward left in the arena",
                List(s_sequences, s_tokens), _body.ToEquatable());
        }

        /// <summary>Where a layer is in a cache whose sliding layers may keep a ring: how many layers before it slide; −1 − that, if it slides itself.</summary>
        private string Place(StackSpec stack)
        {
            var slides = Slides(stack);
            if (slides.All(slide => !slide))
                return "0";
            return slides.All(slide => slide) ? "-1 - layer"
                : (_places ??= Varies("place", "int", slides.Select((slide, i) => Text.Of(slides.Take(i).Count(before => before) is var before && slide ? -1 - before : before)), "how many layers before it slide; −1 − that, if it slides itself")).Name;
        }

        private LayerTable? _places;

        /// <summary>Which layers see the last tokens only.</summary>
        private static List<bool> Slides(StackSpec stack) =>
            Enumerable.Range(0, stack.Layers).Select(layer => (stack.Varies.Count > 0 && stack.Varies.Any(varied => varied.Window > 0) ? stack.Varies[layer].Window : stack.Attention.Score.Window) > 0).ToList();

        /// <summary>A cache that sequences alone have.</summary>
        private Operand Kept(string name, string shape)
        {
            var kept = Buffer(name, shape, 0);
            var buffer = kept.Buffer! with { IsCache = true };
            _buffers[_buffers.Count - 1] = buffer;
            return Operand.Of(buffer, 0);
        }

        private Operand? _cache;
        private AnglesStep? _angles;

        private Operand Cache(AttentionSpec s, int valueStride)
        {
            if (_stack > 0)
                return Kept("cache", "[Hkv][S/16][Dh][16] keys, transposed so that vectors run over keys, then [Hkv][S][Dv] values");
            var cache = Buffer("cache", "[Hkv][S/16][Dh][16] keys, transposed so that vectors run over keys, then [Hkv][S][Dv] values", s.KvHeads * (s.HeadDim + valueStride), 16);
            var buffer = cache.Buffer! with { IsCache = true };
            _buffers[_buffers.Count - 1] = buffer;
            return Operand.Of(buffer, 0);
        }

        /// <summary>Before the layers of a decoder: cos and sin of the positions where its rows stand.</summary>
        private void Angles(StackSpec s)
        {
            var score = s.Attention.Score;
            if (s.Angles.Count == 0)
                return;
            int half = Up(score.RotaryDim, 16);
            var to = Buffer("angles", "[T][kinds] cos, then signed sin, of each pair at the row's position", s.Angles.Count * 2 * half);
            Add(_angles = new AnglesStep("Angles of each row's position", to, s.Angles.Select(kind => new AnglesPlan(kind.Frequencies, kind.Factor)).ToEquatable(), score.RotaryDim, score.Position == PositionKind.RotaryInterleaved));
        }

        private void Rotate(AttentionSpec s, Operand q, Operand k, string keys, StackSpec? stack)
        {
            var score = s.Score;
            var layers = stack?.Varies ?? EquatableArray<LayerSpec>.Empty;
            if (_angles is { } computed)
            {
                var kinds = layers.Select(layer => layer.Angles).Distinct().ToList();
                var at = kinds.Count > 1 || kinds is [not 0]
                    ? Varies("angle", "int", layers.Select(layer => Text.Of(layer.Angles < 0 ? -1 : layer.Angles * 2 * computed.Half)), "where its angles are in a row; −1: it turns nothing")
                    : null;
                var rotary = new RotaryOrigin(score.RotaryDim, score.RopeTheta, computed.Interleaved);
                bool skips = kinds.Any(kind => kind < 0);
                Add(new RotaryStep("Rotate each head's query by its position", q, s.Heads, s.HeadDim, rotary, EquatableArray<WeightPlan>.Empty, at, IsMoved: false, "T") { Computed = computed, SkipsLayers = skips });
                Add(new RotaryStep("Rotate each head's key by its position", k, s.KvHeads, s.HeadDim, rotary, EquatableArray<WeightPlan>.Empty, at, IsMoved: false, keys) { Computed = computed, SkipsLayers = skips });
                return;
            }

            var thetas = layers.Select(layer => layer.Theta).Distinct().ToList();
            bool varies = thetas.Count > 1;
            var tables = (varies ? thetas : [score.RopeTheta]).Select(theta => Weight(
                "rotary", new RotaryOrigin(score.RotaryDim, theta, score.Position == PositionKind.RotaryInterleaved), WeightLayout.Rows, s.MaxTokens, 2 * score.RotaryDim, 2 * Up(score.RotaryDim, 16))).ToList();
            var angles = varies ? Varies("angles", "long", layers.Select(layer => Text.Of(tables[thetas.IndexOf(layer.Theta)].Offset)), "where its table of rotations is") : null;
            var origin = (RotaryOrigin)tables[0].Origin;
            // A whole model's tokens are all there is: the first is at position 0.
            bool isMoved = target.Model is not (TransformerSpec or TranslationSpec);
            Add(new RotaryStep("Rotate each head's query by its position", q, s.Heads, s.HeadDim, origin, tables.ToEquatable(), angles, isMoved, "T"));
            Add(new RotaryStep("Rotate each head's key by its position", k, s.KvHeads, s.HeadDim, origin, tables.ToEquatable(), angles, IsMoved: false, "S"));
        }

        /// <summary>A number of each layer, under a name that nothing else has.</summary>
        private LayerTable Varies(string name, string type, IEnumerable<string> values, string meaning)
        {
            var table = new LayerTable(Unique(name), type, values.ToEquatable(), meaning);
            _varies.Add(table);
            return table;
        }

        private WeightPlan RelativeTable(RelativeBiasSpec s, AttentionSpec a)
        {
            // One entry for each distance from −(MaxTokens − 1) to MaxTokens − 1, and room for the vectors that read past the last key.
            int stride = Up(2 * a.MaxTokens + 64, 16);
            return Weight("relative", new RelativeOrigin(s.Name, s.Buckets, s.MaxDistance, s.LooksBack), WeightLayout.Rows, a.Heads, 2 * a.MaxTokens - 1, stride);
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
