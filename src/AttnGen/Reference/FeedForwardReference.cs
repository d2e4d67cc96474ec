namespace AttnGen.Reference;

/// <summary>The position-wise network linear2(act(linear1(x))) (Vaswani et al. 2017, §3.3), or down(act(gate(x))·up(x)) (Shazeer 2020, arXiv:2002.05202).</summary>
public static class FeedForwardReference
{
    /// <summary>The network on each row.</summary>
    /// <param name="x">[T, D].</param>
    /// <param name="tensors"><c>linear1.*</c>, <c>linear2.*</c>, or <c>gate_proj.*</c>, <c>up_proj.*</c>, <c>down_proj.*</c>; biases where there are any.</param>
    /// <param name="dModel">D.</param>
    /// <param name="activation">act.</param>
    /// <param name="gated">Which form.</param>
    /// <returns>[T, D].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, ReferenceWeights tensors, int dModel, Activation activation, bool gated = false)
    {
        ArgumentNullException.ThrowIfNull(tensors);

        // 1. To the hidden layer [T, F], and the activation.
        var hidden = ActivationReference.Forward(Linear(x, tensors, gated ? "gate_proj" : "linear1", dModel), activation);

        // 2. The gated form multiplies with a second projection.
        if (gated)
        {
            var up = Linear(x, tensors, "up_proj", dModel);
            for (var i = 0; i < hidden.Length; i++)
                hidden[i] *= up[i];
        }

        // 3. Back to [T, D].
        var feedForward = tensors.Required(gated ? "down_proj.weight" : "linear2.weight").Length / dModel;
        return Linear(hidden, tensors, gated ? "down_proj" : "linear2", feedForward);
    }

    private static double[] Linear(ReadOnlySpan<double> x, ReferenceWeights tensors, string name, int inputs)
    {
        var weight = tensors.Required(name + ".weight");
        return LinearReference.Forward(x, weight, tensors(name + ".bias"), inputs, weight.Length / inputs);
    }
}
