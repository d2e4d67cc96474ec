using AttnGen;

namespace SemanticSearch;

/// <summary>The encoder. The compiler writes the rest of this class from the files in model/.</summary>
[TransformerModel("models/all-MiniLM-L6-v2")]
internal sealed partial class MiniLm;
