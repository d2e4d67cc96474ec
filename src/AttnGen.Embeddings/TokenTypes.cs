namespace AttnGen.Embeddings;

/// <summary>Segments of two texts.</summary>
internal static class TokenTypes
{
    /// <summary>What a model is given: nothing if it was not trained to tell the texts of a pair by them.</summary>
    public static ReadOnlySpan<int> For(ModelInfo info, ReadOnlySpan<int> types) =>
        info.PairsHaveTokenTypes ? types : default;
}
