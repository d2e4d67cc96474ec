namespace AttnGen.Generation;

/// <summary>Looks for stop sequences in a text that comes in pieces, and holds back what may be the beginning of one. Where the pieces are cut makes no difference.</summary>
internal sealed class StopSearch(string[] stops)
{
    private readonly CharBuffer _held = new();

    /// <summary>Goes on by a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="result">Gets what is certain to be before any stop sequence.</param>
    /// <returns>Whether a stop sequence is complete: of several the first to end, and of those the longest.</returns>
    public bool Append(ReadOnlySpan<char> piece, CharBuffer result)
    {
        if (stops.Length == 0)
        {
            result.Append(piece);
            return false;
        }

        foreach (var unit in piece)
        {
            _held.Append([unit]);
            var longest = 0;
            foreach (var stop in stops)
            {
                longest = stop.Length > longest && _held.Text.EndsWith(stop, StringComparison.Ordinal) ? stop.Length : longest;
            }

            if (longest > 0)
            {
                result.Append(_held.Text[..^longest]);
                _held.Clear();
                return true;
            }

            var keep = Held(_held.Text);
            result.Append(_held.Text[..^keep]);
            _held.RemoveStart(_held.Text.Length - keep);
        }

        return false;
    }

    /// <summary>The text is over: what was held back is part of it.</summary>
    public void End(CharBuffer result)
    {
        result.Append(_held.Text);
        _held.Clear();
    }

    // The longest end that some stop sequence begins with.
    private int Held(ReadOnlySpan<char> text)
    {
        var most = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > most; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length), StringComparison.Ordinal))
                {
                    most = length;
                }
            }
        }

        return most;
    }
}

/// <summary>Characters that are appended and taken away, without allocating once it is as large as it ever gets.</summary>
internal sealed class CharBuffer
{
    private char[] _chars = new char[256];
    private int _count;

    public ReadOnlySpan<char> Text => _chars.AsSpan(0, _count);

    public void Append(ReadOnlySpan<char> text)
    {
        if (text.Length > _chars.Length - _count)
        {
            Array.Resize(ref _chars, Math.Max(2 * _chars.Length, _count + text.Length));
        }

        text.CopyTo(_chars.AsSpan(_count));
        _count += text.Length;
    }

    public void RemoveStart(int count)
    {
        _chars.AsSpan(count, _count - count).CopyTo(_chars);
        _count -= count;
    }

    public void Clear() => _count = 0;
}
