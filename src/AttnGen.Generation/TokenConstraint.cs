namespace AttnGen.Generation;

/// <summary>What may be said next, token by token: a grammar over the vocabulary. One instance follows one text.</summary>
public abstract class TokenConstraint
{
    /// <summary>Sets the logits of all tokens that may not come next to negative infinity, and leaves the others as they are.</summary>
    /// <param name="logits">One logit a token of the vocabulary.</param>
    public abstract void Mask(Span<float> logits);

    /// <summary>Goes on by a token that was allowed.</summary>
    /// <param name="id">The token's id.</param>
    public abstract void Accept(int id);

    /// <summary>Whether the text may end here.</summary>
    public abstract bool MayEnd { get; }

    /// <summary>Says how many tokens are left, the next one included, so that the text comes to its end in time if it can. Without a call there is no limit.</summary>
    /// <param name="tokens">Tokens left.</param>
    public virtual void Remaining(int tokens)
    {
    }

    /// <summary>Back to the beginning.</summary>
    public abstract void Reset();
}
