namespace AttnGen.Generation;

/// <summary>How one text is written. What is null is as the model's folder says (generation_config.json), and where that is silent, as the member's summary says.</summary>
public sealed class GenerationOptions
{
    /// <summary>Most tokens that are written; null: the folder's <c>max_new_tokens</c>, or until the text ends or the context window is full.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Whether tokens are drawn; false: the likeliest is taken each time. Null: yes if <see cref="Temperature"/> is above 0, no if it is 0; else yes if <see cref="TopK"/>, <see cref="TopP"/> or <see cref="MinP"/> is given, or the folder says <c>do_sample</c>.</summary>
    public bool? Sample { get; init; }

    /// <summary>What logits are divided by before a draw; 0: the likeliest token is taken. Null: the folder's, or 1.</summary>
    public float? Temperature { get; init; }

    /// <summary>Draws from the k likeliest tokens and those as likely as the last of them; 0: from all. Null: the folder's, or 50, which is transformers' default.</summary>
    public int? TopK { get; init; }

    /// <summary>Draws from the smallest set of the likeliest tokens whose probabilities reach this, at least from one; 1: from all. Null: the folder's, or 1.</summary>
    public float? TopP { get; init; }

    /// <summary>Draws from tokens with at least this share of the likeliest one's probability; 0: from all. Null: the folder's, or 0.</summary>
    public float? MinP { get; init; }

    /// <summary>Makes tokens of the text so far, the prompt included, less likely: positive logits are divided by it, negative ones multiplied; 1: does nothing. Null: the folder's, or 1.</summary>
    public float? RepetitionPenalty { get; init; }

    /// <summary>What is taken off a token's logit for each time that it was written (not in the prompt), as OpenAI defines it. Null: 0.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>What is taken off a token's logit if it was written at all (not in the prompt), as OpenAI defines it. Null: 0.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary>The same seed gives the same text, on every processor. Null: another one each time.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts that end the answer where they appear; they are not part of it.</summary>
    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>Further tokens that end the text, beside the folder's.</summary>
    public IReadOnlyList<int>? StopTokenIds { get; init; }

    /// <summary>Whether tokens that end a text are written like others, so that the text has <see cref="MaxOutputTokens"/>; for measurements.</summary>
    public bool IgnoreStopTokens { get; init; }

    /// <summary>Whether special tokens are part of the text.</summary>
    public bool KeepSpecialTokens { get; init; }

    /// <summary>Whether the tokenizer's special tokens are put around the prompt; false: the prompt has them, as a chat template writes them.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Gives the logarithm of each token's probability, and so many of the likeliest tokens with theirs; 0: only of the token that was chosen. Null: none.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>What may be written; null: anything. One instance serves one text at a time; it is reset when the text begins.</summary>
    public TokenConstraint? Constraint { get; init; }

    /// <summary>Most tokens that are guessed ahead from what the text repeats, and checked in one pass. The text is the same; it is faster where answers copy from the prompt. 0: none.</summary>
    public int SpeculateTokens { get; init; }

    /// <summary>Hears how much of the prompt is read, after each piece of it; on the thread that reads.</summary>
    public IProgress<PromptProgress>? Progress { get; init; }
}

/// <summary>How much of a prompt is read.</summary>
/// <param name="Done">Tokens that are read, or were kept from an earlier text.</param>
/// <param name="Total">Tokens of the prompt.</param>
public readonly record struct PromptProgress(int Done, int Total);
