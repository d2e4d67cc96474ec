using System.Diagnostics;

namespace AttnGen;

/// <summary>The position-wise network linear2(act(linear1(x))) (Vaswani et al. 2017, §3.3), or its gated form.</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="dModel">Width of a token's vector, D.</param>
/// <param name="feedForward">Width of the feed-forward network's hidden layer, F.</param>
/// <param name="activation">Activation of the hidden layer.</param>
/// <param name="gated">act(gate_proj(x))·up_proj(x), then down_proj, in place of linear2(act(linear1(x))).</param>
/// <param name="bias">Whether the projections have biases.</param>
/// <param name="maxTokens">Longest sequence, for queries and for keys.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class FeedForwardAttribute(
    int dModel,
    int feedForward,
    Activation activation = Activation.Relu,
    bool gated = false,
    bool bias = true,
    int maxTokens = 512) : Attribute;
#pragma warning restore CS9113
