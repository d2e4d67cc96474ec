namespace AttnGen.Tokenizers;

/// <summary>What all tokenizers have.</summary>
internal sealed class TokenizerSettings
{
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required SpecialTemplate Template { get; init; }

    /// <summary>How ids become text.</summary>
    public required TextDecoding Decoding { get; init; }

    /// <summary>Whether spaces at the ends of a token are left out of its span.</summary>
    public bool TrimSpans { get; init; }

    public int PadTokenId { get; init; } = -1;

    public int UnknownTokenId { get; init; } = -1;

    public int MaxTokens { get; init; } = int.MaxValue;

    public TruncationSide TruncationSide { get; init; }
}
