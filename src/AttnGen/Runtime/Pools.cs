using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Runtime;

/// <summary>One vector of a sequence of hidden states. For generated code.</summary>
/// <remarks>
/// <para>
/// The rows: <c>h</c> is the first of <c>tokens</c> ≥ 1 rows in the arena, <c>stride</c> floats from one to the next. A stride is a multiple of 16 and
/// at least <c>width</c>; of a row the first <c>width</c> floats are read, and no float behind them. Nothing is assumed of alignment. That
/// the rows lie in the arena is the generator's promise: it is not checked, only asserted in Debug builds, where all of them meet (<c>Row</c>).
/// </para>
/// <para>The result: <c>to</c> has as many elements as are written (more are left alone, fewer are an exception) and lies outside the rows.</para>
/// <para>
/// A token counts if the mask's key length and key flags let it be seen. Sums run over tokens in order, element by element, so that the bits
/// depend on nothing else; padding changes none.
/// </para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Pools
{
    /// <summary>The place of the token that ends a text: of the first token with an id, or 0 if there is none.</summary>
    /// <param name="tokenIds">The ids, at least one.</param>
    /// <param name="endId">The id; −1: the largest that the text has.</param>
    /// <returns>A place from 0 to the last.</returns>
    public static int EndToken(ReadOnlySpan<int> tokenIds, int endId)
    {
        if (endId >= 0)
            return Math.Max(0, tokenIds.IndexOf(endId));
        int place = 0;
        for (int t = 1; t < tokenIds.Length; t++)
        {
            if (tokenIds[t] > tokenIds[place])
                place = t;
        }

        return place;
    }

    /// <summary>The mean of the tokens that count; zeros if none does.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void Mean(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int count = Sum(ref h, stride, width, tokens, mask, to, weighted: false);
        Scale(to, count == 0 ? 0 : 1f / count);
        MendOverflow(ref h, stride, width, tokens, mask, to, weighted: false, count);
    }

    /// <summary>The sum of the tokens that count, divided by the square root of their number.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void MeanSqrtLength(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int count = Sum(ref h, stride, width, tokens, mask, to, weighted: false);
        Scale(to, count == 0 ? 0 : 1f / MathF.Sqrt(count));
        MendOverflow(ref h, stride, width, tokens, mask, to, weighted: false, Math.Sqrt(count));
    }

    /// <summary>The mean with weights 1, 2, 3 … by place (a token that does not count keeps its place).</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void WeightedMean(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        Sum(ref h, stride, width, tokens, mask, to, weighted: true);
        long weights = 0;
        for (int t = 0; t < tokens; t++)
            weights += Counts(mask, t) ? t + 1 : 0;
        Scale(to, weights == 0 ? 0 : 1f / weights);
        MendOverflow(ref h, stride, width, tokens, mask, to, weighted: true, weights);
    }

    /// <summary>The largest value of each feature over the tokens that count; zeros if none does.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void Max(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        bool any = false;
        for (int t = 0; t < tokens; t++)
        {
            if (!Counts(mask, t))
                continue;
            var row = Row(ref h, stride, width, tokens, t, to);
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
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void FirstToken(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to) =>
        Row(ref h, stride, width, tokens, 0, to).CopyTo(to);

    /// <summary>The last token that counts; the first if none does.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="mask">Which tokens count.</param>
    /// <param name="to">[width]; outside the rows.</param>
    public static void LastToken(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to)
    {
        int last = tokens - 1;
        while (last > 0 && !Counts(mask, last))
            last--;
        Row(ref h, stride, width, tokens, last, to).CopyTo(to);
    }

    /// <summary>Scales a vector to length 1, of whatever size its elements are.</summary>
    /// <remarks>
    /// A vector shorter than 1e−12 is divided by 1e−12, as PyTorch's normalize does: zeros stay zeros. Squares are summed in single precision;
    /// where their sum is too large for it (a length above 1.8e19), in double, which holds every one. Squares that are too small
    /// (elements below 1e−19) are lost, and change no length of 1e−12 or more. An infinite element becomes NaN and the finite ones 0 beside it;
    /// with a NaN all become NaN.
    /// </remarks>
    /// <param name="vector">The vector; any length, also 0.</param>
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

        float sum = VectorMath.Sum16(sums);
        if (float.IsPositiveInfinity(sum))
            ScaleLong(vector);
        else
            Scale(vector, 1f / MathF.Max(MathF.Sqrt(sum), 1e-12f));
    }

    /// <summary>Copies the hidden states to the caller's memory, without what lies between the rows.</summary>
    /// <param name="h">[T, width], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 16, at least <paramref name="width"/>.</param>
    /// <param name="width">Floats that are taken of each row.</param>
    /// <param name="tokens">T, at least 1.</param>
    /// <param name="to">[T, width], rows side by side; outside the rows that are read.</param>
    public static void Copy(ref float h, int stride, int width, int tokens, Span<float> to)
    {
        for (int t = 0; t < tokens; t++)
            Row(ref h, stride, width, tokens, t, to).CopyTo(to.Slice(t * width, width));
    }

    // The one place that makes a row of a reference.
    private static ReadOnlySpan<float> Row(ref float h, int stride, int width, int tokens, int token, ReadOnlySpan<float> to)
    {
        Debug.Assert(width > 0 && width <= stride && stride % 16 == 0, "a stride is a multiple of 16, and no less than the width");
        Debug.Assert((uint)token < (uint)tokens, "a row is one of the tokens'");
        var row = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref h, (nint)token * stride), width);
        Debug.Assert(!row.Overlaps(to), "the result lies outside the rows");
        return row;
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
            ref float row = ref MemoryMarshal.GetReference(Row(ref h, stride, width, tokens, t, to));
            var factor = Vector256.Create(weighted ? t + 1f : 1f);
            int i = 0;
            for (; i <= width - 8; i += 8)
            {
                ref float sum = ref MemoryMarshal.GetReference(to.Slice(i, 8));
                (Vector256.LoadUnsafe(ref sum) + Vector256.LoadUnsafe(ref Unsafe.Add(ref row, i)) * factor).StoreUnsafe(ref sum);
            }

            for (; i < width; i++)
                to[i] += Unsafe.Add(ref row, i) * factor[0];
        }

        return count;
    }

    // A sum that left single precision once more in double, which holds it: the mean of finite numbers is finite. What is infinite or NaN in the rows stays so.
    private static void MendOverflow(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to, bool weighted, double divisor)
    {
        for (int i = 0; i < width; i++)
        {
            if (float.IsFinite(to[i]))
                continue;
            double sum = 0;
            for (int t = 0; t < tokens; t++)
            {
                if (Counts(mask, t))
                    sum += (double)Row(ref h, stride, width, tokens, t, to)[i] * (weighted ? t + 1 : 1);
            }

            to[i] = (float)(sum / divisor);
        }
    }

    private static void Scale(Span<float> vector, float factor)
    {
        for (int i = 0; i < vector.Length; i++)
            vector[i] *= factor;
    }

    private static void ScaleLong(Span<float> vector)
    {
        double sum = 0;
        foreach (float x in vector)
            sum += (double)x * x;
        double length = Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++)
            vector[i] = (float)(vector[i] / length);
    }
}
