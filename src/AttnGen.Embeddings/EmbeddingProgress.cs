namespace AttnGen.Embeddings;

/// <summary>How far a call is.</summary>
/// <param name="Done">Texts that are done.</param>
/// <param name="Total">Texts of the call.</param>
public readonly record struct EmbeddingProgress(int Done, int Total);
