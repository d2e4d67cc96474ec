namespace AttnGen.Tokenizers;

// Where a text may be cut.
internal abstract partial class PipelineTokenizer
{
    private const int Context = 4; // code points on each side of a place that are looked at
    private const int Rarely = 16; // where it has been for nothing, at one of so many places

    private protected sealed override bool SplitsPlain(ReadOnlySpan<char> text, int at) => Place(text, at, within: false) == SplitPlace.Boundary
        && (!_hasPrefix || Mapped(Characters.CodePointAt(text, at), last: false) == ' '); // an added token may stand before the place

    // Whether a text falls apart at a place, or one word goes over it; where that is not asked, it is not found out.
    private SplitPlace Place(ReadOnlySpan<char> text, int at, bool within)
    {
        var place = PlaceOfTwo(text, at);
        if (place is SplitPlace.Whole or SplitPlace.Boundary or SplitPlace.Apart)
        {
            return place;
        }

        var (before, after) = (Characters.CodePointBefore(text, at), Characters.CodePointAt(text, at));
        var certain = within && place switch
        {
            SplitPlace.Spaces => at + Units(after) is var next && next < text.Length && PlaceOfTwo(text, next) == SplitPlace.Spaces,
            SplitPlace.Letters => IsLetter(text, at - Units(before), deep: true),
            SplitPlace.Near => GoesOver(text, at),
            _ => false,
        };
        return certain ? SplitPlace.Apart : SplitPlace.Whole;

        bool IsLetter(ReadOnlySpan<char> text, int at, bool deep) => at > 0 && PlaceOfTwo(text, at) switch
        {
            SplitPlace.Apart => true,
            SplitPlace.Letters => !deep || IsLetter(text, at - Units(Characters.CodePointBefore(text, at)), deep: false),
            _ => false,
        };
    }

    // Of a text's own code points.
    private static int Units(int codePoint) => codePoint > char.MaxValue ? 2 : 1;

    // What the two code points at a place say of it.
    private SplitPlace PlaceOfTwo(ReadOnlySpan<char> text, int at)
    {
        if (!MayPart(text, at))
        {
            return SplitPlace.Whole;
        }

        var after = Characters.CodePointAt(text, at);
        return PlaceOfTwo(Characters.CodePointBefore(text, at), after, IsLeft(text, at, after));
    }

    // What is found out about two code points is kept in a word of its own, so that threads need not wait for each other.
    private SplitPlace PlaceOfTwo(int before, int after, bool isLeft)
    {
        const int PlaceAt = 60;
        var known = _known ??= new long[1 << KnownBits];
        var key = 1L | (isLeft ? 2 : 0) | ((long)before << 2) | ((long)after << 23);
        ref var entry = ref known[(int)((ulong)(key * unchecked((long)0x9E3779B97F4A7C15)) >> (64 - KnownBits))];
        var value = Volatile.Read(ref entry);
        if ((value & ((1L << PlaceAt) - 1)) != key)
        {
            var place = Splits(0, before, after, single: true, isLeft);
            place = place == SplitPlace.Blanks && (Mapped(before, last: true) != before || Mapped(after, last: false) != after) ? SplitPlace.Whole : place;
            value = key | ((long)place << PlaceAt);
            Volatile.Write(ref entry, value);
        }

        return (SplitPlace)((ulong)value >> PlaceAt);
    }

    // Whether two code points stand at a place, and no grapheme of which the map may have an entry ends with the first and begins before it. What steps before the
    // map make of what stands there is not known, so that it must be a plain character.
    private bool MayPart(ReadOnlySpan<char> text, int at)
    {
        if (char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]))
        {
            return false;
        }

        if (_graphemesAt < 0)
        {
            return true;
        }

        var before = Characters.CodePointBefore(text, at);
        return at <= Units(before) || (Characters.CodePointBefore(text, at - Units(before)) is var first && _graphemesAt > 0
            ? NormalizerStep.Precompiled.IsPlain(first)
            : NormalizerStep.Precompiled.Breaks(first, before));
    }

    // Whether what becomes of a code point at a place, where the text falls apart, certainly does not depend on what follows it.
    private bool IsLeft(ReadOnlySpan<char> text, int at, int codePoint)
    {
        if (_lastThatLooksOn < 0 || at + Units(codePoint) >= text.Length)
        {
            return false;
        }

        var next = Characters.CodePointAt(text, at + Units(codePoint));
        for (var i = 0; i <= _lastThatLooksOn; i++)
        {
            var step = _pipeline.Steps[i];
            if (step.LooksOn && (next < 0 || !step.Leaves(codePoint, next)))
            {
                return false;
            }

            if (i < _lastThatLooksOn)
            {
                var known = next >= 0 && step.Splits(codePoint, next) && !step.MayBegin(next, out _);
                (codePoint, next) = known && step.TryMap(codePoint, out var one, out _, out var isOne) && isOne && step.TryMap(next, out var first, out _, out _) ? (one, first) : (-1, -1);
            }
        }

        return true;
    }

    // Whether a part goes over a place that is Near. What stands around it is asked as far as the normaliser makes one code point of each.
    private bool GoesOver(ReadOnlySpan<char> text, int at)
    {
        Span<int> before = stackalloc int[Context];
        Span<int> after = stackalloc int[Context];
        if (!Keeps(text, at, out before[0], out after[0]))
        {
            return false;
        }

        var (left, right) = (1, 1);
        for (var place = at - Units(Characters.CodePointBefore(text, at)); left < Context && place > 0 && Keeps(text, place, out before[left], out _); left++)
        {
            place -= Units(Characters.CodePointBefore(text, place));
        }

        for (var place = at + Units(Characters.CodePointAt(text, at)); right < Context && place < text.Length && Keeps(text, place, out _, out after[right]); right++)
        {
            place += Units(Characters.CodePointAt(text, place));
        }

        return PreTokenizerStep.AllGoOver(_pipeline.PreTokenizers, before[..left], after[..right]);
    }

    // Whether the normaliser makes one code point of each of the two at a place, whatever stands around them, and which.
    private bool Keeps(ReadOnlySpan<char> text, int at, out int before, out int after)
    {
        (before, after) = (Characters.CodePointBefore(text, at), Characters.CodePointAt(text, at));
        if (!MayPart(text, at))
        {
            return false;
        }

        var isLeft = IsLeft(text, at, after);
        foreach (var step in _pipeline.Steps)
        {
            if (!(isLeft ? step.SplitsBeforeOne(before, after) : step.Splits(before, after)) || step.MayBegin(after, out _)
                || !step.TryMap(before, out before, out _, out var isOne) || !step.TryMap(after, out after, out _, out var isOneToo) || !isOne || !isOneToo)
            {
                return false;
            }
        }

        return true;
    }

    // What a code point's first or last one is once it is normalised; −1: nothing.
    private int Mapped(int codePoint, bool last)
    {
        foreach (var step in _pipeline.Steps)
        {
            if (!step.TryMap(codePoint, out var first, out var end, out _))
            {
                return -1;
            }

            codePoint = last ? end : first;
        }

        return codePoint;
    }

    /// <summary>What pre-tokenizers make of normalised text between two code points. A kind that splits faster than the steps overrides it.</summary>
    private protected virtual SplitPlace SplitsNormalized(ref int before, ref int after) => PreTokenizerStep.Splits(_pipeline.PreTokenizers, ref before, ref after);

    // A place near where the chunk has so many characters, where the text falls apart; else one within a word; else one before it, or the next one; else the end.
    private int ChunkEnd(ref PlainText plain, int from, int size, ref RunState run, out bool isLast, out SplitPlace place)
    {
        isLast = false;
        var at = from + size;
        var inWord = 0;
        for (var near = Math.Min(at + Near, plain.End); at < near; at++)
        {
            place = Place(plain.Text, at, within: inWord == 0);
            if (place == SplitPlace.Boundary)
            {
                run = RunState.New;
                return at;
            }

            inWord = place == SplitPlace.Apart && inWord == 0 ? at : inWord;
        }

        for (var before = Math.Min(from + size, plain.End) - 1; before > from; before--)
        {
            place = Place(plain.Text, before, within: inWord == 0);
            if (place == SplitPlace.Boundary)
            {
                run = RunState.New;
                return before;
            }

            inWord = place == SplitPlace.Apart && inWord == 0 ? before : inWord;
            if (inWord > 0 && from + size - before >= Near)
            {
                break;
            }
        }

        place = SplitPlace.Apart;
        if (inWord > 0)
        {
            run = default;
            return inWord;
        }

        if (_hasRuns && RunEnd(plain, from, from + size, ref run, out place) is var end and > 0)
        {
            return end;
        }

        run = RunState.New;
        for (; ; plain.Extend((int)Math.Min(2L * at - from, int.MaxValue)))
        {
            for (; at < plain.End; at++)
            {
                place = Place(plain.Text, at, within: at % Rarely == 0);
                if (place is SplitPlace.Boundary or SplitPlace.Apart)
                {
                    run = place == SplitPlace.Boundary ? RunState.New : default;
                    return at;
                }
            }

            if (plain.IsWhole)
            {
                (isLast, place) = (true, SplitPlace.Boundary);
                return plain.End;
            }
        }
    }

    // What becomes of a text between two code points, as the steps of the normaliser from one on and all that follows see it.
    private SplitPlace Splits(int step, int before, int after, bool single, bool isLeft)
    {
        if (step == _pipeline.Steps.Length)
        {
            var begins = _normalized.Begins(after); // a word would end there
            return !_normalized.IsEmpty && !_normalized.Splits(before, after) ? SplitPlace.Whole : SplitsNormalized(ref before, ref after) switch
            {
                SplitPlace.Apart => SplitsWord(before, after) ? SplitPlace.Boundary : begins ? SplitPlace.Whole : SplitPlace.Apart,
                SplitPlace.Spaces or SplitPlace.Letters or SplitPlace.Near or SplitPlace.Blanks when begins || !single => SplitPlace.Whole,
                SplitPlace.Counted when !single => SplitPlace.Whole,
                var other => other,
            };
        }

        var part = _pipeline.Steps[step];
        if (!(isLeft ? part.SplitsBeforeOne(before, after) : part.Splits(before, after)) || !part.TryMap(before, out _, out var last, out var beforeIsOne))
        {
            return SplitPlace.Whole;
        }

        // Where it may begin with something else, too, only what holds for both.
        var mayBegin = part.MayBegin(after, out var instead);
        if ((mayBegin && (instead < 0 || Splits(step + 1, last, instead, single: false, isLeft: false) != SplitPlace.Boundary)) || !part.TryMap(after, out var first, out _, out var isOne))
        {
            return SplitPlace.Whole;
        }

        var place = Splits(step + 1, last, first, single && isOne && beforeIsOne, isLeft);
        return mayBegin && place != SplitPlace.Boundary ? SplitPlace.Whole : place;
    }
}
