using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A text as it is after normalisation, and for each of its UTF-16 units which units of the original it stands for. From pools.</summary>
internal ref struct NormalizedText
{
    // Marks in a row that are put in order by moving them; more are counted first, which takes linear time.
    private const int FewMarks = 16;

    private char[] _characters;
    private TokenSpan[] _spans;

    public NormalizedText(int room)
    {
        _characters = Scratch.Rent<char>(room);
        _spans = Scratch.Rent<TokenSpan>(room);
    }

    public int Length { get; private set; }

    /// <summary>Whether text that was normalised on its own stands before this.</summary>
    public bool GoesOn { get; init; }

    /// <summary>Whether text that is normalised on its own follows.</summary>
    public bool IsFollowed { get; init; }

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
            Grow(at + 1);
        }

        _characters[at] = character;
        _spans[at] = new TokenSpan(start, end);
        Length = at + 1;
    }

    /// <summary>Adds units with what they stand for.</summary>
    public void AddRange(ReadOnlySpan<char> characters, ReadOnlySpan<TokenSpan> spans)
    {
        var at = Length;
        if (at + characters.Length > _characters.Length || at + characters.Length > _spans.Length)
        {
            Grow(at + characters.Length);
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

    /// <summary>Takes out the first units.</summary>
    public void RemoveStart(int count) => Remove(0, count);

    /// <summary>Takes out the units between two places.</summary>
    public void Remove(int from, int to)
    {
        _characters.AsSpan(to, Length - to).CopyTo(_characters.AsSpan(from));
        _spans.AsSpan(to, Length - to).CopyTo(_spans.AsSpan(from));
        Length -= to - from;
    }

    /// <summary>Forgets what was added.</summary>
    public void Clear() => Length = 0;

    /// <summary>Puts the marks from a position on in canonical order: by their class, those of one class as they stand.</summary>
    public readonly void SortMarks(int from)
    {
        if (Length - from <= FewMarks)
        {
            SortFew(from);
            return;
        }

        // Where the marks of each class begin, then each to its place.
        Span<int> places = stackalloc int[257];
        places.Clear();
        var count = Length - from;
        for (var at = from; at < Length;)
        {
            Rune.DecodeFromUtf16(_characters.AsSpan(at, Length - at), out var rune, out var length);
            places[Characters.CombiningClass(rune.Value) + 1] += length;
            at += length;
        }

        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }

        var characters = Scratch.Rent<char>(count);
        var spans = Scratch.Rent<TokenSpan>(count);
        for (var at = from; at < Length;)
        {
            Rune.DecodeFromUtf16(_characters.AsSpan(at, Length - at), out var rune, out var length);
            ref var place = ref places[Characters.CombiningClass(rune.Value)];
            for (; length > 0; length--, at++, place++)
            {
                characters[place] = _characters[at];
                spans[place] = _spans[at];
            }
        }

        characters.AsSpan(0, count).CopyTo(_characters.AsSpan(from));
        spans.AsSpan(0, count).CopyTo(_spans.AsSpan(from));
        Scratch.Return(characters);
        Scratch.Return(spans);
    }

    public void Dispose()
    {
        Scratch.Return(_characters);
        Scratch.Return(_spans);
        (_characters, _spans, Length) = ([], [], 0);
    }

    private readonly void SortFew(int from)
    {
        for (var at = from; at < Length;)
        {
            Rune.DecodeFromUtf16(_characters.AsSpan(at, Length - at), out var rune, out var length);
            var combining = Characters.CombiningClass(rune.Value);
            var place = at;
            while (place > from)
            {
                Rune.DecodeLastFromUtf16(_characters.AsSpan(from, place - from), out var previous, out var before);
                if (Characters.CombiningClass(previous.Value) <= combining)
                {
                    break;
                }

                place -= before;
            }

            at += length;
            if (place < at - length)
            {
                Rotate(_characters.AsSpan(place, at - place), length);
                Rotate(_spans.AsSpan(place, at - place), length);
            }
        }
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

    private void Grow(int atLeast)
    {
        if (_characters.Length < atLeast)
        {
            Scratch.Grow(ref _characters, Length, atLeast);
        }

        if (_spans.Length < atLeast)
        {
            Scratch.Grow(ref _spans, Length, atLeast);
        }
    }
}
