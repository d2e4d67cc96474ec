using System.Text;

namespace AttnGen.Generation;

/// <summary>Llama's calls: an answer that begins with a brace, or with the mark and a brace; further calls follow behind a semicolon or a line's end.</summary>
internal sealed class BareCallParser(IEnumerable<string>? names, string? idPrefix) : ToolCallParser(names, idPrefix)
{
    private const string Mark = "<|python_tag|>";

    private readonly StringBuilder _held = new();
    private JsonEnd _json = JsonEnd.Begin();
    private bool _isText;
    private bool _isMarked;
    private bool _isBehindCall;

    /// <inheritdoc/>
    public override bool IsHolding => _held.Length > 0;

    private protected override void Read(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (_isText)
            {
                AddText(text[i..]);
                return;
            }

            ReadOne(text[i]);
        }
    }

    private protected override void Finish()
    {
        var held = _held.ToString();
        _held.Clear();
        var isSeparator = _isBehindCall && held.AsSpan().IndexOfAnyExcept(" \t\r\n;") < 0;
        if (!isSeparator)
        {
            AddText(held, _json.IsFirst ? null : "the answer ends within a call");
        }
    }

    private void ReadOne(char one)
    {
        _held.Append(one);
        if (!_json.IsFirst)
        {
            if (_json.Read(one))
            {
                EndCall();
            }

            return;
        }

        if (_isMarked || _held.Length == 1 + Blanks(_held.Length - 1))
        {
            if (char.IsWhiteSpace(one) || (_isBehindCall && one == ';'))
            {
                return;
            }

            if (one == '{')
            {
                _json.Read(one);
                return;
            }
        }

        // Perhaps the mark.
        var begin = Blanks(_held.Length);
        var length = _held.Length - begin;
        if (_isMarked || length > Mark.Length || !Mark.AsSpan(0, length).SequenceEqual(_held.ToString(begin, length)))
        {
            _isText = true;
            AddText(_held.ToString(), _isMarked ? "the mark of a call is not followed by a brace" : null);
            _held.Clear();
        }
        else
        {
            _isMarked = length == Mark.Length;
        }
    }

    // How many of the first characters only part calls.
    private int Blanks(int most)
    {
        var count = 0;
        while (count < most && (char.IsWhiteSpace(_held[count]) || (_isBehindCall && _held[count] == ';')))
        {
            count++;
        }

        return count;
    }

    private void EndCall()
    {
        var held = _held.ToString();
        _held.Clear();
        _json = JsonEnd.Begin();
        if (AddCalls(held[held.IndexOf('{', StringComparison.Ordinal)..]) is { } problem)
        {
            AddText(held, problem);
            _isText = true;
        }

        (_isMarked, _isBehindCall) = (false, true);
    }
}
