using AttnGen.Tokenizers;

namespace AttnGen.Generation;

/// <summary>One text that is being written: a prompt, and the tokens that follow. A pass of the <see cref="Engine"/> takes it a step further; what is new of it waits for whoever reads it.</summary>
internal sealed partial class TextRun
{
    private readonly WritingSettings _settings;
    private readonly TextDecoder _decoder;
    private readonly StopSearch _stops;
    private readonly WrittenTokens? _written;
    private readonly int _window;
    private readonly int _most;
    private readonly List<TokenLogProbability>? _freshProbabilities;
    private readonly CharBuffer _fresh = new();
    private readonly float[] _stopLogits;
    private RandomSource _random;
    private int[] _ids;
    private int _guesses;
    private int _steps;
    private TextEnd? _end;

    public TextRun(ReadOnlySpan<int> prompt, WritingSettings settings, TextTokenizer tokenizer, int window, int most, KeptSequence kept)
    {
        _settings = settings;
        _window = window;
        _most = most;
        _ids = new int[prompt.Length + Math.Min(_most, FirstRoom) + settings.Options.SpeculateTokens];
        prompt.CopyTo(_ids);
        Count = PromptTokens = prompt.Length;
        Kept = kept;
        CachedTokens = kept.Sequence.Position;
        _decoder = tokenizer.CreateDecoder(!settings.Options.KeepSpecialTokens);
        _stops = new StopSearch(settings.StopSequences);
        _written = settings.Sampling.Looks ? new WrittenTokens(prompt, Math.Min(_most, FirstRoom)) : null;
        _random = new RandomSource(settings.Seed);
        _stopLogits = new float[settings.StopIds.Length];
        if (settings.Options.LogProbabilities is not null)
        {
            (_freshProbabilities, _newProbabilities, _takenProbabilities) = ([], [], []);
        }

        if (settings.Options.Constraint is { } constraint)
        {
            constraint.Reset();
            constraint.Remaining(Math.Min(_most, _window - PromptTokens + 1)); // the last token needs no place of its own
        }
    }

    /// <summary>Tokens that there is room for before anybody knows how long the text gets.</summary>
    public const int FirstRoom = 2048;

    public KeptSequence Kept { get; }

    public int PromptTokens { get; }

    public int CachedTokens { get; }

    /// <summary>Tokens of prompt and text.</summary>
    public int Count { get; private set; }

    public int GuessedTokens { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public bool IsOver => _end is not null;

    /// <summary>Tokens that are there and not read yet.</summary>
    public int Waiting => Count - Kept.Sequence.Position;

    /// <summary>Gives the sequence back.</summary>
    public void Release() => Kept.Return(Ids, Error is null);

    /// <summary>What is to be read next, guesses included.</summary>
    public ReadOnlySpan<int> Next => _ids.AsSpan(Kept.Sequence.Position, _steps);

    /// <summary>How many rows of logits the step needs: one for each token that may be chosen.</summary>
    public int Rows => Kept.Sequence.Position + _steps < Count ? 0 : _guesses + 1;

    /// <summary>Says what is to be read next.</summary>
    /// <param name="piece">Most tokens of a prompt at a time.</param>
    /// <param name="alone">Whether the pass is for this text only, so that it may have several rows of logits.</param>
    public void Prepare(int piece, bool alone)
    {
        var waiting = Count - Kept.Sequence.Position;
        _steps = Math.Min(waiting, piece);
        _guesses = 0;
        if (alone && waiting == 1 && Count > PromptTokens && _settings.Options.SpeculateTokens > 0)
        {
            var most = Math.Min(_settings.Options.SpeculateTokens, Math.Min(_window - Count, _most - (Count - PromptTokens) - 1));
            if (most > 0)
            {
                Room(Count + most);
                _guesses = GuessAhead.From(Ids, _ids.AsSpan(Count, most));
                _steps += _guesses;
            }
        }
    }

    /// <summary>After what was to be read is read.</summary>
    /// <param name="logits">[<see cref="Rows"/>, V].</param>
    /// <param name="sampler">Chooses.</param>
    /// <param name="scratch">[V].</param>
    public void Advance(Span<float> logits, TokenSampler sampler, Span<float> scratch)
    {
        var read = Kept.Sequence.Position;
        var progress = _settings.Options.Progress;
        if (read < Count)
        {
            progress?.Report(new PromptProgress(read, PromptTokens));
            return;
        }

        if (Count == PromptTokens)
        {
            progress?.Report(new PromptProgress(PromptTokens, PromptTokens));
            Kept.KeepPromptEnd(_most);
        }

        var vocabulary = logits.Length / (_guesses + 1);
        for (var row = 0; row <= _guesses; row++)
        {
            var guess = row < _guesses ? _ids[Count] : -1;
            var id = Choose(logits.Slice(row * vocabulary, vocabulary), sampler, scratch);
            if (id < 0)
            {
                Finish(TextEnd.Constraint);
                break;
            }

            Take(id);
            if (IsOver || id != guess)
            {
                break;
            }

            GuessedTokens++;
        }

        // Of what was guessed wrongly nothing stays; the last token is read with the next step.
        if (Kept.Sequence.Position > Count - 1)
        {
            Kept.Sequence.Rewind(Count - 1);
        }
    }

    private int Choose(Span<float> logits, TokenSampler sampler, Span<float> scratch)
    {
        var most = _settings.Options.LogProbabilities;
        var (top, sum) = most is { } count ? LogProbabilityReader.Read(logits, count, scratch) : default;
        if (most is not null)
        {
            logits.CopyTo(scratch); // the sampler changes them
        }

        if (_settings.Options.Constraint is { } constraint && !Constrain(logits, constraint))
        {
            return -1;
        }

        var id = sampler.Next(logits, _written, ref _random, _settings.Sampling);
        if (most is not null)
        {
            _freshProbabilities!.Add(new TokenLogProbability(id, (float)(scratch[id] - sum), top));
        }

        return id;
    }

    // The constraint knows nothing of the tokens that end a text: they may come where it may end.
    private bool Constrain(Span<float> logits, TokenConstraint constraint)
    {
        var stops = _settings.StopIds;
        for (var i = 0; i < stops.Length; i++)
        {
            _stopLogits[i] = logits[stops[i]];
        }

        constraint.Mask(logits);
        var mayEnd = constraint.MayEnd;
        for (var i = 0; i < stops.Length; i++)
        {
            logits[stops[i]] = mayEnd ? _stopLogits[i] : float.NegativeInfinity;
        }

        return !mayEnd || LogitMath.Max(logits, out _) > float.NegativeInfinity;
    }

    private void Take(int id)
    {
        Room(Count + 1);
        _ids[Count++] = id;
        _written?.Add(id);
        if (_settings.StopIds.AsSpan().Contains(id))
        {
            Finish(TextEnd.StopToken);
            return;
        }

        _settings.Options.Constraint?.Accept(id);
        if (_stops.Append(_decoder.Append(id), _fresh))
        {
            _end = TextEnd.StopSequence;
        }
        else if (Count > _window)
        {
            Finish(Count - PromptTokens == _settings.MaxOutputTokens ? TextEnd.Length : TextEnd.WindowFull);
        }
        else if (Count - PromptTokens == _most)
        {
            Finish(TextEnd.Length);
        }
    }

    // What the decoder and the search for stop sequences held back is text now.
    private void Finish(TextEnd end)
    {
        if (_stops.Append(_decoder.End(), _fresh))
        {
            _end = TextEnd.StopSequence;
            return;
        }

        _stops.End(_fresh);
        _end = end;
    }

    private void Room(int count)
    {
        if (count > _ids.Length)
        {
            Array.Resize(ref _ids, (int)Math.Min(Math.Max(2L * _ids.Length, count), (long)_window + 1));
        }
    }

    /// <summary>What was written, once it is over.</summary>
    public GeneratedText Result(string text, IReadOnlyList<TokenLogProbability>? probabilities) => new()
    {
        Text = text,
        Ids = new ArraySegment<int>(_ids, PromptTokens, Count - PromptTokens),
        End = _end!.Value,
        InputTokens = PromptTokens,
        CachedTokens = CachedTokens,
        GuessedTokens = GuessedTokens,
        Seed = _settings.Seed,
        LogProbabilities = probabilities,
    };
}
