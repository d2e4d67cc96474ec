using System.Buffers;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>The Unicode normal forms, by the same tables on every machine.</summary>
internal static partial class Nfc
{
    // Code points that one of them may become.
    private const int MostCompatible = 18;

    // Marks that are put in order one by one; code points that are collected before they are written where that is possible.
    private const int Few = 32;

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
    public static bool IsNormalized(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(s_plain) is var at && (at < 0 || AreStable(text[at..]));

    /// <summary>Adds the text in NFC.</summary>
    public static void Normalize(ReadOnlySpan<char> text, ref NormalizedText to) => Normalize(text, compatibility: false, compose: true, ref to);

    /// <summary>Adds the text in one of the four forms.</summary>
    public static void Normalize(ReadOnlySpan<char> text, bool compatibility, bool compose, ref NormalizedText to)
    {
        var marks = Scratch.Rent<Mark>(Few + MostCompatible);
        try
        {
            Span<char> hangul = stackalloc char[4];
            var count = 0;
            var run = 0; // where the marks begin that are not in order yet
            for (var at = 0; at < text.Length;)
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
                scoped var parts = Parts(rune.Value, compatibility, hangul);
                if (count >= Few && StartsAnew(rune.Value, parts))
                {
                    Flush(marks, ref count, ref run, compose, ref to);
                }

                if (count + MostCompatible > marks.Length)
                {
                    Scratch.Grow(ref marks, count, count + MostCompatible);
                }

                if (parts.IsEmpty)
                {
                    Take(rune.Value, at, at + length, marks, ref count, ref run);
                }
                else
                {
                    foreach (var part in parts.EnumerateRunes())
                    {
                        Take(part.Value, at, at + length, marks, ref count, ref run);
                    }
                }

                at += length;
            }

            Flush(marks, ref count, ref run, compose, ref to);
        }
        finally
        {
            Scratch.Return(marks);
        }
    }

    /// <summary>Whether what stands before a code point has nothing to do with it: it neither goes before other marks nor composes with what is before it.</summary>
    public static bool StartsAnew(int codePoint, bool compatibility)
    {
        Span<char> hangul = stackalloc char[4];
        return StartsAnew(codePoint, Parts(codePoint, compatibility, hangul));
    }

    /// <summary>Whether a code point stays what it is, whatever marks follow it.</summary>
    public static bool StaysItself(int codePoint, bool compatibility)
    {
        Span<char> hangul = stackalloc char[4];
        return Parts(codePoint, compatibility, hangul).IsEmpty && (uint)(codePoint - LeadBase) >= LeadCount && !Pairs.Firsts.Contains(codePoint);
    }

    private static ReadOnlySpan<char> Parts(int codePoint, bool compatibility, Span<char> hangul)
    {
        var parts = compatibility ? Characters.DecomposeCompatible(codePoint) : default;
        return parts.IsEmpty ? Characters.Decompose(codePoint, hangul) : parts;
    }

    private static bool StartsAnew(int codePoint, ReadOnlySpan<char> parts)
    {
        if (!parts.IsEmpty)
        {
            Rune.DecodeFromUtf16(parts, out var rune, out _);
            codePoint = rune.Value;
        }

        return codePoint < 0x300
            || (Characters.CombiningClass(codePoint) == 0 && (uint)(codePoint - VowelBase) >= VowelCount && (uint)(codePoint - TailBase) >= TailCount
                && !Pairs.Seconds.Contains(codePoint));
    }

    private static void Take(int codePoint, int start, int end, Mark[] marks, ref int count, ref int run)
    {
        var combining = Characters.CombiningClass(codePoint);
        if (combining == 0)
        {
            Sort(marks.AsSpan(run, count - run));
            run = count + 1;
        }

        marks[count++] = new Mark(codePoint, combining, start, end);
    }

    private static void Flush(Mark[] marks, ref int count, ref int run, bool compose, ref NormalizedText to)
    {
        Sort(marks.AsSpan(run, count - run));
        var all = marks.AsSpan(0, count);
        foreach (var mark in compose ? all[..Compose(all)] : all)
        {
            to.AddCodePoint(mark.CodePoint, mark.Start, mark.End);
        }

        count = run = 0;
    }

    // Canonical order: by class, marks of one class as they stand. Few are put in their places one by one, many are counted first: linear.
    private static void Sort(Span<Mark> marks)
    {
        if (marks.Length <= Few)
        {
            for (var i = 1; i < marks.Length; i++)
            {
                var mark = marks[i];
                var place = i;
                for (; place > 0 && marks[place - 1].Class > mark.Class; place--)
                {
                    marks[place] = marks[place - 1];
                }

                marks[place] = mark;
            }

            return;
        }

        Span<int> places = stackalloc int[257];
        places.Clear();
        foreach (var mark in marks)
        {
            places[mark.Class + 1]++;
        }

        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }

        var rented = Scratch.Rent<Mark>(marks.Length);
        foreach (var mark in marks)
        {
            rented[places[mark.Class]++] = mark;
        }

        rented.AsSpan(0, marks.Length).CopyTo(marks);
        Scratch.Return(rented);
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

        public static readonly HashSet<int> Firsts = [.. All.Keys.Select(static key => (int)(key >> 21))];

        public static readonly HashSet<int> Seconds = [.. All.Keys.Select(static key => (int)(key & 0x1FFFFF))];

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
