namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    private sealed partial class Builder
    {
        // Columns of a wide last map (a vocabulary) that go through the arena at a time.
        private const int OutputBlock = 1024;

        private readonly List<OutputPlan> _outputs = [];

        /// <summary>A whole model: input, layers, and what is computed of the last hidden states.</summary>
        public ModelPlan Transformer(TransformerSpec s)
        {
            var stack = s.Stack;
            var a = stack.Attention;
            int d = a.DModel, stride = Up(d, 16);
            _layers = stack.Layers;
            Constant("Layers", stack.Layers, "Number of layers, L.");
            Constant("DModel", d, "Width of a hidden state, D.");
            Constant("Heads", a.Heads, "Attention heads, H.");
            Constant("HeadDim", a.HeadDim, "Size of a head, Dh.");
            Constant("FeedForward", stack.Tensors.In.Outputs, "Width of the feed-forward network's hidden layer, F.");

            var h = Buffer("h", "[T, D] the residual stream", stride);
            if (s.Input is TokenInputSpec tokens)
                TokenSteps(s, tokens, h);
            else
                ImageSteps((ImageInputSpec)s.Input, h, d);

            if (stack.NormFirst)
                PreNormLayer(stack, h);
            else
                PostNormLayer(stack, h);
            if (stack.FinalNorm is { } final)
            {
                var (gain, shift) = NormWeights("finalNorm", final, perLayer: false);
                _after.Add(new NormStep("Final norm", h, h, UseNorm(final.Norm), gain, shift));
            }

            if (s.Pooler is { } pooler)
                Output("Pool", "pooler", pooler, s, h);
            if (s.Head is { } head)
                Output("Logits", "head", head, s, h);
            if (s.Embed is { } embed)
                Constant("EmbeddingSize", d * embed.Modes.Count, "Length of Embed's vector.");

            string text = $"{s.About.Folder}, {(s.About.Architecture.Length > 0 ? s.About.Architecture : s.About.ModelType)}: L = {stack.Layers}{(stack.Stored < stack.Layers ? $" ({stack.Stored} stored)" : "")}, {Describe(a)}, F = {stack.Tensors.In.Outputs}, {stack.Activation}{(stack.Tensors.Up is null ? "" : " gated")}, {(stack.NormFirst ? "pre" : "post")}-norm (ε = {Text.Of(stack.Tensors.OutputNorm.Norm.Epsilon)})";
            return Build("TransformerModel", text, s.Input is TokenInputSpec ? CallForm.Tokens : CallForm.Image, s.MaxTokens, d, d, d, d, _plan) with
            {
                Parameters = s.About.Parameters,
                Model = new TransformerPlan(s, _rotary, _outputs.ToEquatable()),
                LayerSets = stack.Stored == stack.Layers ? EquatableArray<int>.Empty : Enumerable.Range(0, stack.Layers).Select(layer => SetOf(layer, stack)).ToEquatable(),
            };
        }

        // In floating point, as the published code has it: 14 sets of 18 layers are not shared out as layer·14/18 would.
        private static int SetOf(int layer, StackSpec stack) => (int)(layer / ((double)stack.Layers / stack.Stored));

        // ---- input ----

        private void TokenSteps(TransformerSpec s, TokenInputSpec input, Operand h)
        {
            Constant("VocabularySize", input.Vocabulary, "Token ids are below this.");
            int width = input.Width, stride = Up(width, 16);
            // A language model's last map is the table of words again: it then lies in panels, and words are gathered from those.
            bool tied = s.Head?.Stages is { Count: > 0 } stages && stages[stages.Count - 1].Map?.Weight.Name == input.Table;
            var words = tied
                ? Weight("words", WeightForm.Panels, [new(input.Table, 0, input.Vocabulary)], input.Vocabulary, width, width, perLayer: false)
                : Weight("words", WeightForm.Rows, [new(input.Table, 0, input.Vocabulary)], input.Vocabulary, width, stride, perLayer: false);
            var positions = input.Positions is { } places ? Weight("positions", WeightForm.Rows, [new(places.Name, 0, places.Rows)], places.Rows, width, stride, perLayer: false) : null;
            var types = input.Types is { } segments ? Weight("types", WeightForm.Rows, [new(segments.Name, 0, segments.Count)], segments.Count, width, stride, perLayer: false) : null;
            var e = input.Project is null ? h : Buffer("e", "[T, E] embeddings", stride);
            _before.Add(new EmbedTokensStep($"Words{(positions is null ? "" : " + positions")}{(types is null ? "" : " + segments")}", e, width, words, positions, input.Positions, types));
            if (input.Norm is { } norm)
            {
                var (gain, shift) = NormWeights("inputNorm", norm, perLayer: false);
                _before.Add(new NormStep("Norm of the embeddings", e, e, UseNorm(norm.Norm), gain, shift));
            }

            if (input.Project is { } map)
                _before.Add(PlanMap("Embeddings to the layers' width", e, "inputMap", map, h, "T", "None", perLayer: false));
        }

        private void ImageSteps(ImageInputSpec input, Operand h, int d)
        {
            Constant("ImageChannels", input.Channels, "Channels of an image.");
            Constant("ImageHeight", input.Height, "Height of an image.");
            Constant("ImageWidth", input.Width, "Width of an image.");
            var patches = Buffer("patches", "[patches, channels·height·width]", Up(input.Patches.Inputs, 16));
            int first = input.Tokens.Count;
            _before.Add(new PatchesStep($"The image's {input.PatchRows}·{input.PatchColumns} patches as rows", patches, input));
            _before.Add(new AliasStep($"Patches stand after {first} learned token{(first == 1 ? "" : "s")}", "patchRows", h, first));
            _before.Add(PlanMap("Each patch to a token (a convolution whose stride is its size)", patches, "patchMap", input.Patches, h with { Name = "patchRows" }, Text.Of(input.PatchRows * input.PatchColumns), "None", perLayer: false));
            for (int i = 0; i < first; i++)
            {
                var token = Weight("token" + i, WeightForm.Vector, [new(input.Tokens[i], 0, d)], 1, d, d, perLayer: false);
                _before.Add(new AliasStep($"Row {i}", "row" + i, h, i));
                _before.Add(new CopyStep("A learned token", new Operand(token.Variable, 0), h with { Name = "row" + i }, d, "1"));
            }

            var positions = Weight("positions", WeightForm.Rows, [new(input.Positions, 0, input.SequenceLength)], input.SequenceLength, d, h.Stride, perLayer: false);
            _before.Add(new AddTableStep("Learned positions", h, positions, h.Stride));
        }

        // ---- layers ----

        private void PostNormLayer(StackSpec s, Operand h)
        {
            var context = SelfAttention(s, h);
            var t = s.Tensors;
            _layer.Add(PlanMap("Output projection, added to the residual stream", context, "o", t.Output, h, "T", "None", perLayer: true, add: true));
            var (g1, s1) = NormWeights("attentionNorm", t.AttentionNorm, perLayer: true);
            _layer.Add(new NormStep("Post-norm of the attention", h, h, UseNorm(t.AttentionNorm.Norm), g1, s1));
            FeedForwardSteps(s, h, h);
            var (g2, s2) = NormWeights("outputNorm", t.OutputNorm, perLayer: true);
            _layer.Add(new NormStep("Post-norm of the feed-forward network", h, h, UseNorm(t.OutputNorm.Norm), g2, s2));
        }

        private void PreNormLayer(StackSpec s, Operand h)
        {
            var t = s.Tensors;
            var n = Buffer("n", "[T, D] normed", h.Stride);
            var (g1, s1) = NormWeights("attentionNorm", t.AttentionNorm, perLayer: true, firstLayer: s.FirstHasNoAttentionNorm ? 1 : 0);
            _layer.Add(new NormStep("Pre-norm of the attention", h, n, UseNorm(t.AttentionNorm.Norm), g1, s1, ExceptFirst: s.FirstHasNoAttentionNorm));
            var context = SelfAttention(s, n);
            _layer.Add(PlanMap("Output projection, added to the residual stream", context, "o", t.Output, h, "T", "None", perLayer: true, add: true));
            var (g2, s2) = NormWeights("outputNorm", t.OutputNorm, perLayer: true);
            _layer.Add(new NormStep("Pre-norm of the feed-forward network", h, n, UseNorm(t.OutputNorm.Norm), g2, s2));
            FeedForwardSteps(s, n, h);
        }

        private Operand SelfAttention(StackSpec s, Operand from)
        {
            var zeros = Weight("zeros", WeightForm.Zeros, [], 1, LaneTable.Pair, LaneTable.Pair, perLayer: false);
            var q = Buffer("q", "[T, H·Dh]", Up(s.Tensors.Query.Outputs, 16));
            var k = Buffer("k", "[S, H·Dh]", Up(s.Tensors.Key.Outputs, 16));
            var v = Buffer("v", "[S, H·Dh]", Up(s.Tensors.Value.Outputs, 16));
            var parts = new[]
            {
                PlanMap("Queries: x·W_Q", from, "q", s.Tensors.Query, q, "T", "None", perLayer: true),
                PlanMap("Keys: x·W_K", from, "k", s.Tensors.Key, k, "S", "None", perLayer: true),
                PlanMap("Values: x·W_V", from, "v", s.Tensors.Value, v, "S", "None", perLayer: true),
            };
            _layer.Add(new ProjectTogetherStep("Queries, keys and values in one pass", parts.ToEquatable(), parts.Min(part => _projects.Find(project => project.Name == part.Kernel)!.MC)));
            return AttentionCore(s.Attention, "", q, k, v, zeros, s);
        }

        private void FeedForwardSteps(StackSpec s, Operand from, Operand to)
        {
            var t = s.Tensors;
            int stride = Up(t.In.Outputs, 16);
            var hidden = Buffer("hidden", "[T, F]", stride);
            _layer.Add(PlanMap($"{(t.Up is null ? "First linear map" : "Gate")} and {s.Activation}, panel by panel", from, "in", t.In, hidden, "T", s.Activation, perLayer: true));
            if (t.Up is { } up)
            {
                var other = Buffer("up", "[T, F]", stride);
                _layer.Add(PlanMap("What the gate lets through", from, "up", up, other, "T", "None", perLayer: true));
                _layer.Add(new MultiplyStep("gate ∘ up", hidden, other, stride));
            }

            _layer.Add(PlanMap("Second linear map, added to the residual stream", hidden, "out", t.Out, to, "T", "None", perLayer: true, add: true));
        }

        private WeightPlan RelativeTable(RelativeBiasSpec s, AttentionSpec a)
        {
            // One entry for each distance from −(MaxTokens − 1) to MaxTokens − 1, and room for the vectors that read past the last key.
            int stride = Up(2 * a.MaxTokens + 64, 16);
            return Weight("relative", WeightForm.Relative, [new(s.Name, 0, s.Buckets)], a.Heads, 2 * a.MaxTokens - 1, stride, perLayer: false);
        }

        // ---- heads ----

        private void Output(string name, string prefix, OutputSpec s, TransformerSpec model, Operand h)
        {
            bool perToken = s.From == StatesRead.EveryToken;
            string count = perToken ? "T" : "1";
            int width = model.Stack.Attention.DModel;
            var steps = new List<Step>();
            var at = h;
            if (s.From == StatesRead.Mean)
            {
                at = Buffer(prefix + "Mean", "[1, D]", 0, h.Stride) with { Stride = h.Stride };
                steps.Add(new MeanStep("The mean of the tokens", h, at, width));
            }

            for (int i = 0; i < s.Stages.Count; i++)
            {
                var stage = s.Stages[i];
                bool last = i == s.Stages.Count - 1;
                string part = prefix + Text.Of(i + 1);
                if (stage.Norm is { } norm)
                {
                    var (gain, shift) = NormWeights(part + "Norm", norm, perLayer: false);
                    steps.Add(new NormStep("Norm", at, at, UseNorm(norm.Norm), gain, shift, count));
                }
                else if (last)
                {
                    steps.Add(Last(part, stage.Map!, stage.Activation, at, average: false));
                }
                else
                {
                    int stride = Up(stage.Map!.Outputs, 16);
                    var to = Buffer(part, $"[{count}, {stage.Map.Outputs}]", perToken ? stride : 0, perToken ? 0 : stride) with { Stride = stride };
                    steps.Add(PlanMap($"Linear map{(stage.Activation == "None" ? "" : " and " + stage.Activation)}", at, part, stage.Map, to, count, stage.Activation, perLayer: false));
                    at = to;
                }
            }

            if (s.Second is { } second)
            {
                steps.Add(new AliasStep("The second learned token", "secondRow", h, 1));
                steps.Add(Last(prefix + "Second", second, "None", h with { Name = "secondRow" }, average: true));
            }

            Constant(name == "Pool" ? "PooledSize" : "LogitsSize", s.Size, name == "Pool" ? "Length of the pooler's output." : "Number of logits.");
            _outputs.Add(new OutputPlan(name, steps.ToEquatable(), s.Size, perToken));

            OutputStep Last(string part, LinearTensors map, string activation, Operand from, bool average)
            {
                int block = Math.Min(OutputBlock, Up(map.Outputs, 16));
                var rows = Buffer(part + "Rows", $"[{count}, {block}] a block of columns", perToken ? block : 0, perToken ? 0 : block) with { Stride = block };
                return new OutputStep($"Last linear map{(activation == "None" ? "" : " and " + activation)}", PlanMap("", from, part, map, rows, count, activation, perLayer: false), block, average);
            }
        }

        // ---- weights ----

        private ProjectStep PlanMap(string title, Operand from, string name, LinearTensors map, Operand to, string count, string activation, bool perLayer, bool add = false)
        {
            var weight = _weights.Find(w => w.Form == WeightForm.Panels && w.Choices[0].Name == map.Weight.Name && w.Choices[0].FirstRow == map.Weight.FirstRow)
                ?? Weight("w" + Capital(name), WeightForm.Panels, [new(map.Weight.Name, map.Weight.FirstRow, map.Weight.TensorRows)], map.Outputs, map.Inputs, map.Inputs, perLayer);
            string biasName = "b" + Capital(name);
            var bias = map.Bias is { } b
                ? _weights.Find(w => w.Form == WeightForm.Vector && w.Choices.Count > 0 && w.Choices[0].Name == b.Name && w.Choices[0].FirstRow == b.FirstRow)
                    ?? Weight(biasName, WeightForm.Vector, [new(b.Name, b.FirstRow, b.TensorRows)], 1, map.Outputs, map.Outputs, perLayer)
                : Weight(biasName, WeightForm.Vector, [], 1, map.Outputs, map.Outputs, perLayer: false);
            return PlanProject(title, from, weight, bias, to, map.Inputs, map.Outputs, count, activation, add);
        }

        private (WeightPlan Gain, WeightPlan? Shift) NormWeights(string name, NormTensors s, bool perLayer, int firstLayer = 0)
        {
            var gain = Of(name + "Gain", s.Weight);
            var shift = s.Norm.Kind == NormKind.LayerNorm || s.Bias is not null ? Of(name + "Shift", s.Bias) : null;
            return (gain, shift);

            WeightPlan Of(string variable, string? tensor)
            {
                var weight = Weight(variable, WeightForm.Vector, tensor is null ? [] : [new(tensor, 0, s.Norm.Dim)], 1, s.Norm.Dim, s.Norm.Dim, perLayer) with { FirstLayer = firstLayer };
                _weights[_weights.Count - 1] = weight;
                return weight;
            }
        }

        private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
    }
}
