namespace AttnGen.Generation;

/// <summary>Finds where a JSON object or array ends, character by character: braces within strings do not count.</summary>
internal struct JsonEnd
{
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>Whether nothing was read.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>Whether a string has begun and not ended.</summary>
    public readonly bool IsInString => _isInString;

    /// <summary>At the beginning.</summary>
    public static JsonEnd Begin() => new() { IsFirst = true };

    /// <summary>Reads a character. Whether it is the last one.</summary>
    public bool Read(char one)
    {
        IsFirst = false;
        if (_isInString)
        {
            _isInString = _isEscaped || one != '"';
            _isEscaped = !_isEscaped && one == '\\';
            return false;
        }

        switch (one)
        {
            case '"':
                _isInString = true;
                break;
            case '{' or '[':
                _depth++;
                break;
            case '}' or ']':
                return --_depth <= 0;
        }

        return false;
    }
}
