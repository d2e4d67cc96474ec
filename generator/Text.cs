using System.Globalization;

namespace AttnGen.Generator;

/// <summary>Values as they stand in messages and in generated code, the same in every culture.</summary>
internal static class Text
{
    public static string Of(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A float literal that rounds to the float nearest <paramref name="value"/>.</summary>
    public static string Float(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture) + "f";

    /// <summary>A distance in floats as an nint, also beyond what an int holds.</summary>
    public static string Offset(long value) => value <= int.MaxValue ? Of(value) : $"unchecked((nint){Of(value)}L)";

    /// <summary>A string literal, quotes included.</summary>
    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>"a", "a or b", "a, b or c".</summary>
    public static string AnyOf(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : string.Join(", ", items.Take(items.Count - 1)) + " or " + items[items.Count - 1];

    /// <summary>A word from a file as it stands in a message: cut if it is longer than any that means something.</summary>
    public static string Short(string text) => text.Length <= 120 ? Json.ForeignText.OneLine(text) : Json.ForeignText.Short(text, 100);

    /// <summary>One line of text, whatever it was: names and labels come from files and may hold anything.</summary>
    public static string OneLine(string text) => Json.ForeignText.OneLine(text);

    /// <summary>The same for a comment with XML in it.</summary>
    public static string Xml(string text) => OneLine(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
