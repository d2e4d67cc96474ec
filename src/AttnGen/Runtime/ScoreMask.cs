using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Runtime;

/// <summary>Puts a call's mask on one row of scores. Element by element, so the bits do not depend on the vector width.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ScoreMask
{
    /// <summary>Adds the bias and writes −∞ where a flag hides a key.</summary>
    /// <param name="row">The scores of keys [<paramref name="firstKey"/>, firstKey + row.Length).</param>
    /// <param name="mask">The call's mask, already checked against T, S and H.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The query, 0 to T − 1.</param>
    /// <param name="queries">T.</param>
    /// <param name="keys">S, the length of the mask's rows.</param>
    /// <param name="firstKey">The key that row[0] belongs to.</param>
    public static void Apply(Span<float> row, in AttentionMask mask, int head, int query, int queries, int keys, int firstKey)
    {
        if (!mask.Bias.IsEmpty)
            Add(row, PairRow(mask.Bias, head, query, queries, keys).Slice(firstKey, row.Length));
        if (!mask.KeyFlags.IsEmpty)
            Hide(row, mask.KeyFlags.Slice(firstKey, row.Length), mask.KeyFlagsHide);
        if (!mask.PairFlags.IsEmpty)
            Hide(row, PairRow(mask.PairFlags, head, query, queries, keys).Slice(firstKey, row.Length), mask.PairFlagsHide);
    }

    /// <summary>Row (head, query) of [T, S] or [H, T, S], told apart by length.</summary>
    private static ReadOnlySpan<T> PairRow<T>(ReadOnlySpan<T> pairs, int head, int query, int queries, int keys)
    {
        long plane = (long)queries * keys;
        long start = (pairs.Length > plane ? head * plane : 0) + (long)query * keys;
        return pairs.Slice((int)start, keys);
    }

    private static void Add(Span<float> row, ReadOnlySpan<float> bias)
    {
        ref float r = ref MemoryMarshal.GetReference(row);
        ref float b = ref MemoryMarshal.GetReference(bias);
        int j = 0;
        for (; j <= row.Length - 8; j += 8)
            (Vector256.LoadUnsafe(ref r, (nuint)j) + Vector256.LoadUnsafe(ref b, (nuint)j)).StoreUnsafe(ref r, (nuint)j);
        for (; j < row.Length; j++)
            row[j] += bias[j];
    }

    private static void Hide(Span<float> row, ReadOnlySpan<bool> flags, bool hide)
    {
        ref float r = ref MemoryMarshal.GetReference(row);
        ref byte f = ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetReference(flags));
        var hidden = Vector256.Create(float.NegativeInfinity);
        int j = 0;
        for (; j <= row.Length - 8; j += 8)
        {
            // Eight bytes to eight ints; a bool may be any non-zero byte.
            var bytes = Vector64.LoadUnsafe(ref f, (nuint)j);
            var shorts = Vector128.WidenLower(bytes.ToVector128());
            var isFalse = Vector256.Equals(Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)), Vector256<uint>.Zero).AsSingle();
            var scores = Vector256.LoadUnsafe(ref r, (nuint)j);
            (hide ? Vector256.ConditionalSelect(isFalse, scores, hidden) : Vector256.ConditionalSelect(isFalse, hidden, scores)).StoreUnsafe(ref r, (nuint)j);
        }

        for (; j < row.Length; j++)
        {
            if (flags[j] == hide)
                row[j] = float.NegativeInfinity;
        }
    }
}
