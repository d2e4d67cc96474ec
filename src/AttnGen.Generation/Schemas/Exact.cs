using System.Globalization;
using System.Numerics;

namespace AttnGen.Generation.Schemas;

/// <summary>A number of JSON as it is written: a whole number times a power of ten.</summary>
internal readonly record struct Exact(BigInteger Mantissa, int Exponent)
{
    private const int MostExponent = 5_000;

    /// <summary>Reads a number's text; null: its exponent is beyond all reason.</summary>
    public static Exact? Parse(string text)
    {
        var exponentAt = text.AsSpan().IndexOfAny('e', 'E');
        var digits = exponentAt < 0 ? text : text[..exponentAt];
        var exponent = 0;
        if (exponentAt >= 0 && !int.TryParse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return null;
        }

        var point = digits.IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : digits.Length - point - 1;
        return Math.Abs((long)exponent) > MostExponent ? null : new(BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), exponent);
    }

    /// <summary>The greatest whole multiple of 10^−digits that is not above it, as that multiple.</summary>
    public BigInteger Floor(int digits)
    {
        if (Exponent + digits >= 0)
        {
            return Mantissa * BigInteger.Pow(10, Exponent + digits);
        }

        var unit = BigInteger.Pow(10, -Exponent - digits);
        var whole = BigInteger.DivRem(Mantissa, unit, out var rest);
        return rest.Sign < 0 ? whole - 1 : whole;
    }

    /// <summary>The least whole multiple of 10^−digits that is not below it, as that multiple.</summary>
    public BigInteger Ceiling(int digits) => -new Exact(-Mantissa, Exponent).Floor(digits);

    /// <summary>Whether it has no fraction.</summary>
    public bool IsWhole => Floor(0) == Ceiling(0);

    /// <summary>Which of two is greater.</summary>
    public int CompareTo(Exact other)
    {
        var exponent = Math.Min(Exponent, other.Exponent);
        return (Mantissa * BigInteger.Pow(10, Exponent - exponent)).CompareTo(other.Mantissa * BigInteger.Pow(10, other.Exponent - exponent));
    }
}
