using System.Globalization;
using System.Text;

namespace AttnGen.Tokenizers;

// GPT-2's expression, without a regular expression.
internal sealed partial class BpeTokenizer
{
    // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
    internal static int WordLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && text.Length > 1)
        {
            if (text[1] is 's' or 't' or 'm' or 'd')
            {
                return 2;
            }

            if (text.Length > 2 && text[1..3] is "re" or "ve" or "ll")
            {
                return 3;
            }
        }

        var at = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindAt(text, at, out var length);
        if (kind == WordKind.Space)
        {
            at = 0;
            var last = 0;
            while (at < text.Length && KindAt(text, at, out length) == WordKind.Space)
            {
                last = at;
                at += length;
            }

            // The last space before a word goes with the word, or alone.
            return at == text.Length || last == 0 ? at : last;
        }

        do
        {
            at += length;
        }
        while (at < text.Length && KindAt(text, at, out length) == kind);

        return at;
    }

    /// <summary>Whether a word certainly ends between two code points, or goes over the place, and neither side depends on the other.</summary>
    internal static SplitPlace WordEnds(int before, int after)
    {
        Span<char> text = stackalloc char[4];
        var length = new Rune(before).EncodeToUtf16(text);
        new Rune(after).EncodeToUtf16(text[length..]);
        var kind = KindAt(text, 0, out _);
        var next = KindAt(text, length, out _);
        return (kind, next) switch
        {
            (WordKind.Space, WordKind.Space) => SplitPlace.Spaces,
            (WordKind.Space, _) => SplitPlace.Whole,
            _ when before == '\'' => SplitPlace.Whole,
            _ when kind != next => SplitPlace.Boundary,
            (WordKind.Letter, _) when before is 's' or 't' or 'm' or 'd' or 'r' or 'e' or 'v' or 'l' => SplitPlace.Letters,
            (WordKind.Other, _) when after == '\'' => SplitPlace.Whole,
            _ => SplitPlace.Apart,
        };
    }

    private static WordKind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        var character = text[at];
        length = 1;
        if (character < 0x80)
        {
            return char.IsAsciiLetter(character) ? WordKind.Letter
                : char.IsAsciiDigit(character) ? WordKind.Number
                : character is ' ' or (>= '\t' and <= '\r') ? WordKind.Space : WordKind.Other;
        }

        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return Characters.IsWhiteSpace(rune.Value) ? WordKind.Space : CharUnicodeInfo.GetUnicodeCategory(rune.Value) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => WordKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => WordKind.Number,
            _ => WordKind.Other,
        };
    }

    private enum WordKind
    {
        Letter,
        Number,
        Space,
        Other,
    }
}
