namespace AttnGen.Reference;

/// <summary>Positions, L encoder layers and an optional final norm: PyTorch's <c>nn.TransformerEncoder</c>.</summary>
public static class EncoderReference
{
    /// <summary>The stack.</summary>
    /// <param name="x">[T, D].</param>
    /// <param name="tensors"><c>layers.{i}.*</c>; <c>norm.*</c> (final norm); <c>position.weight</c> (learned positions).</param>
    /// <param name="dModel">D.</param>
    /// <param name="options">The shape.</param>
    /// <param name="mask">What may be attended to, in every layer.</param>
    /// <param name="weights">Room for the attention weights [L, H, T, S]; empty: not wanted.</param>
    /// <param name="hiddenStates">Room for the hidden states [L + 1, T, D] (0: the first layer's input; l: the output of layer l − 1, before the final norm); empty: not wanted.</param>
    /// <returns>[T, D].</returns>
    public static double[] Forward(
        ReadOnlySpan<double> x, ReferenceWeights tensors, int dModel, EncoderOptions options,
        AttentionMask mask = default, Span<double> weights = default, Span<double> hiddenStates = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var hidden = PositionsReference.Forward(x, options.InputPosition, tensors, dModel);
        var layerWeights = weights.Length / options.Layers;
        for (var l = 0; l < options.Layers; l++)
        {
            if (!hiddenStates.IsEmpty)
                hidden.CopyTo(hiddenStates[(l * hidden.Length)..]);
            hidden = EncoderLayerReference.Forward(
                hidden, tensors.Under($"layers.{l}."), dModel, options.Layer, mask, weights.Slice(l * layerWeights, layerWeights));
        }
        if (!hiddenStates.IsEmpty)
            hidden.CopyTo(hiddenStates[(options.Layers * hidden.Length)..]);
        return options.FinalNorm
            ? NormReference.Forward(hidden, tensors.Under("norm."), options.Layer.Norm, dModel, options.Layer.Epsilon)
            : hidden;
    }
}
