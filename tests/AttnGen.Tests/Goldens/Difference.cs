namespace AttnGen.Tests.Goldens;

/// <summary>Comparison with a message that says where the worst element is.</summary>
internal static class Difference
{
    /// <summary>Every |actual − expected| ≤ absolute + relative·|expected|; NaN and infinities must be the same.</summary>
    public static string? Find(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double absolute, double relative = 0)
    {
        if (actual.Length != expected.Length)
            return $"{actual.Length} elements, expected {expected.Length}";
        var worst = 0.0;
        var at = -1;
        for (var i = 0; i < actual.Length; i++)
        {
            if (actual[i].Equals(expected[i]))
                continue;
            var over = Math.Abs(actual[i] - expected[i]) / (absolute + relative * Math.Abs(expected[i]));
            if (double.IsNaN(over))
                over = double.PositiveInfinity;
            if (over > worst)
                (worst, at) = (over, i);
        }
        return worst <= 1 ? null : $"[{at}] is {actual[at]:R}, expected {expected[at]:R}: {worst:0.##} times the tolerance ({absolute:R} + {relative:R}·|x|)";
    }

    public static void Check(string what, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double absolute, double relative = 0)
    {
        if (Find(actual, expected, absolute, relative) is { } difference)
            Assert.Fail($"{what}: {difference}");
    }

    public static double Largest(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++)
            if (!a[i].Equals(b[i]))
                largest = Math.Max(largest, Math.Abs(a[i] - b[i]));
        return largest;
    }

    public static double[] ToDoubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            doubles[i] = values[i];
        return doubles;
    }
}
