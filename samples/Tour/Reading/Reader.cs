using AttnGen;

namespace Tour;

/// <summary>The transformer of the tour. The compiler writes its code: three layers of eight heads, for exactly this shape.</summary>
[Encoder(layers: 3, dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu,
    normFirst: true, finalNorm: true, inputPosition: InputPosition.Learned, maxTokens: 48)]
internal sealed partial class Reader;

/// <summary>The pointer's query and key, once each: a linear map.</summary>
[Linear(inputs: 64, outputs: 64, maxTokens: 48)]
internal sealed partial class PointerMap;

/// <summary>A number for each of the 24 senses.</summary>
[Linear(inputs: 64, outputs: 24, maxTokens: 48)]
internal sealed partial class SenseMap;
