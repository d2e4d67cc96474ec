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
    private readonly TextPipeline _pipeline;
    private readonly AddedTokens _normalized;

    private protected PipelineTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, TextPipeline pipeline)
        : base(settings)
    {
        List = list;
        Vocabulary = vocabulary;
        _pipeline = pipeline;
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

    private protected override void EncodePlain(ReadOnlySpan<char> text, bool atStart, ref TokenSink sink)
    {
        var normalized = new NormalizedText(text.Length + (text.Length >> 3) + 16);
        try
        {
            Normalize(text, ref normalized);
            var search = default(AddedTokenSearch);
            while (!sink.Overflowed && _normalized.TryFind(normalized.Text, ref search, out var match))
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

    private AddedToken Normalize(AddedToken token)
    {
        var normalized = new NormalizedText(token.Content.Length + 16);
        NormalizerStep.Apply(_pipeline.Steps[_pipeline.LaterSteps..], token.Content, ref normalized);
        var content = normalized.Text.ToString();
        normalized.Dispose();
        return token with { Content = content };
    }
}
