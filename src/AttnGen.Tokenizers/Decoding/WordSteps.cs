using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>SentencePiece's mark becomes a space; of the first token it goes, unless texts do not begin with it.</summary>
internal sealed class MetaspaceStep(Rune mark, bool atStart) : MapStep
{
    private readonly string _mark = mark.ToString();

    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        for (int found; (found = token.IndexOf(_mark)) >= 0; token = token[(found + _mark.Length)..])
        {
            to.Add(token[..found]);
            if (!isFirst || !atStart)
            {
                to.Add(' ');
            }
        }

        to.Add(token);
    }
}

/// <summary>A space before each token but the first; those that go on a word have a prefix instead.</summary>
internal sealed class WordPieceStep(string prefix, bool cleanUp) : MapStep
{
    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        var from = to.Length;
        if (isFirst)
        {
            to.Add(token);
        }
        else if (token.StartsWith(prefix))
        {
            to.Add(token[prefix.Length..]);
        }
        else
        {
            to.Add(' ');
            to.Add(token);
        }

        if (cleanUp)
        {
            CleanUp.Apply(to, from);
        }
    }
}

/// <summary>A space between tokens: what the reference does where the file has no decoder.</summary>
internal sealed class SpacesStep : MapStep
{
    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        if (!isFirst)
        {
            to.Add(' ');
        }

        to.Add(token);
    }
}

/// <summary>What ends a word becomes a space; of the last token it goes.</summary>
internal sealed class SuffixStep(string suffix) : DecodeStep
{
    private readonly ReplaceStep _inner = new(suffix, " ");

    public override DecodeStage Open(DecodeStage next) => new Stage(_inner, suffix, next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes) => _inner.Map(token, isFirst: false, to);

    // A token waits for the next one from its first suffix on.
    private sealed class Stage(ReplaceStep inner, string suffix, DecodeStage next) : WholeTokenStage(next)
    {
        private readonly TextBuffer _held = new();
        private readonly TextBuffer _mapped = new();
        private readonly ReplaceStep _last = new(suffix, "");
        private bool _waits;

        public override void Token(ReadOnlySpan<char> token)
        {
            Pass(inner);
            var at = token.IndexOf(suffix);
            if (at < 0)
            {
                Next.Token(token);
                return;
            }

            Next.Add(token[..at]);
            _held.Add(token[at..]);
            _waits = true;
        }

        public override void EndText()
        {
            Pass(_last);
            base.EndText();
        }

        public override void Reset()
        {
            _held.Clear();
            _waits = false;
            base.Reset();
        }

        private void Pass(ReplaceStep step)
        {
            if (_waits)
            {
                _mapped.Clear();
                step.Map(_held.Text, isFirst: false, _mapped);
                Next.Add(_mapped.Text);
                Next.EndToken();
                _held.Clear();
                _waits = false;
            }
        }
    }
}

/// <summary>Of equal neighbours one counts; what pads goes, and what stands between words becomes a space.</summary>
internal sealed class CtcStep(string pad, string delimiter, bool cleanUp) : DecodeStep
{
    private readonly ReplaceStep _pad = new(pad, "");
    private readonly ReplaceStep _delimiter = new(delimiter, " ");

    public override DecodeStage Open(DecodeStage next) => new Stage(this, next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes) => Map(token, new TextBuffer(), to);

    private void Map(ReadOnlySpan<char> token, TextBuffer between, TextBuffer to)
    {
        if (!cleanUp)
        {
            _pad.Map(token, isFirst: false, to);
            return;
        }

        between.Clear();
        _pad.Map(token, isFirst: false, between);
        CleanUp.Apply(between, 0);
        _delimiter.Map(between.Text, isFirst: false, to);
    }

    private sealed class Stage(CtcStep step, DecodeStage next) : WholeTokenStage(next)
    {
        private readonly TextBuffer _before = new();
        private readonly TextBuffer _between = new();
        private readonly TextBuffer _mapped = new();
        private bool _goesOn;

        public override void Token(ReadOnlySpan<char> token)
        {
            if (_goesOn && _before.Text.SequenceEqual(token))
            {
                return;
            }

            _before.Clear();
            _before.Add(token);
            _goesOn = true;
            _mapped.Clear();
            step.Map(token, _between, _mapped);
            if (_mapped.Length > 0)
            {
                Next.Token(_mapped.Text);
            }
        }

        public override void EndText()
        {
            _goesOn = false;
            base.EndText();
        }

        public override void Reset()
        {
            _goesOn = false;
            base.Reset();
        }
    }
}
