using System.Collections.Frozen;

namespace AttnGen.Reference;

/// <summary>The point-wise functions of <see cref="Activation"/>, and the error function that the exact GELU needs.</summary>
/// <remarks>The functions of the form x·(something that goes to 0) are NaN at −∞ (−∞·0), as in PyTorch.</remarks>
public static partial class ActivationReference
{
    /// <summary>The function at each element.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="activation">Which.</param>
    /// <returns>The same shape.</returns>
    public static double[] Forward(ReadOnlySpan<double> x, Activation activation)
    {
        var y = x.ToArray();
        for (var i = 0; i < y.Length; i++)
            y[i] = At(y[i], activation);
        return y;
    }

    /// <summary>The function at one x.</summary>
    /// <param name="x">Where.</param>
    /// <param name="activation">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such activation.</exception>
    public static double At(double x, Activation activation) =>
        activation == Activation.None ? x
        : s_functions.TryGetValue(activation, out var function) ? function(x)
        : throw new ArgumentOutOfRangeException(nameof(activation), activation, "Not a member of Activation.");

    // Each member of Activation has a function of its name in this class, so that a new one adds no line to a list.
    private static readonly FrozenDictionary<Activation, Func<double, double>> s_functions = Enum.GetValues<Activation>()
        .Where(activation => activation != Activation.None)
        .ToFrozenDictionary(activation => activation, activation => typeof(ActivationReference).GetMethod(activation.ToString(), [typeof(double)])!.CreateDelegate<Func<double, double>>());

    /// <summary>max(x, 0); NaN stays NaN.</summary>
    /// <param name="x">Where.</param>
    public static double Relu(double x) => x < 0 ? 0 : x;

    /// <summary>x·Φ(x), Φ(x) = erfc(−x/√2)/2, the normal distribution (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    /// <remarks>Written with erfc, because 1 + erf(x/√2) cancels for x ≪ 0.</remarks>
    /// <param name="x">Where.</param>
    public static double Gelu(double x) => x * 0.5 * Erfc(-x / Math.Sqrt(2));

    /// <summary>x/2·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³), written as x·σ(2u), which does not cancel.</summary>
    /// <param name="x">Where.</param>
    public static double GeluTanh(double x) => x * Sigmoid(2 * Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));

    /// <summary>x·σ(1.702·x).</summary>
    /// <param name="x">Where.</param>
    public static double QuickGelu(double x) => x * Sigmoid(1.702 * x);

    /// <summary>x·σ(x).</summary>
    /// <param name="x">Where.</param>
    public static double Silu(double x) => x * Sigmoid(x);

    /// <summary>σ(x) = 1/(1 + e^−x).</summary>
    /// <param name="x">Where.</param>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>tanh(x).</summary>
    /// <param name="x">Where.</param>
    public static double Tanh(double x) => Math.Tanh(x);

    /// <summary>erf(x) = 2/√π·∫₀ˣ e^(−t²) dt.</summary>
    /// <param name="x">Where.</param>
    public static double Erf(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (Math.Abs(x) > 2.5)
            return x > 0 ? 1 - Erfc(x) : Erfc(-x) - 1;

        // erf(x) = 2/√π·e^(−x²)·Σₙ 2ⁿ·x^(2n+1)/(1·3·5⋯(2n+1)): every term has the same sign, so nothing cancels.
        double sum = 0;
        var term = x;
        for (var n = 0; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            sum += term;
            term *= 2 * x * x / (2 * n + 3);
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc(x) = 1 − erf(x), accurate where it is tiny.</summary>
    /// <param name="x">Where.</param>
    public static double Erfc(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x < 1)
            return x < -2.5 ? 2 - Erfc(-x) : 1 - Erf(x);
        if (x > 27.3)
            return 0;

        // erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), evaluated from the inside.
        var fraction = x;
        for (var n = 200; n > 0; n--)
            fraction = x + n * 0.5 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
