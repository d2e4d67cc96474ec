namespace AttnGen.Reference;

/// <summary>y = x/√(mean(x²) + ε)·weight, row by row (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
public static class RmsNormReference
{
    /// <summary>RMS norm of each row.</summary>
    /// <param name="x">[T, dim].</param>
    /// <param name="weight">[dim].</param>
    /// <param name="dim">Length of a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[T, dim].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, ReadOnlySpan<double> weight, int dim, double epsilon = 1e-5)
    {
        var y = new double[x.Length];
        for (var t = 0; t < x.Length / dim; t++)
        {
            var row = x.Slice(t * dim, dim);

            // 1. The mean of the squares.
            double squares = 0;
            foreach (var value in row)
                squares += value * value;
            squares /= dim;

            // 2. Normalise, then the learned scale.
            var factor = 1 / Math.Sqrt(squares + epsilon);
            for (var i = 0; i < dim; i++)
                y[t * dim + i] = row[i] * factor * weight[i];
        }
        return y;
    }
}
