namespace AttnGen.Generation;

/// <summary>How the next token is chosen: what options and folder come to.</summary>
internal readonly record struct SamplingSettings
{
    public SamplingSettings()
    {
    }

    /// <summary>Whether tokens are drawn; false: the likeliest is taken.</summary>
    public bool Draws { get; init; }

    /// <summary>What logits are divided by.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>How many of the likeliest tokens stay, and those as likely as the last of them; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>The smallest set of the likeliest tokens that reaches this probability stays; 1: all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Tokens stay that have at least this share of the likeliest one's probability; 0: all.</summary>
    public float MinP { get; init; }

    /// <summary>What logits of tokens of the text, the prompt included, are divided by if positive, else multiplied; 1: they stay.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>What is taken off for each time that a token was written.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>What is taken off if a token was written.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Whether it matters what was written before.</summary>
    public bool Looks => RepetitionPenalty != 1 || FrequencyPenalty != 0 || PresencePenalty != 0;
}
