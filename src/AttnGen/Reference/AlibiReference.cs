namespace AttnGen.Reference;

/// <summary>Attention with linear biases: score −= slope(h)·|i − j| (Press et al. 2021, arXiv:2108.12409).</summary>
public static class AlibiReference
{
    /// <summary>The slopes of H heads: 2^(−8(h+1)/H) if H is a power of two.</summary>
    /// <remarks>
    /// Otherwise, as in the authors' code (and in BLOOM): the slopes of the next lower power of two P, then every second slope of 2P.
    /// </remarks>
    /// <param name="heads">H.</param>
    /// <returns>[H].</returns>
    public static double[] Slopes(int heads)
    {
        var power = 1;
        while (power * 2 <= heads)
            power *= 2;
        var slopes = new double[heads];
        for (var h = 0; h < heads; h++)
            slopes[h] = h < power
                ? Math.Pow(2, -8.0 * (h + 1) / power)
                : Math.Pow(2, -8.0 * (2 * (h - power) + 1) / (2 * power));
        return slopes;
    }

    /// <summary>What is added to the score of a query at <paramref name="i"/> and a key at <paramref name="j"/>.</summary>
    /// <param name="slope">The head's slope.</param>
    /// <param name="i">Position of the query.</param>
    /// <param name="j">Position of the key.</param>
    public static double Bias(double slope, long i, long j) => -slope * Math.Abs(i - j);
}
