namespace AttnGen.Embeddings;

/// <summary>How texts are classified.</summary>
public sealed class TextClassifierOptions
{
    /// <summary>Longest text in tokens, special tokens included; null: what the folder recommends. Longer texts are cut at the end.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How the model is loaded.</summary>
    public ModelLoadOptions? Load { get; init; }
}
