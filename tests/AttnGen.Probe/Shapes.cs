namespace AttnGen.Probe;

// Shapes that are awkward on purpose: head sizes that divide no vector, one feature, one head, sizes around 16, 32 and 64,
// every option at least once. A class and its attribute is all: ModelCase reads the attribute back.

[Attention(dModel: 1, heads: 1, maxTokens: 33)]
public sealed partial class A1;

[Attention(dModel: 12, heads: 6, maxTokens: 21)]
public sealed partial class A12x6;

[Attention(dModel: 15, heads: 5, maxTokens: 40, causal: true)]
public sealed partial class A15x5Causal;

[Attention(dModel: 16, heads: 16, kvHeads: 4, maxTokens: 40)]
public sealed partial class A16x16Grouped;

[Attention(dModel: 24, heads: 3, maxTokens: 40, bias: false, scale: 0.2, softcap: 2)]
public sealed partial class A24x3Softcap;

[Attention(dModel: 32, heads: 4, headDim: 24, kvHeads: 2, maxTokens: 40, softcap: 5, qkNorm: QkNorm.RmsNorm)]
public sealed partial class A32x4QkRms;

[Attention(dModel: 32, heads: 4, maxTokens: 40, qkNorm: QkNorm.LayerNorm, position: Position.RotaryHalf)]
public sealed partial class A32x4QkLayerNormRotary;

[Attention(dModel: 33, heads: 1, maxTokens: 40)]
public sealed partial class A33x1;

[Attention(dModel: 34, heads: 2, maxTokens: 40, kvHeads: 1)]
public sealed partial class A34x2MultiQuery;

[Attention(dModel: 36, heads: 6, kvHeads: 2, maxTokens: 40, causal: true, position: Position.RotaryInterleaved)]
public sealed partial class A36x6RotaryInterleaved;

[Attention(dModel: 40, heads: 5, maxTokens: 40, biasKv: true, zeroAttn: true)]
public sealed partial class A40x5BiasKv;

[Attention(dModel: 48, heads: 6, maxTokens: 40, causal: true, position: Position.Alibi)]
public sealed partial class A48x6Alibi;

[Attention(dModel: 60, heads: 6, maxTokens: 40)]
public sealed partial class A60x6;

[Attention(dModel: 60, heads: 3, kvHeads: 1, maxTokens: 40, position: Position.RotaryHalf, rotaryDim: 10, ropeTheta: 500)]
public sealed partial class A60x3PartialRotary;

[Attention(dModel: 64, heads: 8, maxTokens: 70)]
public sealed partial class A64x8;

[Attention(dModel: 64, heads: 8, maxTokens: 70, causal: true, window: 7)]
public sealed partial class A64x8CausalWindow;

[Attention(dModel: 64, heads: 8, maxTokens: 40, position: Position.Alibi)]
public sealed partial class A64x8Alibi;

[Attention(dModel: 64, heads: 4, keyDim: 40, valueDim: 24, maxTokens: 40)]
public sealed partial class A64x4KeyValueWidths;

[Attention(dModel: 127, heads: 1, maxTokens: 19)]
public sealed partial class A127x1;

[Attention(dModel: 128, heads: 1, maxTokens: 19)]
public sealed partial class A128x1;

[Attention(dModel: 130, heads: 2, maxTokens: 40, window: 5)]
public sealed partial class A130x2Window;

// Head sizes that are usual, and 4 and 7 that are none.

[Attention(dModel: 8, heads: 2, maxTokens: 40)]
public sealed partial class A8x2HeadOf4;

[Attention(dModel: 14, heads: 2, maxTokens: 40)]
public sealed partial class A14x2HeadOf7;

[Attention(dModel: 32, heads: 1, maxTokens: 40)]
public sealed partial class A32x1;

[Attention(dModel: 20, heads: 2, headDim: 48, maxTokens: 40)]
public sealed partial class A20x2HeadOf48;

[Attention(dModel: 20, heads: 1, headDim: 64, maxTokens: 40, causal: true)]
public sealed partial class A20x1HeadOf64;

[Attention(dModel: 16, heads: 2, kvHeads: 1, headDim: 96, maxTokens: 40)]
public sealed partial class A16x2HeadOf96;

// More than 256 keys: blocks of 12 queries.

[Attention(dModel: 64, heads: 4, maxTokens: 300)]
public sealed partial class A64x4Long;

[Attention(dModel: 18, heads: 3, maxTokens: 290, causal: true, window: 40)]
public sealed partial class A18x3LongWindow;

[DotProductAttention(heads: 1, headDim: 1, maxTokens: 33)]
public sealed partial class D1x1;

[DotProductAttention(heads: 3, headDim: 8, maxTokens: 40)]
public sealed partial class D3x8;

[DotProductAttention(heads: 9, headDim: 8, kvHeads: 3, valueHeadDim: 10, maxTokens: 40, causal: true)]
public sealed partial class D9x8Grouped;

[DotProductAttention(heads: 2, headDim: 5, valueHeadDim: 17, maxTokens: 40, softcap: 3)]
public sealed partial class D2x5Values17;

[DotProductAttention(heads: 4, headDim: 16, maxTokens: 40, position: Position.RotaryInterleaved)]
public sealed partial class D4x16Rotary;

[DotProductAttention(heads: 2, headDim: 8, maxTokens: 40, window: 6, position: Position.RotaryHalf)]
public sealed partial class D2x8RotaryWindow;

[DotProductAttention(heads: 2, headDim: 8, maxTokens: 40, window: 60, position: Position.RotaryInterleaved)]
public sealed partial class D2x8RotaryWideWindow;

[DotProductAttention(heads: 2, headDim: 8, maxTokens: 40, window: 6, causal: true, position: Position.RotaryHalf)]
public sealed partial class D2x8RotaryCausalWindow;

[DotProductAttention(heads: 3, headDim: 8, maxTokens: 40, causal: true, position: Position.Alibi)]
public sealed partial class D3x8AlibiCausal;

[DotProductAttention(heads: 3, headDim: 8, maxTokens: 40, window: 9, position: Position.Alibi)]
public sealed partial class D3x8AlibiWindow;

[DotProductAttention(heads: 1, headDim: 128, maxTokens: 40, window: 3, causal: true)]
public sealed partial class D1x128;

[DotProductAttention(heads: 4, headDim: 12, kvHeads: 2, maxTokens: 40, qkNorm: QkNorm.RmsNorm)]
public sealed partial class D4x12QkRms;

[DotProductAttention(heads: 2, headDim: 7, maxTokens: 40, qkNorm: QkNorm.LayerNorm, softcap: 4)]
public sealed partial class D2x7QkLayerNorm;

[FeedForward(dModel: 1, feedForward: 1, maxTokens: 33)]
public sealed partial class F1;

[FeedForward(dModel: 7, feedForward: 13, activation: Activation.Silu, gated: true, maxTokens: 40)]
public sealed partial class F7Gated;

[FeedForward(dModel: 20, feedForward: 50, activation: Activation.Tanh, maxTokens: 40)]
public sealed partial class F20Tanh;

[FeedForward(dModel: 31, feedForward: 17, activation: Activation.Sigmoid, maxTokens: 40)]
public sealed partial class F31Sigmoid;

[FeedForward(dModel: 33, feedForward: 65, activation: Activation.GeluTanh, gated: true, bias: false, maxTokens: 40)]
public sealed partial class F33GatedNoBias;

[FeedForward(dModel: 40, feedForward: 100, activation: Activation.QuickGelu, maxTokens: 40)]
public sealed partial class F40QuickGelu;

[FeedForward(dModel: 64, feedForward: 256, activation: Activation.Gelu, maxTokens: 70)]
public sealed partial class F64Gelu;

/// <summary>Blocks of k (more than 768 inputs) and blocks of rows, in both matrices.</summary>
[FeedForward(dModel: 900, feedForward: 1700, maxTokens: 300)]
public sealed partial class F900Blocks;

[EncoderLayer(dModel: 20, heads: 1, feedForward: 33, maxTokens: 40)]
public sealed partial class L20;

[EncoderLayer(dModel: 36, heads: 6, feedForward: 72, maxTokens: 40, bias: false, activation: Activation.Silu, gated: true, normFirst: true, norm: Norm.RmsNorm, position: Position.RotaryHalf)]
public sealed partial class L36Llama;

[EncoderLayer(dModel: 64, heads: 8, feedForward: 256, maxTokens: 70)]
public sealed partial class L64;

[EncoderLayer(dModel: 64, heads: 8, feedForward: 256, maxTokens: 70, activation: Activation.Gelu, normFirst: true, causal: true)]
public sealed partial class L64PreNorm;

[EncoderLayer(dModel: 160, heads: 5, feedForward: 2000, maxTokens: 300)]
public sealed partial class L160Blocks;

[Encoder(layers: 2, dModel: 24, heads: 3, feedForward: 40, maxTokens: 40, normFirst: true, finalNorm: true, inputPosition: InputPosition.Sinusoidal)]
public sealed partial class E24Sinusoidal;

[Encoder(layers: 3, dModel: 20, heads: 2, feedForward: 30, maxTokens: 19, activation: Activation.GeluTanh, inputPosition: InputPosition.Learned)]
public sealed partial class E20Learned;

[Encoder(layers: 2, dModel: 32, heads: 4, kvHeads: 2, feedForward: 48, maxTokens: 40, bias: false, causal: true, activation: Activation.Silu, gated: true, normFirst: true, norm: Norm.RmsNorm, finalNorm: true, position: Position.RotaryHalf)]
public sealed partial class E32Llama;

[Linear(inputs: 1, outputs: 1, maxTokens: 33)]
public sealed partial class Lin1;

[Linear(inputs: 5, outputs: 64, activation: Activation.Relu, maxTokens: 40)]
public sealed partial class Lin5x64;

[Linear(inputs: 17, outputs: 33, maxTokens: 40)]
public sealed partial class Lin17x33;

[Linear(inputs: 64, outputs: 192, maxTokens: 70)]
public sealed partial class Lin64x192;

[Linear(inputs: 100, outputs: 31, bias: false, activation: Activation.Gelu, maxTokens: 40)]
public sealed partial class Lin100x31;

[Linear(inputs: 2000, outputs: 24, maxTokens: 200)]
public sealed partial class Lin2000x24;

[LayerNorm(dim: 1)]
public sealed partial class Ln1;

[LayerNorm(dim: 17, epsilon: 1e-12)]
public sealed partial class Ln17;

[LayerNorm(dim: 2)]
public sealed partial class Ln2;

[LayerNorm(dim: 3)]
public sealed partial class Ln3;

[LayerNorm(dim: 385)]
public sealed partial class Ln385;

[LayerNorm(dim: 520, epsilon: 1e-12)]
public sealed partial class Ln520;

[LayerNorm(dim: 3001)]
public sealed partial class Ln3001;

[LayerNorm(dim: 64)]
public sealed partial class Ln64;

[LayerNorm(dim: 48, epsilon: 0)]
public sealed partial class Ln48NoEpsilon;

[LayerNorm(dim: 100, bias: false)]
public sealed partial class Ln100;

[RmsNorm(dim: 1)]
public sealed partial class Rms1;

[RmsNorm(dim: 7, epsilon: 0)]
public sealed partial class Rms7NoEpsilon;

[RmsNorm(dim: 33, epsilon: 1e-6)]
public sealed partial class Rms33;

[RmsNorm(dim: 64)]
public sealed partial class Rms64;

[Softmax(dim: 1)]
public sealed partial class Softmax1;

[Softmax(dim: 37)]
public sealed partial class Softmax37;

[Softmax(dim: 100)]
public sealed partial class Softmax100;

[Softmax(dim: 3001)]
public sealed partial class Softmax3001;
