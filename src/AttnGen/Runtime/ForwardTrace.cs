namespace AttnGen;

/// <summary>Places for what a forward pass computes on its way and otherwise keeps to itself. Empty spans are not filled.</summary>
/// <remarks>
/// They are written while the call still reads, so each needs memory of its own: a span that shares a part with an input, the result, the mask's data or the other span is
/// refused (<see cref="ArgumentException"/>). Input and result may share memory as they do without a trace.
/// <para>
/// <see cref="Layers"/>, <see cref="Heads"/> and <see cref="States"/> choose: the spans then hold the chosen ones alone, in their order, and nothing is spent on the others.
/// A choice that is not made is all; one that names what is not there, or is not in rising order, is refused (<see cref="ArgumentException"/>).
/// </para>
/// </remarks>
public readonly ref struct ForwardTrace
{
    /// <summary>The attention weights after softmax: [H, T, S], and [L, H, T, S] for a stack of L layers; L and H are as many as are chosen. Keys that are hidden have weight 0. S counts the appended keys of biasKv and zeroAttn.</summary>
    public Span<float> AttentionWeights { get; init; }

    /// <summary>For encoder layers (L = 1) and stacks, not for attention alone: the hidden states [L + 1, T, D]: 0 is the input of the first layer (with positions), l the output of layer l − 1, before the final norm. With <see cref="States"/> as many as are chosen.</summary>
    public Span<float> HiddenStates { get; init; }

    /// <summary>For the decoder of an encoder–decoder: the weights with which it reads the source, [L, H, T, S']; L and H are as many as are chosen.</summary>
    public Span<float> SourceWeights { get; init; }

    /// <summary>The layers whose attention weights are wanted, from 0, in rising order; empty: all. A single layer or block has layer 0.</summary>
    public ReadOnlySpan<int> Layers { get; init; }

    /// <summary>The heads whose attention weights are wanted, from 0, in rising order; empty: all.</summary>
    public ReadOnlySpan<int> Heads { get; init; }

    /// <summary>The hidden states that are wanted, from 0 (what goes into the first layer) to L (what comes out of the last), in rising order; empty: all.</summary>
    public ReadOnlySpan<int> States { get; init; }

    /// <summary>Whether nothing is asked for.</summary>
    internal bool IsEmpty => AttentionWeights.IsEmpty && HiddenStates.IsEmpty && SourceWeights.IsEmpty;
}
