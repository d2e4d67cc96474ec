namespace AttnGen.Tokenizers;

/// <summary>A normalised text, and the parts of it that pre-tokenizers have made. From pools.</summary>
internal ref struct SplitText
{
    private NormalizedText _text;
    private TokenSpan[] _parts;
    private int _count;

    /// <param name="room">Units that the text will have, more or less.</param>
    public SplitText(int room)
    {
        _text = new NormalizedText(room);
        _parts = Scratch.Rent<TokenSpan>(64);
    }

    public readonly ReadOnlySpan<char> Text => _text.Text;

    public readonly ReadOnlySpan<TokenSpan> Spans => _text.Spans;

    public readonly ReadOnlySpan<TokenSpan> Parts => _parts.AsSpan(0, _count);

    public readonly int Length => _text.Length;

    /// <summary>Adds a unit, which is in no part yet.</summary>
    public void Add(char character, TokenSpan span) => _text.Add(character, span.Start, span.End);

    /// <summary>Adds units, which are in no part yet.</summary>
    public void AddRange(ReadOnlySpan<char> characters, ReadOnlySpan<TokenSpan> spans) => _text.AddRange(characters, spans);

    /// <summary>Makes a part; an empty one is none.</summary>
    public void Part(int start, int end)
    {
        if (start >= end)
        {
            return;
        }

        if (_count == _parts.Length)
        {
            Scratch.Grow(ref _parts, _count, _count + 1);
        }

        _parts[_count++] = new TokenSpan(start, end);
    }

    /// <summary>Makes the last part longer, or one where there is none.</summary>
    public void Extend(int start, int end, bool join)
    {
        if (join && _count > 0 && _parts[_count - 1].End == start)
        {
            _parts[_count - 1] = new TokenSpan(_parts[_count - 1].Start, end);
        }
        else
        {
            Part(start, end);
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        Scratch.Return(_parts);
        (_parts, _count) = ([], 0);
    }
}
