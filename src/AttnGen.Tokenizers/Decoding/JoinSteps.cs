using System.Buffers;
using System.Text.Unicode;

namespace AttnGen.Tokenizers;

/// <summary>All tokens are one.</summary>
internal sealed class FuseStep : DecodeStep
{
    public override bool Joins => true;

    public override DecodeStage Open(DecodeStage next) => new Stage(next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes) => to.Add(token);

    private sealed class Stage(DecodeStage next) : DecodeStage
    {
        public override void Token(ReadOnlySpan<char> token) => next.Add(token);

        public override void Add(ReadOnlySpan<char> part) => next.Add(part);

        public override void EndToken()
        {
        }

        public override void EndText()
        {
            next.EndToken();
            next.EndText();
        }

        public override void Reset() => next.Reset();
    }
}

/// <summary>
/// Tokens are bytes, each written as the character that GPT-2 has for it; all of them together are UTF-8, in which U+FFFD stands for each longest beginning
/// of a character that is not one. A token with any other character stands for its own UTF-8.
/// </summary>
internal sealed class BytesStep : DecodeStep
{
    // The character's byte, plus one; 0: it is none. GPT-2's characters all lie below.
    private static readonly short[] s_bytes = Bytes();

    public override bool Joins => true;

    public override DecodeStage Open(DecodeStage next) => new Stage(next);

    public override void Middle(ReadOnlySpan<char> token, TextBuffer to, ByteBuffer bytes) => Add(token, bytes);

    private static short[] Bytes()
    {
        var bytes = new short[0x180];
        for (var i = 0; i < 256; i++)
        {
            bytes[BpeTokenizer.ByteCharacter(i)] = (short)(i + 1);
        }

        return bytes;
    }

    private static void Add(ReadOnlySpan<char> token, ByteBuffer to)
    {
        var before = to.Length;
        foreach (var character in token)
        {
            if (character >= s_bytes.Length || s_bytes[character] == 0)
            {
                to.Truncate(before);
                AddUtf8(token, to);
                return;
            }

            to.Add((byte)(s_bytes[character] - 1));
        }
    }

    private static void AddUtf8(ReadOnlySpan<char> token, ByteBuffer to)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in token.EnumerateRunes())
        {
            foreach (var one in bytes[..rune.EncodeToUtf8(bytes)])
            {
                to.Add(one);
            }
        }
    }

    private sealed class Stage(DecodeStage next) : DecodeStage
    {
        private readonly ByteBuffer _bytes = new();
        private readonly TextBuffer _text = new();

        public override void Token(ReadOnlySpan<char> token)
        {
            BytesStep.Add(token, _bytes);
            Pass(isLast: false);
        }

        // Whether a token is bytes is known when all of it is there; no step before this one gives parts.
        public override void Add(ReadOnlySpan<char> part) => _text.Add(part);

        public override void EndToken()
        {
            BytesStep.Add(_text.Text, _bytes);
            _text.Clear();
            Pass(isLast: false);
        }

        public override void EndText()
        {
            Pass(isLast: true);
            next.EndToken();
            next.EndText();
        }

        public override void Reset()
        {
            _bytes.Clear();
            _text.Clear();
            next.Reset();
        }

        // The bytes up to the last character that is complete.
        private void Pass(bool isLast)
        {
            Span<char> characters = stackalloc char[256];
            while (_bytes.Length > 0)
            {
                var status = Utf8.ToUtf16(_bytes.Bytes, characters, out var read, out var written, replaceInvalidSequences: true, isFinalBlock: isLast);
                next.Add(characters[..written]);
                _bytes.Remove(read);
                if (status != OperationStatus.DestinationTooSmall)
                {
                    break;
                }
            }
        }
    }
}
