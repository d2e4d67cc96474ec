using System.Globalization;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>Lower case as Python's lower() has it: character by character, but a capital sigma at the end of a word is a final one.</summary>
internal static class TextLower
{
    private const int Sigma = 0x3A3;

    /// <summary>The text in lower case.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var lower = new StringBuilder(text.Length + 8);
        for (var at = 0; at < text.Length;)
        {
            var isRune = Rune.DecodeFromUtf16(text[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (!isRune)
            {
                lower.Append(text.Slice(at, length));
            }
            else if (rune.Value == 0x130)
            {
                lower.Append("i\u0307");
            }
            else if (rune.Value == Sigma)
            {
                lower.Append(IsFinal(text[..at], text[(at + length)..]) ? '\u03C2' : '\u03C3');
            }
            else
            {
                lower.Append(new Rune(Characters.ToLower(rune.Value)).ToString());
            }

            at += length;
        }

        return lower.ToString();
    }

    // Unicode's Final_Sigma: a letter with case before it, and none after it; what has no case of its own is passed over.
    private static bool IsFinal(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        while (!before.IsEmpty)
        {
            Rune.DecodeLastFromUtf16(before, out var rune, out var length);
            if (!IsPassed(rune))
            {
                break;
            }

            before = before[..^length];
        }

        if (before.IsEmpty || !(Rune.DecodeLastFromUtf16(before, out var last, out _) == System.Buffers.OperationStatus.Done && HasCase(last)))
        {
            return false;
        }

        while (!after.IsEmpty)
        {
            Rune.DecodeFromUtf16(after, out var rune, out var length);
            if (!IsPassed(rune))
            {
                return !HasCase(rune);
            }

            after = after[length..];
        }

        return true;
    }

    private static bool HasCase(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    private static bool IsPassed(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
