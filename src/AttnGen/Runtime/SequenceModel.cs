using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AttnGen.Runtime;

/// <summary>Sizes of a decoder that its sequences need.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record SequenceSizes
{
    /// <summary>Ids are below this.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Positions that there are: the context window.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Heads of keys and values.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Floats of a key.</summary>
    public required int KeyDim { get; init; }

    /// <summary>Floats of a value in the cache.</summary>
    public required int ValueStride { get; init; }

    /// <summary>Floats of scratch for each row.</summary>
    public required long RowFloats { get; init; }

    /// <summary>Further floats of scratch.</summary>
    public required long FixedFloats { get; init; }

    /// <summary>Where the last hidden states are in the scratch: floats a row of capacity, and further ones.</summary>
    public required int StatesRow { get; init; }

    /// <summary>Their further floats.</summary>
    public required int StatesFixed { get; init; }

    /// <summary>Floats from one of them to the next.</summary>
    public required int StatesStride { get; init; }

    /// <summary>Heads of a source's keys and values; 0: the model reads no source.</summary>
    public int SourceKvHeads { get; init; }

    /// <summary>Floats of a source's key.</summary>
    public int SourceKeyDim { get; init; }

    /// <summary>Floats of a source's value in the cache.</summary>
    public int SourceValueStride { get; init; }

    /// <summary>Query heads that read a source.</summary>
    public int SourceHeads { get; init; }

    /// <summary>Whether there are logits.</summary>
    public required bool HasLogits { get; init; }

    /// <summary>Floats of a token's keys in one layer.</summary>
    public int KeyFloats => KvHeads * KeyDim;

    /// <summary>Floats of a token in one layer.</summary>
    public int TokenFloats => KvHeads * (KeyDim + ValueStride);

    /// <summary>The widest window of the layers that slide; 0: none does.</summary>
    public int Window { get; init; }

    /// <summary>Which layers see the last tokens only; empty: none.</summary>
    public IReadOnlyList<bool> Slides
    {
        get;
        init => (field, Sliding) = (value, value.Count(slides => slides));
    } = [];

    /// <summary>How many layers slide.</summary>
    internal int Sliding { get; private init; }

    /// <summary>Rows that may go through at a time where layers keep a ring.</summary>
    internal int RingRows => Math.Clamp((Window + 31) & ~31, 32, SequenceModel.MostRows);

    /// <summary>Tokens of the ring of a sequence with room for so many: the window, the rows that go through at a time, and what a run of keys may begin before the window; 0: it would not be smaller.</summary>
    internal int Ring(int room)
    {
        if (Window == 0 || Window > room)
        {
            return 0;
        }

        var ring = ((Window + 31) & ~31) + RingRows + 32;
        return 2 * ring < room ? ring : 0;
    }

    /// <summary>Floats of a source's token in one layer.</summary>
    public int SourceTokenFloats => SourceKvHeads * (SourceKeyDim + SourceValueStride);

    /// <summary>Bytes of a sequence's cache.</summary>
    /// <param name="capacity">Tokens that it has room for, from 1 to <see cref="MaxTokens"/>; 0: as many as there are positions.</param>
    /// <param name="source">Tokens of its source.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    public long Bytes(int capacity, int source = 0) =>
        (OwnFloats(Room(capacity)) + ((long)SourceRoom(source) * SourceTokenFloats * Layers) + TokenSequence.StateFloats) * sizeof(float);

    /// <summary>Floats of the tokens' keys and values.</summary>
    internal long OwnFloats(int room)
    {
        var ring = Ring(room);
        return ring == 0 ? (long)room * TokenFloats * Layers : (((long)room * (Layers - Sliding)) + (2L * ring * Sliding)) * TokenFloats;
    }

    /// <summary>Tokens of a source that there is room for: whole panels of 32 keys.</summary>
    internal static int SourceRoom(int source) => (source + 31) & ~31;

    /// <summary>Tokens that a cache really has room for: whole panels of 32 keys.</summary>
    internal int Room(int capacity)
    {
        if (capacity < 0 || capacity > MaxTokens)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity, $"A sequence holds 1 to {MaxTokens} tokens, the model's context window (MaxTokens); 0 stands for all of them.");
        }

        return ((capacity == 0 ? MaxTokens : capacity) + 31) & ~31;
    }
}

/// <summary>A loaded decoder as its sequences see it: its weights, sizes and programs, and the scratch memory that they share.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SequenceModel
{
    /// <summary>Rows that go through at a time; more are cut, which changes no bit.</summary>
    public const int MostRows = 256;

    private readonly SessionPool<SessionMemory> _scratch = new();
    private readonly Type _model;
    private byte[]? _fingerprint;

    /// <summary>Makes it.</summary>
    /// <param name="weights">The model's weights, which stay the model's.</param>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="model">The model's class, for messages.</param>
    protected SequenceModel(AlignedBlock weights, SequenceSizes sizes, Type model)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(model);
        (Weights, Sizes, _model) = (weights, sizes, model);
    }

    /// <summary>Its sizes.</summary>
    public SequenceSizes Sizes { get; }

    internal AlignedBlock Weights { get; }

    /// <summary>The class's name, for messages.</summary>
    internal string Name => _model.Name;

    /// <summary>Token ids to the last hidden states, which stay in the scratch; keys and values go to the sequences' caches.</summary>
    /// <param name="hold">Weights and scratch.</param>
    /// <param name="tokenIds">All rows.</param>
    /// <param name="sequences">Whose they are.</param>
    /// <param name="trace">What is to be shown; only where there is one sequence.</param>
    protected abstract void Run(in SessionMemory.Hold hold, ReadOnlySpan<int> tokenIds, ReadOnlySpan<CacheSlice> sequences, in ForwardTrace trace);

    /// <summary>A source through the encoder; the keys and values that the decoder reads of it go to a sequence.</summary>
    /// <param name="hold">Weights and scratch.</param>
    /// <param name="tokenIds">The source, where it is a text.</param>
    /// <param name="inputFeatures">The source, where it is a sound.</param>
    /// <param name="rows">Its tokens.</param>
    /// <param name="sequences">One: where they go.</param>
    protected virtual void RunSource(in SessionMemory.Hold hold, ReadOnlySpan<int> tokenIds, ReadOnlySpan<float> inputFeatures, int rows, ReadOnlySpan<CacheSlice> sequences) => throw new NotSupportedException();

    /// <summary>Reads a source, and begins a text that looks at it.</summary>
    /// <param name="tokenIds">The source, which was checked, where it is a text.</param>
    /// <param name="inputFeatures">The source, where it is a sound.</param>
    /// <param name="rows">Its tokens.</param>
    /// <param name="capacity">Tokens that the text has room for; 0: the whole window.</param>
    /// <returns>The sequence; the caller disposes it.</returns>
    public TokenSequence Encode(ReadOnlySpan<int> tokenIds, ReadOnlySpan<float> inputFeatures, int rows, int capacity)
    {
        var sequence = new TokenSequence(this, capacity, rows);
        try
        {
            var memory = Rent(rows);
            try
            {
                using var hold = memory.Enter();
                var source = sequence.Source();
                RunSource(hold, tokenIds, inputFeatures, rows, new ReadOnlySpan<CacheSlice>(in source));
            }
            finally
            {
                Return(memory);
            }

            return sequence;
        }
        catch
        {
            sequence.Dispose();
            throw;
        }
    }

    /// <summary>Logits of the first rows of the last hidden states.</summary>
    /// <param name="hold">Weights and scratch.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="logits">[rows, vocabulary].</param>
    protected abstract void Logits(in SessionMemory.Hold hold, int rows, Span<float> logits);

    // Not protected internal: where generated code sees the library's internals, an override of that would have to say internal, too.
    internal void RunNow(in SessionMemory.Hold hold, ReadOnlySpan<int> tokenIds, ReadOnlySpan<CacheSlice> sequences, in ForwardTrace trace) => Run(hold, tokenIds, sequences, trace);

    internal void LogitsNow(in SessionMemory.Hold hold, int rows, Span<float> logits) => Logits(hold, rows, logits);

    /// <summary>Frees idle scratch memory, when the model goes.</summary>
    public void Drain() => _scratch.Drain(static memory => memory.Dispose());

    /// <summary>SHA-256 of the packed weights: what tells this model from others. The caller holds the weights' owner.</summary>
    internal byte[] Fingerprint
    {
        get
        {
            if (_fingerprint is { } known)
            {
                return known;
            }

            var held = false;
            try
            {
                Weights.DangerousAddRef(ref held);
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                const int Most = 1 << 24;
                for (long at = 0; at < Weights.Length; at += Most)
                {
                    hash.AppendData(MemoryMarshal.AsBytes(Weights.Slice(at, (int)Math.Min(Most, Weights.Length - at))));
                }

                return _fingerprint = hash.GetHashAndReset();
            }
            finally
            {
                if (held)
                {
                    Weights.DangerousRelease();
                }
            }
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Weights.IsClosed, _model);

    /// <summary>Scratch for so many rows.</summary>
    internal SessionMemory Rent(int rows)
    {
        var memory = _scratch.TryRent();
        if (memory is null || memory.Capacity < rows)
        {
            memory?.Dispose();

            // One of two sizes, so that prompts and single tokens in turn do not make new ones.
            var capacity = rows <= 32 ? 32 : (Math.Max(rows, MostRows) + 31) & ~31;
            memory = new SessionMemory(Weights, capacity, Sizes.RowFloats, Sizes.FixedFloats, _model, typeof(TokenSequence));
        }

        return memory;
    }

    internal void Return(SessionMemory memory)
    {
        if (Weights.IsClosed || !_scratch.TryReturn(memory))
        {
            memory.Dispose();
        }
    }

    /// <summary>Moves rows of hidden states to the front, in order.</summary>
    internal void Gather(in SessionMemory.Hold hold, ReadOnlySpan<int> rows)
    {
        ref var states = ref hold.At(Sizes.StatesRow, Sizes.StatesFixed);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] != i)
            {
                ref var from = ref System.Runtime.CompilerServices.Unsafe.Add(ref states, (nint)rows[i] * Sizes.StatesStride);
                ref var to = ref System.Runtime.CompilerServices.Unsafe.Add(ref states, (nint)i * Sizes.StatesStride);
                MemoryMarshal.CreateReadOnlySpan(ref from, Sizes.StatesStride).CopyTo(MemoryMarshal.CreateSpan(ref to, Sizes.StatesStride));
            }
        }
    }
}
