using System.Globalization;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>Upper and lower case by Unicode's full mappings, which Python uses and .NET does not: one letter may become several.</summary>
internal static class Casing
{
    // Letter, upper case, title case; of those that have more than one letter in upper case.
    private const string Special =
        "ß SS Ss,ŉ ʼN ʼN,ǰ J̌ J̌,ΐ Ϊ́ Ϊ́,ΰ Ϋ́ Ϋ́,և ԵՒ Եւ,ẖ H̱ H̱,ẗ T̈ T̈,ẘ W̊ W̊,ẙ Y̊ Y̊,ẚ Aʾ Aʾ,ὐ Υ̓ Υ̓,ὒ Υ̓̀ Υ̓̀,"
        + "ὔ Υ̓́ Υ̓́,ὖ Υ̓͂ Υ̓͂,ᾀ ἈΙ ᾈ,ᾁ ἉΙ ᾉ,ᾂ ἊΙ ᾊ,ᾃ ἋΙ ᾋ,ᾄ ἌΙ ᾌ,ᾅ ἍΙ ᾍ,ᾆ ἎΙ ᾎ,ᾇ ἏΙ ᾏ,ᾈ ἈΙ ᾈ,ᾉ ἉΙ ᾉ,ᾊ ἊΙ ᾊ,ᾋ ἋΙ ᾋ,ᾌ ἌΙ ᾌ,"
        + "ᾍ ἍΙ ᾍ,ᾎ ἎΙ ᾎ,ᾏ ἏΙ ᾏ,ᾐ ἨΙ ᾘ,ᾑ ἩΙ ᾙ,ᾒ ἪΙ ᾚ,ᾓ ἫΙ ᾛ,ᾔ ἬΙ ᾜ,ᾕ ἭΙ ᾝ,ᾖ ἮΙ ᾞ,ᾗ ἯΙ ᾟ,ᾘ ἨΙ ᾘ,ᾙ ἩΙ ᾙ,ᾚ ἪΙ ᾚ,ᾛ ἫΙ ᾛ,"
        + "ᾜ ἬΙ ᾜ,ᾝ ἭΙ ᾝ,ᾞ ἮΙ ᾞ,ᾟ ἯΙ ᾟ,ᾠ ὨΙ ᾨ,ᾡ ὩΙ ᾩ,ᾢ ὪΙ ᾪ,ᾣ ὫΙ ᾫ,ᾤ ὬΙ ᾬ,ᾥ ὭΙ ᾭ,ᾦ ὮΙ ᾮ,ᾧ ὯΙ ᾯ,ᾨ ὨΙ ᾨ,ᾩ ὩΙ ᾩ,ᾪ ὪΙ ᾪ,"
        + "ᾫ ὫΙ ᾫ,ᾬ ὬΙ ᾬ,ᾭ ὭΙ ᾭ,ᾮ ὮΙ ᾮ,ᾯ ὯΙ ᾯ,ᾲ ᾺΙ Ὰͅ,ᾳ ΑΙ ᾼ,ᾴ ΆΙ Άͅ,ᾶ Α͂ Α͂,ᾷ Α͂Ι ᾼ͂,ᾼ ΑΙ ᾼ,ῂ ῊΙ Ὴͅ,ῃ ΗΙ ῌ,ῄ ΉΙ Ήͅ,"
        + "ῆ Η͂ Η͂,ῇ Η͂Ι ῌ͂,ῌ ΗΙ ῌ,ῒ Ϊ̀ Ϊ̀,ΐ Ϊ́ Ϊ́,ῖ Ι͂ Ι͂,ῗ Ϊ͂ Ϊ͂,ῢ Ϋ̀ Ϋ̀,ΰ Ϋ́ Ϋ́,ῤ Ρ̓ Ρ̓,ῦ Υ͂ Υ͂,ῧ Ϋ͂ Ϋ͂,"
        + "ῲ ῺΙ Ὼͅ,ῳ ΩΙ ῼ,ῴ ΏΙ Ώͅ,ῶ Ω͂ Ω͂,ῷ Ω͂Ι ῼ͂,ῼ ΩΙ ῼ,ﬀ FF Ff,ﬁ FI Fi,ﬂ FL Fl,ﬃ FFI Ffi,ﬄ FFL Ffl,ﬅ ST St,ﬆ ST St,"
        + "ﬓ ՄՆ Մն,ﬔ ՄԵ Մե,ﬕ ՄԻ Մի,ﬖ ՎՆ Վն,ﬗ ՄԽ Մխ";

    private static readonly Dictionary<int, (string Upper, string Title)> s_special = Special.Split(',').Select(row => row.Split(' ')).ToDictionary(row => (int)row[0][0], row => (row[1], row[2]));

    public static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter || rune.Value is >= 0x2160 and <= 0x216F or >= 0x24B6 and <= 0x24CF;

    public static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static bool IsLower(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter || rune.Value is 0xAA or 0xBA or >= 0x2B0 and <= 0x2B8 or >= 0x2170 and <= 0x217F or >= 0x24D0 and <= 0x24E9;

    private static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    public static string Upper(string text, object?[]? _ = null)
    {
        var upper = new StringBuilder(text.Length);
        Each(text, (rune, _) => upper.Append(s_special.TryGetValue(rune.Value, out var special) ? special.Upper : UpperOf(rune)));
        return upper.ToString();
    }

    public static string Lower(string text, bool isFolded = false, object?[]? _ = null)
    {
        var lower = new StringBuilder(text.Length);
        Each(text, (rune, at) => lower.Append(isFolded ? Folded(rune) : LowerOf(text, rune, at)));
        return lower.ToString();
    }

    public static string Capitalize(string text, object?[]? _ = null)
    {
        var result = new StringBuilder(text.Length);
        Each(text, (rune, at) => result.Append(at == 0 ? TitleOf(rune) : LowerOf(text, rune, at)));
        return result.ToString();
    }

    public static string Title(string text, object?[]? _ = null)
    {
        var result = new StringBuilder(text.Length);
        bool isInWord = false;
        Each(text, (rune, at) =>
        {
            result.Append(isInWord ? LowerOf(text, rune, at) : TitleOf(rune));
            isInWord = IsCased(rune);
        });
        return result.ToString();
    }

    public static string Swap(string text, object?[]? _ = null)
    {
        var result = new StringBuilder(text.Length);
        Each(text, (rune, at) => result.Append(
            IsUpper(rune) ? LowerOf(text, rune, at)
            : !IsLower(rune) ? rune.ToString()
            : s_special.TryGetValue(rune.Value, out var special) ? special.Upper : UpperOf(rune)));
        return result.ToString();
    }

    /// <summary>Every code point with its place. Half a surrogate pair stays as it is.</summary>
    private static void Each(string text, Action<Rune, int> visit)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
                throw Python.Error("The text has half a surrogate pair, which has no case.");
            visit(rune, i);
            i += rune.Utf16SequenceLength - 1;
        }
    }

    // Invariant casing leaves these two alone, in which a Turkish reader would differ.
    private static string UpperOf(Rune rune) => rune.Value == 0x131 ? "I" : Rune.ToUpperInvariant(rune).ToString();

    private static string TitleOf(Rune rune) =>
        s_special.TryGetValue(rune.Value, out var special) ? special.Title
        : rune.Value switch
        {
            0x1C4 or 0x1C5 or 0x1C6 => "\u01c5",
            0x1C7 or 0x1C8 or 0x1C9 => "\u01c8",
            0x1CA or 0x1CB or 0x1CC => "\u01cb",
            0x1F1 or 0x1F2 or 0x1F3 => "\u01f2",
            >= 0x10D0 and <= 0x10FF => rune.ToString(),
            _ => UpperOf(rune),
        };

    private static string Folded(Rune rune) =>
        rune.Value is 0x3C2 ? "\u03c3" : s_special.TryGetValue(rune.Value, out var special) ? Lower(special.Upper) : rune.Value == 0x1E9E ? "ss" : rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString();

    private static string LowerOf(string text, Rune rune, int at) => rune.Value switch
    {
        0x130 => "i\u0307",
        0x3A3 => IsFinal(text, at) ? "\u03c2" : "\u03c3",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    /// <summary>Whether a sigma ends a word: a letter before it and none after it, over what has no case.</summary>
    private static bool IsFinal(string text, int at)
    {
        bool before = false, after = false;
        foreach (var rune in text[..at].EnumerateRunes())
            before = IsCased(rune) || before && IsIgnorable(rune);
        foreach (var rune in text[(at + 1)..].EnumerateRunes())
        {
            after = IsCased(rune);
            if (!IsIgnorable(rune))
                break;
        }

        return before && !after;
    }

    private static bool IsIgnorable(Rune rune) =>
        rune.Value is '\'' or '.' or ':' or '^' or '`' or 0xA8 or 0xAD or 0xAF or 0xB4 or 0xB7 or 0xB8 or 0x2019
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
