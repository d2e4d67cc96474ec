namespace AttnGen.Reference;

/// <summary>The norm that a layer asks for, with its weights <c>weight</c> and <c>bias</c>.</summary>
public static class NormReference
{
    /// <summary>Layer norm or RMS norm of each row.</summary>
    /// <param name="x">[T, dim].</param>
    /// <param name="weights"><c>weight</c> [dim] and, for layer norm, <c>bias</c> [dim] if there is one.</param>
    /// <param name="norm">Which.</param>
    /// <param name="dim">Length of a row.</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[T, dim].</returns>
    public static double[] Forward(ReadOnlySpan<double> x, ReferenceWeights weights, Norm norm, int dim, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return norm switch
        {
            Norm.LayerNorm => LayerNormReference.Forward(x, weights.Required("weight"), weights("bias"), dim, epsilon),
            Norm.RmsNorm => RmsNormReference.Forward(x, weights.Required("weight"), dim, epsilon),
            _ => throw new ArgumentOutOfRangeException(nameof(norm), norm, null),
        };
    }
}
