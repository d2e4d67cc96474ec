using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Generation.Schemas;

/// <summary>Bits of tokens on logits.</summary>
internal static class TokenMask
{
    /// <summary>Sets the logits whose bit is 0 to negative infinity, and those beyond the bits.</summary>
    public static void Apply(ReadOnlySpan<ulong> mask, Span<float> logits)
    {
        var lanes = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        for (var i = 0; i < mask.Length; i++)
        {
            var word = mask[i];
            if (word == ulong.MaxValue)
            {
                continue;
            }

            var part = logits.Slice(64 * i, Math.Min(64, logits.Length - (64 * i)));
            if (word == 0)
            {
                part.Fill(float.NegativeInfinity);
                continue;
            }

            var vectors = MemoryMarshal.Cast<float, Vector256<float>>(part);
            for (var j = 0; j < vectors.Length; j++)
            {
                var isOut = Vector256.Equals(Vector256.Create((int)(word >> (8 * j))) & lanes, Vector256<int>.Zero);
                vectors[j] = Vector256.ConditionalSelect(isOut.AsSingle(), Vector256.Create(float.NegativeInfinity), vectors[j]);
            }

            for (var j = 8 * vectors.Length; j < part.Length; j++)
            {
                if ((word >> j & 1) == 0)
                {
                    part[j] = float.NegativeInfinity;
                }
            }
        }

        if (logits.Length > 64 * mask.Length)
        {
            logits[(64 * mask.Length)..].Fill(float.NegativeInfinity);
        }
    }
}
