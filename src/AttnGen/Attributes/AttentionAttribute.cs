using System.Diagnostics;

namespace AttnGen;

/// <summary>Multi-head attention with projections: softmax(Q·Kᵀ/√d_k)·V of every head, concatenated, then the output projection (Vaswani et al. 2017, §3.2).</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="dModel">Width of a token's vector, D.</param>
/// <param name="heads">Query heads, H.</param>
/// <param name="kvHeads">Key/value heads (grouped-query attention); 0: as many as <paramref name="heads"/>. Must divide <paramref name="heads"/>; 1 is multi-query attention.</param>
/// <param name="headDim">Size of a head; 0: dModel / heads, which must then divide.</param>
/// <param name="keyDim">Width of the key input (PyTorch's <c>kdim</c>); 0: dModel.</param>
/// <param name="valueDim">Width of the value input (PyTorch's <c>vdim</c>); 0: dModel.</param>
/// <param name="bias">Whether the projections have biases.</param>
/// <param name="biasKv">Appends one learned key and value (<c>bias_k</c>, <c>bias_v</c>) to the sequence.</param>
/// <param name="zeroAttn">Appends one key and value of zeros to the sequence.</param>
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
public sealed class AttentionAttribute(
    int dModel,
    int heads,
    int kvHeads = 0,
    int headDim = 0,
    int keyDim = 0,
    int valueDim = 0,
    bool bias = true,
    bool biasKv = false,
    bool zeroAttn = false,
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
