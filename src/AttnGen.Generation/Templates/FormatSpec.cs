using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace AttnGen.Generation.Templates;

/// <summary>format(value, "[[fill]align][sign][z][#][0][width][grouping][.precision][type]").</summary>
internal static partial class FormatSpec
{
    [GeneratedRegex(@"^(?:(?<fill>[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alt>#)?(?<zero>0)?(?<width>\d{1,9})?(?<group>[,_])?(?:\.(?<precision>\d{1,9}))?(?<type>[bcdeEfFgGnosxX%])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Syntax { get; }

    public static string Apply(object? value, string spec)
    {
        if (spec.Length == 0)
            return Python.Str(value);
        var match = Syntax.Match(spec);
        if (!match.Success)
            throw Python.Error($"Invalid format specifier '{spec}' for object of type '{Python.TypeName(value)}'");
        int width = match.Groups["width"].Success ? int.Parse(match.Groups["width"].ValueSpan, CultureInfo.InvariantCulture) : 0;
        int? precision = match.Groups["precision"].Success ? int.Parse(match.Groups["precision"].ValueSpan, CultureInfo.InvariantCulture) : null;
        Python.CheckLength(Math.Max(width, precision ?? 0));
        char type = match.Groups["type"].Success ? match.Groups["type"].Value[0] : ' ';
        bool isZero = match.Groups["zero"].Success;
        string align = match.Groups["align"].Success ? match.Groups["align"].Value : "", fill = match.Groups["fill"].Success ? match.Groups["fill"].Value : isZero ? "0" : " ";
        if (value is string or MarkupValue)
        {
            if (type is not (' ' or 's') || align == "=" || match.Groups["sign"].Success || match.Groups["alt"].Success || match.Groups["group"].Success)
                throw Python.Error($"Unknown format code '{type}' for object of type 'str'");
            string text = Python.Str(value);
            return Align(precision is { } most ? Runes.Slice(text, 0, most) : text, width, fill, align.Length > 0 ? align : "<");
        }

        if (value is bool && type == ' ' && precision is null)
            value = value is true ? 1L : 0L;
        var (isNegative, prefix, digits) = Number(value, type, precision, match.Groups["alt"].Success, match.Groups["group"].Value);
        string sign = (isNegative ? "-" : match.Groups["sign"].Value is "+" or " " ? match.Groups["sign"].Value : "") + prefix;
        if (align.Length == 0 && isZero)
            align = "=";
        return align == "=" ? sign + Align(digits, width - sign.Length, fill, ">") : Align(sign + digits, width, fill, align.Length > 0 ? align : ">");
    }

    private static (bool IsNegative, string Prefix, string Digits) Number(object? value, char type, int? precision, bool isAlternate, string group)
    {
        if (Python.IsInteger(value, out var whole) && type is ' ' or 'd' or 'n' or 'b' or 'o' or 'x' or 'X' or 'c')
        {
            if (precision is not null || value is double)
                throw Python.Error("Precision not allowed in integer format specifier");
            var magnitude = BigInteger.Abs(whole);
            if (type == 'c')
                return (false, "", magnitude <= 0x10FFFF ? char.ConvertFromUtf32((int)magnitude) : throw Python.Error("%c arg not in range(0x110000)"));
            bool isDecimal = type is ' ' or 'd' or 'n';
            return (whole.Sign < 0, isAlternate && !isDecimal ? "0" + type : "", Group(isDecimal ? Python.Digits(magnitude) : Radix(magnitude, type), group, isDecimal ? 3 : 4));
        }

        if (value is not (double or long or bool or BigInteger) || type is 's' or 'c' || !Python.IsNumber(value, out double number))
            throw Python.Error($"unsupported format string passed to {Python.TypeName(value)}.__format__");
        bool isNegative = double.IsNegative(number) && !double.IsNaN(number);
        number = Math.Abs(number);
        string text = type switch
        {
            ' ' when precision is null => FloatText.Repr(number),
            ' ' => Plain(number, precision.Value),
            '%' => Float(number * 100, 'f', precision ?? 6, isAlternate) + "%",
            'n' => Float(number, 'g', precision ?? 6, isAlternate),
            _ => Float(number, char.ToLowerInvariant(type), precision ?? 6, isAlternate),
        };
        int end = text.IndexOfAny(['.', 'e', '%']);
        text = end < 0 ? Group(text, group, 3) : Group(text[..end], group, 3) + text[end..];
        return (isNegative, "", char.IsUpper(type) ? text.ToUpperInvariant() : text);
    }

    /// <summary>Like g, but with a digit after the point.</summary>
    private static string Plain(double number, int precision)
    {
        string text = FloatText.General(number, precision);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) || !double.IsFinite(number) ? text : text + ".0";
    }

    /// <summary>A number that is not negative, by e, f or g.</summary>
    public static string Float(double number, char type, int precision, bool isAlternate) => type switch
    {
        'e' => FloatText.Exponent(number, precision),
        'f' => FloatText.Fixed(number, precision) + (isAlternate && precision == 0 ? "." : ""),
        _ => FloatText.General(number, precision, isAlternate),
    };

    public static string Radix(BigInteger value, char type)
    {
        int radix = type switch { 'b' => 2, 'o' => 8, _ => 16 };
        if (value.IsZero)
            return "0";
        List<char> digits = [];
        for (; !value.IsZero; value /= radix)
            digits.Add((type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[(int)(value % radix)]);
        digits.Reverse();
        return new string([.. digits]);
    }

    private static string Group(string digits, string separator, int size)
    {
        if (separator.Length == 0 || !digits.All(char.IsAsciiHexDigit))
            return digits;
        for (int at = digits.Length - size; at > 0; at -= size)
            digits = digits.Insert(at, separator);
        return digits;
    }

    private static string Align(string text, int width, string fill, string align)
    {
        int missing = width - Runes.Count(text);
        if (missing <= 0)
            return text;
        int left = align switch { "<" => 0, ">" => missing, _ => missing / 2 };
        return string.Concat(Enumerable.Repeat(fill, left)) + text + string.Concat(Enumerable.Repeat(fill, missing - left));
    }
}
