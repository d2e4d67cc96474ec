namespace AttnGen.Generator.Planning;

/// <summary>Spec to Plan: which buffers, layouts, tiles and steps carry out a shape. Pure: the same Spec gives the same Plan.</summary>
internal static partial class Planner
{
    public static ModelPlan Plan(TargetSpec target) => target.Model switch
    {
        AttentionSpec s => new Builder(target).Attention(s),
        FeedForwardSpec s => new Builder(target).FeedForward(s),
        EncoderLayerSpec s => new Builder(target).Encoder(new EncoderSpec(1, s, false, PositionsKind.None), stack: false),
        EncoderSpec s => new Builder(target).Encoder(s, stack: true),
        LinearSpec s => new Builder(target).Linear(s),
        NormSpec s => new Builder(target).Norm(s),
        SoftmaxSpec s => new Builder(target).Softmax(s),
        TransformerSpec s => new Builder(target).Transformer(s),
        _ => throw new NotSupportedException(target.Model.GetType().Name),
    };

    private static int Up(int n, int unit) => (n + unit - 1) / unit * unit;

    private sealed partial class Builder(TargetSpec target)
    {
        // 96 K floats = 384 KB: the block of A that stays in a core's L2 while the panels of W stream by.
        private const int BlockFloats = 96 * 1024;

        // Longest run over k before the partial sums are put aside (they continue bit for bit: the order of k is kept).
        private const int MaxKC = 768;

        private readonly List<BufferPlan> _buffers = [];
        private readonly List<WeightPlan> _weights = [];
        private readonly List<ConstantPlan> _constants = [];
        private readonly List<Step> _before = [];
        private readonly List<Step> _layer = [];
        private readonly List<Step> _after = [];
        private readonly SortedDictionary<int, PanelKernel> _panels = [];
        private readonly List<ProjectKernel> _projects = [];
        private readonly List<NormPlan> _norms = [];
        private readonly List<string> _activations = [];
        private int _tokenFloats;
        private int _fixedFloats;
        private long _layerFloats;
        private long _sharedFloats;
        private long _parameters;
        private int _layers = 1;

        // ---- the shapes ----

        public ModelPlan Attention(AttentionSpec s)
        {
            var query = new Operand("query", s.DModel);
            var key = new Operand("key", s.KeyDim);
            var value = new Operand("value", s.ValueDim);
            AddAttentionConstants(s);
            if (s.Projections)
            {
                Constant("DModel", s.DModel, "Width of a token's vector, D.", first: true);
                int stride = Up(s.DModel, 16);
                var attention = AttentionSteps(s, "", query, key, value, out var context);
                var to = stride == s.DModel ? new Operand("y", stride) : Buffer("output", "[T, D]", stride);
                Project("Output projection: Concat(head_1 … head_H)·W_O", context, "out_proj.weight", "out_proj.bias", s.Bias, to, s.Heads * s.ValueHeadDim, s.DModel, perLayer: true);
                if (to.Name != "y")
                    _layer.Add(new CopyStep("Back to the caller's rows", to, new Operand("y", s.DModel), s.DModel, "T"));
                return Build("Attention", Describe(s), CallForm.Attention, s.MaxTokens, s.DModel, s.KeyDim, s.ValueDim, s.DModel, attention);
            }

            int width = s.Heads * s.ValueHeadDim;
            var core = AttentionSteps(s, "", query, key, value, out var result);
            _layer.Add(new CopyStep("Back to the caller's rows", result, new Operand("y", width), width, "T"));
            return Build("DotProductAttention", Describe(s), CallForm.DotProduct, s.MaxTokens, s.DModel, s.KeyDim, s.ValueDim, width, core);
        }

        public ModelPlan FeedForward(FeedForwardSpec s)
        {
            Constant("DModel", s.DModel, "Width of a token's vector, D.");
            Constant("Hidden", s.Hidden, "Width of the hidden layer, F.");
            int stride = Up(s.DModel, 16);
            var hidden = FeedForwardHidden(s, new Operand("x", s.DModel));
            var to = stride == s.DModel ? new Operand("y", stride) : Buffer("output", "[T, D]", stride);
            Project("Second linear map", hidden, s.Gated ? "down_proj.weight" : "linear2.weight", s.Gated ? "down_proj.bias" : "linear2.bias", s.Bias, to, s.Hidden, s.DModel, perLayer: true);
            if (to.Name != "y")
                _layer.Add(new CopyStep("Back to the caller's rows", to, new Operand("y", s.DModel), s.DModel, "T"));
            return Build("FeedForward", $"feed-forward network, D = {s.DModel}, F = {s.Hidden}, {s.Activation}{(s.Gated ? ", gated" : "")}{(s.Bias ? "" : ", no bias")}", CallForm.Rows, s.MaxTokens, s.DModel, 0, 0, s.DModel, null);
        }

        public ModelPlan Linear(LinearSpec s)
        {
            Constant("Inputs", s.Inputs, "Width of x, K.");
            Constant("Outputs", s.Outputs, "Width of y, N.");
            int stride = Up(s.Outputs, 16);
            var to = stride == s.Outputs ? new Operand("y", stride) : Buffer("output", "[T, N]", stride);
            Project("y = x·Wᵀ + b", new Operand("x", s.Inputs), "weight", "bias", s.Bias, to, s.Inputs, s.Outputs, perLayer: true, activation: s.Activation);
            if (to.Name != "y")
                _layer.Add(new CopyStep("Back to the caller's rows", to, new Operand("y", s.Outputs), s.Outputs, "T"));
            return Build("Linear", $"linear map, {s.Inputs} to {s.Outputs}{(s.Activation == "None" ? "" : ", " + s.Activation)}{(s.Bias ? "" : ", no bias")}", CallForm.Rows, s.MaxTokens, s.Inputs, 0, 0, s.Outputs, null);
        }

        public ModelPlan Norm(NormSpec s)
        {
            Constant("Dim", s.Dim, "Length of a row.");
            int stride = Up(s.Dim, 16);
            var (gain, shift) = NormWeights(s, "", perLayer: true);
            var norm = UseNorm(s);
            if (stride == s.Dim)
            {
                _layer.Add(new NormStep("Each row", new Operand("x", s.Dim), new Operand("y", s.Dim), norm, gain, shift));
            }
            else
            {
                var rows = Buffer("rows", "[T, Dim]", stride);
                _layer.Add(new CopyStep("Into padded rows", new Operand("x", s.Dim), rows, s.Dim, "T"));
                _layer.Add(new NormStep("Each row", rows, rows, norm, gain, shift));
                _layer.Add(new CopyStep("Back to the caller's rows", rows, new Operand("y", s.Dim), s.Dim, "T"));
            }

            // No longest input (0): rows are independent and go through in blocks of ModelPlan.RowBlock.
            return Build(s.Kind == NormKind.LayerNorm ? "LayerNorm" : "RmsNorm", $"{(s.Kind == NormKind.LayerNorm ? "layer norm" : "RMS norm")} of rows of {s.Dim}", CallForm.Rows, 0, s.Dim, 0, 0, s.Dim, null);
        }

        public ModelPlan Softmax(SoftmaxSpec s)
        {
            Constant("Dim", s.Dim, "Length of a row.");
            _layer.Add(new SoftmaxStep("Each row", s.Dim));
            return Build("Softmax", $"softmax of rows of {s.Dim}", CallForm.Softmax, 0, s.Dim, 0, 0, s.Dim, null);
        }

        public ModelPlan Encoder(EncoderSpec s, bool stack)
        {
            var a = s.Layer.Attention;
            var f = s.Layer.FeedForward;
            int d = a.DModel, stride = Up(d, 16);
            _layers = s.Layers;
            if (stack)
                Constant("Layers", s.Layers, "Number of layers, L.");
            Constant("DModel", d, "Width of a token's vector, D.");
            AddAttentionConstants(a);
            Constant("FeedForward", f.Hidden, "Width of the feed-forward network's hidden layer, F.");

            var h = Buffer("h", "[T, D] the residual stream", stride);
            _before.Add(new CopyStep("The residual stream starts as x", new Operand("x", d), h, d, "T"));
            if (s.Positions != PositionsKind.None)
            {
                var table = s.Positions == PositionsKind.Learned
                    ? Weight("position", WeightForm.Rows, [new("position.weight", 0, a.MaxTokens)], a.MaxTokens, d, stride, perLayer: false)
                    : Weight("position", WeightForm.Sinusoid, [], a.MaxTokens, d, stride, perLayer: false);
                _before.Add(new AddTableStep("x + position", h, table, stride));
            }

            if (s.Layer.NormFirst)
            {
                var n = Buffer("n", "[T, D] normed", stride);
                var (g1, s1) = NormWeights(s.Layer.Norm, "norm1.", perLayer: true);
                var (g2, s2) = NormWeights(s.Layer.Norm, "norm2.", perLayer: true);
                var norm = UseNorm(s.Layer.Norm);
                _layer.Add(new NormStep("Pre-norm of the attention", h, n, norm, g1, s1));
                AttentionSteps(a, "self_attn.", n, n, n, out var context);
                Project("Output projection, added to the residual stream", context, "self_attn.out_proj.weight", "self_attn.out_proj.bias", a.Bias, h, a.Heads * a.ValueHeadDim, d, perLayer: true, add: true);
                _layer.Add(new NormStep("Pre-norm of the feed-forward network", h, n, norm, g2, s2));
                FeedForwardInto(f, n, h);
            }
            else
            {
                AttentionSteps(a, "self_attn.", h, h, h, out var context);
                Project("Output projection, added to the residual stream", context, "self_attn.out_proj.weight", "self_attn.out_proj.bias", a.Bias, h, a.Heads * a.ValueHeadDim, d, perLayer: true, add: true);
                var (g1, s1) = NormWeights(s.Layer.Norm, "norm1.", perLayer: true);
                var norm = UseNorm(s.Layer.Norm);
                _layer.Add(new NormStep("Post-norm of the attention", h, h, norm, g1, s1));
                FeedForwardInto(f, h, h);
                var (g2, s2) = NormWeights(s.Layer.Norm, "norm2.", perLayer: true);
                _layer.Add(new NormStep("Post-norm of the feed-forward network", h, h, norm, g2, s2));
            }

            if (s.FinalNorm)
            {
                var (g, b) = NormWeights(s.Layer.Norm, "norm.", perLayer: false);
                _after.Add(new NormStep("Final norm", h, h, UseNorm(s.Layer.Norm), g, b));
            }

            _after.Add(new CopyStep("The result", h, new Operand("y", d), d, "T"));
            string text = $"{(stack ? $"encoder, L = {s.Layers}, " : "encoder layer, ")}{Describe(a)}, F = {f.Hidden}, {f.Activation}{(f.Gated ? " gated" : "")}, {(s.Layer.NormFirst ? "pre" : "post")}-norm ({(s.Layer.Norm.Kind == NormKind.LayerNorm ? "layer norm" : "RMS norm")}, ε = {Text.Of(s.Layer.Norm.Epsilon)})";
            return Build(stack ? "Encoder" : "EncoderLayer", text, CallForm.SelfAttention, a.MaxTokens, d, d, d, d, _plan);
        }

        // ---- parts ----

        private AttentionPlan? _plan;

        private void FeedForwardInto(FeedForwardSpec f, Operand from, Operand to)
        {
            var hidden = FeedForwardHidden(f, from);
            Project("Second linear map, added to the residual stream", hidden, f.Gated ? "down_proj.weight" : "linear2.weight", f.Gated ? "down_proj.bias" : "linear2.bias", f.Bias, to, f.Hidden, f.DModel, perLayer: true, add: true);
        }

        private Operand FeedForwardHidden(FeedForwardSpec f, Operand from)
        {
            var hidden = Buffer("hidden", "[T, F]", Up(f.Hidden, 16));
            if (f.Gated)
            {
                var up = Buffer("up", "[T, F]", Up(f.Hidden, 16));
                Project($"Gate: {f.Activation}(x·W_gate)", from, "gate_proj.weight", "gate_proj.bias", f.Bias, hidden, f.DModel, f.Hidden, perLayer: true, activation: f.Activation);
                Project("Up: x·W_up", from, "up_proj.weight", "up_proj.bias", f.Bias, up, f.DModel, f.Hidden, perLayer: true);
                _layer.Add(new MultiplyStep("gate ∘ up", hidden, up, Up(f.Hidden, 16)));
            }
            else
            {
                Project($"First linear map and {f.Activation}, panel by panel", from, "linear1.weight", "linear1.bias", f.Bias, hidden, f.DModel, f.Hidden, perLayer: true, activation: f.Activation);
            }

            return hidden;
        }

        private AttentionPlan AttentionSteps(AttentionSpec s, string prefix, Operand query, Operand key, Operand value, out Operand context)
        {
            int nq = s.Heads * s.HeadDim, nk = s.KvHeads * s.HeadDim, nv = s.KvHeads * s.ValueHeadDim, total = nq + nk + nv;
            var score = s.Score;
            var zeros = Weight("zeros", WeightForm.Zeros, [], 1, LaneTable.Pair, LaneTable.Pair, perLayer: false);
            Operand q, k, v;
            if (s.Projections)
            {
                q = Buffer("q", "[T, H·Dh]", Up(nq, 16));
                k = Buffer("k", "[S, Hkv·Dh]", Up(nk, 16));
                v = Buffer("v", "[S, Hkv·Dv]", Up(nv, 16));
                bool square = s.KeyDim == s.DModel && s.ValueDim == s.DModel;
                var parts = new[]
                {
                    In("Queries: x·W_Q", "q", query, q, s.DModel, nq, 0, "T"),
                    In("Keys: x·W_K", "k", key, k, s.KeyDim, nk, nq, "S"),
                    In("Values: x·W_V", "v", value, v, s.ValueDim, nv, nq + nk, "S"),
                };
                int block = parts.Min(part => _projects.Find(project => project.Name == part.Kernel)!.MC);
                _layer.Add(new ProjectTogetherStep("Queries, keys and values in one pass", parts.ToEquatable(), block));

                ProjectStep In(string title, string name, Operand from, Operand to, int inputs, int outputs, int first, string count)
                {
                    List<TensorChoice> names = square ? [new(prefix + "in_proj_weight", first, total)] : [];
                    names.Add(new(prefix + name + "_proj_weight", 0, outputs));
                    names.Add(new(prefix + name + "_proj.weight", 0, outputs));
                    var weight = Weight("w" + name, WeightForm.Panels, names, outputs, inputs, inputs, perLayer: true);
                    var bias = s.Bias
                        ? Weight("b" + name, WeightForm.Vector, [new(prefix + "in_proj_bias", first, total), new(prefix + name + "_proj.bias", 0, outputs)], 1, outputs, outputs, perLayer: true)
                        : Weight("b" + name, WeightForm.Vector, [], 1, outputs, outputs, perLayer: true);
                    return PlanProject(title, from, weight, bias, to, inputs, outputs, count, "None", false);
                }
            }
            else
            {
                q = Buffer("q", "[T, H·Dh]", Up(nq, 16));
                k = Buffer("k", "[S, Hkv·Dh]", Up(nk, 16));
                v = value;
                _layer.Add(new CopyStep("Queries into padded rows", query, q, nq, "T"));
                _layer.Add(new CopyStep("Keys into padded rows", key, k, nk, "S"));
            }

            context = AttentionCore(s, prefix, q, k, v, zeros);
            return _plan!;
        }

        /// <summary>From queries, keys and values on: norms and rotation of heads, scores, softmax, weighted sum.</summary>
        private Operand AttentionCore(AttentionSpec s, string prefix, Operand q, Operand k, Operand v, WeightPlan zeros, StackSpec? stack = null)
        {
            var score = s.Score;
            int nk = s.KvHeads * s.HeadDim, nv = s.KvHeads * s.ValueHeadDim;
            if (score.QkNorm != QkNormKind.None)
            {
                var spec = new NormSpec(score.QkNorm == QkNormKind.RmsNorm ? NormKind.RmsNorm : NormKind.LayerNorm, s.HeadDim, 1e-5, score.QkNorm == QkNormKind.LayerNorm);
                var norm = UseNorm(spec);
                var (gq, sq) = NormWeights(spec, prefix + "q_norm.", perLayer: true);
                var (gk, sk) = NormWeights(spec, prefix + "k_norm.", perLayer: true);
                Buffer("headRow", "[Dh] one head", 0, Up(s.HeadDim, 16));
                _layer.Add(new HeadNormStep("Norm of each head's query", q, s.Heads, s.HeadDim, norm, gq, sq, "T"));
                _layer.Add(new HeadNormStep("Norm of each head's key", k, s.KvHeads, s.HeadDim, norm, gk, sk, "S"));
            }

            if (score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved)
            {
                bool interleaved = score.Position == PositionKind.RotaryInterleaved;
                var table = RotaryTable("rotary", s, score.RopeTheta);
                bool varies = stack is { Thetas.Count: > 0 };
                if (varies)
                {
                    var tables = stack!.Thetas.Distinct().ToDictionary(theta => theta, theta => theta == score.RopeTheta ? table : RotaryTable("rotaryOfBase" + Text.Of(theta), s, theta));
                    _rotary = stack.Thetas.Select(theta => tables[theta].Offset).ToEquatable();
                }

                _layer.Add(new RotaryStep("Rotate each head's query by its position", q, s.Heads, s.HeadDim, score.RotaryDim, interleaved, table, true, "T", varies));
                _layer.Add(new RotaryStep("Rotate each head's key by its position", k, s.KvHeads, s.HeadDim, score.RotaryDim, interleaved, table, false, "S", varies));
            }

            var biasK = s.BiasKv ? Weight("biasK", WeightForm.Vector, [new(prefix + "bias_k", 0, nk)], 1, nk, nk, perLayer: true) : null;
            var biasV = s.BiasKv ? Weight("biasV", WeightForm.Vector, [new(prefix + "bias_v", 0, nv)], 1, nv, nv, perLayer: true) : null;
            int extra = (s.BiasKv ? 1 : 0) + (s.ZeroAttn ? 1 : 0);
            var chunks = Chunks(s.ValueHeadDim);
            int valueStride = chunks.Sum(c => c.Width);
            int room = extra > 0 ? 32 : 0; // appended keys may open new panels
            Buffer("keyPanels", "[Hkv][S/16][Dh][16] keys, transposed: vectors run over keys", s.KvHeads * s.HeadDim, room * s.KvHeads * s.HeadDim);
            Buffer("valueRows", "[Hkv][S][Dv] values of each head", s.KvHeads * valueStride, room * s.KvHeads * valueStride);
            // 16 more than a power of two would have: rows of scores must not fall on the same cache sets.
            int scoreStride = Up(s.MaxTokens + extra, 32) + 16;
            Buffer("scores", $"[{LaneTable.QueryBlock}, S] scores, then weights, of one head and {LaneTable.QueryBlock} queries", 0, LaneTable.QueryBlock * scoreStride);
            Buffer("inverse", $"[{LaneTable.QueryBlock}] 1/Σ of each row of scores", 0, Up(LaneTable.QueryBlock, 16));
            var context = Buffer("context", "[T, H·Dv] the heads side by side", Up(s.Heads * s.ValueHeadDim, 16));
            var slopes = score.Position == PositionKind.Alibi ? AlibiSlopes(s.Heads) : [];
            UsePanel(q.Stride, half: true, full: true);
            _plan = new AttentionPlan(s.Heads, s.KvHeads, s.HeadDim, s.ValueHeadDim, valueStride, chunks, q.Stride, context.Stride, scoreStride, s.BiasKv, s.ZeroAttn, score, biasK, biasV, zeros, slopes.ToEquatable())
            {
                Relative = stack?.RelativeBias is { } relative ? RelativeTable(relative, s) : null,
                WindowVaries = stack is { Windows.Count: > 0 },
            };
            _layer.Add(new SplitHeadsStep("Heads apart: keys into panels, values into rows", k, v, _plan));
            _layer.Add(new AttendStep("softmax(Q·Kᵀ·scale)·V of every head", q, context, _plan));
            return context;
        }

        private EquatableArray<long> _rotary = EquatableArray<long>.Empty;

        private WeightPlan RotaryTable(string name, AttentionSpec s, double theta)
        {
            var table = Weight(name, WeightForm.Rotary, [], s.MaxTokens, 2 * s.Score.RotaryDim, 2 * Up(s.Score.RotaryDim, 16), perLayer: false) with { Theta = theta };
            _weights[_weights.Count - 1] = table;
            return table;
        }

        /// <summary>A value head's columns: vectors of 16 in pairs, then one of 16, 8 or 4 that covers the rest.</summary>
        private static EquatableArray<ValueChunk> Chunks(int width)
        {
            List<ValueChunk> chunks = [];
            for (int start = 0; start < width;)
            {
                int left = width - start;
                int take = left >= 32 ? 32 : left > 8 ? 16 : left > 4 ? 8 : 4;
                chunks.Add(new ValueChunk(start, take, Math.Min(take, left)));
                start += take;
            }

            return chunks.ToEquatable();
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

        private (WeightPlan Gain, WeightPlan? Shift) NormWeights(NormSpec s, string prefix, bool perLayer)
        {
            string name = prefix.Replace("self_attn.", "").TrimEnd('.');
            var gain = Weight(name + "Gain", WeightForm.Vector, [new(prefix + "weight", 0, s.Dim)], 1, s.Dim, s.Dim, perLayer);
            var shift = s.Bias ? Weight(name + "Shift", WeightForm.Vector, [new(prefix + "bias", 0, s.Dim)], 1, s.Dim, s.Dim, perLayer)
                : s.Kind == NormKind.LayerNorm ? Weight(name + "Shift", WeightForm.Vector, [], 1, s.Dim, s.Dim, perLayer) : null;
            return (gain, shift);
        }

        private NormPlan UseNorm(NormSpec s)
        {
            if (_norms.Find(n => n.Kind == s.Kind && n.Dim == s.Dim && n.Epsilon == s.Epsilon) is { } known)
                return known;
            string name = (s.Kind == NormKind.LayerNorm ? "LayerNorm" : "RmsNorm") + s.Dim;
            var norm = new NormPlan(s.Kind, s.Dim, s.Epsilon, _norms.Any(n => n.Name == name) ? name + "Heads" : name);
            _norms.Add(norm);
            return norm;
        }

        private void Project(string title, Operand from, string weight, string bias, bool hasBias, Operand to, int k, int n, bool perLayer, bool add = false, string activation = "None")
        {
            var w = Weight(weight, WeightForm.Panels, [new(weight, 0, n)], n, k, k, perLayer);
            var b = Weight(bias, WeightForm.Vector, hasBias ? [new(bias, 0, n)] : [], 1, n, n, perLayer);
            _layer.Add(PlanProject(title, from, w, b, to, k, n, "T", activation, add));
        }

        private ProjectStep PlanProject(string title, Operand from, WeightPlan w, WeightPlan b, Operand to, int k, int n, string count, string activation, bool add)
        {
            int tail = n % LaneTable.Pair;
            UsePanel(from.Stride, half: tail is > 0 and <= 16, full: n >= LaneTable.Pair || tail > 16);
            int blocks = (k + MaxKC - 1) / MaxKC;
            int kc = Up((k + blocks - 1) / blocks, 16);
            int mc = Math.Max(48, BlockFloats / kc / 12 * 12);
            var kernel = _projects.Find(p => p.Stride == from.Stride && p.Activation == activation);
            if (kernel is null)
                _projects.Add(kernel = new ProjectKernel(from.Stride, activation, kc, mc));
            if (activation != "None" && !_activations.Contains(activation))
                _activations.Add(activation);
            string? sums = null;
            if (add && k > kernel.KC)
            {
                // Sums that go on over blocks of k wait beside the residual stream, not in it.
                sums = "sums";
                if (_buffers.All(x => x.Name != sums))
                    Buffer(sums, "[T, D] unfinished sums of a long product", to.Stride);
            }

            return new ProjectStep(title, from, w, b, to, add, sums, kernel.Name, k, n, count);
        }

        private void UsePanel(int stride, bool half, bool full)
        {
            _panels.TryGetValue(stride, out var known);
            _panels[stride] = new PanelKernel(stride, full || known is { Full: true }, half || known is { Half: true });
        }

        private Operand Buffer(string name, string shape, int perToken, int fixedFloats = 0)
        {
            _buffers.Add(new BufferPlan(name, shape, perToken, fixedFloats, _tokenFloats, _fixedFloats));
            _tokenFloats += perToken;
            _fixedFloats += Up(fixedFloats, 16);
            return new Operand(name, perToken);
        }

        private WeightPlan Weight(string name, WeightForm form, List<TensorChoice> choices, int rows, int columns, int stride, bool perLayer)
        {
            long floats = form switch
            {
                WeightForm.Panels => (long)Up(rows, LaneTable.Panel) * columns,
                WeightForm.Vector or WeightForm.Zeros => Up(columns, LaneTable.Pair),
                _ => (long)rows * stride,
            };
            floats = (floats + 15) / 16 * 16;
            var weight = new WeightPlan(name, form, choices.ToEquatable(), rows, columns, stride, perLayer ? _layerFloats : _sharedFloats, floats, perLayer);
            if (perLayer)
                _layerFloats += floats;
            else
                _sharedFloats += floats;
            if (choices.Count > 0)
                _parameters += (long)rows * columns * (perLayer ? _layers : 1);
            _weights.Add(weight);
            return weight;
        }

        private void Constant(string name, long value, string summary, bool first = false) =>
            _constants.Insert(first ? 0 : _constants.Count, new ConstantPlan(name, value, summary));

        private void AddAttentionConstants(AttentionSpec s)
        {
            Constant("Heads", s.Heads, "Query heads, H.");
            Constant("KvHeads", s.KvHeads, "Key and value heads.");
            Constant("HeadDim", s.HeadDim, "Size of a query and key head, Dh.");
            Constant("ValueHeadDim", s.ValueHeadDim, "Size of a value head.");
            if (s.KeyDim != s.DModel || s.ValueDim != s.DModel)
            {
                Constant("KeyDim", s.KeyDim, "Width of the key input.");
                Constant("ValueDim", s.ValueDim, "Width of the value input.");
            }
        }

        private static string Describe(AttentionSpec s)
        {
            List<string> parts = [$"attention, D = {s.DModel}, H = {s.Heads} heads of {s.HeadDim}"];
            if (s.KvHeads != s.Heads)
                parts.Add($"{s.KvHeads} key/value heads");
            if (s.ValueHeadDim != s.HeadDim)
                parts.Add($"value heads of {s.ValueHeadDim}");
            if (s.Score.Causal)
                parts.Add("causal");
            if (s.Score.Window > 0)
                parts.Add($"window {s.Score.Window}");
            if (s.Score.Softcap > 0)
                parts.Add($"softcap {Text.Of(s.Score.Softcap)}");
            if (s.Score.Position != PositionKind.None)
                parts.Add(s.Score.Position.ToString());
            if (s.Score.QkNorm != QkNormKind.None)
                parts.Add($"QK {s.Score.QkNorm}");
            if (s.BiasKv)
                parts.Add("bias_kv");
            if (s.ZeroAttn)
                parts.Add("zero_attn");
            if (s.Projections && !s.Bias)
                parts.Add("no bias");
            return string.Join(", ", parts);
        }

        private ModelPlan Build(string attribute, string summary, CallForm form, int maxTokens, int input, int key, int value, int output, AttentionPlan? attention)
        {
            if (maxTokens > 0)
                Constant("MaxTokens", maxTokens, "Longest sequence of a call.");
            return new ModelPlan(
                target.Type, attribute, summary, form, _layers, maxTokens, input, key, value, output, attention,
                _constants.ToEquatable(), _weights.ToEquatable(), _layerFloats, _sharedFloats, _parameters,
                _buffers.ToEquatable(), _tokenFloats, _tokenFloats + _fixedFloats > 0 ? _fixedFloats : 16,
                _before.ToEquatable(), _layer.ToEquatable(), _after.ToEquatable(),
                _panels.Values.ToEquatable(), _projects.ToEquatable(), _norms.ToEquatable(), _activations.ToEquatable(),
                target.Asked, CodeSize.LargestTile);
        }
    }
}
