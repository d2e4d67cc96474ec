namespace AttnGen.Reference;

/// <summary>softmax(x)ᵢ = e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x), row by row.</summary>
/// <remarks>
/// Subtracting the maximum changes nothing in exact arithmetic and keeps e^x from overflowing.
/// −∞ gives weight 0; a row of nothing but −∞ gives zeros, where PyTorch gives NaN: "nothing to see" adds nothing.
/// NaN and +∞ give NaN, as in PyTorch.
/// </remarks>
public static class SoftmaxReference
{
    /// <summary>Softmax of each row.</summary>
    /// <param name="x">[T, dim].</param>
    /// <param name="dim">Length of a row.</param>
    /// <returns>[T, dim].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, int dim)
    {
        var y = x.ToArray();
        for (var t = 0; t < x.Length / dim; t++)
            Row(y.AsSpan(t * dim, dim));
        return y;
    }

    /// <summary>Softmax of one row, in place.</summary>
    /// <param name="row">[dim].</param>
    public static void Row(Span<double> row)
    {
        // 1. The maximum (a NaN stays).
        var maximum = double.NegativeInfinity;
        foreach (var value in row)
            maximum = Math.Max(maximum, value);
        if (double.IsNegativeInfinity(maximum))
        {
            row.Clear();
            return;
        }

        // 2. e^(x − max) and its sum.
        double sum = 0;
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Math.Exp(row[i] - maximum);
            sum += row[i];
        }

        // 3. Divide.
        for (var i = 0; i < row.Length; i++)
            row[i] /= sum;
    }
}
