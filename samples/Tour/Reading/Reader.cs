using AttnGen;

namespace Tour;

/// <summary>The transformer of the tour. The compiler writes its code: three layers of eight heads, for exactly this shape.</summary>
[Encoder(layers: 3, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu,
    normFirst: true, finalNorm: true, positions: Positions.Learned, maxTokens: 48)]
internal sealed partial class Reader;
