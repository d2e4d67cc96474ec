namespace AttnGen.Tokenizers;

/// <summary>A step of the way from tokens to text, at work: takes tokens in order and passes on what became of them as soon as that is certain.</summary>
internal abstract class DecodeStage
{
    /// <summary>A token as a whole.</summary>
    public virtual void Token(ReadOnlySpan<char> token)
    {
        Add(token);
        EndToken();
    }

    /// <summary>A part of a token whose end is not known yet.</summary>
    public abstract void Add(ReadOnlySpan<char> part);

    /// <summary>The token that <see cref="Add"/> gave is complete.</summary>
    public abstract void EndToken();

    /// <summary>No token follows.</summary>
    public abstract void EndText();

    /// <summary>Forgets all that was taken.</summary>
    public abstract void Reset();
}

/// <summary>The end of the way: the text.</summary>
internal sealed class DecodedText : DecodeStage
{
    /// <summary>What has arrived.</summary>
    public TextBuffer Buffer { get; } = new();

    public override void Token(ReadOnlySpan<char> token) => Buffer.Add(token);

    public override void Add(ReadOnlySpan<char> part) => Buffer.Add(part);

    public override void EndToken()
    {
    }

    public override void EndText()
    {
    }

    public override void Reset() => Buffer.Clear();
}

/// <summary>A step that needs whole tokens: of those that come in parts it takes the parts together first.</summary>
internal abstract class WholeTokenStage(DecodeStage next) : DecodeStage
{
    private readonly TextBuffer _parts = new();

    protected DecodeStage Next { get; } = next;

    public abstract override void Token(ReadOnlySpan<char> token);

    public sealed override void Add(ReadOnlySpan<char> part) => _parts.Add(part);

    public sealed override void EndToken()
    {
        Token(_parts.Text);
        _parts.Clear();
    }

    public override void EndText() => Next.EndText();

    public override void Reset()
    {
        _parts.Clear();
        Next.Reset();
    }
}
