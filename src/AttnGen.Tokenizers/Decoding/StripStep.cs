using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A character is left out at the ends of each token, at most so many times.</summary>
internal sealed class StripStep(Rune character, int start, int stop) : MapStep
{
    private readonly string _text = character.ToString();

    public override void Map(ReadOnlySpan<char> token, bool isFirst, TextBuffer to)
    {
        for (var i = 0; i < start && token.StartsWith(_text); i++)
        {
            token = token[_text.Length..];
        }

        for (var i = 0; i < stop && token.EndsWith(_text); i++)
        {
            token = token[..^_text.Length];
        }

        to.Add(token);
    }

    public override DecodeStage Open(DecodeStage next) => new Stage(this, _text, start, stop, next);

    private sealed class Stage(StripStep step, string text, int start, int stop, DecodeStage next) : DecodeStage
    {
        private readonly TextBuffer _mapped = new();
        private int _stripped; // −1: something else has come
        private int _held;

        public override void Token(ReadOnlySpan<char> token)
        {
            _mapped.Clear();
            step.Map(token, isFirst: false, _mapped);
            next.Token(_mapped.Text);
        }

        // Of the characters that may go at the end as many as can go wait. Parts end where characters end.
        public override void Add(ReadOnlySpan<char> part)
        {
            for (; _stripped >= 0 && !part.IsEmpty; part = part[text.Length..])
            {
                if (_stripped == start || !part.StartsWith(text))
                {
                    _stripped = -1;
                    break;
                }

                _stripped++;
            }

            if (part.IsEmpty)
            {
                return;
            }

            var ending = 0;
            var rest = part;
            for (; ending < stop && rest.EndsWith(text); rest = rest[..^text.Length])
            {
                ending++;
            }

            // Only if all of the part may go, those that waited may still go, too.
            for (var most = rest.IsEmpty ? stop - ending : 0; _held > most; _held--)
            {
                next.Add(text);
            }

            next.Add(rest);
            _held += ending;
        }

        public override void EndToken()
        {
            (_stripped, _held) = (0, 0);
            next.EndToken();
        }

        public override void EndText() => next.EndText();

        public override void Reset()
        {
            (_stripped, _held) = (0, 0);
            next.Reset();
        }
    }
}
