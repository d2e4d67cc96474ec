namespace AttnGen.Reference;

/// <summary>y = (x − mean)/√(variance + ε)·weight + bias, row by row, with the biased variance (Ba et al. 2016, arXiv:1607.06450).</summary>
public static class LayerNormReference
{
    /// <summary>Layer norm of each row.</summary>
    /// <param name="x">[T, dim].</param>
    /// <param name="weight">[dim].</param>
    /// <param name="bias">[dim]; empty: none.</param>
    /// <param name="dim">Length of a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[T, dim].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, ReadOnlySpan<double> weight, ReadOnlySpan<double> bias, int dim, double epsilon = 1e-5)
    {
        var y = new double[x.Length];
        for (var t = 0; t < x.Length / dim; t++)
        {
            var row = x.Slice(t * dim, dim);

            // 1. The mean.
            double mean = 0;
            foreach (var value in row)
                mean += value;
            mean /= dim;

            // 2. The variance around it (two passes: E[x²] − mean² would cancel).
            double variance = 0;
            foreach (var value in row)
                variance += (value - mean) * (value - mean);
            variance /= dim;

            // 3. Normalise, then the learned scale and shift.
            var factor = 1 / Math.Sqrt(variance + epsilon);
            for (var i = 0; i < dim; i++)
                y[t * dim + i] = (row[i] - mean) * factor * weight[i] + (bias.IsEmpty ? 0 : bias[i]);
        }
        return y;
    }
}
