using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AttnGen.Runtime;

namespace AttnGen;

/// <summary>
/// One text that a language model reads or writes: the keys and values of its tokens so far (the KV cache), to which <see cref="Extend(ReadOnlySpan{int}, Span{float}, ForwardTrace)"/> appends.
/// </summary>
/// <remarks>
/// <para>A prompt and the tokens that are generated after it go through the same code; however a text is cut into calls, the logits have the same bits.</para>
/// <para>Any number of sequences share a model's weights, and calls on different sequences may run at the same time. One sequence serves one call at a time: a second one
/// is refused (<see cref="InvalidOperationException"/>). Disposing during a call frees the memory after the call.</para>
/// <para>No call allocates, once as many calls have run at the same time as ever do.</para>
/// </remarks>
public sealed partial class TokenSequence : IDisposable
{
    /// <summary>Floats beside the cache that say in what state it is.</summary>
    internal const int StateFloats = 16;

    private readonly SequenceModel _model;
    private readonly AlignedBlock _cache;
    private readonly int _room;
    private readonly int _ring;
    private int _busy;
    private int _position;

    // The first token that sliding layers still hold.
    private int _oldest;

    /// <summary>Makes an empty sequence. Generated classes do so in <c>CreateSequence</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="capacity">Tokens that it has room for, from 1 to the model's context window; 0: the whole window.</param>
    /// <param name="source">Tokens of the source that it reads; 0: it reads none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="InsufficientMemoryException">There is not so much memory; the message says how much it is, and how much a token takes.</exception>
    [System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)]
    public TokenSequence(SequenceModel model, int capacity, int source = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.ThrowIfDisposed();
        var sizes = model.Sizes;
        _room = sizes.Room(capacity);
        Capacity = capacity == 0 ? sizes.MaxTokens : capacity;
        _model = model;
        _ring = sizes.Ring(_room);
        SourceTokens = source;
        var bytes = sizes.Bytes(capacity, source);
        try
        {
            _cache = AlignedBlock.Allocate(bytes / sizeof(float));
        }
        catch (OutOfMemoryException e)
        {
            throw new InsufficientMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"A sequence of {Capacity} tokens takes {bytes:N0} bytes, which this system does not give. Make it with a smaller capacity: each token takes at most {(long)sizes.TokenFloats * sizes.Layers * sizeof(float):N0} bytes."), e);
        }
    }

    /// <summary>Tokens of the source that an encoder–decoder's sequence reads; 0 for every other model.</summary>
    public int SourceTokens { get; }

    /// <summary>Where the keys and values of a source go. For generated code, before the sequence is handed out.</summary>
    /// <returns>The source as a slice of its own, all of whose rows are new.</returns>
    internal CacheSlice Source()
    {
        ref var first = ref _cache.At(0);
        return new(ref _cache.At(SourceStart), ref Unsafe.Add(ref first, (nint)(_cache.Length - StateFloats + 1)), SourceLayerFloats, SequenceSizes.SourceRoom(SourceTokens), 0, 0, SourceTokens);
    }

    private long SourceStart => _model.Sizes.OwnFloats(_room);

    /// <summary>Rows that go through at a time.</summary>
    private int MostRows => _ring > 0 ? _model.Sizes.RingRows : SequenceModel.MostRows;

    /// <summary>Goes on by so many tokens.</summary>
    private void Advance(int tokens)
    {
        Volatile.Write(ref _position, _position + tokens);
        if (_ring > 0)
        {
            _oldest = Math.Max(_oldest, (_position - _ring + 15) & ~15); // whole panels of keys
        }
    }

    private nint SourceLayerFloats => (nint)SequenceSizes.SourceRoom(SourceTokens) * _model.Sizes.SourceTokenFloats;

    /// <summary>Tokens that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Tokens that the sequence holds: the position of the next one.</summary>
    public int Position => Volatile.Read(ref _position);

    /// <summary>Bytes of the keys and values that there is room for.</summary>
    public long Bytes => _cache.Length * sizeof(float);

    /// <summary>
    /// How many of the tokens that were read since it was made <see cref="Rewind"/> can always take back: all (<see cref="int.MaxValue"/>), or, where layers slide, as many as there is room for,
    /// or, where they keep a ring of the last tokens, as many as the ring has beyond the window. What came with a fork or a file counts as one token: the copy holds what its next token sees, and no more.
    /// </summary>
    public int RewindReach => _model.Sizes.Window == 0 ? int.MaxValue : _ring == 0 ? Capacity : _ring - _model.Sizes.Window - 14; // what the ring still holds begins at a whole panel of 16

    /// <summary>Whether <see cref="Rewind"/> can go to a position now.</summary>
    /// <param name="position">How many tokens would stay.</param>
    /// <returns>False: there are not so many tokens, or layers that slide no longer hold what came before it.</returns>
    public bool CanRewind(int position) =>
        position >= 0 && position <= Position && (_oldest == 0 || position == 0 || position - _model.Sizes.Window + 1 >= _oldest);

    /// <summary>Appends tokens.</summary>
    /// <param name="tokenIds">[T] ids from 0 to the vocabulary's size − 1.</param>
    /// <param name="logits">
    /// Gets the logits of the next token: [V] after the last token, or [T, V] after each; empty: none are computed. V is the vocabulary's size (<see cref="ModelInfo.LogitsSize"/>).
    /// </param>
    /// <param name="trace">Where to put attention weights [L, H, T, S] and hidden states [L + 1, T, D]; S is <see cref="Position"/> after the call. The default keeps none.</param>
    /// <exception cref="ArgumentException">An id or a length does not fit; the message names value, limit and fix. Nothing was appended.</exception>
    /// <exception cref="InvalidOperationException">There is no room for so many tokens, or another call is using this sequence. Nothing was appended.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public void Extend(ReadOnlySpan<int> tokenIds, Span<float> logits = default, ForwardTrace trace = default)
    {
        var sizes = _model.Sizes;
        CheckIds(tokenIds, sizes.Vocabulary);
        var each = CheckLogits(logits, tokenIds.Length, sizes);
        Enter();
        try
        {
            CheckRoom(tokenIds.Length);
            CheckTrace(trace, tokenIds, logits);
            if (tokenIds.Length == 0)
            {
                return;
            }

            var memory = _model.Rent(trace.IsEmpty ? Math.Min(tokenIds.Length, MostRows) : tokenIds.Length);
            try
            {
                using var hold = memory.Enter();
                for (var done = 0; done < tokenIds.Length;)
                {
                    var rows = Math.Min(_ring > 0 ? Math.Min(hold.Capacity, MostRows) : hold.Capacity, tokenIds.Length - done);
                    var slice = Slice(done, 0, rows);
                    _model.RunNow(hold, tokenIds.Slice(done, rows), new ReadOnlySpan<CacheSlice>(in slice), trace);
                    if (each)
                    {
                        _model.LogitsNow(hold, rows, logits.Slice(done * sizes.Vocabulary, rows * sizes.Vocabulary));
                    }
                    else if (!logits.IsEmpty && done + rows == tokenIds.Length)
                    {
                        _model.Gather(hold, [rows - 1]);
                        _model.LogitsNow(hold, 1, logits);
                    }

                    done += rows;
                }
            }
            finally
            {
                _model.Return(memory);
            }

            Advance(tokenIds.Length);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Appends to several sequences of one model in one pass, which reads the weights once. Each one's logits have the bits that it would have alone.</summary>
    /// <param name="sequences">N sequences of the same model, each once.</param>
    /// <param name="counts">[N] how many tokens are for each, from 1.</param>
    /// <param name="tokenIds">All of them: those of the first sequence, then those of the next.</param>
    /// <param name="logits">[N, V] after the last token of each; empty: none are computed.</param>
    /// <exception cref="ArgumentException">An id or a length does not fit, or the sequences are not different ones of one model; the message names value, limit and fix. Nothing was appended.</exception>
    /// <exception cref="InvalidOperationException">There is no room in one of them, or another call is using one. Nothing was appended.</exception>
    /// <exception cref="ObjectDisposedException">A sequence or the model has been disposed.</exception>
    public static void Extend(ReadOnlySpan<TokenSequence> sequences, ReadOnlySpan<int> counts, ReadOnlySpan<int> tokenIds, Span<float> logits = default)
    {
        if (sequences.IsEmpty)
        {
            return;
        }

        CheckTogether(sequences, counts, tokenIds, logits);
        var model = sequences[0]._model;
        var entered = 0;
        try
        {
            for (; entered < sequences.Length; entered++)
            {
                sequences[entered].Enter();
            }

            for (var i = 0; i < sequences.Length; i++)
            {
                sequences[i].CheckRoom(counts[i]);
            }

            RunTogether(model, sequences, counts, tokenIds, logits);
            for (var i = 0; i < sequences.Length; i++)
            {
                sequences[i].Advance(counts[i]);
            }
        }
        finally
        {
            while (entered > 0)
            {
                sequences[--entered].Leave();
            }
        }
    }

    /// <summary>Forgets the tokens from a position on, so that another continuation can be tried.</summary>
    /// <param name="position">How many tokens stay, from 0 to <see cref="Position"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="position"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">Layers that slide (Mistral, Gemma) no longer hold what came before <paramref name="position"/>, or another call is using this sequence.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public void Rewind(int position)
    {
        Enter();
        try
        {
            if (position < 0 || position > _position)
            {
                throw new ArgumentOutOfRangeException(nameof(position), position, $"The sequence holds {_position} tokens; rewind to 0 to {_position}.");
            }

            if (!CanRewind(position))
            {
                throw new InvalidOperationException(
                    $"Layers that slide have a window of {_model.Sizes.Window} tokens and keep {_position - _oldest} of {_position}: the sequence can go back to {_oldest + _model.Sizes.Window - 1} or to 0, not to {position}. Fork it where you may want to go back to.");
            }

            Volatile.Write(ref _position, position);
            _oldest = position == 0 ? 0 : _oldest;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Forgets all tokens.</summary>
    /// <exception cref="InvalidOperationException">Another call is using this sequence.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public void Clear() => Rewind(0);

    /// <summary>Makes another sequence with the same tokens, which goes its own way from here on. What the tokens take is copied, and no more.</summary>
    /// <param name="capacity">Tokens that it has room for, from <see cref="Position"/> to the model's context window; 0: as many as this one.</param>
    /// <returns>The new sequence; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">Another call is using this sequence.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public TokenSequence Fork(int capacity = 0)
    {
        Enter();
        try
        {
            capacity = capacity == 0 ? Capacity : capacity;
            if (capacity < _position)
            {
                throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"The sequence holds {_position} tokens; give a capacity of {Math.Max(1, _position)} to {_model.Sizes.MaxTokens}, or 0 for that of the sequence.");
            }

            var fork = new TokenSequence(_model, capacity, SourceTokens);
            fork.Take(_position, Held);
            for (var part = 0; part < Parts; part++)
            {
                Part(part).CopyTo(fork.Part(part));
            }

            State.CopyTo(fork.State);
            fork.Mirror();
            return fork;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Frees the cache, after a call that is under way. Disposing twice is harmless.</summary>
    public void Dispose() => _cache.Dispose();

    // ---- the cache ----

    private int OwnParts => _model.Sizes.Layers * _model.Sizes.KvHeads * 2;

    private int Parts => OwnParts + (SourceTokens > 0 ? _model.Sizes.Layers * _model.Sizes.SourceKvHeads * 2 : 0);

    /// <summary>Two floats: whether a value of the tokens, and one of the source, is not finite.</summary>
    private Span<float> State => MemoryMarshal.CreateSpan(ref _cache.At(_cache.Length - StateFloats), 2);

    /// <summary>The first token that a copy of the sequence holds in its sliding layers.</summary>
    private int Held => HeldOf(_position);

    // What windows reach from the next token on, from whole runs of 32 keys on: attention reads those whole, and what is hidden of them must be finite, too.
    private int HeldOf(int position) => _model.Sizes.Window == 0 ? 0 : Math.Max(0, position - _model.Sizes.Window + 1) & ~31;

    /// <summary>Becomes a sequence of so many tokens, of which sliding layers hold those from <paramref name="oldest"/> on.</summary>
    private void Take(int position, int oldest)
    {
        Volatile.Write(ref _position, position);
        _oldest = oldest;
    }

    /// <summary>
    /// What the tokens take of one head's keys or values in one layer: the parts of a cache, whatever its capacity. Sliding layers have the tokens from <see cref="Held"/> on. Those of a source come last.
    /// </summary>
    private Span<float> Part(int part)
    {
        var s = _model.Sizes;
        if (part >= OwnParts)
        {
            var of = part - OwnParts;
            var layerOfSource = of / (2 * s.SourceKvHeads);
            return Part(SourceStart + (layerOfSource * (long)SourceLayerFloats), SequenceSizes.SourceRoom(SourceTokens), of % (2 * s.SourceKvHeads), 0, SourceTokens, s.SourceKvHeads, s.SourceKeyDim, s.SourceValueStride);
        }

        var layer = part / (2 * s.KvHeads);
        var slides = s.Window > 0 && s.Slides[layer];
        var first = slides ? Held : 0;
        return Part(LayerStart(layer), RoomOf(layer), part % (2 * s.KvHeads), slides && _ring > 0 ? first % _ring : first, _position - first, s.KvHeads, s.KeyDim, s.ValueStride);
    }

    private Span<float> Part(long layer, int room, int of, int slot, int tokens, int kvHeads, int keyDim, int valueStride)
    {
        var (head, isValue) = (of / 2, of % 2 == 1);
        var floats = isValue ? valueStride : keyDim;
        var start = layer + (((isValue ? kvHeads * keyDim : 0) + ((long)head * floats)) * room) + ((long)slot * floats);
        return MemoryMarshal.CreateSpan(ref _cache.At(start), checked((isValue ? tokens : (tokens + 15) & ~15) * floats));
    }

    private int RoomOf(int layer) => _ring > 0 && _model.Sizes.Slides[layer] ? 2 * _ring : _room;

    private long LayerStart(int layer)
    {
        var before = 0L;
        for (var i = 0; i < layer; i++)
        {
            before += RoomOf(i);
        }

        return before * _model.Sizes.TokenFloats;
    }

    /// <summary>After parts were put in: a ring has everything twice.</summary>
    private void Mirror()
    {
        var s = _model.Sizes;
        if (_ring == 0)
        {
            return;
        }

        int slot = Held % _ring, tokens = ((_position - Held) + 15) & ~15;
        for (var layer = 0; layer < s.Layers; layer++)
        {
            for (var of = 0; s.Slides[layer] && of < 2 * s.KvHeads; of++)
            {
                var floats = of % 2 == 1 ? s.ValueStride : s.KeyDim;
                var whole = Part(LayerStart(layer), RoomOf(layer), of, 0, 2 * _ring, s.KvHeads, s.KeyDim, s.ValueStride);
                var inFirst = Math.Min(tokens, _ring - slot);
                whole.Slice(slot * floats, inFirst * floats).CopyTo(whole[((slot + _ring) * floats)..]);
                if (inFirst < tokens)
                {
                    whole.Slice(_ring * floats, (tokens - inFirst) * floats).CopyTo(whole);
                }
            }
        }
    }

    /// <summary>Rows of a call, of which <paramref name="done"/> tokens of this sequence came before.</summary>
    private CacheSlice Slice(int done, int row, int rows)
    {
        ref var first = ref _cache.At(0);
        CacheSlice own = new(ref first, ref Unsafe.Add(ref first, (nint)(_cache.Length - StateFloats)), (nint)_room * _model.Sizes.TokenFloats, _room, _position + done, row, rows);
        if (_ring > 0)
        {
            own = new(own, _ring, (nint)2 * _ring * _model.Sizes.TokenFloats);
        }

        return SourceTokens == 0 ? own : new(own, ref Unsafe.Add(ref first, (nint)SourceStart), SourceLayerFloats, SequenceSizes.SourceRoom(SourceTokens), SourceTokens);
    }

    private static void RunTogether(SequenceModel model, ReadOnlySpan<TokenSequence> sequences, ReadOnlySpan<int> counts, ReadOnlySpan<int> tokenIds, Span<float> logits)
    {
        var vocabulary = model.Sizes.Vocabulary;
        var slices = ArrayPool<CacheSlice>.Shared.Rent(sequences.Length);
        var ends = ArrayPool<int>.Shared.Rent(sequences.Length);
        var memory = model.Rent(Math.Min(tokenIds.Length, SequenceModel.MostRows));
        try
        {
            using var hold = memory.Enter();
            int sequence = 0, done = 0, told = 0; // the sequence that is next, how many of its tokens are through, and whose logits are there
            for (var first = 0; first < tokenIds.Length;)
            {
                int rows = 0, some = 0, ended = 0;
                while (rows < hold.Capacity && sequence < sequences.Length)
                {
                    var take = Math.Min(Math.Min(hold.Capacity - rows, sequences[sequence].MostRows), counts[sequence] - done);
                    slices[some++] = sequences[sequence].Slice(done, rows, take);
                    rows += take;
                    done += take;
                    if (done < counts[sequence])
                    {
                        break; // the next of its tokens read what these leave in the cache
                    }

                    ends[ended++] = rows - 1;
                    sequence++;
                    done = 0;
                }

                model.RunNow(hold, tokenIds.Slice(first, rows), slices.AsSpan(0, some), default);
                if (!logits.IsEmpty && ended > 0)
                {
                    model.Gather(hold, ends.AsSpan(0, ended));
                    model.LogitsNow(hold, ended, logits.Slice(told * vocabulary, ended * vocabulary));
                }

                told += ended;
                first += rows;
            }
        }
        finally
        {
            model.Return(memory);
            ArrayPool<int>.Shared.Return(ends);
            ArrayPool<CacheSlice>.Shared.Return(slices);
        }
    }

    // ---- one call at a time ----

    private void Enter()
    {
        _model.ThrowIfDisposed();
        ObjectDisposedException.ThrowIf(_cache.IsClosed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            Busy();
        }

        var held = false;
        try
        {
            _cache.DangerousAddRef(ref held);
        }
        catch
        {
            Volatile.Write(ref _busy, 0);
            throw;
        }
    }

    private void Leave()
    {
        _cache.DangerousRelease();
        Volatile.Write(ref _busy, 0);
    }

    [DoesNotReturn]
    private static void Busy() =>
        throw new InvalidOperationException("Another call is using this sequence. A sequence serves one call at a time; give each text a sequence of its own (CreateSequence, Fork).");
}
