using System.Runtime.Intrinsics;

namespace AttnGen.Bench;

/// <summary>What one core reads as fast as it can.</summary>
internal static unsafe class OneCore
{
    /// <summary>The sum of floats that are read once, eight vectors at a time.</summary>
    /// <param name="p">The first.</param>
    /// <param name="bytes">Their bytes, a multiple of 512.</param>
    public static float Sum(float* p, long bytes)
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
