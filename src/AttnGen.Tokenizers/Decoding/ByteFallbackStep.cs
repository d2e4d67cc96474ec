using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AttnGen.Tokenizers;

/// <summary>
/// Tokens such as <c>&lt;0x0A&gt;</c> are bytes. Neighbours among them are one token if they are UTF-8 as a whole, else each of them is U+FFFD. So what
/// such a run stands for is certain only when another token ends it.
/// </summary>
internal sealed class ByteFallbackStep : DecodeStep
{
    private const int Length = 6;

    public override DecodeStage Open(DecodeStage next) => new Stage(next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes)
    {
        if (TryByte(token, out var one))
        {
            bytes.Add(one);
        }
        else
        {
            to.Add(token);
        }
    }

    // Two digits, or one behind a plus sign: so the reference reads numbers.
    private static bool TryByte(ReadOnlySpan<char> token, out byte value)
    {
        value = 0;
        if (token is not ['<', '0', 'x', var high, var low, '>'] || token.Length != Length)
        {
            return false;
        }

        ReadOnlySpan<char> digits = high == '+' ? [low] : [high, low];
        return byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private sealed class Stage(DecodeStage next) : WholeTokenStage(next)
    {
        private readonly ByteBuffer _run = new();
        private char[] _text = new char[16];

        public override void Token(ReadOnlySpan<char> token)
        {
            if (TryByte(token, out var one))
            {
                _run.Add(one);
                return;
            }

            EndRun();
            Next.Token(token);
        }

        public override void EndText()
        {
            EndRun();
            base.EndText();
        }

        public override void Reset()
        {
            _run.Clear();
            base.Reset();
        }

        private void EndRun()
        {
            if (_run.Length == 0)
            {
                return;
            }

            if (Utf8.IsValid(_run.Bytes))
            {
                if (_text.Length < _run.Length)
                {
                    _text = new char[2 * _run.Length];
                }

                Next.Token(_text.AsSpan(0, Encoding.UTF8.GetChars(_run.Bytes, _text)));
            }
            else
            {
                for (var i = 0; i < _run.Length; i++)
                {
                    Next.Token("\uFFFD");
                }
            }

            _run.Clear();
        }
    }
}
