using System.Diagnostics;

namespace AttnGen;

/// <summary>RMS norm of each row.</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="dim">Length of a row.</param>
/// <param name="epsilon">ε.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class RmsNormAttribute(
    int dim,
    double epsilon = 1e-5) : Attribute;
#pragma warning restore CS9113
