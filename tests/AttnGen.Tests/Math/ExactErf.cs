namespace AttnGen.Tests.Elementary;

/// <summary>erf in double precision, to 1e-15 relative, by Taylor series about a grid of points.</summary>
internal static class ExactErf
{
    private const int Terms = 13;
    private const int PointsInOne = 16;
    private const double End = 6;
    private static readonly double[] s_table = Table();

    public static double Erf(double x)
    {
        var a = Math.Abs(x);
        if (!(a < End))
            return double.IsNaN(x) ? x : Math.Sign(x);
        var point = (int)((a * PointsInOne) + 0.5);
        var h = a - ((double)point / PointsInOne);
        var row = s_table.AsSpan(point * Terms, Terms);
        var sum = row[Terms - 1];
        for (var k = Terms - 2; k >= 0; k--)
            sum = (sum * h) + row[k];
        return Math.CopySign(sum, x);
    }

    // Row x0: the coefficients of erf(x0 + h). The derivative g = 2/√π·e^(−x²) has g' = −2x·g, so (n+1)·g(n+1) = −2·(x0·g(n) + g(n−1)).
    private static double[] Table()
    {
        var points = (int)(End * PointsInOne) + 1;
        var table = new double[points * Terms];
        for (var point = 0; point < points; point++)
        {
            var x = (double)point / PointsInOne;
            var row = table.AsSpan(point * Terms, Terms);
            row[0] = Series(x);
            var (before, g) = (0.0, 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x));
            for (var n = 0; n + 1 < Terms; n++)
            {
                row[n + 1] = g / (n + 1);
                (before, g) = (g, -2 * ((x * g) + before) / (n + 1));
            }
        }
        return table;
    }

    // erf(x) = 2/√π·e^(−x²)·Σ 2^n·x^(2n+1)/(1·3·…·(2n+1)): every term is positive.
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (var n = 1; term > sum * 1e-18; n++)
            sum += term *= 2 * x * x / ((2 * n) + 1);
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
