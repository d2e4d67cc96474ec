namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // Layers, of [Encoder] and of whole models alike: parts with their norms, and the norm after the last layer.
    private sealed partial class Builder
    {
        private HiddenPlan? _hidden;

        private void Stack(StackSpec s, Operand h)
        {
            var t = s.Tensors;
            _hidden = new HiddenPlan(BufferOf(h), s.LastStateIsNormed);
            var from = s.NormFirst ? Buffer("n", "[T, D] normed", h.Stride) : h;
            Sublayer(s, "attention", "attentionNorm", t.AttentionNorm, from, h, s.FirstHasNoAttentionNorm ? 1 : 0, () =>
                _layer.Add(Attention(s.Attention, t.Attention, "Output projection, added to the residual stream", from, from, from, h, add: true, s)));
            Sublayer(s, "feed-forward network", "feedForwardNorm", t.FeedForwardNorm, from, h, 0, () =>
                _layer.Add(FeedForward(t.FeedForward, s.Activation, ", added to the residual stream", from, h, add: true)));
            if (s.FinalNorm is { } final)
                _after.Add(Norm("Final norm", h, h, "finalNorm", final, perLayer: false));
        }

        /// <summary>A part of a layer and its norm. Pre-norm: h += part(norm(h)), and the part reads another buffer than h; post-norm: h = norm(h + part(h)).</summary>
        private void Sublayer(StackSpec s, string title, string name, NormTensors norm, Operand from, Operand h, int firstLayer, Action part)
        {
            if (s.NormFirst)
                _layer.Add(Norm($"Pre-norm of the {title}", h, from, name, norm, perLayer: true, firstLayer: firstLayer));
            part();
            if (!s.NormFirst)
                _layer.Add(Norm($"Post-norm of the {title}", h, h, name, norm, perLayer: true));
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
