using System.Diagnostics;

namespace AttnGen;

/// <summary>A model of two halves of a shape, without a folder: an encoder reads a source, and a decoder writes a text that looks at it (Vaswani et al. 2017, arXiv:1706.03762).</summary>
/// <remarks>
/// <para>Put it on a <c>partial class</c>; the compiler writes the code for exactly this shape. The class has <c>Encode</c>, whose sequences keep the keys and values of source and text.</para>
/// <para>Tensors have transformers' names of BART: <c>model.shared.weight</c> for the words of both halves, <c>model.encoder.layers.0.self_attn.q_proj.weight</c> (k_proj, v_proj, out_proj; q_norm, k_norm),
/// <c>model.decoder.layers.0.encoder_attn.q_proj.weight</c> for what looks at the source, <c>fc1</c>, <c>fc2</c> (<c>fc_gate</c> beside fc1 where it is gated), <c>self_attn_layer_norm</c>, <c>encoder_attn_layer_norm</c>,
/// <c>final_layer_norm</c>; <c>model.encoder.layer_norm.weight</c> and <c>model.decoder.layer_norm.weight</c> after the last layer, <c>model.encoder.embed_positions.weight</c> and the decoder's for learned positions,
/// <c>lm_head.weight</c>; <c>.bias</c> beside them. Load takes a function for other names.</para>
/// </remarks>
/// <param name="encoderLayers">Number of the encoder's layers.</param>
/// <param name="decoderLayers">Number of the decoder's layers.</param>
/// <param name="dModel">Width of a token's vector, D.</param>
/// <param name="heads">Query heads, H.</param>
/// <param name="feedForward">Width of the feed-forward network's hidden layer, F.</param>
/// <param name="vocabulary">Number of ids, V.</param>
/// <param name="kvHeads">Key/value heads (grouped-query attention); 0: as many as <paramref name="heads"/>. Must divide <paramref name="heads"/>; 1 is multi-query attention.</param>
/// <param name="headDim">Size of a head; 0: dModel / heads, which must then divide.</param>
/// <param name="bias">Whether maps, and layer norms, have biases.</param>
/// <param name="maxTokens">The longest source, and the longest text.</param>
/// <param name="window">Sliding window of self-attention; 0: no window.</param>
/// <param name="scale">Factor of the scores; 0: 1/√headDim.</param>
/// <param name="softcap">c·tanh(score/c) before the mask; 0: none.</param>
/// <param name="position">Rotary embedding or ALiBi, of self-attention.</param>
/// <param name="rotaryDim">Features of a head that are rotated (even); 0: all.</param>
/// <param name="ropeTheta">Base of the rotary frequencies.</param>
/// <param name="qkNorm">Norm of each head's query and key.</param>
/// <param name="activation">Activation of the hidden layer.</param>
/// <param name="gated">act(fc_gate(x))·fc1(x), then fc2, in place of fc2(act(fc1(x))).</param>
/// <param name="normFirst">Pre-norm (x + f(norm(x))) in place of post-norm (norm(x + f(x))).</param>
/// <param name="norm">Layer norm or RMS norm.</param>
/// <param name="epsilon">ε of the norms.</param>
/// <param name="finalNorm">A norm after the last layer of each half.</param>
/// <param name="inputPosition">Positions added to the words.</param>
/// <param name="tied">Whether the logits' map is the table of words.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone, so that a further argument breaks no assembly that was built before.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class EncoderDecoderAttribute(
    int encoderLayers,
    int decoderLayers,
    int dModel,
    int heads,
    int feedForward,
    int vocabulary,
    int kvHeads = 0,
    int headDim = 0,
    bool bias = true,
    int maxTokens = 512,
    int window = 0,
    double scale = 0,
    double softcap = 0,
    Position position = Position.None,
    int rotaryDim = 0,
    double ropeTheta = 10000,
    QkNorm qkNorm = QkNorm.None,
    Activation activation = Activation.Gelu,
    bool gated = false,
    bool normFirst = false,
    Norm norm = Norm.LayerNorm,
    double epsilon = 1e-5,
    bool finalNorm = false,
    InputPosition inputPosition = InputPosition.Sinusoidal,
    bool tied = true) : Attribute;
#pragma warning restore CS9113
