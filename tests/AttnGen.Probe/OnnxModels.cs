namespace AttnGen.Probe.Goldens;

// The shapes of golden/onnx-node. A case finds its class by what the attribute says.

[DotProductAttention(heads: 1, headDim: 8, softcap: 0.5, maxTokens: 32)]
public sealed partial class Onnx1x8Softcap;

[DotProductAttention(heads: 2, headDim: 8, maxTokens: 32)]
public sealed partial class Onnx2x8;

[DotProductAttention(heads: 2, headDim: 8, causal: true, maxTokens: 32)]
public sealed partial class Onnx2x8Causal;

[DotProductAttention(heads: 4, headDim: 8, kvHeads: 2, causal: true, maxTokens: 32)]
public sealed partial class Onnx4x8Grouped2Causal;

[DotProductAttention(heads: 3, headDim: 4, maxTokens: 32)]
public sealed partial class Onnx3x4;

[DotProductAttention(heads: 3, headDim: 8, maxTokens: 32)]
public sealed partial class Onnx3x8;

[DotProductAttention(heads: 3, headDim: 8, causal: true, maxTokens: 32)]
public sealed partial class Onnx3x8Causal;

[DotProductAttention(heads: 3, headDim: 8, scale: 0.01f, maxTokens: 32)]
public sealed partial class Onnx3x8Scaled;

[DotProductAttention(heads: 3, headDim: 8, softcap: 2, maxTokens: 32)]
public sealed partial class Onnx3x8Softcap2;

[DotProductAttention(heads: 3, headDim: 8, softcap: 3, maxTokens: 32)]
public sealed partial class Onnx3x8Softcap3;

[DotProductAttention(heads: 3, headDim: 8, valueHeadDim: 10, maxTokens: 32)]
public sealed partial class Onnx3x8Values10;

[DotProductAttention(heads: 3, headDim: 8, valueHeadDim: 10, causal: true, maxTokens: 32)]
public sealed partial class Onnx3x8Values10Causal;

[DotProductAttention(heads: 3, headDim: 8, valueHeadDim: 10, scale: 0.01f, maxTokens: 32)]
public sealed partial class Onnx3x8Values10Scaled;

[DotProductAttention(heads: 3, headDim: 8, valueHeadDim: 10, softcap: 2, maxTokens: 32)]
public sealed partial class Onnx3x8Values10Softcap2;

[DotProductAttention(heads: 9, headDim: 8, kvHeads: 3, maxTokens: 32)]
public sealed partial class Onnx9x8Grouped3;

[DotProductAttention(heads: 9, headDim: 8, kvHeads: 3, causal: true, maxTokens: 32)]
public sealed partial class Onnx9x8Grouped3Causal;

[DotProductAttention(heads: 9, headDim: 8, kvHeads: 3, scale: 0.01f, maxTokens: 32)]
public sealed partial class Onnx9x8Grouped3Scaled;

[DotProductAttention(heads: 9, headDim: 8, kvHeads: 3, softcap: 3, maxTokens: 32)]
public sealed partial class Onnx9x8Grouped3Softcap3;

[LayerNorm(dim: 4)]
public sealed partial class OnnxLayerNorm4;

[LayerNorm(dim: 5)]
public sealed partial class OnnxLayerNorm5;

[LayerNorm(dim: 5, epsilon: 0.1f)]
public sealed partial class OnnxLayerNorm5Epsilon;

[LayerNorm(dim: 20)]
public sealed partial class OnnxLayerNorm20;

[LayerNorm(dim: 30, epsilon: 0.1f)]
public sealed partial class OnnxLayerNorm30Epsilon;

[LayerNorm(dim: 60)]
public sealed partial class OnnxLayerNorm60;

[LayerNorm(dim: 120)]
public sealed partial class OnnxLayerNorm120;

[RmsNorm(dim: 4)]
public sealed partial class OnnxRmsNorm4;

[RmsNorm(dim: 5)]
public sealed partial class OnnxRmsNorm5;

[RmsNorm(dim: 5, epsilon: 0.1f)]
public sealed partial class OnnxRmsNorm5Epsilon;

[RmsNorm(dim: 12)]
public sealed partial class OnnxRmsNorm12;

[RmsNorm(dim: 15, epsilon: 0.1f)]
public sealed partial class OnnxRmsNorm15Epsilon;

[RmsNorm(dim: 30, epsilon: 0.1f)]
public sealed partial class OnnxRmsNorm30Epsilon;

[RmsNorm(dim: 60)]
public sealed partial class OnnxRmsNorm60;

[Softmax(dim: 3)]
public sealed partial class OnnxSoftmax3;

[Softmax(dim: 4)]
public sealed partial class OnnxSoftmax4;

[Softmax(dim: 5)]
public sealed partial class OnnxSoftmax5;

[Linear(inputs: 4, outputs: 3, bias: false, maxTokens: 32)]
public sealed partial class OnnxLinear4x3;

[Linear(inputs: 4, outputs: 2, bias: false, maxTokens: 32)]
public sealed partial class OnnxLinear4x2;

[Linear(inputs: 4, outputs: 1, bias: false, maxTokens: 32)]
public sealed partial class OnnxLinear4x1;

[Linear(inputs: 3, outputs: 1, bias: false, maxTokens: 32)]
public sealed partial class OnnxLinear3x1;

[Linear(inputs: 4, outputs: 5, maxTokens: 32)]
public sealed partial class OnnxLinear4x5Bias;

[Linear(inputs: 5, outputs: 4, maxTokens: 32)]
public sealed partial class OnnxLinear5x4Bias;

[Linear(inputs: 7, outputs: 3, maxTokens: 32)]
public sealed partial class OnnxLinear7x3Bias;

[Linear(inputs: 10, outputs: 3, bias: false, maxTokens: 32)]
public sealed partial class OnnxLinear10x3;

/// <summary>A row (a, b) to silu(a)·b: the gate's weights take a, the up projection's take b.</summary>
[FeedForward(dModel: 2, feedForward: 1, activation: Activation.Silu, gated: true, bias: false, maxTokens: 32)]
public sealed partial class OnnxSwiGlu;
