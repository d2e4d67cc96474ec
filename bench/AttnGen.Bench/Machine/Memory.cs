using System.Runtime.InteropServices;

namespace AttnGen.Bench;

/// <summary>How fast one core reads from each level, and the means to empty the caches.</summary>
internal sealed unsafe class Memory : IDisposable
{
    private const long EvictBytes = 64 << 20, LargestBytes = 256 << 20;
    private static float s_sink;
    private readonly float* _block = (float*)NativeMemory.AlignedAlloc((nuint)LargestBytes, 4096);

    public Memory() => new Span<float>(_block, (int)(LargestBytes / sizeof(float))).Fill(1e-9f);

    /// <summary>Reads 64 MB, so that neither weights nor activations are left in L1, L2 or L3.</summary>
    public void Evict() => s_sink += OneCore.Sum(_block, EvictBytes);

    /// <summary>GB/s of reads from a working set of this size, the best of several passes.</summary>
    public double Read(long bytes, double seconds)
    {
        int repeat = (int)Math.Max(1, (4 << 20) / bytes);
        long best = long.MaxValue, end = Clock.Now() + (long)(seconds * 1e9);
        for (int pass = 0; pass < 3 || Clock.Now() < end; pass++)
        {
            long start = Clock.Now();
            for (int i = 0; i < repeat; i++) s_sink += OneCore.Sum(_block, bytes);
            best = Math.Min(best, Clock.Now() - start);
        }

        return (double)bytes * repeat / best;
    }

    public void Dispose() => NativeMemory.AlignedFree(_block);
}
