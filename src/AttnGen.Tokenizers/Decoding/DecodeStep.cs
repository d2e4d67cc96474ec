namespace AttnGen.Tokenizers;

/// <summary>A step of the way from tokens to text, as the reference defines it on a list of tokens.</summary>
internal abstract class DecodeStep
{
    /// <summary>Whether all tokens are one after it.</summary>
    public virtual bool Joins => false;

    /// <summary>The step at work.</summary>
    /// <param name="next">Takes what becomes of the tokens.</param>
    public abstract DecodeStage Open(DecodeStage next);

    /// <summary>What becomes of a token that stands in the middle of a text, whatever stands around it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="to">Takes the text.</param>
    /// <param name="bytes">Takes the bytes instead, if that is what the token stands for; nothing is done with them after that.</param>
    public abstract void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes);
}

/// <summary>A step that makes one token of each, which depends at most on whether it is the first.</summary>
internal abstract class MapStep : DecodeStep
{
    /// <summary>What becomes of a token.</summary>
    public abstract void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to);

    public override DecodeStage Open(DecodeStage next) => new Stage(this, next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes) => Map(token, isFirst: false, to);

    private sealed class Stage(MapStep step, DecodeStage next) : WholeTokenStage(next)
    {
        private readonly TextBuffer _mapped = new();
        private bool _isFirst = true;

        public override void Token(ReadOnlySpan<char> token)
        {
            _mapped.Clear();
            step.Map(token, _isFirst, _mapped);
            _isFirst = false;
            Next.Token(_mapped.Text);
        }

        public override void EndText()
        {
            _isFirst = true;
            base.EndText();
        }

        public override void Reset()
        {
            _isFirst = true;
            base.Reset();
        }
    }
}
