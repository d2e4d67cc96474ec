namespace AttnGen.Reference;

/// <summary>Attention(Q, K, V) = softmax(Q·Kᵀ·scale)·V for every head, and the multi-head form with projections (Vaswani et al. 2017, arXiv:1706.03762, §3.2).</summary>
/// <remarks>
/// The order of the steps: projections; norm of each head's query and key; rotary positions; appended keys (they have no
/// position and nothing hides them); scores·scale; softcap; ALiBi; masks; softmax; weighted sum; output projection.
/// </remarks>
public static class AttentionReference
{
    /// <summary>Scaled dot-product attention without projections.</summary>
    /// <param name="query">[T, H·headDim].</param>
    /// <param name="key">[S, kvHeads·headDim].</param>
    /// <param name="value">[S, kvHeads·valueHeadDim].</param>
    /// <param name="options">The shape. BiasKv and ZeroAttn belong to the form with projections and are not looked at.</param>
    /// <param name="mask">What may be attended to.</param>
    /// <param name="weights">Room for the attention weights [H, T, S]; empty: not wanted.</param>
    /// <param name="norms"><c>q_norm.*</c> and <c>k_norm.*</c>; <c>null</c>: weights 1, biases 0.</param>
    /// <returns>[T, H·valueHeadDim].</returns>
    public static double[] DotProduct(
        ReadOnlySpan<double> query, ReadOnlySpan<double> key, ReadOnlySpan<double> value,
        AttentionOptions options, AttentionMask mask = default, Span<double> weights = default, ReferenceWeights? norms = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (q, k) = Place(query, key, options, mask.FirstQuery, norms);
        return Attend(q, k, value, options, appended: 0, mask, weights);
    }

    /// <summary>Multi-head attention with projections: PyTorch's <c>nn.MultiheadAttention</c>.</summary>
    /// <param name="query">[T, D].</param>
    /// <param name="key">[S, keyDim].</param>
    /// <param name="value">[S, valueDim].</param>
    /// <param name="dModel">D.</param>
    /// <param name="options">The shape.</param>
    /// <param name="tensors"><c>in_proj_weight</c> or <c>q_proj_weight</c>, … or <c>q_proj.weight</c>, …; <c>out_proj.weight</c>; biases where there are any.</param>
    /// <param name="mask">What may be attended to.</param>
    /// <param name="weights">Room for the attention weights [H, T, S + appended keys]; empty: not wanted.</param>
    /// <returns>[T, D].</returns>
    public static double[] MultiHead(
        ReadOnlySpan<double> query, ReadOnlySpan<double> key, ReadOnlySpan<double> value, int dModel,
        AttentionOptions options, ReferenceWeights tensors, AttentionMask mask = default, Span<double> weights = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tensors);
        var queryWidth = options.Heads * options.HeadDim;
        var keyWidth = options.ActualKvHeads * options.HeadDim;
        var valueWidth = options.ActualKvHeads * options.ActualValueHeadDim;

        // 1. Projections: one row of q, k and v a token, the heads side by side.
        var stackedRows = queryWidth + keyWidth + valueWidth;
        var q = Project(query, tensors, "q", 0, queryWidth, stackedRows);
        var k = Project(key, tensors, "k", queryWidth, keyWidth, stackedRows);
        var v = Project(value, tensors, "v", queryWidth + keyWidth, valueWidth, stackedRows);

        // 2. Norms and rotary positions.
        (q, k) = Place(q, k, options, mask.FirstQuery, tensors);

        // 3. Keys and values that are not in the sequence.
        if (options.BiasKv)
        {
            k = [.. k, .. tensors.Required("bias_k")];
            v = [.. v, .. tensors.Required("bias_v")];
        }
        if (options.ZeroAttn)
        {
            k = [.. k, .. new double[keyWidth]];
            v = [.. v, .. new double[valueWidth]];
        }

        // 4. Every head attends; the heads' outputs stand side by side: the concatenation.
        var heads = Attend(q, k, v, options, options.AppendedKeys, mask, weights);

        // 5. Output projection.
        return LinearReference.Forward(heads, tensors.Required("out_proj.weight"), tensors("out_proj.bias"), options.Heads * options.ActualValueHeadDim, dModel);
    }

    // x·Wᵀ + b, where W is rows [first, first + rows) of the stacked matrix, or a matrix of its own.
    private static double[] Project(ReadOnlySpan<double> x, ReferenceWeights tensors, string name, int first, int rows, int stackedRows)
    {
        double[] weight;
        if (tensors("in_proj_weight") is { } stacked)
        {
            var inputs = stacked.Length / stackedRows;
            weight = stacked[(first * inputs)..((first + rows) * inputs)];
        }
        else
        {
            weight = tensors($"{name}_proj_weight") ?? tensors.Required($"{name}_proj.weight");
        }
        var bias = tensors("in_proj_bias") is { } stackedBias ? stackedBias[first..(first + rows)] : tensors($"{name}_proj.bias");
        return LinearReference.Forward(x, weight, bias, weight.Length / rows, rows);
    }

    // Per-head norm of queries and keys, then rotary positions: rows of q start at firstQuery, rows of k at 0.
    private static (double[] Query, double[] Key) Place(
        ReadOnlySpan<double> query, ReadOnlySpan<double> key, AttentionOptions options, int firstQuery, ReferenceWeights? norms)
    {
        var q = Norm(query, options, norms, "q_norm.");
        var k = Norm(key, options, norms, "k_norm.");
        if (options.Position is Position.RotaryHalf or Position.RotaryInterleaved)
        {
            q = RotaryReference.Forward(q, options.Heads, options.HeadDim, options.ActualRotaryDim, options.RopeTheta, options.Position, firstQuery);
            k = RotaryReference.Forward(k, options.ActualKvHeads, options.HeadDim, options.ActualRotaryDim, options.RopeTheta, options.Position);
        }
        return (q, k);
    }

    private static double[] Norm(ReadOnlySpan<double> x, AttentionOptions options, ReferenceWeights? norms, string name)
    {
        if (options.QkNorm == QkNorm.None)
            return x.ToArray();
        var ones = new double[options.HeadDim];
        Array.Fill(ones, 1);
        var weight = norms?.Invoke(name + "weight") ?? ones;
        return options.QkNorm == QkNorm.RmsNorm
            ? RmsNormReference.Forward(x, weight, options.HeadDim, options.QkNormEpsilon)
            : LayerNormReference.Forward(x, weight, norms?.Invoke(name + "bias"), options.HeadDim, options.QkNormEpsilon);
    }

    // q [T, H·headDim], k [S', kvHeads·headDim], v [S', kvHeads·valueHeadDim]; the last `appended` of the S' keys are not in the sequence.
    private static double[] Attend(
        ReadOnlySpan<double> q, ReadOnlySpan<double> k, ReadOnlySpan<double> v,
        AttentionOptions options, int appended, AttentionMask mask, Span<double> weights)
    {
        var (heads, headDim, valueHeadDim, kvHeads) = (options.Heads, options.HeadDim, options.ActualValueHeadDim, options.ActualKvHeads);
        var tokens = q.Length / (heads * headDim);
        var allKeys = k.Length / (kvHeads * headDim);
        var keys = allKeys - appended;
        var slopes = AlibiReference.Slopes(heads);
        var y = new double[tokens * heads * valueHeadDim];
        var row = new double[allKeys];

        for (var h = 0; h < heads; h++)
        {
            // Grouped-query attention: heads / kvHeads neighbouring query heads share a key/value head.
            var kv = h / (heads / kvHeads);
            for (var t = 0; t < tokens; t++)
            {
                var position = (long)mask.FirstQuery + t;

                // 1. Scores of this query with every key that it sees.
                for (var j = 0; j < allKeys; j++)
                {
                    var inSequence = j < keys;
                    if (inSequence && !IsSeen(options, mask, h, t, j, tokens, keys))
                    {
                        row[j] = double.NegativeInfinity;
                        continue;
                    }
                    double score = 0;
                    for (var d = 0; d < headDim; d++)
                        score += q[(t * heads + h) * headDim + d] * k[(j * kvHeads + kv) * headDim + d];
                    score *= options.ActualScale;
                    if (options.Softcap != 0)
                        score = options.Softcap * Math.Tanh(score / options.Softcap);
                    if (inSequence && options.Position == Position.Alibi)
                        score += AlibiReference.Bias(slopes[h], position, j);
                    if (inSequence && !mask.Bias.IsEmpty)
                        score += mask.Bias[PairIndex(mask.Bias.Length, h, t, j, tokens, keys)];
                    row[j] = score;
                }

                // 2. Softmax over the keys; nothing seen: zeros.
                SoftmaxReference.Row(row);
                if (!weights.IsEmpty)
                    row.CopyTo(weights[((h * tokens + t) * allKeys)..]);

                // 3. Weighted sum of the values. A hidden one counts 0 times: 0·NaN is NaN, as in PyTorch. Keys beyond the key length do not exist.
                for (var j = 0; j < allKeys; j++)
                    if (j >= keys || mask.Keys < 0 || j < mask.Keys)
                        for (var d = 0; d < valueHeadDim; d++)
                            y[(t * heads + h) * valueHeadDim + d] += row[j] * v[(j * kvHeads + kv) * valueHeadDim + d];
            }
        }
        return y;
    }

    // Whether the query in row t sees key j: causal, window, key length, key flags and pair flags must all allow it.
    private static bool IsSeen(AttentionOptions options, AttentionMask mask, int h, int t, int j, int tokens, int keys)
    {
        var position = (long)mask.FirstQuery + t;
        if (options.Causal && j > position)
            return false;
        if (options.Window != 0 && Math.Abs(position - j) >= options.Window)
            return false;
        if (mask.Keys >= 0 && j >= mask.Keys)
            return false;
        if (!mask.KeyFlags.IsEmpty && mask.KeyFlags[j] == mask.KeyFlagsHide)
            return false;
        if (!mask.PairFlags.IsEmpty && mask.PairFlags[PairIndex(mask.PairFlags.Length, h, t, j, tokens, keys)] == mask.PairFlagsHide)
            return false;
        return mask.Bias.IsEmpty || !float.IsNegativeInfinity(mask.Bias[PairIndex(mask.Bias.Length, h, t, j, tokens, keys)]);
    }

    // Where (h, t, j) stands in [T, S] or [H, T, S].
    private static int PairIndex(int length, int h, int t, int j, int tokens, int keys)
        => (length == tokens * keys ? t : h * tokens + t) * keys + j;
}
