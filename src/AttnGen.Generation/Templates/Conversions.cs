using System.Globalization;
using System.Numerics;

namespace AttnGen.Generation.Templates;

/// <summary>int() and float().</summary>
internal static class Conversions
{
    /// <summary>The filter int: what cannot be read is the default.</summary>
    public static object? ToInt(object? value, object? otherwise, object? radix)
    {
        switch (value)
        {
            case UndefinedValue undefined:
                throw undefined.Error();
            case string or MarkupValue:
                string text = Python.Str(value);
                return Python.IsInteger(radix, out var given) && (given.IsZero || given > 1 && given <= 36)
                    ? TryParse(text, (int)given, out var number) ? Python.Normal(number)
                        : TryFloat(text, out double read) && double.IsFinite(read) ? Python.Normal(new BigInteger(Math.Truncate(read))) : otherwise
                    : otherwise;
            case double real:
                return double.IsFinite(real) ? Python.Normal(new BigInteger(Math.Truncate(real)))
                    : double.IsNaN(real) ? otherwise : throw Python.Error("cannot convert float infinity to integer");
            default:
                return Python.IsInteger(value, out var whole) ? Python.Normal(whole) : otherwise;
        }
    }

    /// <summary>Digits of a radix (0: as the prefix says), blanks around, single underscores between.</summary>
    private static bool TryParse(string text, int radix, out BigInteger number)
    {
        number = 0;
        text = StringMethods.Strip(text, null);
        bool isNegative = text.StartsWith('-');
        if (text.Length > 0 && text[0] is '+' or '-')
            text = text[1..];
        string prefix = text.Length > 1 && text[0] == '0' ? text[..2].ToLowerInvariant() : "";
        int named = prefix switch { "0x" => 16, "0o" => 8, "0b" => 2, _ => 0 };
        if (named > 0 && (radix == 0 || radix == named))
        {
            text = text[2..];
            if (text.StartsWith('_'))
                text = text[1..];
            radix = named;
        }

        if (radix == 0 && text.Length > 1 && text[0] == '0' && text.Any(c => c is not ('0' or '_')))
            return false;
        radix = radix == 0 ? 10 : radix;
        if (text.Length is 0 or > 4300 || text[0] == '_' || text[^1] == '_' || text.Contains("__", StringComparison.Ordinal))
            return false;
        foreach (char c in text)
        {
            if (c == '_')
                continue;
            int digit = char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : char.IsDigit(c) ? (int)char.GetNumericValue(c) : 99;
            if (digit >= radix)
                return false;
            number = number * radix + digit;
        }

        if (isNegative)
            number = -number;
        return true;
    }

    /// <summary>float(value); false: it is no number.</summary>
    public static bool TryFloat(object? value, out double number)
    {
        number = 0;
        switch (value)
        {
            case UndefinedValue undefined:
                throw undefined.Error();
            case string or MarkupValue:
                string text = StringMethods.Strip(Python.Str(value), null);
                string bare = text.TrimStart('+', '-').ToLowerInvariant();
                if (text.Length - bare.Length > 1)
                    return false;
                int sign = text.StartsWith('-') ? -1 : 1;
                if (bare is "inf" or "infinity" or "nan")
                {
                    number = bare == "nan" ? double.NaN : sign * double.PositiveInfinity;
                    return true;
                }

                for (int i = 0; i < text.Length; i++)
                {
                    if (text[i] == '_' && (i == 0 || i + 1 == text.Length || !char.IsAsciiDigit(text[i - 1]) || !char.IsAsciiDigit(text[i + 1])))
                        return false;
                }

                return bare.Length > 0 && bare.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or '+' or '-' or '_')
                    && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);
            default:
                return Python.IsNumber(value, out number);
        }
    }
}
