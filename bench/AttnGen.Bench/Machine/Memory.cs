using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Bench;

/// <summary>How fast one core reads from each level, and the means to empty the caches.</summary>
internal sealed unsafe class Memory : IDisposable
{
    private const long EvictBytes = 64 << 20, LargestBytes = 256 << 20;
    private static float s_sink;
    private readonly float* _block = (float*)NativeMemory.AlignedAlloc((nuint)LargestBytes, 4096);

    public Memory() => new Span<float>(_block, (int)(LargestBytes / sizeof(float))).Fill(1e-9f);

    /// <summary>Reads 64 MB, so that neither weights nor activations are left in L1, L2 or L3.</summary>
    public void Evict() => s_sink += Sum(_block, EvictBytes);

    /// <summary>GB/s of reads from a working set of this size, the best of several passes.</summary>
    public double Read(long bytes, double seconds)
    {
        int repeat = (int)Math.Max(1, (4 << 20) / bytes);
        long best = long.MaxValue, end = Clock.Now() + (long)(seconds * 1e9);
        for (int pass = 0; pass < 3 || Clock.Now() < end; pass++)
        {
            long start = Clock.Now();
            for (int i = 0; i < repeat; i++) s_sink += Sum(_block, bytes);
            best = Math.Min(best, Clock.Now() - start);
        }

        return (double)bytes * repeat / best;
    }

    public void Dispose() => NativeMemory.AlignedFree(_block);

    private static float Sum(float* p, long bytes)
    {
        float* end = p + bytes / sizeof(float);
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> w0 = default, w1 = default, w2 = default, w3 = default, w4 = default, w5 = default, w6 = default, w7 = default;
            for (; p < end; p += 128)
            {
                w0 += Vector512.Load(p);
                w1 += Vector512.Load(p + 16);
                w2 += Vector512.Load(p + 32);
                w3 += Vector512.Load(p + 48);
                w4 += Vector512.Load(p + 64);
                w5 += Vector512.Load(p + 80);
                w6 += Vector512.Load(p + 96);
                w7 += Vector512.Load(p + 112);
            }

            return Vector512.Sum(w0 + w1 + w2 + w3 + w4 + w5 + w6 + w7);
        }

        for (; p < end; p += 64)
        {
            s0 += Vector256.Load(p);
            s1 += Vector256.Load(p + 8);
            s2 += Vector256.Load(p + 16);
            s3 += Vector256.Load(p + 24);
            s4 += Vector256.Load(p + 32);
            s5 += Vector256.Load(p + 40);
            s6 += Vector256.Load(p + 48);
            s7 += Vector256.Load(p + 56);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
    }
}
