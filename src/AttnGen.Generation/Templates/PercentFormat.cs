using System.Globalization;
using System.Numerics;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>Python's format % values.</summary>
internal static class PercentFormat
{
    /// <summary>A conversion: "%(key)-08.3f".</summary>
    private sealed record Conversion(string? Key, string Flags, int? Width, int? Precision, char Kind);

    public static string Apply(string format, object? values)
    {
        var reader = new Reader(format, values);
        return reader.Read();
    }

    private sealed class Reader(string format, object? values)
    {
        private readonly IReadOnlyList<object?> _items = values is TupleValue tuple ? tuple.Items : [values];
        private int _at, _used;

        public string Read()
        {
            var text = new StringBuilder();
            bool isNamed = false;
            while (_at < format.Length)
            {
                char c = format[_at++];
                if (c != '%')
                {
                    text.Append(c);
                    continue;
                }

                var conversion = Parse();
                isNamed |= conversion.Key is not null;
                text.Append(conversion.Kind == '%' ? "%" : Convert(conversion, conversion.Key is { } key ? Named(key) : Next()));
                Python.CheckLength(text.Length);
            }

            bool mayBeUnused = isNamed || values is DictValue or List<object?> or RangeValue or UndefinedValue;
            return _used < _items.Count && !mayBeUnused ? throw Python.Error("not all arguments converted during string formatting") : text.ToString();
        }

        private Conversion Parse()
        {
            string? key = null;
            if (Peek() == '(')
            {
                int depth = 0, start = _at + 1;
                do
                {
                    depth += Peek() == '(' ? 1 : Peek() == ')' ? -1 : 0;
                    _at++;
                }
                while (depth > 0);
                key = format[start..(_at - 1)];
            }

            int flags = _at;
            while (Peek() is '-' or '+' or ' ' or '#' or '0')
                _at++;
            string flag = format[flags.._at];
            int? width = Number();
            if (width < 0)
                (flag, width) = (flag + "-", -width);
            int? precision = null;
            if (Peek() == '.')
            {
                _at++;
                precision = Math.Max(0, Number() ?? 0);
            }

            while (Peek() is 'h' or 'l' or 'L')
                _at++;
            char kind = Peek();
            _at++;
            Python.CheckLength(Math.Max(width ?? 0, precision ?? 0));
            return new(key, flag, width, precision, kind);
        }

        private int? Number()
        {
            if (Peek() == '*')
            {
                _at++;
                return Python.IsInteger(Next(), out var given) && given.GetBitLength() < 31 ? (int)given : throw Python.Error("* wants int");
            }

            int start = _at;
            while (char.IsAsciiDigit(Peek()))
                _at++;
            return start == _at ? null : int.TryParse(format.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out int number) ? number : throw Python.Error("width too big");
        }

        private char Peek() => _at < format.Length ? format[_at] : throw Python.Error("incomplete format");

        private object? Next() => _used < _items.Count ? _items[_used++] : throw Python.Error("not enough arguments for format string");

        private object? Named(string key) =>
            values is not DictValue dict ? throw Python.Error("format requires a mapping") : dict.TryGet(key, out object? value) ? value : throw Python.Error(Python.Quote(key));
    }

    private static string Convert(Conversion conversion, object? value)
    {
        switch (conversion.Kind)
        {
            case 's' or 'r' or 'a':
                string text = conversion.Kind == 's' ? Python.Str(value) : Python.Repr(value);
                return Pad(conversion.Precision is { } most ? Runes.Slice(text, 0, most) : text, conversion);
            case 'c':
                return Pad(Character(value), conversion);
            case 'd' or 'i' or 'u':
                var whole = value is double number ? Whole(number) : Python.IsInteger(value, out var some) ? some : throw Python.Error($"%{conversion.Kind} format: a real number is required, not {Python.TypeName(value)}");
                return Number(whole.Sign < 0, "", Python.Digits(BigInteger.Abs(whole)).PadLeft(conversion.Precision ?? 0, '0'), conversion);
            case 'x' or 'X' or 'o':
                if (!Python.IsInteger(value, out var bits))
                    throw Python.Error($"%{conversion.Kind} format: an integer is required, not {Python.TypeName(value)}");
                string digits = FormatSpec.Radix(BigInteger.Abs(bits), conversion.Kind).PadLeft(conversion.Precision ?? 0, '0');
                return Number(bits.Sign < 0, conversion.Flags.Contains('#') ? "0" + conversion.Kind : "", digits, conversion);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                if (!Python.IsNumber(value, out double real))
                    throw Python.Error($"must be real number, not {Python.TypeName(value)}");
                string written = FormatSpec.Float(Math.Abs(real), char.ToLowerInvariant(conversion.Kind), conversion.Precision ?? 6, conversion.Flags.Contains('#'));
                return Number(double.IsNegative(real) && !double.IsNaN(real), "", char.IsUpper(conversion.Kind) ? written.ToUpperInvariant() : written, conversion);
            default:
                throw Python.Error($"unsupported format character '{conversion.Kind}'");
        }
    }

    private static BigInteger Whole(double number) => double.IsFinite(number) ? new BigInteger(Math.Truncate(number)) : throw Python.Error("cannot convert float infinity or NaN to integer");

    private static string Character(object? value) =>
        value is string text && Runes.Count(text) == 1 ? text
        : Python.IsInteger(value, out var point) && point >= 0 && point <= 0x10FFFF && !(point >= 0xD800 && point < 0xE000) ? char.ConvertFromUtf32((int)point)
        : throw Python.Error("%c requires int or char");

    private static string Number(bool isNegative, string prefix, string digits, Conversion conversion)
    {
        string sign = (isNegative ? "-" : conversion.Flags.Contains('+') ? "+" : conversion.Flags.Contains(' ') ? " " : "") + prefix;
        return conversion.Flags.Contains('0') && !conversion.Flags.Contains('-')
            ? sign + digits.PadLeft(Math.Max(0, (conversion.Width ?? 0) - sign.Length), '0')
            : Pad(sign + digits, conversion);
    }

    private static string Pad(string text, Conversion conversion) =>
        StringMethods.Pad(text, conversion.Width ?? 0, " ", conversion.Flags.Contains('-') ? "ljust" : "rjust");
}
