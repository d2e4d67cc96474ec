using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>What the BERT normaliser and pre-tokenizer make of a code point.</summary>
internal enum CharacterClass
{
    /// <summary>Part of a word.</summary>
    Word = 0,

    /// <summary>A nonspacing mark, which goes when accents are stripped.</summary>
    Mark = 1,

    /// <summary>A word of its own.</summary>
    Punctuation = 2,

    /// <summary>A control, format or private character, U+0000 or U+FFFD: cleaned away.</summary>
    Removed = 3,

    /// <summary>White space: one space.</summary>
    Space = 4,

    /// <summary>A CJK ideograph: a word of its own.</summary>
    Ideograph = 5,
}

/// <summary>Look-ups in <see cref="UnicodeTables"/>.</summary>
internal static class Characters
{
    private const int HangulBase = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    private static readonly byte[] s_ascii = Ascii();

    // Marks that Unicode has had since the version that the reference strips accents by: first and last of each run.
    private static ReadOnlySpan<int> YoungMarks =>
    [
        0x7FD, 0x7FD, 0x897, 0x89F, 0x8CA, 0x8D3, 0x9FE, 0x9FE, 0xAFA, 0xAFF, 0xB55, 0xB55, 0xC04, 0xC04, 0xC3C, 0xC3C, 0xCF3, 0xCF3, 0xD00, 0xD00,
        0xD3B, 0xD3C, 0xD81, 0xD81, 0xEBA, 0xEBA, 0xECE, 0xECE, 0x1715, 0x1715, 0x180F, 0x180F, 0x1ABF, 0x1ACE, 0x1CF7, 0x1CF7, 0x1DF6, 0x1DFA,
        0xA82C, 0xA82C, 0xA8FF, 0xA8FF, 0x10D24, 0x10D27, 0x10D69, 0x10D6D, 0x10EAB, 0x10EAC, 0x10EFC, 0x10EFF, 0x10F46, 0x10F50, 0x10F82, 0x10F85,
        0x11070, 0x11070, 0x11073, 0x11074, 0x110C2, 0x110C2, 0x11145, 0x11146, 0x111C9, 0x111C9, 0x111CE, 0x111CF, 0x11241, 0x11241, 0x1133B,
        0x1133B, 0x113B8, 0x113C0, 0x113C2, 0x113C2, 0x113C5, 0x113C5, 0x113C7, 0x113CA, 0x113CC, 0x113D0, 0x113D2, 0x113D2, 0x113E1, 0x113E2,
        0x1145E, 0x1145E, 0x1182C, 0x1183A, 0x11930, 0x11935, 0x11937, 0x11938, 0x1193B, 0x1193E, 0x11940, 0x11940, 0x11942, 0x11943, 0x119D1,
        0x119D7, 0x119DA, 0x119E0, 0x119E4, 0x119E4, 0x11A01, 0x11A0A, 0x11A33, 0x11A39, 0x11A3B, 0x11A3E, 0x11A47, 0x11A47, 0x11A51, 0x11A5B,
        0x11A8A, 0x11A99, 0x11D31, 0x11D36, 0x11D3A, 0x11D3A, 0x11D3C, 0x11D3D, 0x11D3F, 0x11D45, 0x11D47, 0x11D47, 0x11D8A, 0x11D8E, 0x11D90,
        0x11D91, 0x11D93, 0x11D97, 0x11EF3, 0x11EF6, 0x11F00, 0x11F01, 0x11F03, 0x11F03, 0x11F34, 0x11F3A, 0x11F3E, 0x11F42, 0x11F5A, 0x11F5A,
        0x13440, 0x13440, 0x13447, 0x13455, 0x1611E, 0x1612F, 0x16F4F, 0x16F4F, 0x16F7F, 0x16F87, 0x16FE4, 0x16FE4, 0x16FF0, 0x16FF1, 0x1CF00,
        0x1CF2D, 0x1CF30, 0x1CF46, 0x1E08F, 0x1E08F, 0x1E130, 0x1E136, 0x1E2AE, 0x1E2AE, 0x1E2EC, 0x1E2EF, 0x1E4EC, 0x1E4EF, 0x1E5EE, 0x1E5EF,
    ];

    /// <summary>The class of a code point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass Class(int codePoint)
    {
        var ascii = s_ascii;
        return (uint)codePoint < (uint)ascii.Length ? (CharacterClass)ascii[codePoint] : (CharacterClass)(Find(UnicodeTables.ClassBounds, codePoint, 3) & 7);
    }

    /// <summary>Whether the code point has the property White_Space, which is more than <see cref="CharacterClass.Space"/>: line and page feeds are cleaned away.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint);

    /// <summary>A mark of any kind, as the reference strips accents.</summary>
    public static bool IsMark(int codePoint)
    {
        if (codePoint < 0x300)
        {
            return false;
        }

        if (CharUnicodeInfo.GetUnicodeCategory(codePoint) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark))
        {
            return codePoint is 0x1CF2 or 0x1CF3;
        }

        for (var i = 0; i < YoungMarks.Length; i += 2)
        {
            if (codePoint <= YoungMarks[i + 1])
            {
                return codePoint < YoungMarks[i];
            }
        }

        return true;
    }

    /// <summary>Punctuation, or a symbol of ASCII.</summary>
    public static bool IsPunctuation(int codePoint) => Class(codePoint) == CharacterClass.Punctuation;

    /// <summary>A number of any kind.</summary>
    public static bool IsNumber(int codePoint) => codePoint < 0x80
        ? codePoint is >= '0' and <= '9'
        : CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            || codePoint is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);

    /// <summary>Part of a word: alphabetic, marks, decimal digits, connectors, joiners.</summary>
    public static bool IsWord(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => codePoint is 0x200C or 0x200D,
    };

    /// <summary>The code point at a place; U+FFFD for half a surrogate pair.</summary>
    public static int CodePointAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out _);
        return rune.Value;
    }

    /// <summary>The code point before a place; U+FFFD for half a surrogate pair.</summary>
    public static int CodePointBefore(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeLastFromUtf16(text[..at], out var rune, out _);
        return rune.Value;
    }

    /// <summary>The canonical combining class.</summary>
    public static int CombiningClass(int codePoint) => codePoint < 0x300 ? 0 : Find(UnicodeTables.CombiningBounds, codePoint, 8) & 0xFF;

    /// <summary>The full canonical decomposition in UTF-16.</summary>
    /// <param name="codePoint">The code point.</param>
    /// <param name="buffer">At least 4 long; used for Hangul.</param>
    /// <returns>Empty: the code point does not decompose.</returns>
    public static ReadOnlySpan<char> Decompose(int codePoint, Span<char> buffer)
    {
        if (codePoint < 0xC0)
        {
            return default;
        }

        var syllable = codePoint - HangulBase;
        if ((uint)syllable < HangulCount)
        {
            buffer[0] = (char)(LeadBase + syllable / (VowelCount * TailCount));
            buffer[1] = (char)(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            var tail = syllable % TailCount;
            buffer[2] = (char)(TailBase + tail);
            return buffer[..(tail == 0 ? 2 : 3)];
        }

        return Look(UnicodeTables.DecomposedKeys, 4, 7, UnicodeTables.Decompositions, DecompositionStarts.Canonical, codePoint);
    }

    /// <summary>The full compatibility decomposition where it differs from the canonical one; empty: see <see cref="Decompose"/>.</summary>
    public static ReadOnlySpan<char> DecomposeCompatible(int codePoint) => codePoint < 0xA0
        ? default
        : Look(CompatibilityTable.Keys, 5, 31, CompatibilityTable.Decompositions, DecompositionStarts.Compatible, codePoint);

    /// <summary>The lower case of one code point, without context. U+0130 has two code points; the caller knows.</summary>
    public static int ToLower(int codePoint)
    {
        if (codePoint < 0x80)
        {
            return codePoint is >= 'A' and <= 'Z' ? codePoint | 0x20 : codePoint;
        }

        var runs = UnicodeTables.LowerRuns;
        var low = 0;
        var high = runs.Length / 4 - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var run = runs.Slice(middle * 4, 4);
            if (codePoint < run[0])
            {
                high = middle - 1;
            }
            else if (codePoint > run[1])
            {
                low = middle + 1;
            }
            else
            {
                return (codePoint - run[0]) % run[2] == 0 ? codePoint + run[3] : codePoint;
            }
        }

        return codePoint;
    }

    // The last bound whose code point is not after this one.
    private static int Find(ReadOnlySpan<int> bounds, int codePoint, int shift)
    {
        var low = 0;
        var high = bounds.Length;
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            if (bounds[middle] >> shift <= codePoint)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return bounds[low];
    }

    private static byte[] Ascii()
    {
        var table = new byte[128];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)(Find(UnicodeTables.ClassBounds, i, 3) & 7);
        }

        return table;
    }

    private static ReadOnlySpan<char> Look(ReadOnlySpan<int> keys, int shift, int lengthMask, string texts, ushort[] starts, int codePoint)
    {
        var low = 0;
        var high = keys.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var difference = (keys[middle] >> shift) - codePoint;
            if (difference == 0)
            {
                return texts.AsSpan(starts[middle], keys[middle] & lengthMask);
            }

            if (difference < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return default;
    }

    private static class DecompositionStarts
    {
        public static readonly ushort[] Canonical = Sum(UnicodeTables.DecomposedKeys, 7);

        public static readonly ushort[] Compatible = Sum(CompatibilityTable.Keys, 31);

        private static ushort[] Sum(ReadOnlySpan<int> keys, int lengthMask)
        {
            var starts = new ushort[keys.Length];
            var start = 0;
            for (var i = 0; i < keys.Length; i++)
            {
                starts[i] = (ushort)start;
                start += keys[i] & lengthMask;
            }

            return starts;
        }
    }
}
