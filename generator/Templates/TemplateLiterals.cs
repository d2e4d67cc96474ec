using System.Globalization;
using System.Text;

namespace AttnGen.Generator.Templates;

/// <summary>Numbers and strings as templates write them.</summary>
internal static class TemplateLiterals
{
    private static readonly string[] s_simple = ["", "\\", "'", "\"", "\a", "\b", "\f", "\n", "\r", "\t", "\v"];

    /// <summary>The number that begins at a place; "": there is none.</summary>
    public static string Number(string text, int at)
    {
        if (at >= text.Length || !IsDigit(text[at]))
            return "";
        bool afterDot = at > 0 && text[at - 1] == '.';
        if (!afterDot && Float(text, at) is var real && real > at)
            return text.Substring(at, real - at);
        if (text[at] == '0' && at + 1 < text.Length)
        {
            Func<char, bool>? digit = text[at + 1] switch
            {
                'b' or 'B' => static c => c is '0' or '1',
                'o' or 'O' => static c => c is >= '0' and <= '7',
                'x' or 'X' => static c => IsDigit(c) || c is (>= 'a' and <= 'f') or (>= 'A' and <= 'F'),
                _ => null,
            };
            if (digit is not null && Digits(text, at + 2, digit, mayBeginUnderscored: true) is var end && end > at + 2)
                return text.Substring(at, end - at);
        }

        int stop = text[at] == '0' ? Digits(text, at, static c => c == '0') : Digits(text, at, IsDigit);
        return text.Substring(at, stop - at);
    }

    /// <summary>Whether a number is written as a float.</summary>
    public static bool IsFloat(string number) => !(number.Length > 1 && number[1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O') && number.IndexOfAny(['.', 'e', 'E']) >= 0;

    private static int Float(string text, int at)
    {
        int whole = Digits(text, at, IsDigit);
        int end = at;
        int next = whole;
        if (next + 1 < text.Length && text[next] == '.' && IsDigit(text[next + 1]))
            end = next = Digits(text, next + 1, IsDigit);
        if (next < text.Length && text[next] is 'e' or 'E')
        {
            int exponent = next + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            if (exponent < text.Length && IsDigit(text[exponent]))
                end = Digits(text, exponent, IsDigit);
        }

        return end;
    }

    /// <summary>Digits, each with at most one underscore before it.</summary>
    private static int Digits(string text, int at, Func<char, bool> isDigit, bool mayBeginUnderscored = false)
    {
        int end = at;
        while (end < text.Length)
        {
            if (isDigit(text[end]))
                end++;
            else if (text[end] == '_' && (end > at || mayBeginUnderscored) && end + 1 < text.Length && isDigit(text[end + 1]))
                end += 2;
            else
                break;
        }

        return end;
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    /// <summary>The value of a string: Python's escapes; a backslash before anything else stays.</summary>
    public static string Unescape(string text, out string? fault)
    {
        fault = null;
        if (text.IndexOf('\\') < 0)
            return text;
        var value = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                value.Append(text[i]);
                continue;
            }

            char c = text[++i];
            int simple = "\n\\'\"abfnrtv".IndexOf(c);
            if (simple >= 0)
                value.Append(s_simple[simple]);
            else if (c is 'x' or 'u' or 'U')
                i = Hex(text, i, c, value, ref fault);
            else if (c is >= '0' and <= '7')
                i = Octal(text, i, value);
            else if (c == 'N')
                fault = "the escape '\\N' names a character, which is not supported; write its number, such as '\\u00e9'";
            else if (c > '\x7f')
                value.Append('\\').Append(AsEscape(text, ref i)); // Python escapes it first, and then finds its backslash escaped.
            else
                value.Append('\\').Append(c);
        }

        return value.ToString();
    }

    private static int Hex(string text, int at, char kind, StringBuilder value, ref string? fault)
    {
        int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
        if (at + 1 + digits > text.Length
            || !int.TryParse(text.Substring(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code is < 0 or > 0x10FFFF)
        {
            fault = $"the escape '\\{kind}' needs {Text.Of(digits)} hexadecimal digits of a character";
            return at;
        }

        if (code > 0xFFFF)
            value.Append(char.ConvertFromUtf32(code));
        else
            value.Append((char)code);
        return at + digits;
    }

    private static int Octal(string text, int at, StringBuilder value)
    {
        int code = 0, end = at;
        while (end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7')
            code = code * 8 + (text[end++] - '0');
        value.Append((char)code);
        return end - 1;
    }

    private static string AsEscape(string text, ref int at)
    {
        if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            return "U" + char.ConvertToUtf32(text[at], text[++at]).ToString("x8", CultureInfo.InvariantCulture);
        int code = text[at];
        return code < 0x100 ? "x" + code.ToString("x2", CultureInfo.InvariantCulture) : "u" + code.ToString("x4", CultureInfo.InvariantCulture);
    }
}
