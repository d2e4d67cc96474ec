using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>What becomes of the text that a split is made at.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>Where ▁ is put before a part.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>What a pre-tokenizer makes of a text between two code points.</summary>
internal enum SplitPlace
{
    /// <summary>It is not certain that both sides become the same if each is on its own.</summary>
    Whole,

    /// <summary>The same as <see cref="Apart"/>, if white space follows the second code point, too.</summary>
    Spaces,

    /// <summary>The same as <see cref="Apart"/>, if one word goes over the two places before it, too.</summary>
    Letters,

    /// <summary>The same as <see cref="Apart"/>, if <see cref="PreTokenizerStep.GoesOver"/> says so of what stands around it.</summary>
    Near,

    /// <summary>The same as <see cref="Apart"/> between two white spaces, if it is known what of the run stands before it.</summary>
    Blanks,

    /// <summary>The same as <see cref="Boundary"/> after each so many of the code points from the last boundary on, but nothing is known at the others.</summary>
    Counted,

    /// <summary>One part goes over the place. Else both sides become the same if each is on its own, and the second is told that it goes on.</summary>
    Apart,

    /// <summary>A part ends there, and both sides become the same if each is on its own, and the second is told that it goes on.</summary>
    Boundary,
}

/// <summary>One pre-tokenizer of a tokenizer.json: parts of a text to smaller parts.</summary>
internal abstract class PreTokenizerStep
{
    /// <summary>Splits a part.</summary>
    /// <param name="from">Has the part.</param>
    /// <param name="part">The part.</param>
    /// <param name="atStart">Whether nothing stands before the text that the part is of.</param>
    /// <param name="goesOn">Whether the part is the rest of a longer one.</param>
    /// <param name="to">Takes the parts, and their text.</param>
    public abstract void Apply(in SplitText from, TokenSpan part, bool atStart, bool goesOn, ref SplitText to);

    /// <summary>What becomes of a part between two code points that stand next to each other in it.</summary>
    /// <param name="before">The first; afterwards what it has become.</param>
    /// <param name="after">The second; afterwards what it has become.</param>
    public virtual SplitPlace Splits(ref int before, ref int after) => SplitPlace.Whole;

    /// <summary>How many code points there are between two places that are <see cref="SplitPlace.Counted"/>.</summary>
    public virtual int RunLength => 0;

    /// <summary>Whether white space of which a line break is a part is not like that of which none is.</summary>
    public virtual bool JoinsBreaks => false;

    /// <summary>Whether a place that is <see cref="SplitPlace.Near"/> certainly is <see cref="SplitPlace.Apart"/>.</summary>
    /// <param name="before">Code points before it, the nearest first.</param>
    /// <param name="after">Code points after it, the nearest first.</param>
    public virtual bool GoesOver(ReadOnlySpan<int> before, ReadOnlySpan<int> after) => false;

    /// <summary>The same of all steps.</summary>
    public static bool AllGoOver(PreTokenizerStep[] steps, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        foreach (var step in steps)
        {
            var (left, right) = (before[0], after[0]);
            var place = step.Splits(ref left, ref right);
            if (left != before[0] || right != after[0] || !(place == SplitPlace.Apart || (place == SplitPlace.Near && step.GoesOver(before, after))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same of all steps, one after the other: where one makes a boundary, those after it see two parts.</summary>
    public static SplitPlace Splits(PreTokenizerStep[] steps, ref int before, ref int after)
    {
        var all = SplitPlace.Apart;
        foreach (var step in steps)
        {
            var place = step.Splits(ref before, ref after);
            if (place is SplitPlace.Whole or SplitPlace.Boundary)
            {
                return place;
            }

            if (place == SplitPlace.Counted)
            {
                return all == SplitPlace.Apart ? place : SplitPlace.Whole;
            }

            all = place == SplitPlace.Apart ? all
                : all == SplitPlace.Apart || (all == place && place != SplitPlace.Blanks) ? place
                : SplitPlace.Whole;
        }

        return all;
    }

    /// <summary>The steps one after the other.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="atStart">Whether nothing stands before the text.</param>
    /// <param name="before">The code point before the text, if it is the rest of a longer one; else negative.</param>
    /// <param name="after">The text's first code point, if so.</param>
    /// <param name="text">Has the text as one part at first.</param>
    public static void Apply(PreTokenizerStep[] steps, bool atStart, int before, int after, ref SplitText text)
    {
        var goesOn = before >= 0;
        foreach (var step in steps)
        {
            var next = new SplitText(text.Length + 16);
            var first = goesOn;
            foreach (var part in text.Parts)
            {
                step.Apply(text, part, atStart, first, ref next);
                first = false;
            }

            // Of what a step has split the second part begins anew.
            goesOn = goesOn && step.Splits(ref before, ref after) is not (SplitPlace.Boundary or SplitPlace.Counted);

            text.Dispose();
            text = next;
        }
    }

    private static void Copy(in SplitText from, TokenSpan part, ref SplitText to) =>
        to.AddRange(from.Text[part.Start..part.End], from.Spans[part.Start..part.End]);

    /// <summary>A step that changes nothing and splits where something is found.</summary>
    public abstract class Splitter(SplitBehavior behavior, bool invert) : PreTokenizerStep
    {
        /// <summary>Whether both, either or none of two neighbours is a match by itself; only for matches of one code point, whatever stands around them.</summary>
        protected SplitPlace Singles(bool before, bool after)
        {
            var boundary = behavior switch
            {
                SplitBehavior.Isolated => before || after,
                SplitBehavior.Removed => before || after,
                SplitBehavior.Contiguous => before != after,
                SplitBehavior.MergedWithPrevious => before,
                _ => after,
            };
            return (boundary, before || after) switch
            {
                (true, _) => SplitPlace.Boundary,
                (false, true) when behavior != SplitBehavior.Contiguous => SplitPlace.Whole,
                _ => SplitPlace.Apart,
            };
        }

        /// <summary>The same of matches that cover neighbours: between two of them, or nowhere near.</summary>
        protected SplitPlace Matches(bool certain) =>
            certain && behavior is SplitBehavior.Isolated or SplitBehavior.Removed ? SplitPlace.Boundary : SplitPlace.Whole;

        /// <summary>Within a match that is a part as it is.</summary>
        protected SplitPlace Within(TextPattern pattern, int before, int after) =>
            behavior == SplitBehavior.Isolated || (behavior == SplitBehavior.Removed && invert) ? pattern.Within(before, after) : SplitPlace.Whole;

        protected bool Inverts => invert;

        /// <summary>The same where no match is near: one part, unless what is no match goes.</summary>
        protected SplitPlace Between => invert && behavior == SplitBehavior.Removed ? SplitPlace.Boundary : SplitPlace.Apart;

        public sealed override void Apply(in SplitText from, TokenSpan part, bool atStart, bool goesOn, ref SplitText to)
        {
            var shift = to.Length;
            Copy(from, part, ref to);
            var text = from.Text[part.Start..part.End];
            var matched = false;
            var done = 0;
            while (done < text.Length)
            {
                if (!TryFind(text, done, out var begin, out var end))
                {
                    begin = end = text.Length;
                }

                if (begin > done)
                {
                    Take(done, begin, shift, invert, ref matched, ref to);
                }

                if (end > begin)
                {
                    Take(begin, end, shift, !invert, ref matched, ref to);
                }
                else if (begin < text.Length)
                {
                    // A match of nothing splits, and the search goes on after the next character.
                    end = begin + (char.IsHighSurrogate(text[begin]) && begin + 1 < text.Length ? 2 : 1);
                    Take(begin, end, shift, invert, ref matched, ref to);
                }

                done = end;
            }
        }

        protected abstract bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end);

        private void Take(int start, int end, int shift, bool match, ref bool matched, ref SplitText to)
        {
            switch (behavior)
            {
                case SplitBehavior.Removed:
                    if (!match)
                    {
                        to.Part(shift + start, shift + end);
                    }

                    break;
                case SplitBehavior.Isolated:
                    to.Part(shift + start, shift + end);
                    break;
                case SplitBehavior.MergedWithPrevious:
                    to.Extend(shift + start, shift + end, start > 0 && match && !matched);
                    break;
                case SplitBehavior.Contiguous:
                    to.Extend(shift + start, shift + end, start > 0 && match == matched);
                    break;
                default:
                    // A match waits for what follows: read from the end, only the last of several matches goes with it.
                    to.Extend(shift + start, shift + end, start > 0 && matched && !match);
                    break;
            }

            matched = match;
        }
    }

    /// <summary>At characters of a kind.</summary>
    public sealed class AtCharacters(Func<int, bool> contains, SplitBehavior behavior) : Splitter(behavior, false)
    {
        public override SplitPlace Splits(ref int before, ref int after) => Singles(contains(before), contains(after));

        protected override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
        {
            for (start = from; start < text.Length; start = end)
            {
                Rune.DecodeFromUtf16(text[start..], out var rune, out var length);
                end = start + length;
                if (contains(rune.Value))
                {
                    return true;
                }
            }

            end = start;
            return false;
        }
    }

    /// <summary>At a text.</summary>
    public sealed class AtText(string pattern, SplitBehavior behavior, bool invert) : Splitter(behavior, invert)
    {
        public override SplitPlace Splits(ref int before, ref int after)
        {
            var (left, right) = (new Rune(before).ToString(), new Rune(after).ToString());
            return left == pattern || right == pattern ? (Inverts ? SplitPlace.Whole : Singles(left == pattern, right == pattern))
                : pattern.Contains(left, StringComparison.Ordinal) || pattern.Contains(right, StringComparison.Ordinal) ? SplitPlace.Whole
                : Between;
        }

        protected override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
        {
            var found = text[from..].IndexOf(pattern);
            (start, end) = (from + found, from + found + pattern.Length);
            return found >= 0;
        }
    }

    /// <summary>At matches of a regular expression.</summary>
    public sealed class AtMatches(TextPattern pattern, SplitBehavior behavior, bool invert) : Splitter(behavior, invert)
    {
        private readonly bool _local = !pattern.LooksBack && !pattern.MatchesNothing;

        public override int RunLength => pattern.RunLength;

        public override bool JoinsBreaks => pattern.JoinsBreaks;

        public override bool GoesOver(ReadOnlySpan<int> before, ReadOnlySpan<int> after) => pattern.GoesOver(before, after);

        public override SplitPlace Splits(ref int before, ref int after) => !_local ? SplitPlace.Whole
            : pattern.Joins(before, after) ? Within(pattern, before, after)
            : pattern.Begins(after) ? Matches(certain: true)
            : !pattern.Contains(before) && !pattern.Contains(after) ? Between
            : SplitPlace.Whole;

        protected override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end) => pattern.TryFind(text, from, out start, out end);
    }

    /// <summary>GPT-2's expression.</summary>
    public sealed class Gpt2() : Splitter(SplitBehavior.Isolated, false)
    {
        public override SplitPlace Splits(ref int before, ref int after) => BpeTokenizer.WordEnds(before, after);

        protected override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
        {
            (start, end) = (from, from + WordSplitter.Gpt2.Length(text[from..]));
            return true;
        }
    }

    /// <summary>Words and runs of what is neither word nor white space.</summary>
    public sealed class Words : PreTokenizerStep
    {
        public override SplitPlace Splits(ref int before, ref int after) => Kind(before) != Kind(after) || Kind(before) == 0 ? SplitPlace.Boundary : SplitPlace.Apart;

        private static int Kind(int codePoint) => Characters.IsWhiteSpace(codePoint) ? 0 : Characters.IsWord(codePoint) ? 1 : 2;

        public override void Apply(in SplitText from, TokenSpan part, bool atStart, bool goesOn, ref SplitText to)
        {
            var shift = to.Length - part.Start;
            Copy(from, part, ref to);
            var (begin, kind) = (part.Start, 0);
            for (var at = part.Start; at < part.End;)
            {
                Rune.DecodeFromUtf16(from.Text[at..part.End], out var rune, out var length);
                var here = Kind(rune.Value);
                if (here != kind)
                {
                    if (kind != 0)
                    {
                        to.Part(shift + begin, shift + at);
                    }

                    (begin, kind) = (at, here);
                }

                at += length;
            }

            if (kind != 0)
            {
                to.Part(shift + begin, shift + part.End);
            }
        }
    }

    /// <summary>A space before a part that has none, as byte-level BPE has it.</summary>
    public sealed class PrefixSpace : PreTokenizerStep
    {
        public override SplitPlace Splits(ref int before, ref int after) => SplitPlace.Apart;

        public override void Apply(in SplitText from, TokenSpan part, bool atStart, bool goesOn, ref SplitText to)
        {
            var begin = to.Length;
            if (!goesOn && from.Text[part.Start] != ' ')
            {
                to.Add(' ', new TokenSpan(from.Spans[part.Start].Start, from.Spans[part.Start].Start));
            }

            Copy(from, part, ref to);
            to.Part(begin, to.Length);
        }
    }

    /// <summary>Spaces to a mark, one at the beginning, and splits before each.</summary>
    public sealed class Metaspace(Rune mark, PrependScheme prefix, bool split) : PreTokenizerStep
    {
        private readonly string _mark = mark.ToString();

        public override SplitPlace Splits(ref int before, ref int after)
        {
            (before, after) = (before == ' ' ? mark.Value : before, after == ' ' ? mark.Value : after);
            return split && after == mark.Value ? SplitPlace.Boundary : SplitPlace.Apart;
        }

        public override void Apply(in SplitText from, TokenSpan part, bool atStart, bool goesOn, ref SplitText to)
        {
            var begin = to.Length;
            var text = from.Text[part.Start..part.End];
            if (prefix != PrependScheme.Never && !goesOn && text[0] != ' ' && !text.StartsWith(_mark)
                && (prefix == PrependScheme.Always || (atStart && from.Spans[part.Start].Start == 0)))
            {
                Put(from.Spans[part.Start], ref to);
            }

            for (var i = 0; i < text.Length; i++)
            {
                var space = text[i..].IndexOf(' ');
                var end = space < 0 ? text.Length : i + space;
                Copy(from, new TokenSpan(part.Start + i, part.Start + end), ref to);
                if (space >= 0)
                {
                    Put(from.Spans[part.Start + end], ref to);
                }

                i = end;
            }

            while (split && begin < to.Length)
            {
                var next = to.Text[(begin + 1)..].IndexOf(_mark);
                var end = next < 0 ? to.Length : begin + 1 + next;
                to.Part(begin, end);
                begin = end;
            }

            to.Part(begin, to.Length);
        }

        private void Put(TokenSpan span, ref SplitText to)
        {
            foreach (var character in _mark)
            {
                to.Add(character, span);
            }
        }
    }
}
