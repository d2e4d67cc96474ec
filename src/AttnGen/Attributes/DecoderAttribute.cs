using System.Diagnostics;

namespace AttnGen;

/// <summary>A language model of a shape, without a folder: words, a stack of causal layers, a final norm and the logits of the next token. The defaults are Llama's.</summary>
/// <remarks>
/// <para>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape. The class has <c>CreateSequence</c>, whose sequences keep the keys and values of what they have read.</para>
/// <para>Tensors have transformers' names of Llama: <c>model.embed_tokens.weight</c>, <c>model.layers.0.self_attn.q_proj.weight</c> (k_proj, v_proj, o_proj; q_norm, k_norm),
/// <c>model.layers.0.mlp.gate_proj.weight</c> (up_proj, down_proj), <c>model.layers.0.input_layernorm.weight</c>, <c>post_attention_layernorm</c>, <c>model.norm.weight</c>, <c>lm_head.weight</c>,
/// and <c>model.embed_positions.weight</c> for learned positions; <c>.bias</c> beside them. Load takes a function for other names.</para>
/// </remarks>
/// <param name="layers">Number of layers, L.</param>
/// <param name="dModel">Width of a token's vector, D.</param>
/// <param name="heads">Query heads, H.</param>
/// <param name="feedForward">Width of the feed-forward network's hidden layer, F.</param>
/// <param name="vocabulary">Number of ids, V.</param>
/// <param name="kvHeads">Key/value heads (grouped-query attention); 0: as many as <paramref name="heads"/>. Must divide <paramref name="heads"/>; 1 is multi-query attention.</param>
/// <param name="headDim">Size of a head; 0: dModel / heads, which must then divide.</param>
/// <param name="bias">Whether maps, and layer norms, have biases.</param>
/// <param name="maxTokens">The context window: the longest text.</param>
/// <param name="window">Sliding window: a token sees itself and the window − 1 tokens before it; 0: everything before it. Memory of a sequence then grows with the window, not with the text.</param>
/// <param name="scale">Factor of the scores; 0: 1/√headDim.</param>
/// <param name="softcap">c·tanh(score/c) before the mask; 0: none.</param>
/// <param name="position">Rotary embedding or ALiBi.</param>
/// <param name="rotaryDim">Features of a head that are rotated (even); 0: all.</param>
/// <param name="ropeTheta">Base of the rotary frequencies.</param>
/// <param name="qkNorm">Norm of each head's query and key.</param>
/// <param name="activation">Activation of the hidden layer.</param>
/// <param name="gated">act(gate_proj(x))·up_proj(x), then down_proj, in place of down_proj(act(up_proj(x))).</param>
/// <param name="normFirst">Pre-norm (x + f(norm(x))) in place of post-norm (norm(x + f(x))).</param>
/// <param name="norm">Layer norm or RMS norm.</param>
/// <param name="epsilon">ε of the norms.</param>
/// <param name="finalNorm">A norm after the last layer.</param>
/// <param name="inputPosition">Positions added to the words.</param>
/// <param name="tied">Whether the logits' map is the table of words.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class DecoderAttribute(
    int layers,
    int dModel,
    int heads,
    int feedForward,
    int vocabulary,
    int kvHeads = 0,
    int headDim = 0,
    bool bias = false,
    int maxTokens = 2048,
    int window = 0,
    double scale = 0,
    double softcap = 0,
    Position position = Position.RotaryHalf,
    int rotaryDim = 0,
    double ropeTheta = 10000,
    QkNorm qkNorm = QkNorm.None,
    Activation activation = Activation.Silu,
    bool gated = true,
    bool normFirst = true,
    Norm norm = Norm.RmsNorm,
    double epsilon = 1e-5,
    bool finalNorm = true,
    InputPosition inputPosition = InputPosition.None,
    bool tied = true) : Attribute;
#pragma warning restore CS9113
