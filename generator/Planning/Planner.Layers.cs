namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // Layers, of [Encoder] and of whole models alike: parts with their norms, and the norm after the last layer.
    private sealed partial class Builder
    {
        private HiddenPlan? _hidden;

        private readonly List<Operand> _normed = [];

        private void Stack(StackSpec s, Operand h)
        {
            _hidden = new HiddenPlan(BufferOf(h), s.LastStateIsNormed);
            foreach (var stage in s.Stages)
                Stage(s, stage, h);
            if (s.FinalNorm is { } final)
                _after.Add(Norm("Final norm", h, h, "finalNorm", final, perLayer: false));
        }

        /// <summary>h = After(h + Σ Inside(Part(Before(h)))). All branches read h as it was: what is before them goes first, their sums into h after that.</summary>
        private void Stage(StackSpec stack, StageSpec s, Operand h)
        {
            var names = s.Branches.Select(branch => Unique(Name(branch.Part))).ToList();
            var inputs = new Dictionary<NormTensors, Operand>();
            Operand? copy = null;
            var from = new List<Operand>();
            for (int i = 0; i < s.Branches.Count; i++)
            {
                if (s.Branches[i].Before is not { } norm)
                {
                    // The first branch may read h itself; the second would read the first one's sum.
                    if (i > 0 && copy is null)
                        _layer.Add(new CopyStep("h as it was before the stage", h, copy = Normed(inputs.Count), h.Stride, "T"));
                    from.Add(i == 0 ? h : copy!);
                    continue;
                }

                if (!inputs.TryGetValue(norm, out var rows))
                {
                    inputs.Add(norm, rows = Normed(inputs.Count + (copy is null ? 0 : 1)));
                    _layer.Add(Norm($"Pre-norm of the {Title(s.Branches[i].Part)}", h, rows, names[i] + "Norm", norm, perLayer: true));
                }

                from.Add(rows);
            }

            for (int i = 0; i < s.Branches.Count; i++)
            {
                var branch = s.Branches[i];
                if (branch.Inside is not { } norm)
                {
                    _layer.Add(Part(branch.Part, stack, ", added to the residual stream", from[i], h, add: true));
                    continue;
                }

                var sum = _inner ??= Buffer("inner", "[T, D] what a part computes, before it is added", h.Stride);
                _layer.Add(Part(branch.Part, stack, "", from[i], sum, add: false));
                _layer.Add(Norm($"Inner norm of the {Title(branch.Part)}", sum, sum, names[i] + "InnerNorm", norm, perLayer: true));
                _layer.Add(new AddStep("Added to the residual stream", h, sum, h.Stride));
            }

            if (s.After is { } after)
                _layer.Add(Norm($"Post-norm of the {string.Join(" and the ", s.Branches.Select(branch => Title(branch.Part)))}", h, h, names[0] + (s.Branches.Any(branch => branch.Before is not null) ? "After" : "Norm"), after, perLayer: true));
        }

        private ProjectStep Part(PartSpec part, StackSpec stack, string purpose, Operand from, Operand to, bool add) => part switch
        {
            AttentionPart s => Attention(s.Sizes, s.Tensors, "Output projection" + purpose, from, from, from, to, add, s.RelativeBias, stack.Varies),
            FeedForwardPart s => FeedForward(s.Tensors, s.Activation, purpose, from, to, add),
            _ => throw new NotSupportedException(part.GetType().Name),
        };

        private static string Name(PartSpec part) => part is AttentionPart ? "attention" : "feedForward";

        private static string Title(PartSpec part) => part is AttentionPart ? "attention" : "feed-forward network";

        private Operand? _inner;

        /// <summary>Rows of the width of h for what branches read, the same for every stage.</summary>
        private Operand Normed(int index)
        {
            while (_normed.Count <= index)
                _normed.Add(Buffer(index == 0 ? "n" : "n" + Text.Of(index + 1), "[T, D] normed", _hidden!.Buffer.PerToken));
            return _normed[index];
        }

        /// <summary>A feed-forward network up to its last map, which is returned.</summary>
        private ProjectStep FeedForward(FeedForwardTensors t, string activation, string purpose, Operand from, Operand to, bool add)
        {
            int stride = Up(t.In.Outputs, 16);
            var hidden = Buffer("hidden", "[T, F]", stride);
            if (t.Up is not { } gated)
            {
                _layer.Add(Project($"First linear map{And(activation)}, panel by panel", from, "1", t.In, hidden, perLayer: true, activation: activation));
                return Project($"Second linear map{purpose}", hidden, "2", t.Out, to, perLayer: true, add: add);
            }

            var up = Buffer("up", "[T, F]", stride);
            _layer.Add(Project($"Gate: {activation}(x·W_gate)", from, "Gate", t.In, hidden, perLayer: true, activation: activation));
            _layer.Add(Project("Up: x·W_up", from, "Up", gated, up, perLayer: true));
            _layer.Add(new MultiplyStep("gate ∘ up", hidden, up, stride));
            return Project($"Down: (gate ∘ up)·W_down{purpose}", hidden, "Down", t.Out, to, perLayer: true, add: add);
        }

        private static string And(string activation) => activation == "None" ? "" : " and " + activation;
    }
}
