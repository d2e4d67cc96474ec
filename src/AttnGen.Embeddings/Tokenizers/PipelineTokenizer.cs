namespace AttnGen.Embeddings;

/// <summary>What a text goes through before the vocabulary is asked.</summary>
/// <param name="Steps">The normaliser.</param>
/// <param name="PreTokenizers">What splits the normalised text.</param>
internal sealed record TextPipeline(NormalizerStep[] Steps, PreTokenizerStep[] PreTokenizers)
{
    /// <summary>How many of the steps were put before the tokenizer's own after its added tokens were made: those do not go through them.</summary>
    public int LaterSteps { get; init; }

    /// <summary>The same, with lower case before all else; but of a tokenizer that has such a step, nothing changes.</summary>
    public TextPipeline Lowered(bool wanted) =>
        wanted && !Steps.Any(step => step is NormalizerStep.Lowercase) ? this with { Steps = [new NormalizerStep.Lowercase(), .. Steps], LaterSteps = LaterSteps + 1 } : this;
}

/// <summary>Where a part of a text stands that is encoded on its own.</summary>
/// <param name="AtStart">Whether it begins the text.</param>
/// <param name="GoesOn">Whether text of the same kind stands before it.</param>
/// <param name="IsFollowed">Whether text of the same kind stands after it.</param>
/// <param name="WordGoesOn">Whether its last word goes on in the next part.</param>
/// <param name="Before">The code point before it, normalised, if it does not begin anew for pre-tokenizers; else negative.</param>
/// <param name="After">Its first one, if so.</param>
internal readonly record struct ChunkPlace(bool AtStart, bool GoesOn, bool IsFollowed, bool WordGoesOn, int Before, int After);

/// <summary>A tokenizer whose text is normalised and split by steps that its file names.</summary>
internal abstract class PipelineTokenizer : TextTokenizer
{
    private const int KnownBits = 12;
    private const int Near = 256;
    private const int LeastOpen = 512; // of a word without end

    private readonly TextPipeline _pipeline;
    private readonly AddedTokens _normalized;
    private readonly bool _hasGraphemes;
    private readonly bool _hasPrefix;
    private long[]? _known;

    private protected PipelineTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, TextPipeline pipeline)
        : base(settings)
    {
        List = list;
        Vocabulary = vocabulary;
        _pipeline = pipeline;
        _hasGraphemes = Array.Exists(pipeline.Steps, step => step is NormalizerStep.Precompiled);
        _hasPrefix = Array.Exists(pipeline.PreTokenizers, step => step is PreTokenizerStep.PrefixSpace or PreTokenizerStep.Metaspace);
        _normalized = new AddedTokens(settings.AddedTokens.Where(token => token.Normalized).Select(Normalize));
    }

    /// <summary>Whether there are added tokens that are looked for in the normalised text.</summary>
    private protected bool HasNormalizedTokens => !_normalized.IsEmpty;

    private protected PieceList List { get; }

    private protected PieceTable Vocabulary { get; }

    public sealed override int? FindId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var id = Vocabulary.Find(token);
        return id < 0 ? FindAdded(token) : id;
    }

    public sealed override string? FindToken(int id) => List.Find(id) ?? FindAdded(id);

    private protected sealed override int LargestId(int from, ref int first)
    {
        var last = -1;
        foreach (var piece in List.Pieces)
        {
            first = piece.Id >= from && piece.Id < first ? piece.Id : first;
            last = Math.Max(last, piece.Id);
        }

        return last;
    }

    /// <summary>A part of the text to its tokens.</summary>
    /// <param name="word">The part, normalised.</param>
    /// <param name="spans">Where its units stand in the text.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected abstract void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink);

    /// <summary>The text as the vocabulary has it. A kind that does the same faster than the steps overrides it.</summary>
    private protected virtual void Normalize(ReadOnlySpan<char> text, ref NormalizedText to) => NormalizerStep.Apply(_pipeline.Steps, text, ref to);

    /// <summary>The tokens of a word's beginning that are the same whatever follows it.</summary>
    /// <param name="word">The beginning.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    /// <returns>How many units have their tokens now; 0: none is certain.</returns>
    private protected virtual int Beginning(ref OpenWord word, ref TokenSink sink) => 0;

    /// <summary>The tokens of a word's rest.</summary>
    /// <param name="word">The rest, with what is known of the beginning.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected virtual void Rest(ref OpenWord word, ref TokenSink sink) => Word(word.Text, word.Spans, ref sink);

    /// <summary>A word, or a part of one that goes on in the next chunk or from the one before.</summary>
    /// <param name="text">The word, normalised.</param>
    /// <param name="spans">Where its units stand in the chunk; empty: one after the other from a position on.</param>
    /// <param name="start">That position.</param>
    /// <param name="ends">Whether nothing more of it follows.</param>
    /// <param name="open">The word that the chunk before has left open.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected void Part(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, int start, bool ends, ref OpenWord open, ref TokenSink sink)
    {
        open.Add(text, spans, sink.Shift + (spans.IsEmpty ? start : 0));
        if (ends)
        {
            End(ref open, ref sink);
        }
        else if (open.Text.Length >= open.Next)
        {
            var shift = sink.Shift;
            sink.Shift = 0;
            open.Done(Beginning(ref open, ref sink));
            sink.Shift = shift;
        }
    }

    private protected void End(ref OpenWord open, ref TokenSink sink)
    {
        var shift = sink.Shift;
        sink.Shift = 0;
        Rest(ref open, ref sink);
        sink.Shift = shift;
        open.Close();
    }

    private protected override void EncodePlain(ref PlainText plain, ref TokenSink sink)
    {
        var open = new OpenWord(Math.Min(2 * Chunk.Least, LeastOpen));
        try
        {
            for (var from = plain.Start; ;)
            {
                var size = ChunkSize(sink.Room);
                plain.Extend((int)Math.Min((long)from + 2 * size, int.MaxValue));
                var place = SplitPlace.Boundary;
                var isLast = plain.IsWhole && plain.End - from <= 2 * size;
                var to = isLast ? plain.End : ChunkEnd(ref plain, from, size, out isLast, out place);
                if (from < to)
                {
                    sink.Shift = from;
                    var goesOn = plain.GoesOn || from > plain.Start;
                    var (before, after) = !_hasPrefix || !goesOn || open.AfterToken ? (-1, -1)
                        : (Mapped(Characters.CodePointBefore(plain.Text, from), last: true), Mapped(Characters.CodePointAt(plain.Text, from), last: false));
                    EncodeChunk(plain.Text[from..to], new ChunkPlace(from == 0, goesOn, !isLast, place == SplitPlace.Apart, before, after), ref open, ref sink);
                }

                if (isLast && open.IsOpen && !sink.Overflowed)
                {
                    // What followed the word became nothing.
                    End(ref open, ref sink);
                }

                if (isLast || sink.Overflowed)
                {
                    return;
                }

                from = to;
            }
        }
        finally
        {
            open.Dispose();
        }
    }

    private protected sealed override bool SplitsPlain(ReadOnlySpan<char> text, int at) => Place(text, at) == SplitPlace.Boundary
        && (!_hasPrefix || Mapped(Characters.CodePointAt(text, at), last: false) == ' '); // an added token may stand before the place

    // Whether a text falls apart at a place, or one word goes over it.
    private SplitPlace Place(ReadOnlySpan<char> text, int at)
    {
        if (char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]))
        {
            return SplitPlace.Whole;
        }

        if (_hasGraphemes && at > 1 && !NormalizerStep.Precompiled.IsPlain(text[at - 2]))
        {
            return SplitPlace.Whole;
        }

        var (before, after) = (Characters.CodePointBefore(text, at), Characters.CodePointAt(text, at));
        var place = Place(before, after);
        var certain = place switch
        {
            SplitPlace.Spaces => at + Units(after) is var next && next < text.Length && Place(after, Characters.CodePointAt(text, next)) == SplitPlace.Spaces,
            SplitPlace.Letters => IsLetter(text, at - Units(before), deep: true),
            _ => false,
        };
        return certain ? SplitPlace.Apart : place is SplitPlace.Spaces or SplitPlace.Letters ? SplitPlace.Whole : place;

        // Only a text's own letters have one unit for sure, but whatever is no such letter is no letter of a contraction either.
        static int Units(int codePoint) => codePoint > char.MaxValue ? 2 : 1;

        bool IsLetter(ReadOnlySpan<char> text, int at, bool deep)
        {
            if (at <= 0)
            {
                return false;
            }

            var before = Characters.CodePointBefore(text, at);
            return Place(before, Characters.CodePointAt(text, at)) switch
            {
                SplitPlace.Apart => true,
                SplitPlace.Letters => !deep || IsLetter(text, at - Units(before), deep: false),
                _ => false,
            };
        }
    }

    // What is found out about two code points is kept in a word of its own, so that threads need not wait for each other.
    private SplitPlace Place(int before, int after)
    {
        const int PlaceAt = 60;
        var known = _known ??= new long[1 << KnownBits];
        var key = 1L | ((long)before << 2) | ((long)after << 23);
        ref var entry = ref known[(int)((ulong)(key * unchecked((long)0x9E3779B97F4A7C15)) >> (64 - KnownBits))];
        var value = Volatile.Read(ref entry);
        if ((value & ((1L << PlaceAt) - 1)) != key)
        {
            value = key | ((long)Splits(0, before, after, single: true) << PlaceAt);
            Volatile.Write(ref entry, value);
        }

        return (SplitPlace)(value >> PlaceAt);
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

    /// <summary>Whether the tokens of a part are those of its beginning and those of its rest, wherever these two code points stand next to each other.</summary>
    private protected virtual bool SplitsWord(int before, int after) => false;

    /// <summary>A part of a text, of which the rest is encoded on its own.</summary>
    /// <param name="text">The part.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="open">The word that the part before has left open, and the one that this leaves open.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected virtual void EncodeChunk(ReadOnlySpan<char> text, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        var normalized = new NormalizedText(text.Length + (text.Length >> 3) + 16) { GoesOn = place.GoesOn, IsFollowed = place.IsFollowed };
        try
        {
            Normalize(text, ref normalized);
            var search = default(AddedTokenSearch);
            while (!sink.Overflowed && _normalized.TryFind(normalized.Text, normalized.Length, ref search, out var match))
            {
                Between(ref normalized, match.Before, match.Start, place with { WordGoesOn = false }, ref open, ref sink);
                if (open.IsOpen && !sink.Overflowed)
                {
                    End(ref open, ref sink);
                }

                if (!sink.Overflowed)
                {
                    sink.Add(match.Id, normalized.Start(match.Start), normalized.EndBefore(match.End));
                }
            }

            open.AfterToken = search.Done > 0 && search.Done == normalized.Length;
            if (!sink.Overflowed)
            {
                Between(ref normalized, search.Done, normalized.Length, place, ref open, ref sink);
            }
        }
        finally
        {
            normalized.Dispose();
        }

        void Between(ref NormalizedText normalized, int from, int to, ChunkPlace place, ref OpenWord open, ref TokenSink sink)
        {
            if (from < to)
            {
                Part(ref normalized, from, to, from == 0 ? place : place with { Before = -1 }, ref open, ref sink);
            }
        }
    }

    /// <summary>What lies between two added tokens. A kind that splits faster than the steps overrides it.</summary>
    private protected virtual void Part(ref NormalizedText normalized, int from, int to, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        var split = new SplitText(to - from + 16);
        try
        {
            split.AddRange(normalized.Text[from..to], normalized.Spans[from..to]);
            split.Part(0, split.Length);
            PreTokenizerStep.Apply(_pipeline.PreTokenizers, place.AtStart, place.Before, place.After, ref split);
            for (var i = 0; i < split.Parts.Length && !sink.Overflowed; i++)
            {
                var part = split.Parts[i];
                var ends = !place.WordGoesOn || i + 1 < split.Parts.Length;
                if (ends && !open.IsOpen)
                {
                    Word(split.Text[part.Start..part.End], split.Spans[part.Start..part.End], ref sink);
                }
                else
                {
                    Part(split.Text[part.Start..part.End], split.Spans[part.Start..part.End], 0, ends, ref open, ref sink);
                }
            }
        }
        finally
        {
            split.Dispose();
        }
    }

    // A place near where the chunk has so many characters, where the text falls apart; else one within a word; else one before it, or the next one; else the end.
    private int ChunkEnd(ref PlainText plain, int from, int size, out bool isLast, out SplitPlace place)
    {
        isLast = false;
        var at = from + size;
        var inWord = 0;
        for (var end = Math.Min(at + Near, plain.End); at < end; at++)
        {
            place = Place(plain.Text, at);
            if (place == SplitPlace.Boundary)
            {
                return at;
            }

            inWord = place == SplitPlace.Apart && inWord == 0 ? at : inWord;
        }

        for (var before = Math.Min(from + size, plain.End) - 1; before > from; before--)
        {
            place = Place(plain.Text, before);
            if (place == SplitPlace.Boundary)
            {
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
            return inWord;
        }

        for (; ; plain.Extend((int)Math.Min(2L * at - from, int.MaxValue)))
        {
            for (; at < plain.End; at++)
            {
                place = Place(plain.Text, at);
                if (place is SplitPlace.Boundary or SplitPlace.Apart)
                {
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
    private SplitPlace Splits(int step, int before, int after, bool single)
    {
        if (step == _pipeline.Steps.Length)
        {
            var begins = _normalized.Begins(after); // a word would end there
            return !_normalized.IsEmpty && !_normalized.Splits(before, after) ? SplitPlace.Whole : SplitsNormalized(ref before, ref after) switch
            {
                SplitPlace.Apart => SplitsWord(before, after) ? SplitPlace.Boundary : begins ? SplitPlace.Whole : SplitPlace.Apart,
                SplitPlace.Spaces or SplitPlace.Letters when begins => SplitPlace.Whole,
                SplitPlace.Spaces or SplitPlace.Letters when !single => SplitPlace.Whole,
                var other => other,
            };
        }

        var part = _pipeline.Steps[step];
        if (!part.Splits(before, after) || !part.TryMap(before, out _, out var last, out var beforeIsOne))
        {
            return SplitPlace.Whole;
        }

        // Where it may begin with something else, too, only what holds for both.
        var mayBegin = part.MayBegin(after, out var instead);
        if ((mayBegin && (instead < 0 || Splits(step + 1, last, instead, single: false) != SplitPlace.Boundary)) || !part.TryMap(after, out var first, out _, out var isOne))
        {
            return SplitPlace.Whole;
        }

        var place = Splits(step + 1, last, first, single && isOne && beforeIsOne);
        return mayBegin && place != SplitPlace.Boundary ? SplitPlace.Whole : place;
    }

    private AddedToken Normalize(AddedToken token)
    {
        var normalized = new NormalizedText(token.Content.Length + 16);
        NormalizerStep.Apply(_pipeline.Steps[_pipeline.LaterSteps..], token.Content, ref normalized);
        var content = normalized.Text.ToString();
        normalized.Dispose();
        return token with { Content = content };
    }
}
