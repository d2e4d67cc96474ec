using System.Diagnostics;

namespace AttnGen;

/// <summary>A stack of encoder layers with an optional final norm and positions: PyTorch's <c>nn.TransformerEncoder</c>.</summary>
/// <remarks>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape.</remarks>
/// <param name="layers">Number of layers, L.</param>
/// <param name="dModel">Width of a token's vector, D.</param>
/// <param name="heads">Query heads, H.</param>
/// <param name="feedForward">Width of the feed-forward network's hidden layer, F.</param>
/// <param name="kvHeads">Key/value heads (grouped-query attention); 0: as many as <paramref name="heads"/>. Must divide <paramref name="heads"/>; 1 is multi-query attention.</param>
/// <param name="headDim">Size of a head; 0: dModel / heads, which must then divide.</param>
/// <param name="bias">Whether the projections have biases.</param>
/// <param name="maxTokens">Longest sequence, for queries and for keys.</param>
/// <param name="causal">A query sees no key after its own position.</param>
/// <param name="window">Sliding window: a query at i sees keys with |i − j| &lt; window (with <paramref name="causal"/>: i − window &lt; j ≤ i); 0: no window.</param>
/// <param name="scale">Factor of the scores; 0: 1/√headDim.</param>
/// <param name="softcap">c·tanh(score/c) before the mask; 0: none.</param>
/// <param name="position">Rotary embedding or ALiBi.</param>
/// <param name="rotaryDim">Features of a head that are rotated (even); 0: all.</param>
/// <param name="ropeTheta">Base of the rotary frequencies.</param>
/// <param name="qkNorm">Norm of each head's query and key.</param>
/// <param name="activation">Activation of the hidden layer.</param>
/// <param name="gated">act(gate_proj(x))·up_proj(x), then down_proj, in place of linear2(act(linear1(x))).</param>
/// <param name="normFirst">Pre-norm (x + f(norm(x))) in place of post-norm (norm(x + f(x))).</param>
/// <param name="norm">Layer norm or RMS norm.</param>
/// <param name="epsilon">ε of the norms.</param>
/// <param name="finalNorm">A norm after the last layer (weights <c>norm.*</c>).</param>
/// <param name="inputPosition">Positions added to the input.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class EncoderAttribute(
    int layers,
    int dModel,
    int heads,
    int feedForward,
    int kvHeads = 0,
    int headDim = 0,
    bool bias = true,
    int maxTokens = 512,
    bool causal = false,
    int window = 0,
    double scale = 0,
    double softcap = 0,
    Position position = Position.None,
    int rotaryDim = 0,
    double ropeTheta = 10000,
    QkNorm qkNorm = QkNorm.None,
    Activation activation = Activation.Relu,
    bool gated = false,
    bool normFirst = false,
    Norm norm = Norm.LayerNorm,
    double epsilon = 1e-5,
    bool finalNorm = false,
    InputPosition inputPosition = InputPosition.None) : Attribute;
#pragma warning restore CS9113
