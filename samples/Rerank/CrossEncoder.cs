using AttnGen;

namespace Rerank;

/// <summary>Reads query and document together, and gives one number. The compiler writes the rest of this class from model/config.json.</summary>
[TransformerModel("models/ms-marco-MiniLM-L6-v2")]
internal sealed partial class CrossEncoder;
