namespace AttnGen.Reference;

/// <summary>Positions that are added to the input of a stack.</summary>
public static class PositionsReference
{
    /// <summary>The sinusoidal table: p[t, 2i] = sin(t/10000^(2i/D)), p[t, 2i+1] = cos(t/10000^(2i/D)) (Vaswani et al. 2017, arXiv:1706.03762, §3.5).</summary>
    /// <param name="tokens">T.</param>
    /// <param name="dModel">D.</param>
    /// <returns>[T, D].</returns>
    public static double[] Sinusoidal(int tokens, int dModel)
    {
        var table = new double[tokens * dModel];
        for (var t = 0; t < tokens; t++)
            for (var d = 0; d < dModel; d++)
            {
                var angle = t / Math.Pow(10000, (d - d % 2) / (double)dModel);
                table[t * dModel + d] = d % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
            }
        return table;
    }

    /// <summary>x + positions.</summary>
    /// <param name="x">[T, D].</param>
    /// <param name="positions">Which.</param>
    /// <param name="weights"><c>position.weight</c> [≥ T, D], if they are learned.</param>
    /// <param name="dModel">D.</param>
    /// <returns>[T, D].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, InputPosition positions, ReferenceWeights weights, int dModel)
    {
        var y = x.ToArray();
        if (positions == InputPosition.None)
            return y;
        var table = positions == InputPosition.Sinusoidal ? Sinusoidal(x.Length / dModel, dModel) : weights.Required("position.weight");
        for (var i = 0; i < y.Length; i++)
            y[i] += table[i];
        return y;
    }
}
