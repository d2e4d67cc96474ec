namespace AttnGen.Tokenizers;

/// <summary>Characters that are written one after the other; what has grown is kept.</summary>
internal sealed class TextBuffer
{
    private char[] _characters = new char[64];
    private int _used;

    public int Length => _used;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<char> Text => _characters.AsSpan(0, _used);

    public void Clear() => _used = 0;

    public void Add(char character)
    {
        if (_used == _characters.Length)
        {
            Grow(1);
        }

        _characters[_used++] = character;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        text.CopyTo(Room(text.Length));
        _used += text.Length;
    }

    /// <summary>Room for so many characters more; <see cref="Take"/> takes those that were written.</summary>
    public Span<char> Room(int characters)
    {
        if (characters > _characters.Length - _used)
        {
            Grow(characters);
        }

        return _characters.AsSpan(_used);
    }

    /// <summary>Takes what was written to <see cref="Room"/>.</summary>
    public void Take(int characters) => _used += characters;

    /// <summary>Leaves out the first characters.</summary>
    public void Remove(int first)
    {
        _characters.AsSpan(first, _used - first).CopyTo(_characters);
        _used -= first;
    }

    /// <summary>A text in place of what stands at a place.</summary>
    public void Replace(int at, int length, ReadOnlySpan<char> content)
    {
        var rest = _used - at - length;
        Room(content.Length);
        _characters.AsSpan(at + length, rest).CopyTo(_characters.AsSpan(at + content.Length));
        content.CopyTo(_characters.AsSpan(at));
        _used = at + content.Length + rest;
    }

    private void Grow(int more) => Array.Resize(ref _characters, Math.Max(checked(_used + more), 2 * _characters.Length));
}
