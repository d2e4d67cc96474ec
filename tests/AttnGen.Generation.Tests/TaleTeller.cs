namespace AttnGen.Generation.Tests;

/// <summary>The language model of samples/models: a Llama of four layers that tells tales.</summary>
[TransformerModel("taleteller")]
public sealed partial class TaleTeller;
