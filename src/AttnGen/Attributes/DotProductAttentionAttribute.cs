using System.Diagnostics;

namespace AttnGen;

/// <summary>Scaled dot-product attention alone, without projections or weights: q [T, H·headDim], k [S, kvHeads·headDim], v [S, kvHeads·valueHeadDim] to y [T, H·valueHeadDim].</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="heads">Query heads, H.</param>
/// <param name="headDim">Size of a query and key head.</param>
/// <param name="kvHeads">Key/value heads; 0: as many as <paramref name="heads"/>.</param>
/// <param name="valueHeadDim">Size of a value head; 0: headDim.</param>
/// <param name="maxTokens">Longest sequence, for queries and for keys.</param>
/// <param name="causal">A query sees no key after its own position.</param>
/// <param name="window">Sliding window: a query at i sees keys with |i − j| &lt; window (with <paramref name="causal"/>: i − window &lt; j ≤ i); 0: no window.</param>
/// <param name="scale">Factor of the scores; 0: 1/√headDim.</param>
/// <param name="softcap">c·tanh(score/c) before the mask; 0: none.</param>
/// <param name="position">Rotary embedding or ALiBi.</param>
/// <param name="rotaryDim">Features of a head that are rotated (even); 0: all.</param>
/// <param name="ropeTheta">Base of the rotary frequencies.</param>
/// <param name="qkNorm">Norm of each head's query and key.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class DotProductAttentionAttribute(
    int heads,
    int headDim,
    int kvHeads = 0,
    int valueHeadDim = 0,
    int maxTokens = 512,
    bool causal = false,
    int window = 0,
    double scale = 0,
    double softcap = 0,
    Position position = Position.None,
    int rotaryDim = 0,
    double ropeTheta = 10000,
    QkNorm qkNorm = QkNorm.None) : Attribute;
#pragma warning restore CS9113
