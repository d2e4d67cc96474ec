namespace AttnGen.Tokenizers;

/// <summary>A text in place of another.</summary>
internal sealed class ReplaceStep(string pattern, string content) : MapStep
{
    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        for (int found; (found = token.IndexOf(pattern)) >= 0; token = token[(found + pattern.Length)..])
        {
            to.Add(token[..found]);
            to.Add(content);
        }

        to.Add(token);
    }

    public override DecodeStage Open(DecodeStage next) => new Stage(this, pattern, next);

    private sealed class Stage(ReplaceStep step, string pattern, DecodeStage next) : DecodeStage
    {
        private readonly TextBuffer _held = new();
        private readonly TextBuffer _mapped = new();

        public override void Token(ReadOnlySpan<char> token)
        {
            _mapped.Clear();
            step.Map(token, isFirst: false, _mapped);
            next.Token(_mapped.Text);
        }

        // What may be the beginning of the text that is replaced waits.
        public override void Add(ReadOnlySpan<char> part)
        {
            _held.Add(part);
            var text = _held.Text;
            var certain = text.LastIndexOf(pattern) is var last and >= 0 ? Passed(text, last) : 0;
            var most = Math.Min(pattern.Length - 1, text.Length - certain);
            while (!text.EndsWith(pattern.AsSpan(0, most)))
            {
                most--;
            }

            Pass(text[..^most]);
            _held.Remove(text.Length - most);
        }

        public override void EndToken()
        {
            Pass(_held.Text);
            _held.Clear();
            next.EndToken();
        }

        public override void EndText() => next.EndText();

        public override void Reset()
        {
            _held.Clear();
            next.Reset();
        }

        // Where the last of the finds ends: they do not overlap, and are looked for from the left.
        private int Passed(ReadOnlySpan<char> text, int last)
        {
            var end = 0;
            while (end <= last && text[end..].IndexOf(pattern) is var found and >= 0)
            {
                end += found + pattern.Length;
            }

            return end;
        }

        private void Pass(ReadOnlySpan<char> text)
        {
            _mapped.Clear();
            step.Map(text, isFirst: false, _mapped);
            next.Add(_mapped.Text);
        }
    }
}

/// <summary>A text in place of what a regular expression matches.</summary>
internal sealed class ReplaceMatchesStep(TextPattern pattern, string content) : MapStep
{
    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        for (var (at, next) = (0, 0); ;)
        {
            var found = pattern.TryFind(token, next, out var start, out var end);
            to.Add(token[at..(found ? start : token.Length)]);
            if (!found)
            {
                return;
            }

            to.Add(content);
            at = end;
            next = start < end ? end : end + (end < token.Length && char.IsHighSurrogate(token[end]) ? 2 : 1);
            if (next > token.Length)
            {
                to.Add(token[at..]);
                return;
            }
        }
    }
}
