namespace AttnGen.Bench;

// The shapes of the table. What the compiler writes for them is the thing measured.
[EncoderLayer(dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu, maxTokens: 128)]
internal sealed partial class Layer64;

[EncoderLayer(dModel: 384, heads: 12, feedForward: 1536, activation: Activation.Gelu, maxTokens: 128)]
internal sealed partial class Layer384;

[EncoderLayer(dModel: 768, heads: 12, feedForward: 3072, activation: Activation.Gelu, maxTokens: 128)]
internal sealed partial class Layer768;

[Linear(inputs: 64, outputs: 64, maxTokens: 128)]
internal sealed partial class Linear64x64;

[Linear(inputs: 384, outputs: 384, maxTokens: 128)]
internal sealed partial class Linear384x384;

[Linear(inputs: 1536, outputs: 384, maxTokens: 128)]
internal sealed partial class Linear1536x384;

[Linear(inputs: 384, outputs: 1536, maxTokens: 128)]
internal sealed partial class Linear384x1536;
