namespace AttnGen.Reference;

/// <summary>Rotary position embedding: pairs of features are turned by an angle that grows with the position (Su et al. 2021, arXiv:2104.09864).</summary>
/// <remarks>
/// Pair i of the first R features turns by position·θ^(−2i/R). The scalar product of a query turned by its position and a key
/// turned by its own then depends on the distance of the two alone.
/// </remarks>
public static class RotaryReference
{
    /// <summary>Turns every head of every row.</summary>
    /// <param name="x">[T, heads·headDim].</param>
    /// <param name="heads">Heads in a row.</param>
    /// <param name="headDim">Size of a head.</param>
    /// <param name="rotaryDim">R, features of a head that are turned; the rest stays.</param>
    /// <param name="theta">θ.</param>
    /// <param name="position">Which features make a pair: (i, i + R/2) or (2i, 2i + 1).</param>
    /// <param name="first">Position of row 0.</param>
    /// <returns>[T, heads·headDim].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, int heads, int headDim, int rotaryDim, double theta, Position position, int first = 0)
    {
        var y = x.ToArray();
        var width = heads * headDim;
        for (var t = 0; t < x.Length / width; t++)
            for (var h = 0; h < heads; h++)
                for (var i = 0; i < rotaryDim / 2; i++)
                {
                    var angle = ((long)first + t) * Math.Pow(theta, -2.0 * i / rotaryDim);
                    Turn(y.AsSpan(t * width + h * headDim, headDim), i, rotaryDim, Math.Cos(angle), Math.Sin(angle), position);
                }
        return y;
    }

    /// <summary>Turns pair <paramref name="i"/> of one head: (a, b) → (a·cos − b·sin, b·cos + a·sin).</summary>
    /// <param name="head">[headDim].</param>
    /// <param name="i">Which pair.</param>
    /// <param name="rotaryDim">R.</param>
    /// <param name="cos">Cosine of the angle.</param>
    /// <param name="sin">Sine of the angle.</param>
    /// <param name="position">Which features make a pair.</param>
    public static void Turn(Span<double> head, int i, int rotaryDim, double cos, double sin, Position position)
    {
        var (first, second) = position switch
        {
            Position.RotaryHalf => (i, i + rotaryDim / 2),
            Position.RotaryInterleaved => (2 * i, 2 * i + 1),
            _ => throw new ArgumentOutOfRangeException(nameof(position), position, null),
        };
        var (a, b) = (head[first], head[second]);
        head[first] = a * cos - b * sin;
        head[second] = b * cos + a * sin;
    }
}
