using System.Runtime.CompilerServices;

namespace AttnGen.Embeddings;

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

    /// <summary>The class of a code point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass Class(int codePoint)
    {
        var ascii = s_ascii;
        return (uint)codePoint < (uint)ascii.Length ? (CharacterClass)ascii[codePoint] : (CharacterClass)(Find(UnicodeTables.ClassBounds, codePoint, 3) & 7);
    }

    /// <summary>Whether the code point has the property White_Space, which is more than <see cref="CharacterClass.Space"/>: line and page feeds are cleaned away.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint);

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
