namespace AttnGen.Reference;

/// <summary>y = x·Wᵀ + b, row by row.</summary>
public static class LinearReference
{
    /// <summary>y[t, n] = b[n] + Σₖ x[t, k]·W[n, k].</summary>
    /// <param name="x">[T, inputs].</param>
    /// <param name="weight">W [outputs, inputs], as PyTorch's <c>nn.Linear</c> stores it.</param>
    /// <param name="bias">b [outputs]; empty: none.</param>
    /// <param name="inputs">K.</param>
    /// <param name="outputs">N.</param>
    /// <returns>y [T, outputs].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, ReadOnlySpan<double> weight, ReadOnlySpan<double> bias, int inputs, int outputs)
    {
        var tokens = x.Length / inputs;
        var y = new double[tokens * outputs];
        for (var t = 0; t < tokens; t++)
            for (var n = 0; n < outputs; n++)
            {
                var sum = bias.IsEmpty ? 0 : bias[n];
                for (var k = 0; k < inputs; k++)
                    sum += x[t * inputs + k] * weight[n * inputs + k];
                y[t * outputs + n] = sum;
            }
        return y;
    }
}
