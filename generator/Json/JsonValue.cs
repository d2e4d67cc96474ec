using System.Globalization;

namespace AttnGen.Generator.Json;

internal enum JsonKind { Null, False, True, Number, String, Array, Object }

/// <summary>Text is not JSON. Line and column count from 1.</summary>
internal sealed class JsonException(string problem, int line, int column) : Exception($"{problem} (line {line}, column {column})");

/// <summary>
/// A value of a JSON text (RFC 8259, strict: no comments, no trailing commas). By hand, because a package inside a compiler or a build
/// task must be carried along with all it needs, and hosts with another version of it fail to load it. The build task compiles this file, too.
/// </summary>
internal sealed class JsonValue
{
    private JsonValue(JsonKind kind, string text = "", IReadOnlyList<JsonValue>? items = null, IReadOnlyList<KeyValuePair<string, JsonValue>>? members = null)
    {
        Kind = kind;
        Text = text;
        Items = items ?? [];
        Members = members ?? [];
    }

    public JsonKind Kind { get; }

    /// <summary>A string's characters, or a number as it is written.</summary>
    public string Text { get; }

    /// <summary>An array's values.</summary>
    public IReadOnlyList<JsonValue> Items { get; }

    /// <summary>An object's members in the text's order. A name may occur twice; the last one counts, as in Python.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonValue>> Members { get; }

    /// <summary>A member, or null. A member that is null is null, too.</summary>
    public JsonValue? this[string name]
    {
        get
        {
            for (int i = Members.Count - 1; i >= 0; i--)
            {
                if (Members[i].Key == name)
                    return Members[i].Value.Kind == JsonKind.Null ? null : Members[i].Value;
            }

            return null;
        }
    }

    /// <summary>Whether a number is written as an integer, and which.</summary>
    public bool TryGetInteger(out long value)
    {
        value = 0;
        return Kind == JsonKind.Number && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A number's value.</summary>
    public bool TryGetNumber(out double value)
    {
        value = 0;
        return Kind == JsonKind.Number && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && !double.IsInfinity(value);
    }

    /// <summary>The value as a message shows it: as it is written, shortened.</summary>
    public string Show() => Kind switch
    {
        JsonKind.Null => "null",
        JsonKind.True => "true",
        JsonKind.False => "false",
        JsonKind.Number => Shorten(Text),
        JsonKind.String => "\"" + Shorten(Text) + "\"",
        JsonKind.Array => Items.Count <= 4 ? "[" + string.Join(",", Items.Select(item => item.Show())) + "]" : $"an array of {Items.Count}",
        _ => "an object",
    };

    private static string Shorten(string text) => ForeignText.Short(text, 60);

    /// <summary>Reads a whole text.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static JsonValue Parse(string text) => new Reader(text).Whole();

    private sealed class Reader(string text)
    {
        // Deeper nesting than any configuration has; a recursive reader must stop somewhere.
        private const int MaxDepth = 100;

        private int _at = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;
        private int _depth;

        public JsonValue Whole()
        {
            var value = Value();
            Space();
            return _at == text.Length ? value : throw Fail($"the text goes on with {Here()} after its end");
        }

        private JsonValue Value()
        {
            Space();
            if (_at == text.Length)
                throw Fail("the text ends where a value should be");
            switch (text[_at])
            {
                case '{': return Object();
                case '[': return Array();
                case '"': return new JsonValue(JsonKind.String, String());
                case 't': return Word("true", JsonKind.True);
                case 'f': return Word("false", JsonKind.False);
                case 'n': return Word("null", JsonKind.Null);
                case '-' or (>= '0' and <= '9'): return Number();
                default: throw Fail($"{Here()} stands where a value should be");
            }
        }

        private JsonValue Object()
        {
            Enter();
            var members = new List<KeyValuePair<string, JsonValue>>();
            if (!Empty('}'))
            {
                do
                {
                    Space();
                    if (_at == text.Length || text[_at] != '"')
                        throw Fail($"{Here()} stands where a name in double quotes should be");
                    string name = String();
                    Space();
                    if (_at == text.Length || text[_at] != ':')
                        throw Fail($"{Here()} stands where ':' should be");
                    _at++;
                    members.Add(new KeyValuePair<string, JsonValue>(name, Value()));
                }
                while (More('}'));
            }

            _depth--;
            return new JsonValue(JsonKind.Object, members: members);
        }

        private JsonValue Array()
        {
            Enter();
            var items = new List<JsonValue>();
            if (!Empty(']'))
            {
                do
                    items.Add(Value());
                while (More(']'));
            }

            _depth--;
            return new JsonValue(JsonKind.Array, items: items);
        }

        private void Enter()
        {
            if (++_depth > MaxDepth)
                throw Fail($"values nest more than {MaxDepth} deep");
            _at++;
        }

        private bool Empty(char end)
        {
            Space();
            if (_at == text.Length || text[_at] != end)
                return false;
            _at++;
            return true;
        }

        private bool More(char end)
        {
            Space();
            if (_at < text.Length && text[_at] is var c && (c == ',' || c == end))
            {
                _at++;
                return c == ',';
            }

            throw Fail($"{Here()} stands where ',' or '{end}' should be");
        }

        private JsonValue Word(string word, JsonKind kind)
        {
            if (string.CompareOrdinal(text, _at, word, 0, word.Length) != 0)
                throw Fail($"{Here()} stands where a value should be");
            _at += word.Length;
            return new JsonValue(kind);
        }

        private JsonValue Number()
        {
            int start = _at;
            if (text[_at] == '-')
                _at++;
            if (_at < text.Length && text[_at] == '0')
                _at++;
            else
                Digits();
            if (_at < text.Length && text[_at] == '.')
            {
                _at++;
                Digits();
            }

            if (_at < text.Length && text[_at] is 'e' or 'E')
            {
                _at++;
                if (_at < text.Length && text[_at] is '+' or '-')
                    _at++;
                Digits();
            }

            return new JsonValue(JsonKind.Number, text.Substring(start, _at - start));
        }

        private void Digits()
        {
            int start = _at;
            while (_at < text.Length && text[_at] is >= '0' and <= '9')
                _at++;
            if (_at == start)
                throw Fail($"{Here()} stands where a digit should be");
        }

        private string String()
        {
            var result = new System.Text.StringBuilder();
            for (_at++; ; _at++)
            {
                if (_at == text.Length)
                    throw Fail("the text ends inside a string");
                char c = text[_at];
                if (c == '"')
                    break;
                if (c < ' ')
                    throw Fail("a control character stands in a string");
                if (c != '\\')
                {
                    result.Append(c);
                    continue;
                }

                _at++;
                if (_at == text.Length)
                    throw Fail("the text ends inside a string");
                switch (text[_at])
                {
                    case '"' or '\\' or '/': result.Append(text[_at]); break;
                    case 'b': result.Append('\b'); break;
                    case 'f': result.Append('\f'); break;
                    case 'n': result.Append('\n'); break;
                    case 'r': result.Append('\r'); break;
                    case 't': result.Append('\t'); break;
                    // A parser of numbers takes NULs at the end, too.
                    case 'u' when _at + 4 < text.Length && text[_at + 4] != 0 && ushort.TryParse(text.Substring(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                        result.Append((char)code);
                        _at += 4;
                        break;
                    default: throw Fail("a backslash stands before no escape that JSON knows");
                }
            }

            _at++;
            return result.ToString();
        }

        private void Space()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r')
                _at++;
        }

        private string Here() => _at == text.Length ? "the end of the text" : text[_at] == '\'' || ForeignText.OneLine(text[_at].ToString()) != text[_at].ToString() ? $"U+{(int)text[_at]:X4}" : $"'{text[_at]}'";

        private JsonException Fail(string problem)
        {
            int line = 1, start = 0;
            for (int i = 0; i < _at && i < text.Length; i++)
            {
                if (text[i] == '\n')
                {
                    line++;
                    start = i + 1;
                }
            }

            return new JsonException(problem, line, _at - start + 1);
        }
    }
}
