using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>What the expressions that split texts ask of a character. One bit is set, of a line break two.</summary>
[Flags]
internal enum CharacterKind : byte
{
    Upper = 1, // and title case
    Lower = 2,
    Letter = 4, // without case
    Mark = 8,
    Number = 16,
    Space = 32,
    Break = 64, // \r or \n, a space too
    Other = 128,
    Letters = Upper | Lower | Letter,
}

/// <summary>The kind of each character, of the first plane in a table.</summary>
internal static class CharacterKinds
{
    private static readonly byte[] s_kinds = Read();

    /// <summary>The kind of the character at a place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place, within the text.</param>
    /// <param name="length">Its UTF-16 units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterKind At(ReadOnlySpan<char> text, int at, out int length)
    {
        var character = text[at];
        length = 1;
        return char.IsHighSurrogate(character) ? Pair(text, at, ref length) : (CharacterKind)s_kinds[character];
    }

    // A surrogate without the other half is what U+FFFD is.
    private static CharacterKind Pair(ReadOnlySpan<char> text, int at, ref int length)
    {
        if (at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
        {
            return CharacterKind.Other;
        }

        length = 2;
        return Of(char.ConvertToUtf32(text[at], text[at + 1]));
    }

    private static byte[] Read()
    {
        var kinds = new byte[char.MaxValue + 1];
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = (byte)(Rune.IsValid(i) ? Of(i) : CharacterKind.Other);
        }

        return kinds;
    }

    private static CharacterKind Of(int codePoint) =>
        codePoint is '\r' or '\n' ? CharacterKind.Space | CharacterKind.Break
        : Characters.IsWhiteSpace(codePoint) ? CharacterKind.Space
        : CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterKind.Upper,
            UnicodeCategory.LowercaseLetter => CharacterKind.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterKind.Letter,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterKind.Mark,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
            _ => CharacterKind.Other,
        };
}
