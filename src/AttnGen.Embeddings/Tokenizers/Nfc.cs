using System.Buffers;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>The Unicode normal forms, by the same tables on every machine.</summary>
internal static class Nfc
{
    // Code points that one UTF-16 unit may become.
    private const int MostCanonical = 4;
    private const int MostCompatible = 18;

    private const int LeadBase = 0x1100;
    private const int LeadCount = 19;
    private const int VowelBase = 0x1161;
    private const int VowelCount = 21;
    private const int TailBase = 0x11A7;
    private const int TailCount = 28;
    private const int HangulBase = 0xAC00;

    // Values, and no range: until the code is compiled for good, a search by a range boxes its ends.
    private static readonly SearchValues<char> s_plain = SearchValues.Create([.. Enumerable.Range(0, 0x300).Select(static one => (char)one)]);

    /// <summary>Whether a text certainly is what it would become.</summary>
    public static bool IsNormalized(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_plain);

    /// <summary>Adds the text in NFC.</summary>
    public static void Normalize(ReadOnlySpan<char> text, ref NormalizedText to) => Normalize(text, compatibility: false, compose: true, ref to);

    /// <summary>Adds the text in one of the four forms.</summary>
    public static void Normalize(ReadOnlySpan<char> text, bool compatibility, bool compose, ref NormalizedText to)
    {
        var rented = ArrayPool<Mark>.Shared.Rent((compatibility ? MostCompatible : MostCanonical) * text.Length + 1);
        try
        {
            var marks = rented.AsSpan(0, Decompose(text, compatibility, rented));
            foreach (var mark in compose ? marks[..Compose(marks)] : marks)
            {
                to.AddCodePoint(mark.CodePoint, mark.Start, mark.End);
            }
        }
        finally
        {
            ArrayPool<Mark>.Shared.Return(rented);
        }
    }

    private static int Decompose(ReadOnlySpan<char> text, bool compatibility, Mark[] marks)
    {
        Span<char> hangul = stackalloc char[4];
        var count = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            scoped ReadOnlySpan<char> parts = compatibility ? Characters.DecomposeCompatible(rune.Value) : default;
            if (parts.IsEmpty)
            {
                parts = Characters.Decompose(rune.Value, hangul);
            }

            if (parts.IsEmpty)
            {
                Insert(rune.Value);
            }
            else
            {
                foreach (var part in parts.EnumerateRunes())
                {
                    Insert(part.Value);
                }
            }

            at += length;

            void Insert(int codePoint)
            {
                var mark = new Mark(codePoint, Characters.CombiningClass(codePoint), at, at + length);
                var place = count++;
                for (; mark.Class != 0 && place > 0 && marks[place - 1].Class > mark.Class; place--)
                {
                    marks[place] = marks[place - 1];
                }

                marks[place] = mark;
            }
        }

        return count;
    }

    private static int Compose(Span<Mark> marks)
    {
        var count = 0;
        var starter = -1;
        for (var i = 0; i < marks.Length; i++)
        {
            var mark = marks[i];
            var blocked = starter < 0 || (starter < count - 1 && marks[count - 1].Class >= mark.Class);
            if (!blocked && Pair(marks[starter].CodePoint, mark.CodePoint) is var composed and >= 0)
            {
                marks[starter] = new Mark(composed, 0, marks[starter].Start, Math.Max(marks[starter].End, mark.End));
                continue;
            }

            if (mark.Class == 0)
            {
                starter = count;
            }

            marks[count++] = mark;
        }

        return count;
    }

    private static int Pair(int first, int second)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
        {
            return HangulBase + (lead * VowelCount + vowel) * TailCount;
        }

        var syllable = first - HangulBase;
        if ((uint)syllable < LeadCount * VowelCount * TailCount && syllable % TailCount == 0 && second > TailBase && second < TailBase + TailCount)
        {
            return first + second - TailBase;
        }

        return Pairs.All.TryGetValue(Pairs.Key(first, second), out var composed) ? composed : -1;
    }

    private readonly record struct Mark(int CodePoint, int Class, int Start, int End);

    /// <summary>What two code points compose to, read off the full decompositions.</summary>
    private static class Pairs
    {
        public static readonly Dictionary<long, int> All = Read();

        // A number: a tuple's hash code is boxed until the code is compiled for good.
        public static long Key(int first, int second) => ((long)first << 21) | (uint)second;

        private static Dictionary<long, int> Read()
        {
            const int DoesNotCompose = 8;
            var composed = new Dictionary<string, int>(StringComparer.Ordinal);
            var start = 0;
            foreach (var key in UnicodeTables.DecomposedKeys)
            {
                var length = key & 7;
                if ((key & DoesNotCompose) == 0)
                {
                    composed[UnicodeTables.Decompositions.Substring(start, length)] = key >> 4;
                }

                start += length;
            }

            var pairs = new Dictionary<long, int>(composed.Count);
            foreach (var (text, codePoint) in composed)
            {
                Rune.DecodeLastFromUtf16(text, out var last, out var length);
                var rest = text[..^length];
                pairs[Key(composed.TryGetValue(rest, out var first) ? first : Rune.GetRuneAt(rest, 0).Value, last.Value)] = codePoint;
            }

            return pairs;
        }
    }
}
