using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttnGen.Runtime;

/// <summary>What a <see cref="ForwardTrace"/> asks for: whether its choice of layers and heads fits, and where a layer's part goes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Traces
{
    /// <summary>The layers, heads and states of a choice are there, and each comes once, in order.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="heads">Heads of a layer.</param>
    /// <exception cref="ArgumentException">One is not; the message names it and the limit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Choice(in ForwardTrace trace, int layers, int heads)
    {
        if (!trace.Layers.IsEmpty || !trace.Heads.IsEmpty || !trace.States.IsEmpty)
        {
            Chosen(trace.Layers, layers, "Layers", "layers");
            Chosen(trace.Heads, heads, "Heads", "heads");
            Chosen(trace.States, layers + 1, "States", "hidden states");
        }
    }

    /// <summary>How many are chosen; a choice that is not made is all.</summary>
    /// <param name="chosen">The choice.</param>
    /// <param name="all">How many there are.</param>
    public static long Count(ReadOnlySpan<int> chosen, int all) => chosen.IsEmpty ? all : chosen.Length;

    /// <summary>Where a layer's attention weights go.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="heads">Heads of a layer.</param>
    /// <param name="floats">Weights of a head.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ShownWeights Weights(in ForwardTrace trace, int layer, int heads, int floats) =>
        trace.AttentionWeights.IsEmpty ? default : OfLayer(trace.AttentionWeights, trace.Layers, trace.Heads, layer, heads, floats);

    /// <summary>Where a layer's weights of its source go.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="heads">Heads of a layer.</param>
    /// <param name="floats">Weights of a head.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ShownWeights Source(in ForwardTrace trace, int layer, int heads, int floats) =>
        trace.SourceWeights.IsEmpty ? default : OfLayer(trace.SourceWeights, trace.Layers, trace.Heads, layer, heads, floats);

    /// <summary>Whether hidden states are asked for.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="state">Which: 0 goes into the first layer, the number of layers comes out of the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ShowsState(in ForwardTrace trace, int state) => !trace.HiddenStates.IsEmpty && (trace.States.IsEmpty || trace.States.Contains(state));

    /// <summary>Where they go.</summary>
    /// <param name="trace">The trace, which asks for them.</param>
    /// <param name="state">Which.</param>
    /// <param name="floats">Numbers of one.</param>
    public static ref float State(in ForwardTrace trace, int state, int floats) =>
        ref MemoryMarshal.GetReference(trace.HiddenStates.Slice((trace.States.IsEmpty ? state : trace.States.IndexOf(state)) * floats, floats));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ShownWeights OfLayer(Span<float> weights, ReadOnlySpan<int> layers, ReadOnlySpan<int> heads, int layer, int count, int floats)
    {
        var place = layers.IsEmpty ? layer : layers.IndexOf(layer);
        var all = (heads.IsEmpty ? count : heads.Length) * floats;
        return place < 0 ? default : new(weights.Slice(place * all, all), heads, floats);
    }

    private static void Chosen(ReadOnlySpan<int> chosen, int count, string name, string what)
    {
        for (var i = 0; i < chosen.Length; i++)
        {
            if ((uint)chosen[i] >= (uint)count)
            {
                Throw($"trace.{name}[{i}] is {chosen[i]}, but the model has {count} {what}, which go from 0 to {count - 1}.");
            }

            if (i > 0 && chosen[i] <= chosen[i - 1])
            {
                Throw($"trace.{name}[{i}] is {chosen[i]} after {chosen[i - 1]}; name each of the {what} once, in rising order.");
            }
        }
    }

    [DoesNotReturn]
    private static void Throw(string message, string name = "trace") => throw new ArgumentException(message, name);
}

/// <summary>Where the attention weights of a layer go, head by head.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct ShownWeights
{
    private readonly Span<float> _weights;
    private readonly ReadOnlySpan<int> _heads;
    private readonly int _floats;

    internal ShownWeights(Span<float> weights, ReadOnlySpan<int> heads, int floats)
    {
        _weights = weights;
        _heads = heads;
        _floats = floats;
    }

    /// <summary>Those of a head; empty: they are not asked for.</summary>
    /// <param name="head">The head.</param>
    public Span<float> Of(int head)
    {
        if (_weights.IsEmpty)
        {
            return default;
        }

        var place = _heads.IsEmpty ? head : _heads.IndexOf(head);
        return place < 0 ? default : _weights.Slice(place * _floats, _floats);
    }
}
