namespace AttnGen.Tokenizers;

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
internal abstract partial class PipelineTokenizer : TextTokenizer
{
    private const int KnownBits = 12;
    private const int Near = 256;
    private const int LeastOpen = 512; // of a word without end

    private readonly TextPipeline _pipeline;
    private readonly AddedTokens _normalized;
    private readonly int _graphemesAt; // the first step that looks at graphemes; −1: none does
    private readonly int _lastThatLooksOn; // the last step for which it matters what follows a code point; −1: there is none
    private readonly bool _hasRuns;
    private readonly int _runLength;
    private readonly bool _joinsBreaks;
    private readonly bool _hasPrefix;
    private long[]? _known;

    private protected PipelineTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, TextPipeline pipeline)
        : base(settings)
    {
        List = list;
        Vocabulary = vocabulary;
        _pipeline = pipeline;
        _graphemesAt = Array.FindIndex(pipeline.Steps, step => step is NormalizerStep.Precompiled);
        _lastThatLooksOn = Array.FindLastIndex(pipeline.Steps, step => step.LooksOn);
        _hasRuns = Array.Exists(pipeline.PreTokenizers, step => step is PreTokenizerStep.AtMatches);
        int[] lengths = [.. pipeline.PreTokenizers.Select(step => step.RunLength).Where(length => length > 0).Distinct()];
        _runLength = lengths.Length == 1 ? lengths[0] : 0;
        _joinsBreaks = Array.Exists(pipeline.PreTokenizers, step => step.JoinsBreaks);
        _hasPrefix = Array.Exists(pipeline.PreTokenizers, step => step is PreTokenizerStep.PrefixSpace or PreTokenizerStep.Metaspace);
        _normalized = new AddedTokens(settings.AddedTokens.Where(token => token.Normalized).Select(Normalize));
    }

    /// <summary>Whether there are added tokens that are looked for in the normalised text.</summary>
    private protected bool HasNormalizedTokens => !_normalized.IsEmpty;

    private protected sealed override PieceList List { get; }

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
            var run = RunState.New;
            for (var from = plain.Start; ;)
            {
                var size = ChunkSize(sink.Room);
                plain.Extend((int)Math.Min((long)from + 2 * size, int.MaxValue));
                var place = SplitPlace.Boundary;
                var isLast = plain.IsWhole && plain.End - from <= 2 * size;
                var to = isLast ? plain.End : ChunkEnd(ref plain, from, size, ref run, out isLast, out place);
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

    private AddedToken Normalize(AddedToken token)
    {
        var normalized = new NormalizedText(token.Content.Length + 16);
        NormalizerStep.Apply(_pipeline.Steps[_pipeline.LaterSteps..], token.Content, ref normalized);
        var content = normalized.Text.ToString();
        normalized.Dispose();
        return token with { Content = content };
    }
}
