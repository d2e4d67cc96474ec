namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // The public methods of a whole model: hidden states, and what is made of the last of them.
    private sealed partial class Builder
    {
        private EquatableArray<MethodPlan> Methods(TransformerSpec s, Operand h)
        {
            int d = s.Stack.Attention.DModel;
            var (form, subject) = s.Input is TokenInputSpec ? (CallForm.Tokens, "One sequence") : (CallForm.Image, "One image");
            Signature Call(ResultKind kind) => Signatures.Calls(form).First(call => call.Kind == kind);
            List<MethodPlan> methods = [new(Call(ResultKind.HiddenStates), d, PerToken: true, $"{subject} through the encoder.")];
            if (s.Embed is { } embed)
            {
                int size = d * embed.Modes.Count;
                Constant("EmbeddingSize", size, "Length of Embed's vector.");
                methods.Add(new(Call(ResultKind.Vector), size, PerToken: false, $"{subject} to one vector: {string.Join(" and ", embed.Modes)}{(embed.Normalize ? ", scaled to length 1" : "")}.")
                {
                    Pools = embed.Modes.Select((mode, i) => new PoolPlan(mode, i * d)).ToEquatable(),
                    Normalize = embed.Normalize,
                });
            }

            if (s.Pooler is { } pooler)
            {
                Constant("PooledSize", pooler.Size, "Length of the pooler's output.");
                methods.Add(Output(new(Call(ResultKind.Pooled), pooler.Size, PerToken: false, $"{subject} to the pooler's output."), "pooler", pooler, d, h));
            }

            if (s.Head is { } head)
            {
                Constant("LogitsSize", head.Size, "Number of logits.");
                methods.Add(Output(new(Call(ResultKind.Logits), head.Size, head.From == StatesRead.EveryToken, $"{subject} to logits ({s.About.Task})."), "head", head, d, h));
            }

            return methods.ToEquatable();
        }

        /// <summary>The method with the steps from the last hidden states to its result.</summary>
        private MethodPlan Output(MethodPlan method, string prefix, OutputSpec s, int width, Operand h)
        {
            bool perToken = method.PerToken;
            string count = perToken ? "T" : "1";
            int firstBuffer = _buffers.Count;
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
                string part = prefix + Text.Of(i + 1);
                if (stage.Norm is { } norm)
                {
                    steps.Add(Norm("Norm", at, at, part + "Norm", norm, perLayer: false, count));
                }
                else if (i == s.Stages.Count - 1)
                {
                    steps.Add(Last(part, stage.Map!, stage.Activation, at, average: false));
                }
                else
                {
                    var to = Room(part, stage.Map!.Outputs, Up(stage.Map.Outputs, 16), "");
                    steps.Add(Project($"Linear map{And(stage.Activation)}", at, Capital(part), stage.Map, to, perLayer: false, count, stage.Activation));
                    at = to;
                }
            }

            if (s.Second is { } second)
            {
                steps.Add(new AliasStep("The second learned token", "secondRow", h, 1));
                steps.Add(Last(prefix + "Second", second, "None", h with { Name = "secondRow" }, average: true));
            }

            var weights = steps.SelectMany(WeightsOf).ToList();
            return method with
            {
                Steps = steps.ToEquatable(),
                Buffers = _buffers.Skip(firstBuffer).Prepend(BufferOf(h)).ToEquatable(),
                Weights = _weights.Where(weights.Contains).ToEquatable(),
            };

            OutputStep Last(string part, LinearTensors map, string activation, Operand from, bool average)
            {
                int block = Math.Min(Blocking.OutputColumns, Up(map.Outputs, 16));
                var rows = Room(part + "Rows", block, block, " a block of columns");
                return new OutputStep($"Last linear map{And(activation)}", Project("", from, Capital(part), map, rows, perLayer: false, count, activation), block, average);
            }

            Operand Room(string name, int columns, int stride, string purpose) =>
                Buffer(name, $"[{count}, {columns}]{purpose}", perToken ? stride : 0, perToken ? 0 : stride) with { Stride = stride };
        }

        private static IEnumerable<WeightPlan> WeightsOf(Step step) => step switch
        {
            NormStep { Shift: { } shift } norm => [norm.Gain, shift],
            NormStep norm => [norm.Gain],
            ProjectStep { Bias: { } bias } project => [project.Weight, bias],
            ProjectStep project => [project.Weight],
            OutputStep output => WeightsOf(output.Project),
            _ => [],
        };

        private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
    }
}
