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

/// <summary>A tokenizer whose text is normalised and split by steps that its file names.</summary>
internal abstract class PipelineTokenizer : TextTokenizer
{
    private const int KnownBits = 12;
    private const int Near = 256;

    private readonly TextPipeline _pipeline;
    private readonly AddedTokens _normalized;
    private readonly bool _hasGraphemes;
    private long[]? _known;

    private protected PipelineTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, TextPipeline pipeline)
        : base(settings)
    {
        List = list;
        Vocabulary = vocabulary;
        _pipeline = pipeline;
        _hasGraphemes = Array.Exists(pipeline.Steps, step => step is NormalizerStep.Precompiled);
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

    private protected override void EncodePlain(ref PlainText plain, ref TokenSink sink)
    {
        for (var from = plain.Start; ;)
        {
            var size = ChunkSize(sink.Room);
            plain.Extend((int)Math.Min((long)from + 2 * size, int.MaxValue));
            var isLast = plain.IsWhole && plain.End - from <= 2 * size;
            var to = isLast ? plain.End : ChunkEnd(ref plain, from, size, out isLast);
            if (from < to)
            {
                sink.Shift = from;
                EncodeChunk(plain.Text[from..to], atStart: from == 0, goesOn: plain.GoesOn || from > plain.Start, isFollowed: !isLast, ref sink);
            }

            if (isLast || sink.Overflowed)
            {
                return;
            }

            from = to;
        }
    }

    private protected sealed override bool SplitsPlain(ReadOnlySpan<char> text, int at)
    {
        if (char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]))
        {
            return false;
        }

        if (_hasGraphemes && at > 1 && !NormalizerStep.Precompiled.IsPlain(text[at - 2]))
        {
            return false;
        }

        // What is found out about two code points is kept in a word of its own, so that threads need not wait for each other.
        var (before, after) = (Characters.CodePointBefore(text, at), Characters.CodePointAt(text, at));
        var known = _known ??= new long[1 << KnownBits];
        var key = 1L | ((long)before << 2) | ((long)after << 23);
        ref var entry = ref known[(int)((ulong)(key * unchecked((long)0x9E3779B97F4A7C15)) >> (64 - KnownBits))];
        var value = Volatile.Read(ref entry);
        if ((value & ~2) != key)
        {
            value = key | (Splits(0, before, after) ? 2L : 0L);
            Volatile.Write(ref entry, value);
        }

        return (value & 2) != 0;
    }

    /// <summary>What pre-tokenizers make of normalised text between two code points. A kind that splits faster than the steps overrides it.</summary>
    private protected virtual SplitPlace SplitsNormalized(ref int before, ref int after) => PreTokenizerStep.Splits(_pipeline.PreTokenizers, ref before, ref after);

    /// <summary>Whether the tokens of a part are those of its beginning and those of its rest, wherever these two code points stand next to each other.</summary>
    private protected virtual bool SplitsWord(int before, int after) => false;

    /// <summary>A part of a text, of which the rest is encoded on its own.</summary>
    /// <param name="text">The part.</param>
    /// <param name="atStart">Whether it begins the text.</param>
    /// <param name="goesOn">Whether text of the same kind stands before it.</param>
    /// <param name="isFollowed">Whether text of the same kind stands after it.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected virtual void EncodeChunk(ReadOnlySpan<char> text, bool atStart, bool goesOn, bool isFollowed, ref TokenSink sink)
    {
        var normalized = new NormalizedText(text.Length + (text.Length >> 3) + 16) { GoesOn = goesOn, IsFollowed = isFollowed };
        try
        {
            Normalize(text, ref normalized);
            var search = default(AddedTokenSearch);
            while (!sink.Overflowed && _normalized.TryFind(normalized.Text, normalized.Length, ref search, out var match))
            {
                Between(ref normalized, match.Before, match.Start, ref sink);
                if (!sink.Overflowed)
                {
                    sink.Add(match.Id, normalized.Start(match.Start), normalized.EndBefore(match.End));
                }
            }

            if (!sink.Overflowed)
            {
                Between(ref normalized, search.Done, normalized.Length, ref sink);
            }
        }
        finally
        {
            normalized.Dispose();
        }

        void Between(ref NormalizedText normalized, int from, int to, ref TokenSink sink)
        {
            if (from < to)
            {
                Part(ref normalized, from, to, atStart, ref sink);
            }
        }
    }

    /// <summary>What lies between two added tokens. A kind that splits faster than the steps overrides it.</summary>
    private protected virtual void Part(ref NormalizedText normalized, int from, int to, bool atStart, ref TokenSink sink)
    {
        var split = new SplitText(to - from + 16);
        try
        {
            split.AddRange(normalized.Text[from..to], normalized.Spans[from..to]);
            split.Part(0, split.Length);
            PreTokenizerStep.Apply(_pipeline.PreTokenizers, atStart, ref split);
            foreach (var part in split.Parts)
            {
                Word(split.Text[part.Start..part.End], split.Spans[part.Start..part.End], ref sink);
                if (sink.Overflowed)
                {
                    break;
                }
            }
        }
        finally
        {
            split.Dispose();
        }
    }

    // A place near where the chunk has so many characters, where the text falls apart; else one before it, or the next one; else the end.
    private int ChunkEnd(ref PlainText plain, int from, int size, out bool isLast)
    {
        isLast = false;
        var at = from + size;
        for (var end = Math.Min(at + Near, plain.End); at < end; at++)
        {
            if (SplitsPlain(plain.Text, at))
            {
                return at;
            }
        }

        for (var before = Math.Min(from + size, plain.End) - 1; before > from; before--)
        {
            if (SplitsPlain(plain.Text, before))
            {
                return before;
            }
        }

        for (; ; plain.Extend((int)Math.Min(2L * at - from, int.MaxValue)))
        {
            for (; at < plain.End; at++)
            {
                // Far away only the likely places are looked at.
                if ((!char.IsLetterOrDigit(plain.Text[at]) || !char.IsLetterOrDigit(plain.Text[at - 1])) && SplitsPlain(plain.Text, at))
                {
                    return at;
                }
            }

            if (plain.IsWhole)
            {
                isLast = true;
                return plain.End;
            }
        }
    }

    // Whether a text falls apart between two code points, as the steps of the normaliser from one on and all that follows see it.
    private bool Splits(int step, int before, int after)
    {
        if (step == _pipeline.Steps.Length)
        {
            return (_normalized.IsEmpty || _normalized.Splits(before, after)) && SplitsNormalized(ref before, ref after) switch
            {
                SplitPlace.Boundary => true,
                SplitPlace.Apart => SplitsWord(before, after),
                _ => false,
            };
        }

        var part = _pipeline.Steps[step];
        return part.Splits(before, after)
            && (!part.MayBegin(after, out var other) || (other >= 0 && part.TryMap(before, out _, out var last) && Splits(step + 1, last, other)))
            && part.TryMap(before, out _, out last) && part.TryMap(after, out var first, out _) && Splits(step + 1, last, first);
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
