using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>Texts as Python counts them: by code points. A text without surrogates is its own UTF-16 units.</summary>
internal static class Runes
{
    public static bool AreUnits(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0;

    public static int Count(string text)
    {
        int count = text.Length;
        for (int i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
                count--;
        }

        return count;
    }

    /// <summary>Each code point as a text.</summary>
    public static IEnumerable<object?> Split(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int length = Length(text, i);
            yield return text.Substring(i, length);
            i += length - 1;
        }
    }

    public static int Length(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;

    /// <summary>Where a code point begins; the text's length for the one after the last.</summary>
    public static int Offset(string text, int index)
    {
        if (AreUnits(text))
            return Math.Min(index, text.Length);
        int at = 0;
        for (; index > 0 && at < text.Length; index--)
            at += Length(text, at);
        return at;
    }

    /// <summary>The number of code points before a place.</summary>
    public static int Index(string text, int offset) => AreUnits(text) ? offset : Count(text[..offset]);

    public static string Slice(string text, int start, int stop)
    {
        int from = Offset(text, start);
        return stop <= start ? "" : text[from..Offset(text, stop)];
    }

    public static string Pick(string text, IEnumerable<int> indices)
    {
        var points = Split(text).Cast<string>().ToList();
        var picked = new StringBuilder();
        foreach (int index in indices)
            picked.Append(points[index]);
        return picked.ToString();
    }

    /// <summary>The order of code points, which is not that of UTF-16 units: surrogates stand before the end of the basic plane.</summary>
    public static int Compare(string left, string right)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            char a = left[i], b = right[i];
            if (a != b)
                return Rank(a) - Rank(b);
        }

        return left.Length - right.Length;
    }

    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
