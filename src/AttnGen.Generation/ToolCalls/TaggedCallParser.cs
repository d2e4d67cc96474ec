using System.Text;

namespace AttnGen.Generation;

/// <summary>Calls behind a tag, up to another tag, or up to the end of their JSON.</summary>
internal sealed class TaggedCallParser(IEnumerable<string>? names, string? idPrefix, string? open, string? close) : ToolCallParser(names, idPrefix)
{
    private readonly StringBuilder _held = new();
    private JsonEnd _json;
    private int _tagged;
    private int _jsonEnd;
    private bool _isInCall;

    /// <inheritdoc/>
    public override bool IsHolding => _held.Length > 0;

    private protected override void Read(ReadOnlySpan<char> text)
    {
        if (open is null)
        {
            AddText(text);
            return;
        }

        foreach (var one in text)
        {
            if (_isInCall)
            {
                ReadCall(one);
            }
            else
            {
                ReadText(one);
            }
        }
    }

    private protected override void Finish()
    {
        // The JSON may be whole although the tag behind it is not.
        if (!_isInCall)
        {
            AddText(_held.ToString());
        }
        else
        {
            var rest = _jsonEnd > 0 ? _held.ToString(_jsonEnd, _held.Length - _jsonEnd).TrimStart() : "";
            _held.Length -= rest.Length;
            EndCall(_jsonEnd > 0 ? null : "the answer ends within a call");
            AddText(rest);
        }

        _held.Clear();
    }

    private void ReadText(char one)
    {
        _held.Append(one);
        while (_held.Length > 0 && !IsBeginning())
        {
            AddText([_held[0]]);
            _held.Remove(0, 1);
        }

        if (_held.Length == open!.Length)
        {
            (_isInCall, _tagged, _jsonEnd, _json) = (true, 0, 0, JsonEnd.Begin());
        }
    }

    private bool IsBeginning()
    {
        for (var i = 0; i < _held.Length; i++)
        {
            if (_held[i] != open![i])
            {
                return false;
            }
        }

        return true;
    }

    private void ReadCall(char one)
    {
        _held.Append(one);
        if (_jsonEnd == 0)
        {
            if (_json.IsFirst && char.IsWhiteSpace(one))
            {
                return;
            }

            if (_json.IsFirst && one is not ('{' or '['))
            {
                EndCall("the call does not begin with a brace or a bracket");
                return;
            }

            if (!_json.Read(one))
            {
                if (close is not null && one == close[^1] && !_json.IsInString && EndsWithClose())
                {
                    EndCall("the JSON of the call is not whole");
                }

                return;
            }

            _jsonEnd = _held.Length;
            if (close is null)
            {
                EndCall(null);
            }

            return;
        }

        if (_tagged == 0 && char.IsWhiteSpace(one))
        {
            return;
        }

        if (one != close![_tagged])
        {
            // A call without its end is one all the same; what stands there instead is read on.
            var rest = _held.ToString(_jsonEnd, _held.Length - _jsonEnd);
            _held.Length = _jsonEnd;
            EndCall(null);
            Read(rest);
        }
        else if (++_tagged == close.Length)
        {
            EndCall(null);
        }
    }

    private bool EndsWithClose()
    {
        var begin = _held.Length - close!.Length;
        return begin >= 0 && _held.ToString(begin, close.Length) == close;
    }

    // What is held is a call, or would be but for a problem.
    private void EndCall(string? problem)
    {
        var held = _held.ToString();
        problem ??= AddCalls(held[open!.Length.._jsonEnd]);
        if (problem is not null)
        {
            AddText(held, problem);
        }

        _held.Clear();
        _isInCall = false;
    }
}
