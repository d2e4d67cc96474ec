namespace AttnGen.Reference;

/// <summary>Self-attention and feed-forward network with residuals and norms: PyTorch's <c>nn.TransformerEncoderLayer</c>.</summary>
/// <remarks>Post-norm: x = norm1(x + attention(x)); x = norm2(x + ffn(x)). Pre-norm: x += attention(norm1(x)); x += ffn(norm2(x)).</remarks>
public static class EncoderLayerReference
{
    /// <summary>One layer.</summary>
    /// <param name="x">[T, D].</param>
    /// <param name="tensors"><c>self_attn.*</c>, those of <see cref="FeedForwardReference"/>, <c>norm1.*</c>, <c>norm2.*</c>.</param>
    /// <param name="dModel">D.</param>
    /// <param name="options">The shape.</param>
    /// <param name="mask">What may be attended to.</param>
    /// <param name="weights">Room for the attention weights [H, T, S]; empty: not wanted.</param>
    /// <returns>[T, D].</returns>
    public static double[] Forward(
        ReadOnlySpan<double> x, ReferenceWeights tensors, int dModel, EncoderLayerOptions options,
        AttentionMask mask = default, Span<double> weights = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var attention = tensors.Under("self_attn.");
        if (options.NormFirst)
        {
            var normed = Norm(x, tensors, "norm1.", dModel, options);
            var attended = Add(x, AttentionReference.MultiHead(normed, normed, normed, dModel, options.Attention, attention, mask, weights));
            normed = Norm(attended, tensors, "norm2.", dModel, options);
            return Add(attended, FeedForwardReference.Forward(normed, tensors, dModel, options.Activation, options.Gated));
        }
        else
        {
            var attended = Add(x, AttentionReference.MultiHead(x, x, x, dModel, options.Attention, attention, mask, weights));
            var normed = Norm(attended, tensors, "norm1.", dModel, options);
            var fed = Add(normed, FeedForwardReference.Forward(normed, tensors, dModel, options.Activation, options.Gated));
            return Norm(fed, tensors, "norm2.", dModel, options);
        }
    }

    private static double[] Norm(ReadOnlySpan<double> x, ReferenceWeights tensors, string name, int dModel, EncoderLayerOptions options)
        => NormReference.Forward(x, tensors.Under(name), options.Norm, dModel, options.Epsilon);

    private static double[] Add(ReadOnlySpan<double> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
            y[i] += x[i];
        return y;
    }
}
