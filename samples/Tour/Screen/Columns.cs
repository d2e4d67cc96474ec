using System.Globalization;
using System.Text;

namespace Tour;

/// <summary>Text measured in the columns that it takes on a screen; colour escapes take none.</summary>
internal static class Columns
{
    public static int Of(string text)
    {
        var columns = 0;
        var inEscape = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (inEscape)
                inEscape = rune.Value != 'm';
            else if (rune.Value == '\u001b')
                inEscape = true;
            else
                columns += Of(rune);
        }
        return columns;
    }

    /// <summary>The beginning of a text without escapes, at most so many columns wide.</summary>
    public static string Cut(string text, int columns)
    {
        if (Of(text) <= columns)
            return text;
        var kept = new StringBuilder();
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Of(rune);
            if (used > columns - 1)
                break;
            kept.Append(rune.ToString());
        }
        return kept.Append('\u2026').ToString();
    }

    public static string PadLeft(string text, int columns) => new string(' ', Math.Max(0, columns - Of(text))) + text;

    public static string PadRight(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));

    public static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = new StringBuilder();
        var used = 0;
        foreach (var word in text.Split(' '))
        {
            var width = Of(word);
            if (used > 0 && used + 1 + width > columns)
            {
                yield return line.ToString();
                line.Clear();
                used = 0;
            }
            if (used > 0)
            {
                line.Append(' ');
                used++;
            }
            line.Append(word);
            used += width;
        }
        yield return line.ToString();
    }

    // Combining marks take no column; Chinese, Japanese and Korean characters and emoji take two.
    private static int Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60)
            or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1,
    };
}
