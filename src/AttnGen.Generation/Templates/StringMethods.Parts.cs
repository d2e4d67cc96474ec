using System.Text;

namespace AttnGen.Generation.Templates;

internal static partial class StringMethods
{
    /// <summary>split and rsplit: at a separator, or at runs of white space.</summary>
    public static List<object?> Split(string text, string? separator, int most, bool fromRight = false)
    {
        if (separator is { Length: 0 })
            throw Python.Error("empty separator");
        return separator is null ? (fromRight ? SplitSpacesFromRight(text, most) : SplitSpaces(text, most)) : fromRight ? SplitFromRight(text, separator, most) : SplitAt(text, separator, most);
    }

    private static List<object?> SplitAt(string text, string separator, int most)
    {
        List<object?> parts = [];
        int at = 0;
        for (int found; (most < 0 || parts.Count < most) && (found = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = found + separator.Length)
            parts.Add(text[at..found]);
        parts.Add(text[at..]);
        return parts;
    }

    private static List<object?> SplitFromRight(string text, string separator, int most)
    {
        List<object?> parts = [];
        string rest = text;
        for (int found; (most < 0 || parts.Count < most) && (found = rest.LastIndexOf(separator, StringComparison.Ordinal)) >= 0; rest = rest[..found])
            parts.Insert(0, rest[(found + separator.Length)..]);
        parts.Insert(0, rest);
        return parts;
    }

    private static List<object?> SplitSpaces(string text, int most)
    {
        List<object?> parts = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && Characters.IsSpace(text[at]))
                at++;
            if (at == text.Length)
                return parts;
            if (most >= 0 && parts.Count >= most)
            {
                parts.Add(text[at..]);
                return parts;
            }

            int end = at;
            while (end < text.Length && !Characters.IsSpace(text[end]))
                end++;
            parts.Add(text[at..end]);
            at = end;
        }
    }

    private static List<object?> SplitSpacesFromRight(string text, int most)
    {
        List<object?> parts = [];
        int end = text.Length;
        while (true)
        {
            while (end > 0 && Characters.IsSpace(text[end - 1]))
                end--;
            if (end == 0)
                return parts;
            if (most >= 0 && parts.Count >= most)
            {
                parts.Insert(0, text[..end]);
                return parts;
            }

            int at = end;
            while (at > 0 && !Characters.IsSpace(text[at - 1]))
                at--;
            parts.Insert(0, text[at..end]);
            end = at;
        }
    }

    /// <summary>A text's lines, by Python's idea of a line's end.</summary>
    public static IEnumerable<string> Lines(string text, bool keepsEnds = false)
    {
        int at = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (!Characters.IsLineEnd(text[i]))
                continue;
            int end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            yield return text[at..(keepsEnds ? end : i)];
            at = end;
            i = end - 1;
        }

        if (at < text.Length)
            yield return text[at..];
    }

    private static TupleValue Partition(string text, string separator, bool fromRight)
    {
        if (separator.Length == 0)
            throw Python.Error("empty separator");
        int found = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return new(found >= 0 ? [text[..found], separator, text[(found + separator.Length)..]] : fromRight ? ["", "", text] : [text, "", ""]);
    }

    public static string Pad(string text, int width, string fill, string method)
    {
        if (Runes.Count(fill) != 1)
            throw Python.Error("The fill character must be exactly one character long");
        Python.CheckLength(width);
        int missing = width - Runes.Count(text);
        if (missing <= 0)
            return text;
        int left = method switch { "ljust" => 0, "rjust" => missing, _ => missing / 2 + (missing & width & 1) };
        return Times(fill, left) + text + Times(fill, missing - left);
    }

    private static string Times(string fill, int count) => string.Concat(Enumerable.Repeat(fill, count));

    private static string ZeroFill(string text, int width)
    {
        Python.CheckLength(width);
        int missing = width - Runes.Count(text);
        int sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        return missing <= 0 ? text : text[..sign] + new string('0', missing) + text[sign..];
    }

    private static string ExpandTabs(string text, int size)
    {
        Python.CheckLength(size);
        var result = new StringBuilder();
        int column = 0;
        foreach (string point in Runes.Split(text).Cast<string>())
        {
            if (point == "\t")
            {
                int blanks = size > 0 ? size - column % size : 0;
                result.Append(' ', blanks);
                column += blanks;
            }
            else
            {
                result.Append(point);
                column = point is "\n" or "\r" ? 0 : column + 1;
            }

            Python.CheckLength(result.Length);
        }

        return result.ToString();
    }
}
