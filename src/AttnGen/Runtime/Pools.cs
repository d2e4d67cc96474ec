using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Runtime;

/// <summary>One vector of a sequence of hidden states. For generated code.</summary>
/// <remarks>
/// A token counts if the mask's key length and key flags let it be seen. Sums run over tokens in order, element by element, so that the bits
/// depend on nothing else; padding changes none.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Pools
{
    /// <summary>The mean of the tokens that count; zeros if none does.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart (a multiple of 16).</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void Mean(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int count = Sum(ref h, stride, width, tokens, mask, to, weighted: false);
        Scale(to, count == 0 ? 0 : 1f / count);
    }

    /// <summary>The sum of the tokens that count, divided by the square root of their number.</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void MeanSqrtLength(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int count = Sum(ref h, stride, width, tokens, mask, to, weighted: false);
        Scale(to, count == 0 ? 0 : 1f / MathF.Sqrt(count));
    }

    /// <summary>The mean with weights 1, 2, 3 … by place (a token that does not count keeps its place).</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void WeightedMean(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        Sum(ref h, stride, width, tokens, mask, to, weighted: true);
        long weights = 0;
        for (int t = 0; t < tokens; t++)
            weights += Counts(mask, t) ? t + 1 : 0;
        Scale(to, weights == 0 ? 0 : 1f / weights);
    }

    /// <summary>The largest value of each feature over the tokens that count; zeros if none does.</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void Max(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        bool any = false;
        for (int t = 0; t < tokens; t++)
        {
            if (!Counts(mask, t))
                continue;
            var row = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref h, (nint)t * stride), width);
            if (!any)
                row.CopyTo(to);
            for (int i = 0; any && i < width; i++)
                to[i] = MathF.Max(to[i], row[i]);
            any = true;
        }

        if (!any)
            to[..width].Clear();
    }

    /// <summary>The first token, whether it counts or not.</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void FirstToken(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to) =>
        MemoryMarshal.CreateReadOnlySpan(ref h, width).CopyTo(to);

    /// <summary>The last token that counts; the first if none does.</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width].</param>
    public static void LastToken(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int last = tokens - 1;
        while (last > 0 && !Counts(mask, last))
            last--;
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref h, (nint)last * stride), width).CopyTo(to);
    }

    /// <summary>Scales a vector to length 1; one shorter than 1e−12 is divided by 1e−12 (zeros stay zeros).</summary>
    /// <param name="vector">The vector.</param>
    public static void Normalize(Span<float> vector)
    {
        // Sixteen partial sums and one tree, as in every reduction.
        var sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= vector.Length - 16; i += 16)
        {
            var x = Vector512.LoadUnsafe(ref vector[i]);
            sums += x * x;
        }

        if (i < vector.Length)
        {
            Span<float> tail = stackalloc float[16];
            tail.Clear();
            vector[i..].CopyTo(tail);
            var x = Vector512.LoadUnsafe(ref tail[0]);
            sums += x * x;
        }

        float length = MathF.Sqrt(VectorMath.Sum16(sums));
        Scale(vector, 1f / MathF.Max(length, 1e-12f));
    }

    /// <summary>Copies the hidden states.</summary>
    /// <param name="h">[T, width].</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T.</param>
    /// <param name="to">[T, width], rows side by side.</param>
    public static void Copy(ref float h, int stride, int width, int tokens, Span<float> to)
    {
        for (int t = 0; t < tokens; t++)
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref h, (nint)t * stride), width).CopyTo(to.Slice(t * width, width));
    }

    private static bool Counts(in AttentionMask mask, int token) =>
        (mask.Keys < 0 || token < mask.Keys) && (mask.KeyFlags.IsEmpty || mask.KeyFlags[token] != mask.KeyFlagsHide);

    private static int Sum(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to, bool weighted)
    {
        to[..width].Clear();
        int count = 0;
        for (int t = 0; t < tokens; t++)
        {
            if (!Counts(mask, t))
                continue;
            count++;
            ref float row = ref Unsafe.Add(ref h, (nint)t * stride);
            var factor = Vector256.Create(weighted ? t + 1f : 1f);
            int i = 0;
            for (; i <= width - 8; i += 8)
            {
                ref float sum = ref to[i];
                (Vector256.LoadUnsafe(ref sum) + Vector256.LoadUnsafe(ref Unsafe.Add(ref row, i)) * factor).StoreUnsafe(ref sum);
            }

            for (; i < width; i++)
                to[i] += Unsafe.Add(ref row, i) * factor[0];
        }

        return count;
    }

    private static void Scale(Span<float> vector, float factor)
    {
        for (int i = 0; i < vector.Length; i++)
            vector[i] *= factor;
    }
}
