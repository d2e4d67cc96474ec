using System.Globalization;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>What Python says of characters.</summary>
internal static class Characters
{
    /// <summary>White space. (All of it is in the basic plane.)</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    /// <summary>What \w of a regular expression takes.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetter(rune) || IsNumeric(rune) || rune.Value == '_';

    private static bool IsNumeric(Rune rune) => Rune.IsDigit(rune) || Rune.GetNumericValue(rune) >= 0 || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>isalpha() and the like.</summary>
    public static bool Is(string text, string method)
    {
        switch (method)
        {
            case "isascii":
                return text.All(char.IsAscii);
            case "isprintable":
                return text.EnumerateRunes().All(rune => Python.IsPrintable(rune.Value));
            case "islower":
                return text.EnumerateRunes().All(rune => !Casing.IsUpper(rune) && !Casing.IsTitle(rune)) && text.EnumerateRunes().Any(Casing.IsLower);
            case "isupper":
                return text.EnumerateRunes().All(rune => !Casing.IsLower(rune) && !Casing.IsTitle(rune)) && text.EnumerateRunes().Any(Casing.IsUpper);
            case "istitle":
                return IsTitle(text);
            case "isidentifier":
                return text.Length > 0 && !IsNumeric(text.EnumerateRunes().First()) && text.EnumerateRunes().All(rune => IsWord(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation);
            default:
                return text.Length > 0 && text.EnumerateRunes().All(rune => method switch
                {
                    "isalpha" => Rune.IsLetter(rune),
                    "isalnum" => Rune.IsLetter(rune) || IsNumeric(rune),
                    "isdecimal" => Rune.IsDigit(rune),
                    "isdigit" => Rune.IsDigit(rune) || CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0,
                    "isnumeric" => IsNumeric(rune),
                    _ => rune.Value < 0x10000 && IsSpace((char)rune.Value),
                });
        }
    }

    private static bool IsTitle(string text)
    {
        bool isInWord = false, isAny = false;
        foreach (var rune in text.EnumerateRunes())
        {
            bool isUpper = Casing.IsUpper(rune) || Casing.IsTitle(rune), isLower = Casing.IsLower(rune);
            if (isUpper && isInWord || isLower && !isInWord)
                return false;
            isInWord = isUpper || isLower;
            isAny |= isInWord;
        }

        return isAny;
    }
}
