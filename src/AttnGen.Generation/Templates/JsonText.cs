using System.Globalization;
using System.Numerics;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>json.dumps, as transformers' tojson calls it.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _text = new();
    private readonly bool _isAscii, _isSorted;
    private readonly string? _indent;
    private readonly string _item, _key;
    private int _depth;

    private JsonText(bool isAscii, string? indent, string item, string key, bool isSorted)
    {
        _isAscii = isAscii;
        _indent = indent;
        _item = item;
        _key = key;
        _isSorted = isSorted;
    }

    /// <summary>tojson(value, ensure_ascii, indent, separators, sort_keys).</summary>
    public static string Of(object? value, object? ensureAscii, object? indent, object? separators, object? sortKeys)
    {
        string? blanks = indent switch
        {
            null => null,
            string text => text,
            _ when Python.IsInteger(indent, out var count) => new string(' ', (int)BigInteger.Max(0, BigInteger.Min(1000, count))),
            _ => throw Python.Error($"indent must be an int or a str, not {Python.TypeName(indent)}"),
        };
        string item = blanks is null ? ", " : ",", key = ": ";
        if (separators is not null)
        {
            object?[] pair = Python.Unpack(separators, 2);
            (item, key) = (pair[0] as string ?? throw NoText(pair[0]), pair[1] as string ?? throw NoText(pair[1]));
        }

        var json = new JsonText(Python.Is(ensureAscii), blanks, item, key, Python.Is(sortKeys));
        json.Write(value);
        return json._text.ToString();
    }

    private static ChatTemplateException NoText(object? value) => Python.Error($"separators must be texts, not {Python.TypeName(value)}");

    private void Write(object? value)
    {
        Python.CheckLength(_text.Length);
        switch (value)
        {
            case List<object?> list:
                Array(list);
                break;
            case TupleValue tuple:
                Array(tuple.Items);
                break;
            case DictValue dict:
                Object(dict);
                break;
            case string or MarkupValue:
                String(Python.Str(value));
                break;
            default:
                _text.Append(Atom(value) ?? throw Python.Error($"Object of type {Python.TypeName(value)} is not JSON serializable"));
                break;
        }
    }

    private static string? Atom(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => Python.Digits(number),
        double number => double.IsNaN(number) ? "NaN" : double.IsPositiveInfinity(number) ? "Infinity" : double.IsNegativeInfinity(number) ? "-Infinity" : FloatText.Repr(number),
        _ => null,
    };

    private void Array(IReadOnlyList<object?> items)
    {
        if (items.Count == 0)
        {
            _text.Append("[]");
            return;
        }

        Open('[');
        for (int i = 0; i < items.Count; i++)
        {
            Next(i);
            Write(items[i]);
        }

        Close(']');
    }

    private void Object(DictValue dict)
    {
        if (dict.Count == 0)
        {
            _text.Append("{}");
            return;
        }

        var members = dict.Members;
        if (_isSorted)
            members = [.. Sorting.Sort(members.Select(member => (object?)member.Key), key => key, isReversed: false).Select(key => new KeyValuePair<object?, object?>(key, dict.TryGet(key, out object? value) ? value : null))];
        Open('{');
        for (int i = 0; i < members.Count; i++)
        {
            Next(i);
            String(members[i].Key is string or MarkupValue ? Python.Str(members[i].Key) : Atom(members[i].Key) ?? throw Python.Error($"keys must be str, int, float, bool or None, not {Python.TypeName(members[i].Key)}"));
            _text.Append(_key);
            Write(members[i].Value);
        }

        Close('}');
    }

    private void Open(char bracket)
    {
        Python.CheckDepth();
        _text.Append(bracket);
        _depth++;
    }

    private void Next(int index)
    {
        if (index > 0)
            _text.Append(_item);
        Line();
    }

    private void Close(char bracket)
    {
        _depth--;
        Line();
        _text.Append(bracket);
    }

    private void Line()
    {
        if (_indent is null)
            return;
        Python.CheckLength((long)_indent.Length * _depth + _text.Length);
        _text.Append('\n');
        for (int i = 0; i < _depth; i++)
            _text.Append(_indent);
    }

    private void String(string text)
    {
        _text.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    _text.Append('\\').Append(c);
                    break;
                case '\n' or '\r' or '\t' or '\b' or '\f':
                    _text.Append('\\').Append(c switch { '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', _ => 'f' });
                    break;
                default:
                    if (c < ' ' || _isAscii && c > '~')
                        _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else
                        _text.Append(c);
                    break;
            }
        }

        _text.Append('"');
    }
}
