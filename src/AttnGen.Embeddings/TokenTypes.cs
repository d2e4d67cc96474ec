namespace AttnGen.Embeddings;

/// <summary>Segments of two texts.</summary>
internal static class TokenTypes
{
    /// <summary>What a model is given: nothing if it was not trained to tell the texts of a pair by them, or the folder's tokenizer gives none.</summary>
    public static ReadOnlySpan<int> For(ModelInfo info, bool areGiven, ReadOnlySpan<int> types) =>
        info.PairsHaveTokenTypes && areGiven ? types : default;
}
