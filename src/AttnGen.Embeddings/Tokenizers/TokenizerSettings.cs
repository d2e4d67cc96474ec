namespace AttnGen.Embeddings;

/// <summary>What all tokenizers have.</summary>
internal sealed class TokenizerSettings
{
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required SpecialTemplate Template { get; init; }

    public int PadTokenId { get; init; } = -1;

    public int UnknownTokenId { get; init; } = -1;

    public int MaxTokens { get; init; } = int.MaxValue;
}
