using System.Globalization;

namespace AttnGen.Generation.Schemas;

internal sealed partial class Pattern
{
    private static readonly (int First, int Last)[] s_digits = [('0', '9')];
    private static readonly (int First, int Last)[] s_word = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
    private static readonly (int First, int Last)[] s_space =
        [(9, 13), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)];
    private static readonly (int First, int Last)[] s_lines = [('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)];

    // Engines differ in which characters beyond ASCII are digits and letters: those are in neither a class nor its opposite.
    private static readonly Lazy<(int First, int Last)[]> s_foreignDigits = new(() => Where(static one => one > 127 && char.IsDigit(one)));
    private static readonly Lazy<(int First, int Last)[]> s_foreignWord = new(() => Where(static one =>
        one > 127 && (char.IsLetterOrDigit(one)
        || CharUnicodeInfo.GetUnicodeCategory(one) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)));

    private Part ReadOne()
    {
        var one = _text[_at++];
        switch (one)
        {
            case '.':
                return new Set(Without(s_all, s_lines));
            case '[':
                return new Set(ReadClass());
            case '(':
                return ReadGroup();
            case '\\':
                return new Set(ReadEscape(false));
            case '*' or '+' or '?':
                throw Bad($"has '{one}' behind nothing");
            default:
                if (char.IsSurrogate(one))
                {
                    throw Bad("has a character beyond the basic plane");
                }

                return new Set([(one, one)]);
        }
    }

    private Part ReadGroup()
    {
        if (Take('?') && !Take(':'))
        {
            if (!Take('<') || _at == _text.Length || _text[_at] is '=' or '!' || _text.IndexOf('>', _at) is var end && end < 0)
            {
                throw Bad("looks around, or sets an option");
            }

            _at = end + 1;
        }

        var inside = ReadChoice();
        return Take(')') ? inside : throw Bad(_at < _text.Length ? "has an anchor within" : "has a '(' too many");
    }

    private (int, int)[] ReadEscape(bool inClass)
    {
        if (_at == _text.Length)
        {
            throw Bad("ends with a backslash");
        }

        var one = _text[_at++];
        return one switch
        {
            'd' => s_digits,
            'D' => Without(Without(s_all, s_digits), s_foreignDigits.Value),
            'w' => s_word,
            'W' => Without(Without(s_all, s_word), s_foreignWord.Value),
            's' => s_space,
            'S' => Without(s_all, s_space),
            't' => [('\t', '\t')],
            'n' => [('\n', '\n')],
            'r' => [('\r', '\r')],
            'f' => [('\f', '\f')],
            'v' => [('\v', '\v')],
            'b' when inClass => [('\b', '\b')],
            'x' => Hex(2),
            'u' => Hex(4),
            _ when char.IsAsciiLetterOrDigit(one) => throw Bad($"has \\{one}"),
            _ => [(one, one)],
        };
    }

    private (int, int)[] Hex(int digits)
    {
        if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one) || char.IsSurrogate((char)one))
        {
            throw Bad("has a character by number that is none of the basic plane");
        }

        _at += digits;
        return [(one, one)];
    }

    private (int, int)[] ReadClass()
    {
        var isOpposite = Take('^');
        var ranges = new List<(int First, int Last)>();
        while (!Take(']'))
        {
            var first = ReadClassItem();
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                var last = ReadClassItem();
                if (first.Length != 1 || last.Length != 1 || first[0].First != first[0].Last || last[0].First != last[0].Last || first[0].First > last[0].First)
                {
                    throw Bad("has a range in brackets that is none");
                }

                ranges.Add((first[0].First, last[0].First));
            }
            else
            {
                ranges.AddRange(first);
            }
        }

        // The opposite of \W holds no letters of other alphabets, of which some engine says that \W has none.
        return isOpposite ? Without(s_all, [.. ranges]) : Without(s_all, Without(s_all, [.. ranges]));
    }

    private (int First, int Last)[] ReadClassItem()
    {
        if (_at == _text.Length)
        {
            throw Bad("has a '[' too many");
        }

        var one = _text[_at++];
        if (one == '\\')
        {
            var at = _at;
            var ranges = ReadEscape(true);
            return at < _text.Length && _text[at] is 'D' or 'W' && _text.Contains("[^", StringComparison.Ordinal) ? throw Bad($"has \\{_text[at]} beside an opposite class") : ranges;
        }

        return char.IsSurrogate(one) ? throw Bad("has a character beyond the basic plane") : [(one, one)];
    }

    private static (int, int)[] Where(Func<char, bool> isIn)
    {
        var ranges = new List<(int First, int Last)>();
        for (var one = 0; one <= 0xFFFF; one++)
        {
            if (!isIn((char)one))
            {
                continue;
            }

            if (ranges.Count > 0 && ranges[^1].Last == one - 1)
            {
                ranges[^1] = (ranges[^1].First, one);
            }
            else
            {
                ranges.Add((one, one));
            }
        }

        return [.. ranges];
    }

    private static (int, int)[] Without((int First, int Last)[] all, (int First, int Last)[] others)
    {
        var left = new List<(int First, int Last)>();
        foreach (var (first, last) in all)
        {
            var from = first;
            foreach (var other in others.OrderBy(static range => range.First))
            {
                if (other.Last < from || other.First > last)
                {
                    continue;
                }

                if (other.First > from)
                {
                    left.Add((from, other.First - 1));
                }

                from = Math.Max(from, other.Last + 1);
            }

            if (from <= last)
            {
                left.Add((from, last));
            }
        }

        return [.. left];
    }
}
