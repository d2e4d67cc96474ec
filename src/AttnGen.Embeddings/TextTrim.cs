namespace AttnGen.Embeddings;

/// <summary>White space at the ends of a text, as Python's strip() has it.</summary>
internal static class TextTrim
{
    /// <summary>The text without it.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[0]))
        {
            text = text[1..];
        }

        while (!text.IsEmpty && IsSpace(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    // The separators of information are white space to Python, and not to Unicode.
    private static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';
}
