namespace AttnGen.Generation;

/// <summary>Why a text ended.</summary>
public enum TextEnd
{
    /// <summary>The model wrote a token that ends a text.</summary>
    StopToken,

    /// <summary>One of <see cref="GenerationOptions.StopSequences"/> appeared.</summary>
    StopSequence,

    /// <summary><see cref="GenerationOptions.MaxOutputTokens"/> were written.</summary>
    Length,

    /// <summary>The model's context window is full.</summary>
    WindowFull,

    /// <summary>The constraint lets nothing follow.</summary>
    Constraint,
}

/// <summary>A text that was written.</summary>
public sealed class GeneratedText
{
    /// <summary>The text; empty where it was handed to a callback or streamed.</summary>
    public required string Text { get; init; }

    /// <summary>The tokens that were chosen, the one that ended the text included.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Why it ended.</summary>
    public required TextEnd End { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int InputTokens { get; init; }

    /// <summary>Of those the ones that an earlier text had left and that were not read again.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Tokens that were chosen.</summary>
    public int OutputTokens => Ids.Count;

    /// <summary>Of those the ones that were guessed rightly, so that they took no pass of their own.</summary>
    public required int GuessedTokens { get; init; }

    /// <summary>The seed; with it the same text comes again.</summary>
    public required long Seed { get; init; }

    /// <summary>For each token, if it was asked for (<see cref="GenerationOptions.LogProbabilities"/>), how likely it was.</summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities { get; init; }

    /// <summary>The same with its text.</summary>
    internal GeneratedText With(string text, IReadOnlyList<TokenLogProbability>? probabilities) => new()
    {
        Text = text,
        Ids = Ids,
        End = End,
        InputTokens = InputTokens,
        CachedTokens = CachedTokens,
        GuessedTokens = GuessedTokens,
        Seed = Seed,
        LogProbabilities = probabilities,
    };

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>How likely the model held a token, before penalties, temperature and constraint.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">The natural logarithm of its probability.</param>
/// <param name="Top">The likeliest tokens at this place, as many as were asked for, the likeliest first.</param>
public sealed record TokenLogProbability(int Id, float LogProbability, IReadOnlyList<(int Id, float LogProbability)> Top);

/// <summary>A piece of a text that is being written.</summary>
public sealed class TextPiece
{
    /// <summary>The text of the piece; whole characters. The last piece may be empty.</summary>
    public required string Text { get; init; }

    /// <summary>For each token since the last piece, if it was asked for, how likely it was.</summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int InputTokens { get; init; }

    /// <summary>Of those the ones that were not read again.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Tokens that were chosen so far.</summary>
    public required int OutputTokens { get; init; }

    /// <summary>With the last piece: the tokens, and why the text ended. Its <see cref="GeneratedText.Text"/> is empty.</summary>
    public GeneratedText? Result { get; init; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
