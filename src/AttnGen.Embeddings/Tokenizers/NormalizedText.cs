using System.Buffers;

namespace AttnGen.Embeddings;

/// <summary>A text as it is after normalisation, and for each of its UTF-16 units which units of the original it stands for. From pools.</summary>
internal ref struct NormalizedText
{
    private char[] _characters;
    private int[] _starts;
    private int[] _ends;

    public NormalizedText(int room)
    {
        _characters = ArrayPool<char>.Shared.Rent(room);
        _starts = ArrayPool<int>.Shared.Rent(room);
        _ends = ArrayPool<int>.Shared.Rent(room);
    }

    public int Length { get; private set; }

    public readonly ReadOnlySpan<char> Text => _characters.AsSpan(0, Length);

    public readonly int Start(int at) => _starts[at];

    /// <summary>Where the original of the unit before this one ends.</summary>
    public readonly int EndBefore(int at) => _ends[at - 1];

    public void Add(char character, int start, int end)
    {
        var at = Length;
        if (at >= _characters.Length || at >= _starts.Length || at >= _ends.Length)
        {
            Grow();
        }

        _characters[at] = character;
        _starts[at] = start;
        _ends[at] = end;
        Length = at + 1;
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
        Rotate(_starts.AsSpan(to, Length - to), count);
        Rotate(_ends.AsSpan(to, Length - to), count);
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_ends);
        (_characters, _starts, _ends, Length) = ([], [], [], 0);
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
        Grow(ref _starts, Length);
        Grow(ref _ends, Length);
    }

    private static void Grow<T>(ref T[] array, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(2 * used + 16);
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
