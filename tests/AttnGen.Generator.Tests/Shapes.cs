namespace AttnGen.Generator.Tests;

/// <summary>Shapes that between them use every attribute and every option.</summary>
internal static class Shapes
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Attention"] = "[Attention(dModel: 64, heads: 8)]",
        ["AttentionGroupedRotary"] = "[Attention(dModel: 60, heads: 6, kvHeads: 2, headDim: 10, bias: false, maxTokens: 128, causal: true, window: 16, softcap: 30, position: Position.RotaryHalf, rotaryDim: 8, ropeTheta: 500000, qkNorm: QkNorm.RmsNorm)]",
        ["AttentionCross"] = "[Attention(dModel: 40, heads: 2, keyDim: 24, valueDim: 20, biasKv: true, zeroAttn: true, scale: 0.125)]",
        ["DotProductAttention"] = "[DotProductAttention(heads: 4, headDim: 6, kvHeads: 1, valueHeadDim: 10, position: Position.Alibi)]",
        ["FeedForwardGated"] = "[FeedForward(dModel: 48, feedForward: 130, activation: Activation.Silu, gated: true, bias: false)]",
        ["EncoderLayer"] = "[EncoderLayer(dModel: 64, heads: 8, feedForward: 256)]",
        ["EncoderPreNorm"] = "[Encoder(layers: 3, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu, normFirst: true, finalNorm: true, inputPosition: InputPosition.Sinusoidal)]",
        ["EncoderRms"] = "[Encoder(layers: 2, dModel: 32, heads: 4, feedForward: 64, position: Position.RotaryInterleaved, qkNorm: QkNorm.LayerNorm, norm: Norm.RmsNorm, inputPosition: InputPosition.Learned)]",
        ["Decoder"] = "[Decoder(layers: 2, dModel: 64, heads: 8, feedForward: 172, vocabulary: 512, kvHeads: 4, maxTokens: 512)]",
        ["DecoderLearned"] = "[Decoder(layers: 2, dModel: 30, heads: 3, feedForward: 50, vocabulary: 61, bias: true, maxTokens: 40, window: 7, softcap: 20, position: Position.None, qkNorm: QkNorm.LayerNorm, activation: Activation.Gelu, gated: false, norm: Norm.LayerNorm, inputPosition: InputPosition.Learned, tied: false)]",
        ["EncoderDecoder"] = "[EncoderDecoder(encoderLayers: 2, decoderLayers: 3, dModel: 48, heads: 4, feedForward: 96, vocabulary: 70)]",
        ["EncoderDecoderRotary"] = "[EncoderDecoder(encoderLayers: 1, decoderLayers: 2, dModel: 30, heads: 3, kvHeads: 1, feedForward: 50, vocabulary: 61, bias: false, maxTokens: 40, position: Position.RotaryHalf, qkNorm: QkNorm.RmsNorm, gated: true, normFirst: true, norm: Norm.RmsNorm, finalNorm: true, inputPosition: InputPosition.Learned, tied: false)]",
        ["Linear"] = "[Linear(inputs: 33, outputs: 17, activation: Activation.QuickGelu)]",
        ["Softmax"] = "[Softmax(dim: 100)]",
        ["LayerNorm"] = "[LayerNorm(dim: 96)]",
        ["RmsNorm"] = "[RmsNorm(dim: 7, epsilon: 0)]",
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static string Source(string name) => $"using AttnGen;\nnamespace Demo;\n{All[name]}\npublic sealed partial class {name}Demo;\n";
}
