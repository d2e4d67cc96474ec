namespace AttnGen.Embeddings;

/// <summary>Segments of two texts.</summary>
internal static class TokenTypes
{
    /// <summary>What a model is given: nothing where the reference's tokenizers do not pass segments on (RoBERTa and its kin).</summary>
    public static ReadOnlySpan<int> For(ModelInfo info, ReadOnlySpan<int> types) =>
        info.ModelType is "roberta" or "xlm-roberta" or "camembert" ? default : types;
}
