using System.Diagnostics;

namespace AttnGen;

/// <summary>y = act(x·Wᵀ + b), W [outputs, inputs]: the matrix product that .NET lacks.</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="inputs">Width of x, K.</param>
/// <param name="outputs">Width of y, N.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="activation">Applied to the result.</param>
/// <param name="maxTokens">Most rows of one call.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class LinearAttribute(
    int inputs,
    int outputs,
    bool bias = true,
    Activation activation = Activation.None,
    int maxTokens = 512) : Attribute;
#pragma warning restore CS9113
