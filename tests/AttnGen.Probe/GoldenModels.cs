namespace AttnGen.Probe.Goldens;

// golden/torch

[Attention(dModel: 64, heads: 8)]
public sealed partial class Mha64x8;

[Attention(dModel: 64, heads: 8, bias: false)]
public sealed partial class Mha64x8NoBias;

[Attention(dModel: 64, heads: 4, keyDim: 40, valueDim: 24)]
public sealed partial class Mha64x4KeyValueWidths;

[Attention(dModel: 64, heads: 8, biasKv: true, zeroAttn: true)]
public sealed partial class Mha64x8BiasKvZero;

[Attention(dModel: 384, heads: 12, maxTokens: 128)]
public sealed partial class Mha384x12;

[EncoderLayer(dModel: 64, heads: 8, feedForward: 256)]
public sealed partial class Layer64ReluPost;

[EncoderLayer(dModel: 64, heads: 8, feedForward: 256, normFirst: true)]
public sealed partial class Layer64ReluPre;

[EncoderLayer(dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu)]
public sealed partial class Layer64GeluPost;

[EncoderLayer(dModel: 384, heads: 12, feedForward: 1536, maxTokens: 128, activation: Activation.Gelu, normFirst: true)]
public sealed partial class Layer384GeluPre;

[EncoderLayer(dModel: 384, heads: 12, feedForward: 1536, maxTokens: 128, activation: Activation.Gelu, epsilon: 1e-12)]
public sealed partial class Layer384GeluPost;

[EncoderLayer(dModel: 768, heads: 12, feedForward: 3072, maxTokens: 64, activation: Activation.Gelu, epsilon: 1e-12)]
public sealed partial class Layer768GeluPost;

[Encoder(layers: 6, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu, normFirst: true, finalNorm: true)]
public sealed partial class Stack6;

[Encoder(layers: 2, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu, normFirst: true, finalNorm: true)]
public sealed partial class Stack2;

// The parts of a decoder layer.

[FeedForward(dModel: 64, feedForward: 256)]
public sealed partial class Feed64Relu;

[FeedForward(dModel: 64, feedForward: 256, activation: Activation.Gelu)]
public sealed partial class Feed64Gelu;

[LayerNorm(dim: 64)]
public sealed partial class Norm64;

[LayerNorm(dim: 384)]
public sealed partial class Norm384;

[LayerNorm(dim: 384, epsilon: 1e-12)]
public sealed partial class Norm384Tiny;

[RmsNorm(dim: 384)]
public sealed partial class Rms384;

[Softmax(dim: 37)]
public sealed partial class SoftmaxOf37;

// One feature, weight 1: the activation itself.

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.Relu, maxTokens: 4096)]
public sealed partial class ReluOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.Gelu, maxTokens: 4096)]
public sealed partial class GeluOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.GeluTanh, maxTokens: 4096)]
public sealed partial class GeluTanhOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.QuickGelu, maxTokens: 4096)]
public sealed partial class QuickGeluOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.Silu, maxTokens: 4096)]
public sealed partial class SiluOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.Sigmoid, maxTokens: 4096)]
public sealed partial class SigmoidOnly;

[Linear(inputs: 1, outputs: 1, bias: false, activation: Activation.Tanh, maxTokens: 4096)]
public sealed partial class TanhOnly;

// Trained models.

[Encoder(layers: 12, dModel: 64, heads: 1, feedForward: 256, activation: Activation.GeluTanh, epsilon: 1e-6, maxTokens: 99)]
public sealed partial class Kwt1;

[Linear(inputs: 40, outputs: 64, maxTokens: 98)]
public sealed partial class Kwt1Embed;

[Linear(inputs: 64, outputs: 12, maxTokens: 1)]
public sealed partial class Kwt1Head;

[Encoder(layers: 3, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu, normFirst: true, finalNorm: true, inputPosition: InputPosition.Learned, maxTokens: 48)]
public sealed partial class ReaderEncoder;

[Linear(inputs: 64, outputs: 64, maxTokens: 48)]
public sealed partial class ReaderPointer;

[Linear(inputs: 64, outputs: 24, maxTokens: 48)]
public sealed partial class ReaderSense;
