using AttnGen;

namespace Tour;

/// <summary>The language model of the tour: a Llama of four layers. The compiler writes the class from the folder samples/models/taleteller, which the build puts into this program.</summary>
[TransformerModel("taleteller")]
internal sealed partial class TaleTeller;
