namespace AttnGen.Generator.Planning;

/// <summary>Spec to Plan: which buffers, layouts, tiles and steps carry out a shape. Pure: the same Spec gives the same Plan.</summary>
internal static partial class Planner
{
    public static ModelPlan Plan(TargetSpec target) => target.Model switch
    {
        AttentionSpec { Projections: true } s => new Builder(target).Attention(s),
        AttentionSpec s => new Builder(target).DotProductAttention(s),
        FeedForwardSpec s => new Builder(target).FeedForward(s),
        EncoderLayerSpec s => new Builder(target).EncoderLayer(s),
        EncoderSpec s => new Builder(target).Encoder(s),
        LanguageSpec s => new Builder(target).Language(s),
        TranslationSpec s => new Builder(target).Translation(s),
        LinearSpec s => new Builder(target).Linear(s),
        NormSpec s => new Builder(target).Norm(s),
        SoftmaxSpec s => new Builder(target).Softmax(s),
        TransformerSpec s => new Builder(target).Transformer(s),
        _ => throw new NotSupportedException(target.Model.GetType().Name),
    };

    private static int Up(int n, int unit) => (n + unit - 1) / unit * unit;

    // The shapes, one method each: what goes in and out, and its constants.
    private sealed partial class Builder
    {
        public ModelPlan Attention(AttentionSpec s)
        {
            Constant("DModel", s.DModel, "Width of a token's vector, D.");
            AttentionConstants(s);
            Result(s.DModel, "[T, D]", to => Attention(
                new AttentionPart(s, TorchTensors.Attention(s, "")), "Output projection: Concat(head_1 … head_H)·W_O",
                new Operand("query", s.DModel), new Operand("key", s.KeyDim), new Operand("value", s.ValueDim), to, add: false));
            return CrossAttention(s, s.DModel);
        }

        public ModelPlan DotProductAttention(AttentionSpec s)
        {
            Constant("DModel", s.DModel, "Width of a token's vector, D.");
            AttentionConstants(s);
            int nq = s.Heads * s.HeadDim, nk = s.KvHeads * s.HeadDim, width = s.Heads * s.ValueHeadDim;
            var q = Buffer("q", "[T, H·Dh]", Up(nq, 16));
            var k = Buffer("k", "[S, Hkv·Dh]", Up(nk, 16));
            Add(new CopyStep("Queries into padded rows", new Operand("query", s.DModel), q, nq, "T"));
            Add(new CopyStep("Keys into padded rows", new Operand("key", s.KeyDim), k, nk, "S"));
            var context = Heads(s, TorchTensors.Heads(s, ""), q, k, new Operand("value", s.ValueDim));
            CopyToCaller(context, width);
            return CrossAttention(s, width);
        }

        public ModelPlan FeedForward(FeedForwardSpec s)
        {
            Constant("DModel", s.DModel, "Width of a token's vector, D.");
            Constant("Hidden", s.Hidden, "Width of the hidden layer, F.");
            Result(s.DModel, "[T, D]", to => FeedForward(TorchTensors.FeedForward(s, ""), s.Activation, "", new Operand("x", s.DModel), to, add: false));
            string text = $"Feed-forward network, D = {s.DModel}, F = {s.Hidden}, {s.Activation}{(s.Gated ? ", gated" : "")}{(s.Bias ? "" : ", no bias")}";
            return RowByRow(text, s.MaxTokens, s.DModel, s.DModel, OverlapRule.Any);
        }

        public ModelPlan Linear(LinearSpec s)
        {
            Constant("Inputs", s.Inputs, "Width of x, K.");
            Constant("Outputs", s.Outputs, "Width of y, N.");
            Result(s.Outputs, "[T, N]", to => Project("y = x·Wᵀ + b", new Operand("x", s.Inputs), "", TorchTensors.Linear(s), to, activation: s.Activation));
            string text = $"Linear map, {s.Inputs} to {s.Outputs}{(s.Activation == "None" ? "" : ", " + s.Activation)}{(s.Bias ? "" : ", no bias")}";
            return RowByRow(text, s.MaxTokens, s.Inputs, s.Outputs, OverlapRule.Apart);
        }

        public ModelPlan Norm(NormSpec s)
        {
            Constant("Dim", s.Dim, "Length of a row.");
            var (x, y) = (new Operand("x", s.Dim), new Operand("y", s.Dim));
            var tensors = TorchTensors.Norm(s, "");
            if (s.Dim % 16 == 0)
            {
                Add(Norm("Each row", x, y, "", tensors));
            }
            else
            {
                var rows = Buffer("rows", "[T, Dim]", Up(s.Dim, 16));
                Add(new CopyStep("Into padded rows", x, rows, s.Dim, "T"));
                Add(Norm("Each row", rows, rows, "", tensors));
                CopyToCaller(rows, s.Dim);
            }

            // No longest input (0): rows are independent and go through in blocks of Blocking.Rows.
            return RowByRow($"{(s.Kind == NormKind.LayerNorm ? "Layer" : "RMS")} norm of rows of {s.Dim}", 0, s.Dim, s.Dim, OverlapRule.SameOrApart);
        }

        public ModelPlan Softmax(SoftmaxSpec s)
        {
            Constant("Dim", s.Dim, "Length of a row.");
            Add(new SoftmaxStep("Each row", new Operand("y", s.Dim), s.Dim));
            var forward = Forward($"Each row of {s.Dim} in place", new("ref float", "y"), s_tokens);
            return Build($"Softmax of rows of {s.Dim}", 0, SessionKind.None, "", [forward], [RowsMethod(s.Dim, s.Dim, OverlapRule.SameOrApart, isSoftmax: true)]);
        }

        public ModelPlan EncoderLayer(EncoderLayerSpec s) => Encoder(new EncoderSpec(1, s, FinalNorm: false, PositionsKind.None), "", "Encoder layer");

        public ModelPlan Encoder(EncoderSpec s)
        {
            Constant("Layers", s.Layers, "Number of layers, L.");
            return Encoder(s, "layers.{0}.", $"Encoder, L = {s.Layers}");
        }

        private ModelPlan Encoder(EncoderSpec s, string layer, string title)
        {
            var (a, f, norm) = (s.Layer.Attention, s.Layer.FeedForward, s.Layer.Norm);
            int d = a.DModel;
            _layers = s.Layers;
            Constant("DModel", d, "Width of a token's vector, D.");
            AttentionConstants(a);
            Constant("FeedForward", f.Hidden, "Width of the feed-forward network's hidden layer, F.");
            var h = Buffer("h", "[T, D] the residual stream", Up(d, 16));
            Rows(s.Positions, a.MaxTokens, h, d);
            Stack(TorchTensors.Stack(s, layer), h, d, isLoop: layer.Length > 0);
            Add(new CopyStep("The result", h, new Operand("y", d), d, "T"));
            string text = $"{title}, {Describe(a)}, F = {f.Hidden}, {f.Activation}{(f.Gated ? " gated" : "")}, {(s.Layer.NormFirst ? "pre" : "post")}-norm ({(norm.Kind == NormKind.LayerNorm ? "layer norm" : "RMS norm")}, ε = {Text.Of(norm.Epsilon)})";
            var forward = Forward(
                $"x[T, {d}] through {LayersInWords} to y[T, {d}]; S is T", new("ref float", "x"), new("ref float", "y"), s_tokens, s_keys, s_mask, s_trace);
            return Build(text, a.MaxTokens, SessionKind.Chosen, Scores(a), [forward], [SelfMethod(a, d, d, _layers, d)], _layers);
        }

        /// <summary>A language model of a shape.</summary>
        public ModelPlan Language(LanguageSpec s)
        {
            var stack = DecoderTensors.Stack(s);
            var (a, f) = (s.Layer.Attention, s.Layer.FeedForward);
            int d = a.DModel;
            _layers = s.Layers;
            Constant("Layers", s.Layers, "Number of layers, L.");
            Constant("DModel", d, "Width of a hidden state, D.");
            AttentionConstants(a);
            Constant("FeedForward", f.Hidden, "Width of the feed-forward network's hidden layer, F.");
            Constant("VocabularySize", s.Vocabulary, "Token ids are below this.");
            var h = Buffer("h", "[T, D] the residual stream", Up(d, 16));
            var head = DecoderTensors.Head(s);
            Words(DecoderTensors.Input(s), head, isKept: true, h);
            if (s.Positions == PositionsKind.Sinusoidal)
                Add(new AddTableStep("Sinusoidal positions", h, Weight("position", new SinusoidOrigin(), WeightLayout.Rows, a.MaxTokens, d, h.Stride), h.Stride) { GoesOnFrom = 0 });
            Angles(stack);
            Stack(stack, h, d, isLoop: true);
            var forward = Forward(
                $"T token ids through {LayersInWords} to hidden states h[T, {d}], which stay in the arena; of one sequence or several, whose caches get their keys and values; S are the keys of the first sequence",
                s_tokenIds, s_sequences, s_tokens, s_keys, s_mask, s_trace);
            var logits = Output("ComputeLogits", "head", head, $"the hidden states [T, {d}] that Forward left in the arena", d, h);
            string text = $"Language model, V = {s.Vocabulary}, L = {s.Layers}, {Describe(a)}, F = {f.Hidden}, {f.Activation}{(f.Gated ? " gated" : "")}, {(s.Layer.NormFirst ? "pre" : "post")}-norm";
            return Build(text, a.MaxTokens, SessionKind.Chosen, Scores(a), [forward, logits], [LanguageMethod(s)], s.Layers) with
            {
                Sequences = Sequences(stack, forward, s.Vocabulary, a.MaxTokens, h, hasLogits: true),
            };
        }

        /// <summary>An encoder–decoder of a shape.</summary>
        public ModelPlan Translation(TranslationSpec s)
        {
            var stack = TranslationTensors.Encoder(s);
            var decoder = TranslationTensors.Decoder(s);
            var (a, f) = (s.Layer.Attention, s.Layer.FeedForward);
            int d = a.DModel;
            _layers = s.EncoderLayers;
            Constant("EncoderLayers", s.EncoderLayers, "Number of the encoder's layers.");
            Constant("DModel", d, "Width of a hidden state, D.");
            AttentionConstants(a);
            Constant("FeedForward", f.Hidden, "Width of the feed-forward network's hidden layer, F.");
            Constant("VocabularySize", s.Vocabulary, "Token ids are below this.");
            var h = Buffer("h", "[T, D] the residual stream", Up(d, 16));
            Words(TranslationTensors.Input(s, "encoder"), decoder.Head, isKept: false, h);
            var sines = s.Positions == PositionsKind.Sinusoidal ? Weight("position", new SinusoidOrigin(), WeightLayout.Rows, a.MaxTokens, d, h.Stride) : null;
            if (sines is not null)
                Add(new AddTableStep("words + position", h, sines, h.Stride));
            Stack(stack, h, d, isLoop: true);
            var forward = Forward($"T token ids through {LayersInWords} of the encoder to hidden states h[T, {d}], which stay in the arena; S is T", s_tokenIds, s_tokens, s_keys, s_mask, s_trace);
            List<ProgramPlan> programs = [forward, .. Decoder(decoder, h, out var sequences, sines)];
            string text = $"Encoder-decoder, V = {s.Vocabulary}, L = {s.EncoderLayers} + {s.DecoderLayers}, {Describe(a)}, F = {f.Hidden}, {f.Activation}{(f.Gated ? " gated" : "")}, {(s.Layer.NormFirst ? "pre" : "post")}-norm";
            return Build(text, a.MaxTokens, SessionKind.Chosen, Scores(a), programs, [SourceMethod(s, h)], s.EncoderLayers, secondLayers: s.DecoderLayers) with { Sequences = sequences with { HasSegments = false } };
        }

        /// <summary>A whole model: input, layers, and what is computed of the last hidden states.</summary>
        public ModelPlan Transformer(TransformerSpec s)
        {
            var stack = s.Stack;
            var (a, f) = (stack.Attention, stack.FeedForward.Tensors);
            int d = a.DModel;
            _layers = stack.Layers;
            Constant("Layers", stack.Layers, "Number of layers, L.");
            Constant("DModel", d, "Width of a hidden state, D.");
            Constant("Heads", a.Heads, "Attention heads, H.");
            Constant("HeadDim", a.HeadDim, "Size of a head, Dh.");
            Constant("FeedForward", f.In.Outputs, "Width of the feed-forward network's hidden layer, F.");
            var h = Buffer("h", "[T, D] the residual stream", Up(d, 16));
            var tokens = s.Input as TokenInputSpec;
            if (tokens is not null)
                Tokens(s, tokens, h);
            else if (s.Input is AudioInputSpec audio)
                Audio(audio, h, d);
            else
                Image((ImageInputSpec)s.Input, h, d);
            Angles(stack);
            Stack(stack, h, d, isLoop: true);
            var inputs = stack.KeepsKeys ? new Parameter[] { s_tokenIds, s_sequences }
                : tokens is not null ? [s_tokenIds, new("global::System.ReadOnlySpan<int>", "tokenTypes")]
                : [new("ref float", s.Input is AudioInputSpec ? "inputFeatures" : "pixels")];
            string input = tokens is not null ? "T token ids" : $"{(s.Input is AudioInputSpec ? "A sound's" : "An image's")} T = {s.MaxTokens} tokens";
            string keys = stack.KeepsKeys ? "of one sequence or several, whose caches get their keys and values; S are the keys of the first sequence" : "S is T";
            var forward = Forward(
                $"{input} through {LayersInWords} to hidden states h[T, {d}], which stay in the arena; {keys}", [.. inputs, s_tokens, s_keys, s_mask, s_trace]);
            var (programs, methods) = Methods(s, h, forward);
            SequencesPlan? sequences = null;
            if (stack.KeepsKeys)
                sequences = Sequences(stack, forward, tokens!.Vocabulary, s.MaxTokens, h, s.Head is { From: StatesRead.EveryToken });
            else if (s.Decoder is { } decoder)
            {
                programs.AddRange(Decoder(decoder, h, out sequences));
                sequences = sequences with { ReadsSound = s.Input is AudioInputSpec };
            }

            string text = $"{(s.About.Architecture.Length > 0 ? s.About.Architecture : s.About.ModelType)} of {s.About.Folder}: L = {stack.Layers}{(stack.Stored < stack.Layers ? $" ({stack.Stored} stored)" : "")}, {Describe(a)}, F = {f.In.Outputs}, {stack.FeedForward.Activation}{(f.Up is null ? "" : " gated")}, {stack.NormPlaces}-norm (ε = {Text.Of(stack.Norms.Last().Norm.Epsilon)})";
            _parameters = s.About.Parameters;
            return Build(text, s.MaxTokens, tokens is not null ? SessionKind.Chosen : SessionKind.Fixed, Scores(a), programs, methods, stack.Stored, About(s), s.Decoder?.Stack.Layers ?? 0) with { Sequences = sequences };
        }

        private static SequencesPlan Sequences(StackSpec stack, ProgramPlan program, int vocabulary, int maxTokens, Operand h, bool hasLogits) =>
            new(vocabulary, program.Steps.OfType<AttendKeptStep>().First().Heads, h, stack.Attention.DModel, hasLogits)
            {
                Layers = stack.Layers,
                MaxTokens = maxTokens,
                Program = program.Name,
                Source = program.Steps.OfType<AttendSourceStep>().FirstOrDefault()?.Heads,
                Window = stack.Varies.Select(layer => layer.Window).Append(stack.Attention.Score.Window).Max(),
                Slides = Slides(stack).ToEquatable(),
            };

        /// <summary>The second stack of an encoder–decoder: what puts a source into a sequence, what extends it, and its logits.</summary>
        private List<ProgramPlan> Decoder(DecoderSpec s, Operand h, out SequencesPlan sequences, WeightPlan? sines = null)
        {
            var stack = s.Stack;
            int d = stack.Attention.DModel, layers = _layers;
            Constant("DecoderLayers", stack.Layers, "Number of the decoder's layers.");
            Constant("DecoderMaxTokens", s.MaxTokens, "Longest text that the decoder writes, its start included.");
            Constant("LogitsSize", s.Head.Size, "Number of logits: the decoder's vocabulary.");
            _body.Clear();
            _varies.Clear();
            (_stack, _layers) = (1, stack.Layers);
            if (_constants.All(constant => constant.Name != "VocabularySize"))
                Constant("VocabularySize", s.Input.Vocabulary, "Token ids are below this.");
            Words(s.Input, s.Head, isKept: true, h);
            if (sines is not null)
                Add(new AddTableStep("words + position", h, sines, h.Stride) { GoesOnFrom = 0 });
            Angles(stack);
            Stack(stack, h, d, isLoop: true);
            Flush();
            var extend = new ProgramPlan(
                "Extend", $"T token ids of one sequence or several through {LayersInWords} of the decoder to hidden states h[T, {d}], which stay in the arena; caches get their keys and values; S are the keys of the first sequence",
                List(s_tokenIds, s_sequences, s_tokens, s_keys, s_mask, s_trace), _body.ToEquatable());
            var keep = KeepSource(stack, h);
            var logits = Output("ComputeLogits", "head", s.Head, $"the decoder's hidden states [T, {d}] that Extend left in the arena", d, h);
            (_stack, _layers) = (0, layers);
            sequences = Sequences(stack, extend, s.Input.Vocabulary, s.MaxTokens, h, hasLogits: true);
            return [keep, extend, logits]; // in the order in which they run
        }

        // ---- what they share ----

        private static readonly Parameter s_tokens = new("int", "T");
        private static readonly Parameter s_keys = new("int", "S");
        private static readonly Parameter s_sequences = new("global::System.ReadOnlySpan<global::AttnGen.Runtime.CacheSlice>", "sequences");
        private static readonly Parameter s_mask = new("in AttentionMask", "mask");
        private static readonly Parameter s_trace = new("in ForwardTrace", "trace");

        private string LayersInWords => _layers == 1 ? "one layer" : $"{_layers} layers";

        private ModelPlan CrossAttention(AttentionSpec s, int width)
        {
            var forward = Forward(
                $"y[T, {width}] = attention of query[T, {s.DModel}] to key[S, {s.KeyDim}] and value[S, {s.ValueDim}]",
                new("ref float", "query"), new("ref float", "key"), new("ref float", "value"), new("ref float", "y"), s_tokens, s_keys, s_mask, s_trace);
            var cross = CrossMethod(s, width);
            // One sequence is query, key and value where they may be the same rows.
            var methods = s.Projections ? [SelfMethod(s, s.DModel, width, 0, null), cross] : new[] { cross };
            return Build(Capital(Describe(s)), s.MaxTokens, SessionKind.Chosen, Scores(s), [forward], methods);
        }

        private ModelPlan RowByRow(string summary, int maxTokens, int inputs, int outputs, OverlapRule overlap)
        {
            var forward = Forward($"y[T, {outputs}] of x[T, {inputs}], row by row", new("ref float", "x"), new("ref float", "y"), s_tokens);
            return Build(summary, maxTokens, maxTokens > 0 ? SessionKind.Chosen : SessionKind.Blocks, "", [forward], [RowsMethod(inputs, outputs, overlap, inBlocks: maxTokens == 0)]);
        }

        /// <summary>A last product into the caller's rows, through padded ones where a row is not a multiple of sixteen.</summary>
        private void Result(int width, string shape, Func<Operand, ProjectStep> product)
        {
            if (width % 16 == 0)
            {
                Add(product(new Operand("y", width)));
                return;
            }

            var output = Buffer("output", shape, Up(width, 16));
            Add(product(output));
            CopyToCaller(output, width);
        }

        private void CopyToCaller(Operand from, int width) => Add(new CopyStep("Back to the caller's rows", from, new Operand("y", width), width, "T"));

        private void AttentionConstants(AttentionSpec s)
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

        // ---- in words ----

        private static string Scores(AttentionSpec a)
        {
            var s = a.Score;
            return $"scale = {Text.Float(s.Scale)}{(s.Softcap > 0 ? $", softcap = {Text.Of(s.Softcap)}" : "")}{(s.RotaryDim > 0 && s.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved ? $", {s.Position} on {s.RotaryDim} features, theta = {Text.Of(s.RopeTheta)}" : "")}{(s.Position == PositionKind.Alibi ? ", ALiBi" : "")}{(s.Causal ? ", causal" : "")}{(s.Window > 0 ? $", window {s.Window}" : "")}";
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

        private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
    }
}
