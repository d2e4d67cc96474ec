using System.Buffers;
using System.Globalization;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>One step of a tokenizer.json's normaliser.</summary>
internal abstract class NormalizerStep
{
    private static readonly TokenSpan[] s_nowhere = [new(0, 1), new(0, 1)];

    /// <summary>Adds what a text becomes. Positions are those of the text before the first step.</summary>
    public abstract void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to);

    /// <summary>
    /// Whether a text falls apart between two code points: what becomes of the text is what becomes of both parts, and what becomes of the two code
    /// points, each on its own, stands next to each other in the middle. False where that is not certain.
    /// </summary>
    public virtual bool Splits(int before, int after) => false;

    /// <summary>The same where what follows the second code point leaves it alone, as <see cref="Leaves"/> says.</summary>
    public virtual bool SplitsBeforeOne(int before, int after) => Splits(before, after);

    /// <summary>Whether it depends on what follows a code point what becomes of it.</summary>
    public virtual bool LooksOn => false;

    /// <summary>Whether what becomes of a code point before which a text falls apart does not depend on the one that follows it, nor on all that stands behind that.</summary>
    public virtual bool Leaves(int codePoint, int next) => true;

    /// <summary>Whether what a code point becomes at the beginning of a text depends on what follows it, and if so, what it may begin with instead of itself; −1: nothing.</summary>
    public virtual bool MayBegin(int codePoint, out int other)
    {
        other = -1;
        return false;
    }

    /// <summary>The first and the last code point of what one becomes, and whether there is no other; false: it becomes nothing.</summary>
    public bool TryMap(int codePoint, out int first, out int last, out bool single)
    {
        var text = Scratch.Rent<char>(2);
        var length = new Rune(codePoint).EncodeToUtf16(text);
        var to = new NormalizedText(16) { GoesOn = true, IsFollowed = true };
        Apply(text.AsSpan(0, length), s_nowhere.AsSpan(0, length), ref to);
        var any = to.Length > 0;
        (first, last) = any ? (Characters.CodePointAt(to.Text, 0), Characters.CodePointBefore(to.Text, to.Length)) : (-1, -1);
        single = any && to.Length == new Rune(first).Utf16SequenceLength;
        Scratch.Return(text);
        to.Dispose();
        return any;
    }

    /// <summary>The steps one after the other.</summary>
    public static void Apply(NormalizerStep[] steps, ReadOnlySpan<char> text, ref NormalizedText to)
    {
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            to.AddCodePoint(rune.Value, at, at + length);
            at += length;
        }

        foreach (var step in steps)
        {
            var next = new NormalizedText(to.Length + 16) { GoesOn = to.GoesOn, IsFollowed = to.IsFollowed };
            step.Apply(to.Text, to.Spans, ref next);
            to.Dispose();
            to = next;
        }
    }

    private static void Put(string content, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
    {
        var (start, end) = spans.IsEmpty ? default : (spans[0].Start, spans[^1].End);
        foreach (var character in content)
        {
            to.Add(character, start, end);
        }
    }

    /// <summary>NFC, NFD, NFKC or NFKD.</summary>
    public sealed class Form(bool compatibility, bool compose) : NormalizerStep
    {
        public override bool LooksOn => compose;

        public override bool Splits(int before, int after) => SplitsBeforeOne(before, after) && (!compose || Nfc.StaysItself(after, compatibility));

        public override bool SplitsBeforeOne(int before, int after) => Nfc.StartsAnew(before, compatibility) && Nfc.StartsAnew(after, compatibility);

        public override bool Leaves(int codePoint, int next) => Nfc.StartsAnew(next, compatibility);

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            var whole = new NormalizedText(text.Length + 16);
            Nfc.Normalize(text, compatibility, compose, ref whole);
            for (var i = 0; i < whole.Length; i++)
            {
                to.Add(whole.Text[i], spans[whole.Spans[i].Start].Start, spans[whole.Spans[i].End - 1].End);
            }

            whole.Dispose();
        }
    }

    /// <summary>A step that looks at one code point at a time.</summary>
    public abstract class Each : NormalizerStep
    {
        public sealed override bool Splits(int before, int after) => true;

        public sealed override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            for (var at = 0; at < text.Length;)
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
                Apply(rune, new TokenSpan(spans[at].Start, spans[at + length - 1].End), ref to);
                at += length;
            }
        }

        protected abstract void Apply(Rune rune, TokenSpan span, ref NormalizedText to);
    }

    /// <summary>Every mark goes.</summary>
    public sealed class StripAccents : Each
    {
        protected override void Apply(Rune rune, TokenSpan span, ref NormalizedText to)
        {
            if (!Characters.IsMark(rune.Value))
            {
                to.AddCodePoint(rune.Value, span.Start, span.End);
            }
        }
    }

    /// <summary>Lower case, character by character.</summary>
    public sealed class Lowercase : Each
    {
        protected override void Apply(Rune rune, TokenSpan span, ref NormalizedText to)
        {
            if (rune.Value == 0x130)
            {
                to.Add('i', span.Start, span.End);
                to.Add('\u0307', span.Start, span.End);
            }
            else
            {
                to.AddCodePoint(Characters.ToLower(rune.Value), span.Start, span.End);
            }
        }
    }

    /// <summary>White space at the ends goes.</summary>
    public sealed class Strip(bool left, bool right) : NormalizerStep
    {
        public override bool Splits(int before, int after) => !Characters.IsWhiteSpace(before);

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            var start = left && !to.GoesOn ? text.Length - text.TrimStart().Length : 0;
            var end = right && !to.IsFollowed ? text.TrimEnd().Length : text.Length;
            to.AddRange(text[start..Math.Max(start, end)], spans[start..Math.Max(start, end)]);
        }
    }

    /// <summary>A text for another.</summary>
    public sealed class Replace(string pattern, string content) : NormalizerStep
    {
        private readonly HashSet<int> _all = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
        private readonly bool _isOne = Rune.DecodeFromUtf16(pattern, out _, out var length) == OperationStatus.Done && length == pattern.Length;

        public override bool Splits(int before, int after) => _isOne || (!_all.Contains(before) && !_all.Contains(after));

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            for (var at = 0; at < text.Length;)
            {
                var found = text[at..].IndexOf(pattern);
                var start = found < 0 ? text.Length : at + found;
                to.AddRange(text[at..start], spans[at..start]);
                at = start;
                if (found >= 0)
                {
                    at += pattern.Length;
                    Put(content, spans.Slice(at - 1, 1), ref to);
                }
            }
        }
    }

    /// <summary>A text for what a regular expression matches.</summary>
    public sealed class ReplaceMatches(TextPattern pattern, string content) : NormalizerStep
    {
        public override bool Splits(int before, int after) => !pattern.LooksAround && !pattern.MatchesNothing && !pattern.Contains(before);

        public override bool MayBegin(int codePoint, out int other)
        {
            other = content.Length > 0 ? Characters.CodePointAt(content, 0) : -1;
            return pattern.Contains(codePoint);
        }

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            for (var (at, next) = (0, 0); ;)
            {
                var found = pattern.TryFind(text, next, out var start, out var end);
                start = found ? start : text.Length;
                to.AddRange(text[at..start], spans[at..start]);
                if (!found || (start == end && start == text.Length))
                {
                    break;
                }

                Put(content, spans[Math.Max(start, end - 1)..end], ref to);
                at = end;
                next = start < end ? end : end + (char.IsHighSurrogate(text[end]) && end + 1 < text.Length ? 2 : 1);
            }
        }
    }

    /// <summary>A text before one that is not empty.</summary>
    public sealed class Prepend(string prefix) : NormalizerStep
    {
        public override bool Splits(int before, int after) => true;

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            if (!text.IsEmpty && !to.GoesOn)
            {
                Put(prefix, spans[..1], ref to);
            }

            to.AddRange(text, spans);
        }
    }

    /// <summary>BERT's normalisation.</summary>
    public sealed class Bert(BertNormalizer normalizer) : NormalizerStep
    {
        // The space behind an ideograph stands where the next character does, which would be missing.
        public override bool Splits(int before, int after) => !(normalizer.SpaceIdeographs && Characters.Class(before) == CharacterClass.Ideograph) && (
            !normalizer.StripAccents || (Nfc.StartsAnew(before, compatibility: false) && Nfc.StartsAnew(after, compatibility: false)));

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            var whole = new NormalizedText(text.Length + 16);
            normalizer.Normalize(text, ref whole);
            for (var i = 0; i < whole.Length; i++)
            {
                var (start, end) = whole.Spans[i];
                to.Add(whole.Text[i], spans[Math.Min(start, spans.Length - 1)].Start, end == 0 ? spans[0].Start : spans[end - 1].End);
            }

            whole.Dispose();
        }
    }

    /// <summary>What neural machine translation cleans away: controls, and what counts as white space.</summary>
    public sealed class Nmt : Each
    {
        protected override void Apply(Rune rune, TokenSpan span, ref NormalizedText to)
        {
            switch (rune.Value)
            {
                case (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F:
                    break;
                case 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD:
                    to.Add(' ', span.Start, span.End);
                    break;
                default:
                    to.AddCodePoint(rune.Value, span.Start, span.End);
                    break;
            }
        }
    }

    /// <summary>SentencePiece's character map, over graphemes that are short and else over code points, as the reference has it.</summary>
    public sealed class Precompiled(PrecompiledMap map) : NormalizerStep
    {
        private const int ShortBytes = 6;

        public override bool LooksOn => true;

        // Neither a part of the grapheme of the first, which the caller knows to begin one, nor of a longer entry of the map with what follows.
        public override bool Splits(int before, int after)
        {
            Span<char> text = stackalloc char[2];
            text = text[..new Rune(after).EncodeToUtf16(text)];
            return Breaks(before, after) && (map.TryFind(text, out _) || !map.HasLonger(text));
        }

        public override bool SplitsBeforeOne(int before, int after) => Breaks(before, after);

        public override bool Leaves(int codePoint, int next) => Breaks(codePoint, next);

        /// <summary>Whether a grapheme certainly ends between two code points, or one that is too long for the map to be asked.</summary>
        public static bool Breaks(int before, int after)
        {
            if (IsPlain(before) && IsPlain(after))
            {
                return true;
            }

            // Whatever stands before the first one counts only if it is a mark or a joiner itself.
            Span<char> text = stackalloc char[4];
            text[0] = 'a';
            var length = new Rune(before).EncodeToUtf16(text[1..]);
            if (StringInfo.GetNextTextElementLength(text[..(1 + length)]) != 1)
            {
                return false;
            }

            length = new Rune(before).EncodeToUtf16(text);
            return StringInfo.GetNextTextElementLength(text[..(length + new Rune(after).EncodeToUtf16(text[length..]))]) == length;
        }

        /// <summary>Whether a character is a letter, a digit or a mark of punctuation that has no part in the grapheme of what follows it.</summary>
        public static bool IsPlain(int codePoint) => codePoint is > 0x20 and < 0x7F
            || (codePoint is <= char.MaxValue and not 0xD4E && CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherPunctuation);

        public override void Apply(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            for (var at = 0; at < text.Length;)
            {
                var length = StringInfo.GetNextTextElementLength(text[at..]);
                var grapheme = text.Slice(at, length);
                if (length < ShortBytes && Encoding.UTF8.GetByteCount(grapheme) < ShortBytes && map.TryFind(grapheme, out var replacement))
                {
                    Put(replacement, spans[0].Start, spans.Slice(at, length), ref to);
                    at += length;
                    continue;
                }

                for (var end = at + length; at < end;)
                {
                    Rune.DecodeFromUtf16(text[at..], out var rune, out var one);
                    var part = spans.Slice(at, one);
                    if (map.TryFind(text.Slice(at, one), out replacement))
                    {
                        Put(replacement, spans[0].Start, part, ref to);
                    }
                    else
                    {
                        to.AddCodePoint(rune.Value, to is { Length: 0, GoesOn: false } ? spans[0].Start : part[0].Start, part[^1].End);
                    }

                    at += one;
                }
            }
        }

        // What goes at the beginning belongs to what follows, which then begins the text as the reference sees it.
        private static void Put(ReadOnlySpan<byte> utf8, int begin, ReadOnlySpan<TokenSpan> spans, ref NormalizedText to)
        {
            while (!utf8.IsEmpty)
            {
                Rune.DecodeFromUtf8(utf8, out var rune, out var length);
                to.AddCodePoint(rune.Value, to is { Length: 0, GoesOn: false } ? begin : spans[0].Start, spans[^1].End);
                utf8 = utf8[length..];
            }
        }
    }
}
