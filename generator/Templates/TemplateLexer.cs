namespace AttnGen.Generator.Templates;

/// <summary>
/// Template text to tokens, by the rules of jinja2 3.1.6 with trim_blocks and lstrip_blocks, as transformers sets it up:
/// the newline after a block goes, and the blanks before a block that stands first on its line; '-' takes all white space, '+' keeps it.
/// </summary>
internal sealed class TemplateLexer
{
    private static readonly string[] s_operators = ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _text;
    private readonly List<TemplateToken> _tokens = [];
    private readonly List<int> _lines = [];
    private int _at;
    private bool _lineStarts = true;

    private TemplateLexer(string text) => _text = text;

    /// <exception cref="TemplateSyntaxException">The text is no template.</exception>
    public static List<TemplateToken> Read(string text)
    {
        if (text.Length > TemplateLimits.Length)
            throw new TemplateSyntaxException(1, $"the template has {Text.Of(text.Length)} characters, at most {Text.Of(TemplateLimits.Length)} are compiled");
        text = text.Replace("\r\n", "\n").Replace('\r', '\n');
        if (text.EndsWith("\n", StringComparison.Ordinal))
            text = text.Substring(0, text.Length - 1);
        var lexer = new TemplateLexer(text);
        lexer.Root();
        return lexer._tokens;
    }

    private void Root()
    {
        for (int i = 0; i < _text.Length; i++)
        {
            if (_text[i] == '\n')
                _lines.Add(i);
        }

        while (_at < _text.Length)
        {
            int open = NextTag(_at);
            if (open < 0)
            {
                Add(TokenKind.Data, _text.Substring(_at), _at);
                _at = _text.Length;
                break;
            }

            char kind = _text[open + 1];
            int after = open + 2;
            char sign = after < _text.Length && _text[after] is '-' or '+' ? _text[after++] : ' ';
            int raw = kind == '%' ? RawBegin(after) : -1;
            Data(_at, open, sign, strips: kind != '{');
            _at = raw >= 0 ? raw : after;
            _lineStarts = _text[_at - 1] == '\n';
            if (raw >= 0)
                Raw(open);
            else if (kind == '#')
                Comment(open);
            else
                Tag(kind, open);
        }

        Add(TokenKind.End, "", _text.Length);
    }

    private int NextTag(int from)
    {
        for (int at = _text.IndexOf('{', from); at >= 0 && at + 1 < _text.Length; at = _text.IndexOf('{', at + 1))
        {
            if (_text[at + 1] is '{' or '%' or '#')
                return at;
        }

        return -1;
    }

    /// <summary>The text before a tag, without what the tag takes of it.</summary>
    private void Data(int from, int to, char sign, bool strips)
    {
        int end = to;
        if (sign == '-')
        {
            while (end > from && IsSpace(_text[end - 1]))
                end--;
        }
        else if (sign != '+' && strips)
        {
            int line = from == to ? from : _text.LastIndexOf('\n', to - 1, to - from) + 1;
            if (line <= 0 || line < from)
                line = from;
            bool first = line > from || _lineStarts, blank = line < to;
            for (int i = line; i < to && blank; i++)
                blank = IsSpace(_text[i]);
            if (first && blank)
                end = line;
        }

        if (end > from)
            Add(TokenKind.Data, _text.Substring(from, end - from), from);
    }

    /// <summary>Where a raw block's text begins, if the tag opens one.</summary>
    private int RawBegin(int at)
    {
        at = Spaces(at);
        if (!Is("raw", at))
            return -1;
        at = Spaces(at + 3);
        return Is("-%}", at) ? Spaces(at + 3) : Is("%}", at) ? at + 2 : -1;
    }

    private void Raw(int open)
    {
        for (int at = _text.IndexOf("{%", _at, StringComparison.Ordinal); at >= 0; at = _text.IndexOf("{%", at + 1, StringComparison.Ordinal))
        {
            int after = at + 2;
            char sign = after < _text.Length && _text[after] is '-' or '+' ? _text[after++] : ' ';
            after = Spaces(after);
            if (!Is("endraw", after))
                continue;
            int end = BlockEnd(Spaces(after + 6));
            if (end < 0)
                continue;
            Data(_at, at, sign, strips: true);
            _at = end;
            _lineStarts = _text[end - 1] == '\n';
            return;
        }

        throw Error(open, "the raw block has no end; write '{% endraw %}' after it");
    }

    private void Comment(int open)
    {
        int close = _text.IndexOf("#}", _at, StringComparison.Ordinal);
        if (close < 0)
            throw Error(open, "the comment has no end; write '#}' after it");
        int end = close + 2;
        if (close > _at && _text[close - 1] == '-')
            end = Spaces(end);
        else if (!(close > _at && _text[close - 1] == '+') && Is("\n", end))
            end++;
        _lineStarts = _text[end - 1] == '\n';
        _at = end;
    }

    /// <summary>The end of a block's tag, with what it takes of the text after it; -1: it does not end here.</summary>
    private int BlockEnd(int at) =>
        Is("+%}", at) ? at + 3
        : Is("-%}", at) ? Spaces(at + 3)
        : Is("%}", at) ? (Is("\n", at + 2) ? at + 3 : at + 2)
        : -1;

    private int VariableEnd(int at) => Is("-}}", at) ? Spaces(at + 3) : Is("}}", at) ? at + 2 : -1;

    private void Tag(char kind, int open)
    {
        bool isBlock = kind == '%';
        Add(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", open);
        var brackets = new Stack<char>();
        while (true)
        {
            int end = brackets.Count > 0 ? -1 : isBlock ? BlockEnd(_at) : VariableEnd(_at);
            if (end >= 0)
            {
                Add(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _at);
                _at = end;
                _lineStarts = _text[end - 1] == '\n';
                return;
            }

            if (_at >= _text.Length)
                return; // The parser says what is missing.
            char c = _text[_at];
            if (IsSpace(c))
                _at++;
            else if (TemplateLiterals.Number(_text, _at) is { Length: > 0 } number)
                Number(number);
            else if (c == '_' || char.IsLetter(c) || char.IsSurrogate(c))
                Name();
            else if (c is '\'' or '"')
                String(c);
            else
                Operator(brackets);
        }
    }

    private void Number(string number)
    {
        bool isFloat = TemplateLiterals.IsFloat(number);
        if (number.Length > TemplateLimits.Digits)
            throw Error(_at, $"the number has {Text.Of(number.Length)} digits, at most {Text.Of(TemplateLimits.Digits)} are read");
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, number.Replace("_", ""), _at);
        _at += number.Length;
    }

    private void Name()
    {
        int start = _at;
        while (_at < _text.Length && (_text[_at] == '_' || char.IsLetterOrDigit(_text[_at]) || char.IsSurrogate(_text[_at]) || IsMark(_text[_at])))
            _at++;
        string name = _text.Substring(start, _at - start);
        if (name.Any(char.IsSurrogate))
            throw Error(start, $"'{Text.Short(name)}' has a character that no name may have");
        Add(TokenKind.Name, name, start);
    }

    private static bool IsMark(char c) => char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private void String(char quote)
    {
        int start = _at++;
        while (_at < _text.Length && _text[_at] != quote)
            _at += _text[_at] == '\\' ? 2 : 1;
        if (_at >= _text.Length)
            throw Error(start, $"the string has no end; write {quote} after it");
        string value = TemplateLiterals.Unescape(_text.Substring(start + 1, _at - start - 1), out string? fault);
        if (fault is not null)
            throw Error(start, fault);
        _at++;
        Add(TokenKind.String, value, start);
    }

    private void Operator(Stack<char> brackets)
    {
        string? known = s_operators.FirstOrDefault(op => Is(op, _at));
        if (known is null)
            throw Error(_at, $"unexpected character '{Text.Short(_text[_at].ToString())}'");
        char c = known[0];
        if (c is '(' or '[' or '{')
            brackets.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        if (c is ')' or ']' or '}')
        {
            if (brackets.Count == 0)
                throw Error(_at, $"unexpected '{c}'");
            if (brackets.Pop() is var expected && expected != c)
                throw Error(_at, $"unexpected '{c}', expected '{expected}'");
        }

        if (brackets.Count > TemplateLimits.Depth)
            throw Error(_at, $"brackets are more than {Text.Of(TemplateLimits.Depth)} deep");
        Add(TokenKind.Operator, known, _at);
        _at += known.Length;
    }

    /// <summary>What Python takes for white space.</summary>
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    private int Spaces(int at)
    {
        while (at < _text.Length && IsSpace(_text[at]))
            at++;
        return at;
    }

    private bool Is(string text, int at) => string.CompareOrdinal(_text, at, text, 0, text.Length) == 0;

    private void Add(TokenKind kind, string text, int at) => _tokens.Add(new(kind, text, Line(at)));

    private TemplateSyntaxException Error(int at, string message) => new(Line(at), message);

    private int Line(int at)
    {
        int found = _lines.BinarySearch(at);
        return (found >= 0 ? found : ~found) + 1;
    }
}
