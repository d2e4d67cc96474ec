using System.Globalization;
using System.Numerics;

namespace AttnGen.Generation.Templates;

/// <summary>Floats as Python writes and rounds them.</summary>
internal static class FloatText
{
    /// <summary>repr(number): the shortest digits that come back, with an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Repr(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        if (number == 0)
            return double.IsNegative(number) ? "-0.0" : "0.0";
        var (digits, exponent) = Shortest(Math.Abs(number));
        string sign = number < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>The shortest digits that come back, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Shortest(double number)
    {
        string text = number.ToString("E16", CultureInfo.InvariantCulture), shortest = number.ToString("R", CultureInfo.InvariantCulture);
        string digits = new string([.. shortest.TakeWhile(c => c != 'E').Where(char.IsAsciiDigit)]).TrimStart('0').TrimEnd('0');
        int exponent = int.Parse(text[(text.IndexOf('E') + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        // The longer text may stand on the other side of a power of ten (9.99…E-008 for 1E-07).
        return (digits, Enumerable.Range(exponent - 1, 3).First(power => double.Parse($"{digits[0]}.{digits[1..]}0E{power}", CultureInfo.InvariantCulture) == number));
    }

    /// <summary>A number with so many decimals, the exact value rounded, halves to even.</summary>
    public static string Fixed(double number, int decimals)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        var (scaled, _) = Scaled(number, decimals);
        string digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return (double.IsNegative(number) ? "-" : "") + (decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}");
    }

    /// <summary>A number with one digit before the point, so many after it, and an exponent.</summary>
    public static string Exponent(double number, int decimals)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        var (digits, exponent) = Significant(Math.Abs(number), decimals + 1);
        return $"{(double.IsNegative(number) ? "-" : "")}{digits[0]}{(decimals > 0 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>A number with so many significant digits: with an exponent only where it is short that way.</summary>
    public static string General(double number, int precision, bool keepsZeros = false)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        precision = Math.Max(1, precision);
        var (_, exponent) = Significant(Math.Abs(number), precision);
        string text = exponent < -4 || exponent >= precision ? Exponent(number, precision - 1) : Fixed(number, precision - 1 - exponent);
        if (keepsZeros)
            return text;
        int end = text.IndexOf('e', StringComparison.Ordinal);
        string mantissa = end < 0 ? text : text[..end];
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + (end < 0 ? "" : text[end..]);
    }

    /// <summary>round(number, decimals).</summary>
    public static double Round(double number, long decimals)
    {
        if (!double.IsFinite(number) || decimals > 330)
            return number;
        if (decimals >= 0)
            return double.Parse(Fixed(number, (int)decimals), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (decimals < -330)
            return Math.CopySign(0, number);
        var (scaled, unit) = Scaled(number, (int)decimals);
        double value = Python.ToDouble(scaled * unit);
        return number < 0 ? -value : value;
    }

    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
            return (new string('0', count), 0);
        int exponent = (int)Math.Floor(Math.Log10(number));
        for (int guess = exponent - 1; ; guess++)
        {
            var (scaled, _) = Scaled(number, count - 1 - guess);
            string digits = scaled.ToString(CultureInfo.InvariantCulture);
            if (digits.Length <= count)
                return (digits.PadRight(count, '0'), guess);
        }
    }

    /// <summary>|number| · 10^decimals as an integer, halves to even; and 10^-decimals where that is one.</summary>
    private static (BigInteger Value, BigInteger Unit) Scaled(double number, int decimals)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = exponent == 0 ? bits & 0xFFFFFFFFFFFFF : (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000, denominator = BigInteger.One;
        int shift = Math.Max(exponent, 1) - 1075;
        if (shift > 0)
            numerator <<= shift;
        else
            denominator <<= -shift;
        var unit = BigInteger.Pow(10, Math.Abs(decimals));
        if (decimals >= 0)
            numerator *= unit;
        else
            denominator *= unit;
        var value = BigInteger.DivRem(numerator, denominator, out var rest);
        int order = (rest * 2).CompareTo(denominator);
        return (order > 0 || order == 0 && !value.IsEven ? value + 1 : value, unit);
    }
}
