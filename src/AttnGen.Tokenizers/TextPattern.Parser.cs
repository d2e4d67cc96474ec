namespace AttnGen.Tokenizers;

// The expression, read into instructions by recursive descent.
internal sealed partial class TextPattern
{
    private FormatException Unsupported(string what) => new($"'{what}' of the regular expression '{_text}'");

    private bool Next(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0)
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    // Whether nothing may be matched.
    private bool Alternatives()
    {
        var begin = _code.Count;
        var ends = new List<int>();
        var empty = Sequence();
        while (Next("|"))
        {
            // The alternatives before this one are one choice, this one the other.
            Insert(begin, new Instruction(Operation.Either, null, begin + 1, _code.Count + 2));
            ends.Add(_code.Count);
            _code.Add(new Instruction(Operation.Jump));
            begin = _code.Count;
            empty |= Sequence();
        }

        foreach (var end in ends)
        {
            _code[end] = _code[end] with { First = _code.Count };
        }

        return empty;
    }

    private bool Sequence()
    {
        var ignoreCase = _ignoreCase;
        var empty = true;
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            empty &= Item();
        }

        _ignoreCase = ignoreCase;
        return empty;
    }

    private bool Item()
    {
        var begin = _code.Count;
        if (Next("(?i)"))
        {
            _ignoreCase = true;
            return true;
        }

        if (_text[_at] == '(')
        {
            return Quantity(begin, Group());
        }

        if (Next("^"))
        {
            _code.Add(new Instruction(Operation.Start));
            return true;
        }

        if (Next("$"))
        {
            _code.Add(new Instruction(Operation.End));
            return true;
        }

        if (Next("\\z"))
        {
            _code.Add(new Instruction(Operation.LastEnd));
            return true;
        }

        _code.Add(new Instruction(Operation.One, Set()));
        return Quantity(begin, empty: false);
    }

    private bool Group()
    {
        var ignoreCase = _ignoreCase;
        var begin = _code.Count;
        var empty = true;
        if (Next("(?=") || Next("(?!"))
        {
            _code.Add(new Instruction(_text[_at - 1] == '=' ? Operation.Ahead : Operation.NotAhead));
            Alternatives();
            _code.Add(new Instruction(Operation.Match));
            _code[begin] = _code[begin] with { First = _code.Count };
        }
        else if (Next("(?<=") || Next("(?<!"))
        {
            var operation = _text[_at - 1] == '=' ? Operation.Behind : Operation.NotBehind;
            var rest = _text[(_at - 4)..];
            Alternatives();
            if (_code.Count != begin + 1 || _code[begin].Operation != Operation.One)
            {
                throw Unsupported(rest);
            }

            _code[begin] = _code[begin] with { Operation = operation };
        }
        else
        {
            if (Next("(?i:"))
            {
                _ignoreCase = true;
            }
            else if (!Next("(?:") && (string.CompareOrdinal(_text, _at, "(?", 0, 2) == 0 || !Next("(")))
            {
                throw Unsupported(_text[_at..Math.Min(_at + 4, _text.Length)]);
            }

            empty = Alternatives();
        }

        _ignoreCase = ignoreCase;
        return Next(")") ? empty : throw Unsupported("( without )");
    }

    private bool Quantity(int begin, bool empty)
    {
        var (least, most) = (1, 1);
        var start = _at;
        if (Next("*"))
        {
            (least, most) = (0, NoMost);
        }
        else if (Next("+"))
        {
            (least, most) = (1, NoMost);
        }
        else if (Next("?"))
        {
            (least, most) = (0, 1);
        }
        else if (_at < _text.Length && _text[_at] == '{' && Braces(out least, out most, out var end))
        {
            _at = end;
        }
        else
        {
            return empty;
        }

        var lazy = Next("?");
        var forGood = !lazy && _text[_at - 1] != '}' && Next("+");
        if (_at < _text.Length && _text[_at] is '*' or '+' or '?' or '{')
        {
            throw Unsupported(_text[start..(_at + 1)]);
        }

        if (_code.Count == begin + 1 && _code[begin].Operation == Operation.One && !lazy)
        {
            _code[begin] = new Instruction(forGood ? Operation.ManyForGood : Operation.Many, _code[begin].Set, least, most);
            return least == 0;
        }

        if (forGood || least > 1 || (most != 1 && most != NoMost) || (most == NoMost && empty))
        {
            throw Unsupported(_text[start.._at]);
        }

        // X?: either X or on. X+: X, then either back or on. X*: both.
        var either = new Instruction(Operation.Either);
        if (least == 0)
        {
            Insert(begin, either);
            var after = _code.Count + (most == NoMost ? 1 : 0);
            _code[begin] = lazy ? either with { First = after, Second = begin + 1 } : either with { First = begin + 1, Second = after };
            if (most == NoMost)
            {
                _code.Add(new Instruction(Operation.Jump, null, begin));
            }
        }
        else if (most == NoMost)
        {
            var after = _code.Count + 1;
            _code.Add(lazy ? either with { First = after, Second = begin } : either with { First = begin, Second = after });
        }

        return empty || least == 0;
    }

    private bool Braces(out int least, out int most, out int end)
    {
        (least, most) = (1, 1);
        end = _text.IndexOf('}', _at) + 1;
        if (end == 0)
        {
            return false;
        }

        var parts = _text[(_at + 1)..(end - 1)].Split(',');
        if (parts.Length > 2 || !(int.TryParse(parts[0], out least) || (parts.Length == 2 && parts[0].Length == 0)))
        {
            return false;
        }

        most = least;
        return parts.Length == 1 || (parts[1].Length == 0 && (most = NoMost) > 0) || int.TryParse(parts[1], out most);
    }

    private void Insert(int at, Instruction instruction)
    {
        for (var i = at; i < _code.Count; i++)
        {
            var old = _code[i];
            _code[i] = old.Operation switch
            {
                Operation.Either => old with { First = Moved(old.First), Second = Moved(old.Second) },
                Operation.Jump or Operation.Ahead or Operation.NotAhead => old with { First = Moved(old.First) },
                _ => old,
            };
        }

        _code.Insert(at, instruction);

        int Moved(int target) => target >= at ? target + 1 : target;
    }

    private CodePointSet Set()
    {
        var set = new CodePointSet();
        if (Next("["))
        {
            Bracket(set);
        }
        else if (Next("."))
        {
            set.Add('\n', '\n');
            set.Negated = true;
        }
        else
        {
            Single(set);
        }

        set.Complete(_ignoreCase);
        return set;
    }

    private void Bracket(CodePointSet set)
    {
        set.Negated = Next("^");
        var first = true;
        while (first || !Next("]"))
        {
            if (_at >= _text.Length || _text[_at] == '[' || string.CompareOrdinal(_text, _at, "&&", 0, 2) == 0)
            {
                throw Unsupported(_at >= _text.Length ? "[ without ]" : _text[_at..Math.Min(_at + 8, _text.Length)]);
            }

            first = false;
            var low = Single(set, alone: false);
            if (low < 0)
            {
                continue;
            }

            var high = low;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                high = Single(set, alone: false);
                if (high < low)
                {
                    throw Unsupported("a range that ends before it begins");
                }
            }

            set.Add(low, high);
        }
    }

    // A code point, which is returned (and added if it stands alone), or a class, which is added: −1.
    private int Single(CodePointSet set, bool alone = true)
    {
        int codePoint;
        if (_text[_at] != '\\')
        {
            codePoint = CodePoint(_text, _at, out var length);
            if (alone && codePoint is '{' or '}' or '*' or '+' or '?')
            {
                // Literal braces are; a quantifier without anything before it is not.
                if (codePoint is not ('{' or '}'))
                {
                    throw Unsupported(_text[_at..]);
                }
            }

            _at += length;
        }
        else
        {
            if (_at + 1 >= _text.Length)
            {
                throw Unsupported("\\");
            }

            var letter = _text[_at + 1];
            _at += 2;
            switch (letter)
            {
                case 's' or 'S':
                    set.AddSpace(letter == 'S');
                    return -1;
                case 'd' or 'D':
                    set.AddCategories("Nd", letter == 'D');
                    return -1;
                case 'w' or 'W':
                    set.AddWord(letter == 'W');
                    return -1;
                case 'p' or 'P':
                    var end = _text.IndexOf('}', _at);
                    var name = _at < _text.Length && _text[_at] == '{' && end > 0 ? _text[(_at + 1)..end] : "";
                    var negated = name.StartsWith('^');
                    if (!set.AddCategories(negated ? name[1..] : name, negated != (letter == 'P')))
                    {
                        throw Unsupported(_text[(_at - 2)..(end < 0 ? _text.Length : end + 1)]);
                    }

                    _at = end + 1;
                    return -1;
                case 'x' or 'u':
                    codePoint = Hexadecimal(letter);
                    break;
                default:
                    codePoint = letter switch
                    {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'f' => '\f',
                        'v' => '\v',
                        _ when !char.IsAsciiLetterOrDigit(letter) => letter,
                        _ => throw Unsupported($"\\{letter}"),
                    };
                    break;
            }
        }

        if (alone)
        {
            set.Add(codePoint, codePoint);
        }

        return codePoint;
    }

    private int Hexadecimal(char letter)
    {
        var braces = letter == 'x' && Next("{");
        var length = braces ? _text.IndexOf('}', _at) - _at : letter == 'x' ? 2 : 4;
        if (length <= 0 || _at + length > _text.Length
            || !int.TryParse(_text.AsSpan(_at, length), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value)
            || (uint)value > 0x10FFFF)
        {
            throw Unsupported($"\\{letter}");
        }

        _at += length + (braces ? 1 : 0);
        return value;
    }
}
