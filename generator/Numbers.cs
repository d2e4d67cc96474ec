using System.Globalization;

namespace AttnGen.Generator;

/// <summary>Numbers as C# writes them, the same in every culture.</summary>
internal static class Numbers
{
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A float literal that rounds to the float nearest <paramref name="value"/>.</summary>
    public static string Float(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture) + "f";

    /// <summary>A distance in floats as an nint, also beyond what an int holds.</summary>
    public static string Offset(long value) =>
        value <= int.MaxValue ? value.ToString(CultureInfo.InvariantCulture) : $"unchecked((nint){value.ToString(CultureInfo.InvariantCulture)}L)";
}
