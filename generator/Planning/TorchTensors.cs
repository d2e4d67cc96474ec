namespace AttnGen.Generator.Planning;

/// <summary>
/// The tensors of the shape attributes, under the names that PyTorch's modules give them and the others that are accepted: the first that the file
/// holds is read. "{0}" in a name stands for the number of the layer, as in a whole model's.
/// </summary>
internal static class TorchTensors
{
    /// <summary>[Encoder] and [EncoderLayer] as the layers of a whole model; <paramref name="layer"/> stands before the names of a layer's tensors.</summary>
    public static StackSpec Stack(EncoderSpec s, string layer)
    {
        var (attention, feedForward, norm) = (s.Layer.Attention, s.Layer.FeedForward, s.Layer.Norm);
        var attentionPart = new AttentionPart(attention, Attention(attention, layer + "self_attn."));
        var feedForwardPart = new FeedForwardPart(FeedForward(feedForward, layer), feedForward.Activation);
        return new(
            s.Layers, s.Layers,
            new[] { StageSpec.Of(attentionPart, Norm(norm, layer + "norm1."), s.Layer.NormFirst), StageSpec.Of(feedForwardPart, Norm(norm, layer + "norm2."), s.Layer.NormFirst) }.ToEquatable(),
            EquatableArray<LayerSpec>.Empty, s.FinalNorm ? Norm(norm, "norm.") : null, LastStateIsNormed: false);
    }

    public static AttentionTensors Attention(AttentionSpec s, string prefix)
    {
        int queries = s.Heads * s.HeadDim, keys = s.KvHeads * s.HeadDim, values = s.KvHeads * s.ValueHeadDim, all = queries + keys + values;
        // One matrix for all three is for inputs of one width.
        bool together = s.KeyDim == s.DModel && s.ValueDim == s.DModel;
        return new(
            In("q", s.DModel, queries, 0), In("k", s.KeyDim, keys, queries), In("v", s.ValueDim, values, queries + keys),
            Linear(prefix + "out_proj", s.Heads * s.ValueHeadDim, s.DModel, s.Bias), Heads(s, prefix));

        LinearTensors In(string name, int inputs, int outputs, int first)
        {
            var shared = new TensorPart(prefix + "in_proj_weight", first, all);
            var (own, module) = (new TensorPart($"{prefix}{name}_proj_weight", 0, outputs), new TensorPart($"{prefix}{name}_proj.weight", 0, outputs));
            return new(
                (together ? new[] { shared, own, module } : [own, module]).ToEquatable(),
                s.Bias ? new[] { shared with { Name = prefix + "in_proj_bias" }, module with { Name = $"{prefix}{name}_proj.bias" } }.ToEquatable() : EquatableArray<TensorPart>.Empty,
                inputs, outputs);
        }
    }

    public static HeadTensors Heads(AttentionSpec s, string prefix)
    {
        var kind = s.Score.QkNorm == QkNormKind.RmsNorm ? NormKind.RmsNorm : NormKind.LayerNorm;
        NormTensors? OfHeads(string name) => s.Score.QkNorm == QkNormKind.None ? null : Norm(new NormSpec(kind, s.HeadDim, 1e-5, kind == NormKind.LayerNorm), prefix + name);
        return new(OfHeads("q_norm."), OfHeads("k_norm."), s.BiasKv ? prefix + "bias_k" : null, s.BiasKv ? prefix + "bias_v" : null);
    }

    public static FeedForwardTensors FeedForward(FeedForwardSpec s, string prefix)
    {
        string first = s.Gated ? "gate_proj" : "linear1", second = s.Gated ? "down_proj" : "linear2";
        return new(
            Linear(prefix + first, s.DModel, s.Hidden, s.Bias),
            s.Gated ? Linear(prefix + "up_proj", s.DModel, s.Hidden, s.Bias) : null,
            Linear(prefix + second, s.Hidden, s.DModel, s.Bias));
    }

    /// <summary>The one map of [Linear].</summary>
    public static LinearTensors Linear(LinearSpec s) => LinearTensors.Of(new("weight", 0, s.Outputs), s.Bias ? new("bias", 0, s.Outputs) : null, s.Inputs, s.Outputs);

    public static NormTensors Norm(NormSpec s, string prefix) => new(s, prefix + "weight", s.Bias ? prefix + "bias" : null);

    private static LinearTensors Linear(string name, int inputs, int outputs, bool bias) =>
        LinearTensors.Of(new(name + ".weight", 0, outputs), bias ? new(name + ".bias", 0, outputs) : null, inputs, outputs);
}
