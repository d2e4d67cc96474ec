using System.Buffers;

namespace AttnGen.Embeddings;

/// <summary>A text as it is after normalisation, and for each of its UTF-16 units which units of the original it stands for. From pools.</summary>
internal ref struct NormalizedText
{
    private char[] _characters;
    private TokenSpan[] _spans;

    public NormalizedText(int room)
    {
        _characters = ArrayPool<char>.Shared.Rent(room);
        _spans = ArrayPool<TokenSpan>.Shared.Rent(room);
    }

    public int Length { get; private set; }

    public readonly ReadOnlySpan<char> Text => _characters.AsSpan(0, Length);

    public readonly ReadOnlySpan<TokenSpan> Spans => _spans.AsSpan(0, Length);

    /// <summary>Where the original of a unit begins.</summary>
    public readonly int Start(int at) => _spans[at].Start;

    /// <summary>Where the original of the unit before this one ends.</summary>
    public readonly int EndBefore(int at) => _spans[at - 1].End;

    public void Add(char character, int start, int end)
    {
        var at = Length;
        if (at >= _characters.Length || at >= _spans.Length)
        {
            Grow();
        }

        _characters[at] = character;
        _spans[at] = new TokenSpan(start, end);
        Length = at + 1;
    }

    /// <summary>Adds units with what they stand for.</summary>
    public void AddRange(ReadOnlySpan<char> characters, ReadOnlySpan<TokenSpan> spans)
    {
        var at = Length;
        while (at + characters.Length > _characters.Length || at + characters.Length > _spans.Length)
        {
            Grow();
        }

        characters.CopyTo(_characters.AsSpan(at));
        spans.CopyTo(_spans.AsSpan(at));
        Length = at + characters.Length;
    }

    /// <summary>Adds a code point in UTF-16.</summary>
    public void AddCodePoint(int codePoint, int start, int end)
    {
        if (codePoint <= char.MaxValue)
        {
            Add((char)codePoint, start, end);
        }
        else
        {
            Add((char)(0xD7C0 + (codePoint >> 10)), start, end);
            Add((char)(0xDC00 | (codePoint & 0x3FF)), start, end);
        }
    }

    /// <summary>Moves the last units before those from a position on.</summary>
    public readonly void MoveLast(int count, int to)
    {
        Rotate(_characters.AsSpan(to, Length - to), count);
        Rotate(_spans.AsSpan(to, Length - to), count);
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        ArrayPool<TokenSpan>.Shared.Return(_spans);
        (_characters, _spans, Length) = ([], [], 0);
    }

    private static void Rotate<T>(Span<T> span, int count)
    {
        for (; count > 0; count--)
        {
            var last = span[^1];
            span[..^1].CopyTo(span[1..]);
            span[0] = last;
        }
    }

    private void Grow()
    {
        Grow(ref _characters, Length);
        Grow(ref _spans, Length);
    }

    private static void Grow<T>(ref T[] array, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(2 * array.Length + 16);
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
