using System.Globalization;

namespace AttnGen.Generation;

/// <summary>The conversations that are kept. A text that begins as one of them goes on from there; the one not used for longest makes room.</summary>
/// <remarks>The lock is held to choose, never while tokens are read or copied.</remarks>
internal sealed class SequenceShelf(ILanguageModel model, TextGeneratorOptions options) : IDisposable
{
    // A template may write the end of a prompt in another way once the answer is there: so many tokens of it, and not more than a part of it.
    private const int PromptTail = 16, PromptPart = 8;

    // Fewer tokens are read about as fast as they are copied.
    private const int WorthCopying = 32;

    private readonly Lock _lock = new();
    private readonly List<KeptSequence> _all = [];
    private long _clock;
    private int _adding;
    private bool _isDisposed;

    /// <summary>Whether conversations are kept when their text is written.</summary>
    public bool Keeps => options.KeepSequences;

    /// <summary>Conversations, those that are being written included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>Bytes that they take together.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return Total();
            }
        }
    }

    /// <summary>A sequence for a prompt, which holds as much of it already as is kept.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="most">Most tokens that follow.</param>
    /// <exception cref="InvalidOperationException">The bound is reached by texts that are being written.</exception>
    public KeptSequence Take(ReadOnlySpan<int> prompt, int most)
    {
        var capacity = Capacity(prompt.Length + Math.Min(most, TextRun.FirstRoom));
        KeptSequence? source = null;
        int common;
        bool isCopied;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(TextGenerator));
            (source, common) = Best(prompt);
            var isContinued = source is { IsFixed: false } && (common + Math.Min(PromptTail, source.PromptEnd / PromptPart) >= source.PromptEnd || !MayAddBeside(source));
            isCopied = !isContinued && IsWorthCopying(source, common);
            if (!isContinued && !isCopied)
            {
                // A conversation that shares too little may hide a prefix that was loaded for this.
                (source, common) = Best(prompt, fixedOnly: true);
                isCopied = IsWorthCopying(source, common);
                source = isCopied ? source : null;
            }

            if (source is not null)
            {
                source.IsBusy = !source.IsFixed;
            }
        }

        if (source is null)
        {
            return Add(() => model.CreateSequence(capacity)) ?? throw Full();
        }

        if (isCopied)
        {
            try
            {
                var copy = Add(() => source.Copy(common, capacity));
                if (copy is not null || source.IsFixed)
                {
                    source.IsBusy = false;
                    return copy ?? throw Full();
                }
            }
            catch
            {
                source.IsBusy = false;
                throw;
            }
        }

        try
        {
            source.Rewind(common);
            return source;
        }
        catch
        {
            Return(source, default, isSound: false);
            throw;
        }
    }

    /// <summary>Takes a sequence back whose text is written.</summary>
    /// <param name="kept">The sequence.</param>
    /// <param name="ids">The tokens of the text.</param>
    /// <param name="isSound">Whether it may be gone on from.</param>
    public void Return(KeptSequence kept, ReadOnlySpan<int> ids, bool isSound)
    {
        if (isSound)
        {
            kept.Note(ids[..kept.Sequence.Position]);
        }

        lock (_lock)
        {
            if (isSound && Keeps && !_isDisposed)
            {
                kept.Used = ++_clock;
                kept.IsBusy = false;
                return;
            }

            _all.Remove(kept);
        }

        kept.Dispose();
    }

    /// <summary>Adds a prefix that stays.</summary>
    /// <exception cref="InvalidOperationException">The bound is reached.</exception>
    public void AddFixed(TokenSequence sequence, ReadOnlySpan<int> ids)
    {
        var kept = Add(() => sequence, isFixed: true);
        if (kept is null)
        {
            sequence.Dispose();
            throw Full();
        }

        kept.Note(ids);
        lock (_lock)
        {
            kept.IsBusy = false;
        }
    }

    /// <summary>A copy of a sequence with more room, for it to be replaced by.</summary>
    /// <exception cref="InvalidOperationException">The bound is reached by texts that are being written.</exception>
    public TokenSequence Grow(KeptSequence kept, int tokens)
    {
        // Twice the room if that is free; else what is needed, and others go.
        foreach (var wanted in (ReadOnlySpan<long>)[Math.Max(tokens, 2L * kept.Sequence.Capacity), tokens])
        {
            var larger = kept.Sequence.Fork(Capacity(wanted));
            var more = larger.Bytes - kept.Sequence.Bytes;
            if (HasRoom(more))
            {
                return larger;
            }

            if (wanted == tokens)
            {
                lock (_lock)
                {
                    if (MakeRoom(more, places: 0))
                    {
                        return larger;
                    }
                }
            }

            larger.Dispose();
        }

        throw Full();
    }

    /// <summary>Whether so many bytes more are within the bound, without others having to go.</summary>
    public bool HasRoom(long bytes)
    {
        lock (_lock)
        {
            return options.MaxSequenceBytes is not { } most || Total() + bytes <= most;
        }
    }

    /// <summary>Forgets what is not in use, prefixes that were loaded apart.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            while (Evict())
            {
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var kept in _all.Where(kept => !kept.IsBusy))
            {
                kept.Dispose();
            }

            _all.RemoveAll(kept => !kept.IsBusy);
        }
    }

    private KeptSequence? Add(Func<TokenSequence> make, bool isFixed = false)
    {
        lock (_lock)
        {
            if (!MakeRoom(0, places: 1))
            {
                return null;
            }

            _adding++;
        }

        TokenSequence? sequence = null;
        try
        {
            sequence = make();
        }
        finally
        {
            lock (_lock)
            {
                _adding--;
            }
        }

        lock (_lock)
        {
            if (MakeRoom(sequence.Bytes, places: 1))
            {
                var kept = new KeptSequence(this, sequence) { IsBusy = true, IsFixed = isFixed, Used = ++_clock };
                _all.Add(kept);
                return kept;
            }
        }

        sequence.Dispose();
        return null;
    }

    private static bool IsWorthCopying(KeptSequence? source, int common) =>
        source is not null && common >= (source.IsFixed ? Math.Min(WorthCopying, source.Ids.Length) : WorthCopying);

    private (KeptSequence? Kept, int Common) Best(ReadOnlySpan<int> prompt, bool fixedOnly = false)
    {
        (KeptSequence? Kept, int Common) best = default;
        foreach (var kept in _all)
        {
            var common = kept.IsBusy || (fixedOnly && !kept.IsFixed) ? 0 : kept.Common(prompt);
            if (common > best.Common || (common > 0 && common == best.Common && kept.Used > best.Kept!.Used))
            {
                best = (kept, common);
            }
        }

        return best;
    }

    private bool MayAddBeside(KeptSequence source) =>
        _all.Count + _adding < options.MaxSequences || _all.Exists(kept => kept != source && !kept.IsBusy && !kept.IsFixed);

    // Others go until there is room; false: they are all in use.
    private bool MakeRoom(long bytes, int places)
    {
        while (_all.Count + _adding + places > options.MaxSequences || (options.MaxSequenceBytes is { } most && Total() + bytes > most))
        {
            if (!Evict())
            {
                return false;
            }
        }

        return true;
    }

    private bool Evict()
    {
        var oldest = _all.Where(kept => !kept.IsBusy && !kept.IsFixed).MinBy(kept => kept.Used);
        if (oldest is null)
        {
            return false;
        }

        _all.Remove(oldest);
        oldest.Dispose();
        return true;
    }

    private long Total()
    {
        long total = 0;
        foreach (var kept in _all)
        {
            total += kept.Bytes;
        }

        return total;
    }

    private int Capacity(long tokens) => (int)Math.Min((tokens + 31) & ~31, model.Info.MaxTokens);

    private InvalidOperationException Full()
    {
        lock (_lock)
        {
            var (busy, fixedOnes) = (_all.Count(kept => kept.IsBusy), _all.Count(kept => kept.IsFixed));
            return new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"There is no room for another text: {busy} are being written and {fixedOnes} prefixes are loaded, which take {Total():N0} bytes; the limits are {options.MaxSequences} (TextGeneratorOptions.MaxSequences) and {(options.MaxSequenceBytes is { } most ? most.ToString("N0", CultureInfo.InvariantCulture) + " bytes" : "no number of bytes")} (MaxSequenceBytes). Wait until a text is written, give MaxOutputTokens, or raise the limit."));
        }
    }
}
