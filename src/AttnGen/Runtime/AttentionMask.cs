namespace AttnGen;

/// <summary>What a call may attend to, beside what the attribute says (causal, window). The default hides nothing.</summary>
/// <remarks>
/// The parts add up: a key is seen only if every part allows it. T are the queries, S the keys, H the heads of the call.
/// A query that sees no key gets zeros (not NaN).
/// </remarks>
public readonly ref struct AttentionMask
{
    private AttentionMask(AttentionMask other) => this = other;

    /// <summary>Keys from this one on are padding and are never attended to; −1: all S keys are real.</summary>
    public int Keys
    {
        get => _keysPlusOne - 1;
        private init => _keysPlusOne = value + 1;
    }

    // Plus one, so that default(AttentionMask) hides nothing.
    private readonly int _keysPlusOne;

    /// <summary>The position of the first query among the keys, for <c>causal</c>, <c>window</c>, ALiBi and rotary positions: row i has position FirstQuery + i.</summary>
    /// <remarks>
    /// It may be negative: the query then stands before the first key, and with <c>causal</c>, or a <c>window</c> that does not reach a key, it sees none and gets zeros.
    /// Any position is allowed where only <c>causal</c> and <c>window</c> read it. ALiBi counts up to 2²⁴, and rotary positions exist up to the class's MaxTokens, to either side. Further
    /// below, any position is allowed from which no key is seen: with <c>causal</c> all, with a <c>window</c> those that it does not reach from.
    /// </remarks>
    public int FirstQuery { get; private init; }

    /// <summary>One entry a key, [S]; empty: none.</summary>
    public ReadOnlySpan<bool> KeyFlags { get; private init; }

    /// <summary>One entry a query and key, [T, S] or [H, T, S]; empty: none.</summary>
    public ReadOnlySpan<bool> PairFlags { get; private init; }

    /// <summary>Whether <c>true</c> in <see cref="KeyFlags"/> hides the key (PyTorch's key_padding_mask) or keeps it (Hugging Face's attention_mask).</summary>
    public bool KeyFlagsHide { get; private init; }

    /// <summary>Whether <c>true</c> in <see cref="PairFlags"/> hides the key (PyTorch's MultiheadAttention) or keeps it (ONNX, PyTorch's scaled_dot_product_attention).</summary>
    public bool PairFlagsHide { get; private init; }

    /// <summary>Added to the scaled (and soft-capped) scores, [T, S] or [H, T, S]; −∞ hides; empty: none.</summary>
    /// <remarks>See <see cref="Additive"/> for rows that hide every key.</remarks>
    public ReadOnlySpan<float> Bias { get; private init; }

    /// <summary>Only the first <paramref name="count"/> keys are real.</summary>
    public static AttentionMask KeyLength(int count) => default(AttentionMask).WithKeyLength(count);

    /// <summary><c>true</c> at a pair keeps it, [T, S] or [H, T, S].</summary>
    public static AttentionMask Keep(ReadOnlySpan<bool> pairs) => default(AttentionMask).WithKeep(pairs);

    /// <summary><c>true</c> at a pair hides it, [T, S] or [H, T, S].</summary>
    public static AttentionMask Hide(ReadOnlySpan<bool> pairs) => default(AttentionMask).WithHide(pairs);

    /// <summary>Added to the scores, [T, S] or [H, T, S].</summary>
    /// <remarks>
    /// −∞ hides a key; a query whose row is −∞ throughout gets zeros. <see cref="float.MinValue"/>, which exporters write for "hidden", is a number: beside a
    /// usual score its key has weight 0, but a row of nothing else swallows the scores, every key that is not hidden otherwise weighs the same, and the query gets the plain mean of their values, as in PyTorch.
    /// ONNX Runtime's two attention operators each give something else for such a row (0, and NaN). Write −∞ for "hidden".
    /// </remarks>
    public static AttentionMask Additive(ReadOnlySpan<float> bias) => default(AttentionMask).WithAdditive(bias);

    /// <summary>This mask, with only the first <paramref name="count"/> keys real.</summary>
    public AttentionMask WithKeyLength(int count) => new(this) { Keys = count };

    /// <summary>This mask, with <c>true</c> at key j keeping it, [S].</summary>
    public AttentionMask WithKeepKeys(ReadOnlySpan<bool> keys) => new(this) { KeyFlags = keys, KeyFlagsHide = false };

    /// <summary>This mask, with <c>true</c> at key j hiding it, [S].</summary>
    public AttentionMask WithHideKeys(ReadOnlySpan<bool> keys) => new(this) { KeyFlags = keys, KeyFlagsHide = true };

    /// <summary>This mask, with <c>true</c> at (query, key) keeping it, [T, S] or [H, T, S].</summary>
    public AttentionMask WithKeep(ReadOnlySpan<bool> pairs) => new(this) { PairFlags = pairs, PairFlagsHide = false };

    /// <summary>This mask, with <c>true</c> at (query, key) hiding it, [T, S] or [H, T, S].</summary>
    public AttentionMask WithHide(ReadOnlySpan<bool> pairs) => new(this) { PairFlags = pairs, PairFlagsHide = true };

    /// <summary>This mask, with <paramref name="bias"/> added to the scores, [T, S] or [H, T, S]: see <see cref="Additive"/>.</summary>
    public AttentionMask WithAdditive(ReadOnlySpan<float> bias) => new(this) { Bias = bias };

    /// <summary>This mask, with the first query at <paramref name="position"/> of the keys; negative: before the first key.</summary>
    public AttentionMask WithFirstQuery(int position) => new(this) { FirstQuery = position };
}
