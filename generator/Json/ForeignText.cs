namespace AttnGen.Generator.Json;

/// <summary>Text of files in messages: it may hold anything, and a message is one line that says what it looks like.</summary>
internal static class ForeignText
{
    private const int Longest = 80;

    /// <summary>In quotes, on one line, shortened.</summary>
    public static string Quote(string text) => $"'{Short(text)}'";

    /// <summary>On one line, shortened.</summary>
    public static string Short(string text, int longest = Longest)
    {
        if (text.Length <= longest)
            return OneLine(text);
        int end = char.IsHighSurrogate(text[longest - 1]) && char.IsLowSurrogate(text[longest]) ? longest - 1 : longest;
        return OneLine(text.Substring(0, end)) + "…";
    }

    /// <summary>
    /// On one line: what would break it, turn its direction or cannot be written becomes U+FFFD. Letters of every script stay, in pairs of surrogates too.
    /// </summary>
    public static string OneLine(string text)
    {
        char[]? line = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else if (IsUnfit(text[i]))
                (line ??= text.ToCharArray())[i] = '\uFFFD';
        }

        return line is null ? text : new string(line);
    }

    private static bool IsUnfit(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
