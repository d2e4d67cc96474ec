using AttnGen;

namespace Tales;

/// <summary>A Llama of 1.8 MB that tells little tales; samples/models/taleteller says what it knows.</summary>
[TransformerModel("taleteller")]
internal sealed partial class TaleTeller;
