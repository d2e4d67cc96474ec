using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>What a code point is to BERT's words.</summary>
internal enum BertUnit
{
    /// <summary>What has to be looked at closer: a mark that stays, what decomposes in an unusual way.</summary>
    Other,

    /// <summary>It becomes one character of a word, and marks that go.</summary>
    Word,

    /// <summary>It becomes nothing, and what stands before it may be in one word with what stands behind it.</summary>
    Nothing,

    /// <summary>White space.</summary>
    Space,

    /// <summary>A word of its own: punctuation, an ideograph.</summary>
    Single,
}

/// <summary>BERT's normalisation: controls away, ideographs between spaces, accents away, lower case.</summary>
/// <param name="Clean">Remove controls, U+0000 and U+FFFD; white space to spaces.</param>
/// <param name="SpaceIdeographs">Spaces around CJK ideographs.</param>
/// <param name="StripAccents">Decompose and remove nonspacing marks.</param>
/// <param name="Lower">Lower case, character by character.</param>
internal sealed record BertNormalizer(bool Clean, bool SpaceIdeographs, bool StripAccents, bool Lower)
{
    private readonly byte[]?[] _kinds = new byte[0x1100][];

    /// <summary>What a code point is to words: most are so much alike that a run of them is read without looking closer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the code point begins; half a surrogate pair is U+FFFD.</param>
    /// <param name="length">How many UTF-16 units it has.</param>
    public BertUnit Unit(ReadOnlySpan<char> text, int at, out int length)
    {
        int codePoint = text[at];
        length = 1;
        if (char.IsSurrogate((char)codePoint))
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out length);
            codePoint = rune.Value;
        }

        var page = _kinds[codePoint >> 8] ?? Page(codePoint >> 8);
        return (BertUnit)page[codePoint & 0xFF];
    }

    /// <summary>Past code points of some kinds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where to begin.</param>
    /// <param name="kinds">The kinds: a bit for each <see cref="BertUnit"/>.</param>
    /// <returns>The first place with a code point of another kind, or the end.</returns>
    public int Skip(ReadOnlySpan<char> text, int at, int kinds)
    {
        var high = -1;
        byte[] page = [];
        while (at < text.Length)
        {
            var unit = text[at];
            if (char.IsSurrogate(unit))
            {
                if ((kinds >> (int)Unit(text, at, out var length) & 1) == 0)
                {
                    return at;
                }

                at += length;
                at += SameAgain(text, at, length);
                continue;
            }

            if (unit >> 8 != high)
            {
                high = unit >> 8;
                page = _kinds[high] ?? Page(high);
            }

            if ((kinds >> page[unit & 0xFF] & 1) == 0)
            {
                return at;
            }

            at++;
            if (at < text.Length && text[at] == unit)
            {
                var run = text[at..].IndexOfAnyExcept(unit);
                at = run < 0 ? text.Length : at + run;
            }
        }

        return at;
    }

    /// <summary>Whether a code point, or what it begins with once it is normalised, is in no word with what stands before it.</summary>
    public bool EndsWord(int codePoint)
    {
        var kind = Characters.Class(codePoint);
        if (Clean && kind is CharacterClass.Removed or CharacterClass.Space)
        {
            return kind == CharacterClass.Space;
        }

        if (SpaceIdeographs && kind == CharacterClass.Ideograph)
        {
            return true;
        }

        Span<char> hangul = stackalloc char[4];
        var parts = StripAccents ? Characters.Decompose(codePoint, hangul) : default;
        codePoint = parts.IsEmpty ? codePoint : Characters.CodePointAt(parts, 0);
        return !(StripAccents && Characters.Class(codePoint) == CharacterClass.Mark) && IsBoundary(Lower ? Characters.ToLower(codePoint) : codePoint);
    }

    /// <summary>Whether a code point of normalised text is white space or a word of its own.</summary>
    public static bool IsBoundary(int codePoint) => Characters.Class(codePoint) is var kind
        && (kind is CharacterClass.Space or CharacterClass.Punctuation || (kind == CharacterClass.Removed && Characters.IsWhiteSpace(codePoint)));

    /// <summary>Normalises a text.</summary>
    /// <remarks>An unpaired surrogate is U+FFFD, as it is when the text goes through UTF-8.</remarks>
    public void Normalize(ReadOnlySpan<char> text, ref NormalizedText to)
    {
        var marks = default(MarkRun);
        Normalize(text, 0, ref marks, ref to);
        marks.End(ref to);
    }

    /// <summary>Normalises a part of a text that need not end where a run of marks does.</summary>
    /// <param name="text">The part.</param>
    /// <param name="shift">Where it begins in the text.</param>
    /// <param name="marks">The run of marks that it goes on with; to be ended after the last part.</param>
    /// <param name="to">Takes what it becomes.</param>
    public void Normalize(ReadOnlySpan<char> text, int shift, ref MarkRun marks, ref NormalizedText to)
    {
        Span<char> hangul = stackalloc char[4];
        for (var at = 0; at < text.Length;)
        {
            var start = shift + at;
            int codePoint = text[at];
            if (codePoint < 0x80)
            {
                at++;
            }
            else
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out var consumed);
                codePoint = rune.Value;
                at += consumed;
            }

            var end = shift + at;
            var kind = Characters.Class(codePoint);
            if (Clean)
            {
                if (kind == CharacterClass.Removed)
                {
                    continue;
                }

                if (kind == CharacterClass.Space)
                {
                    codePoint = ' ';
                }
            }

            if (codePoint < 0x80)
            {
                if (marks.IsOpen)
                {
                    marks.End(ref to);
                }

                to.Add((char)(Lower ? Characters.ToLower(codePoint) : codePoint), start, end);
                continue;
            }

            var spaced = SpaceIdeographs && kind == CharacterClass.Ideograph;
            if (spaced)
            {
                marks.End(ref to);
                to.Add(' ', start, start);
            }

            var parts = StripAccents ? Characters.Decompose(codePoint, hangul) : default;
            if (parts.IsEmpty)
            {
                AddLower(ref to, codePoint, start, end, ref marks);
            }
            else
            {
                foreach (var part in parts.EnumerateRunes())
                {
                    AddLower(ref to, part.Value, start, end, ref marks);
                }
            }

            if (spaced)
            {
                marks.End(ref to);
                to.Add(' ', end, end);
            }
        }
    }

    // How many units repeat the surrogate pair, or the half of one, that ends at a place.
    private static int SameAgain(ReadOnlySpan<char> text, int at, int length)
    {
        if (at >= text.Length || text[at] != text[at - length])
        {
            return 0;
        }

        var run = text[at..].CommonPrefixLength(text[(at - length)..]);

        // The last of several first halves may be that of a pair.
        return length == 2 ? run & ~1 : char.IsHighSurrogate(text[at]) ? run - 1 : run;
    }

    private byte[] Page(int number)
    {
        var page = new byte[256];
        Span<char> hangul = stackalloc char[4];
        for (var i = 0; i < page.Length; i++)
        {
            var codePoint = number << 8 | i;
            page[i] = (byte)Unit(codePoint, hangul);
        }

        return _kinds[number] = page;
    }

    private BertUnit Unit(int codePoint, Span<char> hangul)
    {
        var kind = Characters.Class(codePoint);
        if (Clean && kind is CharacterClass.Removed or CharacterClass.Space)
        {
            return kind == CharacterClass.Space ? BertUnit.Space : BertUnit.Nothing;
        }

        if (SpaceIdeographs && kind == CharacterClass.Ideograph)
        {
            return BertUnit.Single;
        }

        var parts = StripAccents ? Characters.Decompose(codePoint, hangul) : default;
        if (parts.IsEmpty)
        {
            if (StripAccents && kind == CharacterClass.Mark)
            {
                return Characters.CombiningClass(codePoint) != 0 ? BertUnit.Nothing : BertUnit.Other;
            }

            if (StripAccents && Characters.CombiningClass(codePoint) != 0)
            {
                return BertUnit.Other;
            }

            codePoint = Lower ? Characters.ToLower(codePoint) : codePoint;
            return !IsBoundary(codePoint) ? BertUnit.Word : Characters.Class(codePoint) == CharacterClass.Punctuation ? BertUnit.Single : BertUnit.Space;
        }

        var first = true;
        foreach (var part in parts.EnumerateRunes())
        {
            var isMark = Characters.Class(part.Value) == CharacterClass.Mark;
            if (isMark == first || isMark != (Characters.CombiningClass(part.Value) != 0) || (first && IsBoundary(Lower ? Characters.ToLower(part.Value) : part.Value)))
            {
                return BertUnit.Other;
            }

            first = false;
        }

        return BertUnit.Word;
    }

    private void AddLower(ref NormalizedText to, int codePoint, int start, int end, ref MarkRun marks)
    {
        var combining = StripAccents ? Characters.CombiningClass(codePoint) : 0;
        if (combining == 0)
        {
            marks.End(ref to);
        }

        if (!StripAccents || Characters.Class(codePoint) != CharacterClass.Mark)
        {
            if (combining != 0)
            {
                marks.Add(combining, to.Length);
            }

            if (Lower && codePoint == 0x130)
            {
                to.Add('i', start, end);
                to.Add('\u0307', start, end);
            }
            else
            {
                to.AddCodePoint(Lower ? Characters.ToLower(codePoint) : codePoint, start, end);
            }
        }
    }

    /// <summary>The marks at the end of what is normalised so far: they are put in canonical order (by class, those of one class as they stand) once all are there.</summary>
    internal struct MarkRun
    {
        private int _start;
        private int _last;
        private bool _mixed;

        /// <summary>Whether there are any.</summary>
        public readonly bool IsOpen => _last != 0;

        /// <summary>Where they begin.</summary>
        /// <param name="length">How much is normalised so far.</param>
        public readonly int Start(int length) => IsOpen ? _start : length;

        /// <summary>A mark is added.</summary>
        /// <param name="combining">Its class, which is not 0.</param>
        /// <param name="at">Where it will stand.</param>
        public void Add(int combining, int at)
        {
            _start = IsOpen ? _start : at;
            _mixed |= combining < _last;
            _last = combining;
        }

        /// <summary>The next code point is no mark, or there is none.</summary>
        public void End(ref NormalizedText to)
        {
            if (_mixed)
            {
                to.SortMarks(_start);
                _mixed = false;
            }

            _last = 0;
        }
    }
}
