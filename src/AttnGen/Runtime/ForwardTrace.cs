namespace AttnGen;

/// <summary>Places for what a forward pass computes on its way and otherwise keeps to itself. Empty spans are not filled.</summary>
/// <remarks>
/// They are written while the call still reads, so each needs memory of its own: a span that shares a part with an input, the result, the mask's data or the other span is
/// refused (<see cref="ArgumentException"/>). Input and result may share memory as they do without a trace.
/// </remarks>
public readonly ref struct ForwardTrace
{
    /// <summary>The attention weights after softmax: [H, T, S], and [L, H, T, S] for a stack of L layers. Keys that are hidden have weight 0. S counts the appended keys of biasKv and zeroAttn.</summary>
    public Span<float> AttentionWeights { get; init; }

    /// <summary>For encoder layers (L = 1) and stacks, not for attention alone: the hidden states [L + 1, T, D]: 0 is the input of the first layer (with positions), l the output of layer l − 1, before the final norm.</summary>
    public Span<float> HiddenStates { get; init; }

    /// <summary>For the decoder of an encoder–decoder: the weights with which it reads the source, [L, H, T, S'].</summary>
    public Span<float> SourceWeights { get; init; }

    /// <summary>Whether nothing is asked for.</summary>
    internal bool IsEmpty => AttentionWeights.IsEmpty && HiddenStates.IsEmpty && SourceWeights.IsEmpty;
}
