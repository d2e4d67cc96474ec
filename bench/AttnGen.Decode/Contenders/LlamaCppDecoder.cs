using LLama;
using LLama.Common;
using LLama.Native;

namespace AttnGen.Decode;

/// <summary>What of llama.cpp's settings differs between its rows.</summary>
internal sealed record LlamaCppKind(string Name, bool? FlashAttention, GGMLType? Cache, float Tolerance)
{
    /// <summary>
    /// The settings that compute what AttnGen computes, float32 throughout; what a program gets that asks for nothing; and what is faster at long
    /// positions of small models. The last two keep keys and values in 16 bits.
    /// </summary>
    public static LlamaCppKind[] Of(ModelShape shape) =>
    [
        new("llama.cpp, float32 cache, no flash attention", false, GGMLType.GGML_TYPE_F32, shape.IsGpt2 ? Decoders.TableTolerance : Decoders.SingleTolerance),
        new("llama.cpp, as it comes (16-bit cache, flash attention)", null, null, Decoders.HalfTolerance),
        new("llama.cpp, 16-bit cache, no flash attention", false, null, Decoders.HalfTolerance),
    ];
}

/// <summary>llama.cpp through LLamaSharp: <see cref="LLamaContext.Decode(LLamaBatch)"/> with a batch that is kept.</summary>
internal sealed class LlamaCppDecoder : Decoder
{
    private readonly LLamaWeights _weights;
    private readonly LlamaCppKind _kind;
    private readonly int _threads;
    private readonly LLamaContext _context;
    private readonly LLamaBatch _prompt = new(), _token = new(); // a call allocates for as many tokens as its batch ever held
    private int _position;

    public LlamaCppDecoder(LLamaWeights weights, LlamaCppKind kind, int window, int threads)
        : base(kind.Name)
    {
        (_weights, _kind, _threads) = (weights, kind, threads);
        _context = weights.CreateContext(Settings(window, 1));
    }

    public override int Threads => _threads;

    public override float Tolerance => _kind.Tolerance;

    public override int Position => _position;

    /// <summary>Opens a GGUF file.</summary>
    public static LLamaWeights Load(string path)
    {
        NativeLogConfig.llama_log_set((level, message) =>
        {
            if (level == LLamaLogLevel.Error) Console.Error.Write($"llama.cpp: {message}");
        });
        return LLamaWeights.LoadFromFile(new ModelParams(path) { GpuLayerCount = 0 });
    }

    /// <summary>Which of the package's libraries was loaded, by the folder that it is in; after <see cref="Load"/>.</summary>
    public static string Native()
    {
        const string Maps = "/proc/self/maps";
        string? path = !File.Exists(Maps) ? null : File.ReadLines(Maps).Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith("libggml-cpu", StringComparison.Ordinal));
        return path is null ? "not known" : Path.GetFileName(Path.GetDirectoryName(path)!);
    }

    public override ReadOnlySpan<float> Append(ReadOnlySpan<int> ids)
    {
        // The longest batch that a context takes by default is 512 tokens.
        LLamaBatch batch = ids.Length == 1 ? _token : _prompt;
        for (int done = 0; done < ids.Length; done += 512)
        {
            int count = Math.Min(512, ids.Length - done);
            batch.Clear();
            for (int i = 0; i < count; i++) batch.Add(ids[done + i], _position + i, LLamaSeqId.Zero, done + i == ids.Length - 1);
            Decode(_context, batch);
            _position += count;
        }

        return _context.NativeHandle.GetLogitsIth(batch.TokenCount - 1);
    }

    public override void Back(int position)
    {
        _context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, position, -1);
        _position = position;
    }

    public override bool Open(int capacity, int? id)
    {
        using LLamaContext context = _weights.CreateContext(Settings(capacity, 1));
        if (id is not { } first) return true;
        _token.Clear();
        _token.Add(first, 0, LLamaSeqId.Zero, true);
        Decode(context, _token);
        return context.NativeHandle.GetLogitsIth(0).Length > 0;
    }

    public override DecoderBatch Together(int count, ReadOnlySpan<int> prompt) => new Several(_weights.CreateContext(Settings(count * 2 * prompt.Length, count)), count, prompt);

    public override void Dispose() => _context.Dispose();

    private ModelParams Settings(int tokens, int sequences)
    {
        var settings = new ModelParams("") { ContextSize = (uint)tokens, SeqMax = (uint)sequences, Threads = _threads, BatchThreads = _threads };
        if (_kind.FlashAttention is { } flash) settings.FlashAttention = flash;
        if (_kind.Cache is { } type) (settings.TypeK, settings.TypeV) = (type, type);
        return settings;
    }

    private static void Decode(LLamaContext context, LLamaBatch batch)
    {
        DecodeResult result = context.Decode(batch);
        if (result != DecodeResult.Ok) throw new InvalidOperationException($"llama.cpp says {result} to a batch of {batch.TokenCount} tokens.");
    }

    private sealed class Several : DecoderBatch
    {
        private readonly LLamaContext _context;
        private readonly LLamaBatch _batch = new();
        private readonly int _count;
        private int _position;

        public Several(LLamaContext context, int count, ReadOnlySpan<int> prompt)
        {
            (_context, _count) = (context, count);
            var batch = new LLamaBatch();
            for (int sequence = 0; sequence < count; sequence++)
            {
                batch.Clear();
                for (int i = 0; i < prompt.Length; i++) batch.Add(prompt[i], i, (LLamaSeqId)sequence, i == prompt.Length - 1);
                Decode(_context, batch);
            }

            _position = prompt.Length;
        }

        public override void Append(ReadOnlySpan<int> ids)
        {
            _batch.Clear();
            for (int i = 0; i < _count; i++) _batch.Add(ids[i], _position, (LLamaSeqId)i, true);
            Decode(_context, _batch);
            _position++;
        }

        public override ReadOnlySpan<float> Logits(int sequence) => _context.NativeHandle.GetLogitsIth(sequence);

        public override void Back(int position)
        {
            for (int i = 0; i < _count; i++) _context.NativeHandle.MemorySequenceRemove((LLamaSeqId)i, position, -1);
            _position = position;
        }

        public override void Dispose() => _context.Dispose();
    }
}
