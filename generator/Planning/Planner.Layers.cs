namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // Layers, of [Encoder] and of whole models alike: parts with their norms, and the norm after the last layer.
    private sealed partial class Builder
    {
        private readonly List<Operand> _normed = [];
        private Operand? _inner;

        /// <summary>The layers, and the norm after the last. Hidden states are shown before each layer and after the last one.</summary>
        private void Stack(StackSpec s, Operand h, int width, bool isLoop)
        {
            if (isLoop)
                Layers(s.Stored, Layer);
            else
                Layer();
            var last = new ShowStep("The last hidden states, if asked for", h, width, s.Layers);
            if (!s.LastStateIsNormed)
                Add(last);
            if (s.FinalNorm is { } final)
                Add(Norm("Final norm", h, h, "finalNorm", final));
            if (s.LastStateIsNormed)
                Add(last);

            void Layer()
            {
                Add(new ShowStep("Hidden states, if asked for", h, width, isLoop ? null : 0));
                foreach (var stage in s.Stages)
                    Stage(s, stage, h);
            }
        }

        /// <summary>h = After(h + Σ Inside(Part(Before(h)))). All branches read h as it was: what is before them goes first, their sums into h after that.</summary>
        private void Stage(StackSpec stack, StageSpec s, Operand h)
        {
            var names = s.Branches.Select(branch => Unique(Name(branch.Part))).ToList();
            var inputs = new Dictionary<NormTensors, Operand>();
            if (s.First is { } first)
                Add(Norm($"Norm before the {Title(s.Branches[0].Part)}, which is added to it", h, h, names[0] + "First", first));
            Operand? copy = null;
            var from = new List<Operand>();
            for (int i = 0; i < s.Branches.Count; i++)
            {
                if (s.Branches[i].Before is not { } norm)
                {
                    // The first branch may read h itself; the second would read the first one's sum.
                    if (i > 0 && copy is null)
                        Add(new CopyStep("h as it was before the stage", h, copy = Normed(inputs.Count, h), h.Stride, "T"));
                    from.Add(i == 0 ? h : copy!);
                    continue;
                }

                if (!inputs.TryGetValue(norm, out var rows))
                {
                    inputs.Add(norm, rows = Normed(inputs.Count + (copy is null ? 0 : 1), h));
                    Add(Norm($"Pre-norm of the {Title(s.Branches[i].Part)}", h, rows, names[i] + "Norm", norm));
                }

                from.Add(rows);
            }

            for (int i = 0; i < s.Branches.Count; i++)
            {
                var branch = s.Branches[i];
                if (branch is { Inside: null, Scale: 1 })
                {
                    Add(Part(branch.Part, stack, ", added to the residual stream", from[i], h, add: true));
                    continue;
                }

                var sum = _inner ??= Buffer("inner", "[T, D] what a part computes, before it is added", h.Stride);
                Add(Part(branch.Part, stack, "", from[i], sum, add: false));
                if (branch.Inside is { } norm)
                    Add(Norm($"Inner norm of the {Title(branch.Part)}", sum, sum, names[i] + "InnerNorm", norm));
                Add(new AddStep("Added to the residual stream", h, sum, h.Stride, branch.Scale));
            }

            if (s.After is { } after)
                Add(Norm($"Post-norm of the {string.Join(" and the ", s.Branches.Select(branch => Title(branch.Part)))}", h, h, names[0] + (s.Branches.Any(branch => branch.Before is not null) ? "After" : "Norm"), after));
        }

        private ProjectStep Part(PartSpec part, StackSpec stack, string purpose, Operand from, Operand to, bool add) => part switch
        {
            AttentionPart s => Attention(s, "Output projection" + purpose, from, from, from, to, add, stack),
            FeedForwardPart s => FeedForward(s.Tensors, s.Activation, purpose, from, to, add),
            _ => throw new NotSupportedException(part.GetType().Name),
        };

        private static string Name(PartSpec part) => part is AttentionPart ? "attention" : "feedForward";

        private static string Title(PartSpec part) => part is AttentionPart ? "attention" : "feed-forward network";

        /// <summary>Rows of the width of h for what branches read, the same for every stage.</summary>
        private Operand Normed(int index, Operand h)
        {
            while (_normed.Count <= index)
                _normed.Add(Buffer("n", "[T, D] normed", h.Stride));
            return _normed[index];
        }

        /// <summary>A feed-forward network up to its last map, which is returned.</summary>
        private ProjectStep FeedForward(FeedForwardTensors t, string activation, string purpose, Operand from, Operand to, bool add)
        {
            int stride = Up(t.In.Outputs, 16);
            var hidden = Buffer("hidden", "[T, F]", stride);
            if (t.Up is not { } gated)
            {
                Add(Project($"First linear map{And(activation)}, panel by panel", from, "1", t.In, hidden, activation: activation));
                return Project($"Second linear map{purpose}", hidden, "2", t.Out, to, add: add);
            }

            var up = Buffer("up", "[T, F]", stride);
            Add(Project($"Gate: {activation}(x·W_gate)", from, "Gate", t.In, hidden, activation: activation));
            Add(Project("Up: x·W_up", from, "Up", gated, up));
            Add(new MultiplyStep("gate ∘ up", hidden, up, stride));
            return Project($"Down: (gate ∘ up)·W_down{purpose}", hidden, "Down", t.Out, to, add: add);
        }

        private static string And(string activation) => activation == "None" ? "" : " and " + activation;
    }
}
