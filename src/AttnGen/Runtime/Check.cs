using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttnGen.Runtime;

/// <summary>Argument checks of generated <c>Forward</c> methods. Each failure names the argument, what was found, the limit and the fix.</summary>
/// <remarks>For generated code. Nothing here allocates unless it throws.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Check
{
    /// <summary>Positions that float32 still tells apart, which ALiBi counts in: 2²⁴.</summary>
    public const int MaxPositions = 1 << 24;

    /// <summary>The rows of a row-major span [rows, width].</summary>
    /// <param name="length">The span's length.</param>
    /// <param name="width">Floats in a row, from 1.</param>
    /// <param name="maxRows">The most rows that the session or model was made for.</param>
    /// <param name="name">The argument's name.</param>
    /// <returns><paramref name="length"/> / <paramref name="width"/>, from 0 to <paramref name="maxRows"/>.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of the width, or there are too many rows.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Rows(int length, int width, int maxRows, string name)
    {
        var rows = (int)((uint)length / (uint)width);
        if (rows * width != length || rows > maxRows)
        {
            ThrowRows(length, width, maxRows, name);
        }

        return rows;
    }

    /// <summary>A span of exactly the expected length.</summary>
    /// <param name="length">The span's length.</param>
    /// <param name="expected">What it must be.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="shape">The expected shape in words, such as <c>[T, 64]</c>.</param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Length(int length, long expected, string name, string shape)
    {
        if (length != expected)
        {
            ThrowLength(length, expected, name, shape);
        }
    }

    /// <summary>A span that is either empty (not wanted) or of exactly the expected length: the parts of a <see cref="ForwardTrace"/>.</summary>
    /// <param name="length">The span's length.</param>
    /// <param name="expected">What it must be unless it is 0.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="shape">The expected shape in words.</param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OptionalLength(int length, long expected, string name, string shape)
    {
        if (length != 0 && length != expected)
        {
            ThrowLength(length, expected, name, shape);
        }
    }

    /// <summary>Input and output are the same span or share nothing.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">The output.</param>
    /// <param name="xName">The input's name.</param>
    /// <param name="yName">The output's name.</param>
    /// <exception cref="ArgumentException">They share a part, or start together and end apart.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NoPartialOverlap(ReadOnlySpan<float> x, ReadOnlySpan<float> y, string xName = "x", string yName = "y")
    {
        if (x.Overlaps(y) && !(x.Length == y.Length && Unsafe.AreSame(ref MemoryMarshal.GetReference(x), ref MemoryMarshal.GetReference(y))))
        {
            ThrowOverlap(xName, yName, identicalAllowed: true);
        }
    }

    /// <summary>Input and output share nothing: for outputs that are written before all of the input was read.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">The output.</param>
    /// <param name="xName">The input's name.</param>
    /// <param name="yName">The output's name.</param>
    /// <exception cref="ArgumentException">They share a part.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NoOverlap(ReadOnlySpan<float> x, ReadOnlySpan<float> y, string xName = "x", string yName = "y")
    {
        if (x.Overlaps(y))
        {
            ThrowOverlap(xName, yName, identicalAllowed: false);
        }
    }

    /// <summary>The spans of a trace, which are written while the call still reads: they may share no memory with the result, with each other, or with the mask's data.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="mask">The mask.</param>
    /// <param name="result">Where the call's result goes.</param>
    /// <param name="resultName">Its name.</param>
    /// <exception cref="ArgumentException">They share a part.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Trace(in ForwardTrace trace, in AttentionMask mask, ReadOnlySpan<float> result, string resultName = "y")
    {
        if (!trace.IsEmpty)
        {
            if (!trace.SourceWeights.IsEmpty)
            {
                ThrowSource();
            }

            TraceParts(in trace, in mask, result, resultName);
        }
    }

    /// <summary>The same of a call that reads a source.</summary>
    internal static void TraceOfSequence(in ForwardTrace trace, ReadOnlySpan<float> result, string resultName)
    {
        if (!trace.IsEmpty)
        {
            TraceParts(in trace, default, result, resultName);
        }
    }

    /// <summary>The spans of a trace share no memory with an input: what the trace writes must not be what is read.</summary>
    /// <typeparam name="T">Numbers of the input.</typeparam>
    /// <param name="trace">The trace.</param>
    /// <param name="input">The input.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">They share a part.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TraceInput<T>(in ForwardTrace trace, ReadOnlySpan<T> input, string name)
        where T : unmanaged
    {
        if (!trace.IsEmpty)
        {
            TraceApart(in trace, MemoryMarshal.AsBytes(input), name);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TraceParts(in ForwardTrace trace, in AttentionMask mask, ReadOnlySpan<float> result, string resultName)
    {
        TraceApart(in trace, MemoryMarshal.AsBytes(result), resultName);
        TraceApart(in trace, MemoryMarshal.AsBytes(mask.Bias), "the mask's additive values");
        TraceApart(in trace, MemoryMarshal.AsBytes(mask.PairFlags), "the mask's flags of pairs");
        TraceApart(in trace, MemoryMarshal.AsBytes(mask.KeyFlags), "the mask's flags of keys");
        TraceApart(in trace, MemoryMarshal.AsBytes(trace.Layers), "trace.Layers");
        TraceApart(in trace, MemoryMarshal.AsBytes(trace.Heads), "trace.Heads");
        TraceApart(in trace, MemoryMarshal.AsBytes(trace.States), "trace.States");
        if (trace.AttentionWeights.Overlaps(trace.HiddenStates))
        {
            ThrowTrace(in trace, "HiddenStates", "trace.AttentionWeights");
        }

        if (trace.SourceWeights.Overlaps(trace.HiddenStates))
        {
            ThrowTrace(in trace, "SourceWeights", "trace.HiddenStates");
        }

        if (trace.SourceWeights.Overlaps(trace.AttentionWeights))
        {
            ThrowTrace(in trace, "SourceWeights", "trace.AttentionWeights");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TraceApart(in ForwardTrace trace, ReadOnlySpan<byte> other, string name)
    {
        if (other.Overlaps(MemoryMarshal.AsBytes(trace.AttentionWeights)))
        {
            ThrowTrace(in trace, "AttentionWeights", name);
        }

        if (other.Overlaps(MemoryMarshal.AsBytes(trace.HiddenStates)))
        {
            ThrowTrace(in trace, "HiddenStates", name);
        }

        if (other.Overlaps(MemoryMarshal.AsBytes(trace.SourceWeights)))
        {
            ThrowTrace(in trace, "SourceWeights", name);
        }
    }

    [DoesNotReturn]
    private static void ThrowSource() =>
        throw new ArgumentException("trace.SourceWeights is of sequences that read a source, which this call does not. Leave the span empty.", "trace");

    [DoesNotReturn]
    private static void ThrowTrace(in ForwardTrace trace, string part, string other) =>
        throw new ArgumentException($"trace.{part} overlaps {other}; a trace is written while the call still reads, so give it memory of its own.", nameof(trace));

    /// <summary>A mask that fits the call.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="queries">Rows of the query, T.</param>
    /// <param name="keys">Rows of the key, S, without the appended ones of biasKv and zeroAttn.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="positions">The positions that the class knows (rotary tables); queries must lie in [0, positions).</param>
    /// <exception cref="ArgumentException">A part has another length than [S], or [T, S] or [H, T, S].</exception>
    /// <exception cref="ArgumentOutOfRangeException">The key length is not from −1 to S, or a query's position is out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mask(in AttentionMask mask, int queries, int keys, int heads, int positions = MaxPositions) => Mask(in mask, queries, keys, heads, 0, positions);

    /// <summary>A mask that fits the call of a class whose queries may stand before the first key.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="queries">Rows of the query, T.</param>
    /// <param name="keys">Rows of the key, S, without the appended ones of biasKv and zeroAttn.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="lowest">The first query's lowest position.</param>
    /// <param name="positions">Queries must lie below it; <see cref="long.MaxValue"/>: anywhere.</param>
    /// <param name="blind">Up to here a query sees no key: calls of which all queries lie there are allowed, too. Above <paramref name="lowest"/> it says nothing.</param>
    /// <exception cref="ArgumentException">A part has another length than [S], or [T, S] or [H, T, S].</exception>
    /// <exception cref="ArgumentOutOfRangeException">The key length is not from −1 to S, or a query's position is out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mask(in AttentionMask mask, int queries, int keys, int heads, int lowest, long positions, long blind = long.MinValue)
    {
        // One test for the usual mask, which hides nothing; the rest is not on the fast path.
        if (mask.Keys != -1 || mask.FirstQuery != 0 || positions < queries || mask.KeyFlags.Length + (long)mask.PairFlags.Length + mask.Bias.Length != 0)
        {
            MaskParts(in mask, queries, keys, heads, lowest, positions, blind);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MaskParts(in AttentionMask mask, int queries, int keys, int heads, int lowest, long positions, long blind)
    {
        if (mask.Keys < -1 || mask.Keys > keys)
        {
            throw new ArgumentOutOfRangeException(nameof(mask), mask.Keys, $"The mask's key length is {mask.Keys}; this call has {keys} keys, so it must be from 0 to {keys} (or -1 for all).");
        }

        if ((mask.FirstQuery < lowest && (long)mask.FirstQuery + queries - 1 > blind) || mask.FirstQuery > positions - queries)
        {
            ThrowFirstQuery(in mask, queries, lowest, positions);
        }

        if (mask.KeyFlags.Length != 0 && mask.KeyFlags.Length != keys)
        {
            throw new ArgumentException($"The mask has flags for {mask.KeyFlags.Length} keys; this call has {keys} keys, so it must have [S] = {keys}.", nameof(mask));
        }

        Pairs(mask.PairFlags.Length, "flags");
        Pairs(mask.Bias.Length, "additive values");

        void Pairs(int length, string what)
        {
            var pairs = (long)queries * keys;
            if (length != 0 && length != pairs && length != pairs * heads)
            {
                throw new ArgumentException(
                    $"The mask has {length} {what}; this call has T = {queries} queries and S = {keys} keys, so it must have [T, S] = {pairs} or [H, T, S] = {pairs * heads}.",
                    nameof(mask));
            }
        }
    }

    // The lowest int stands for "anywhere before the keys", and names no position.
    [DoesNotReturn]
    private static void ThrowFirstQuery(in AttentionMask mask, int queries, int lowest, long positions)
    {
        var first = mask.FirstQuery;
        var where = lowest == int.MinValue ? $"below position {positions}" : $"in positions {lowest} to {positions - 1}";
        var fix = first < lowest ? $"raise FirstQuery to {lowest} or more" : $"lower FirstQuery to {positions - queries} or less, or raise maxTokens in the attribute";
        throw new ArgumentOutOfRangeException(nameof(mask), first, $"The mask's first query stands at position {first}; {queries} queries must lie {where}: {fix}.");
    }

    [DoesNotReturn]
    private static void ThrowRows(int length, int width, int maxRows, string name)
    {
        if (length % width != 0)
        {
            throw new ArgumentException($"{name} has {length} floats, which is not a multiple of {width}; it must be row-major [rows, {width}].", name);
        }

        throw new ArgumentException($"{name} has {length / width} rows of {width}; at most {maxRows} fit. Make the session with more tokens, raise maxTokens in the attribute, or cut the input.", name);
    }

    [DoesNotReturn]
    private static void ThrowLength(int length, long expected, string name, string shape) =>
        throw new ArgumentException($"{name} has {length} floats; it must have {shape} = {expected}.", name);

    [DoesNotReturn]
    private static void ThrowOverlap(string xName, string yName, bool identicalAllowed) =>
        throw new ArgumentException(
            $"{yName} overlaps {xName}; use separate memory{(identicalAllowed ? ", or the very same span for both" : "")}.",
            yName);

    /// <summary>Token ids and segments of a whole model.</summary>
    /// <param name="tokenIds">The ids.</param>
    /// <param name="tokenTypes">The segments; empty: none.</param>
    /// <param name="maxTokens">The most tokens that the session or model was made for.</param>
    /// <param name="vocabulary">Ids are below this.</param>
    /// <param name="types">Segments are below this; 0: the model has none, and what is given is ignored.</param>
    /// <exception cref="ArgumentException">There is no token, or too many, or not as many segments.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id or segment is out of range.</exception>
    public static void Tokens(ReadOnlySpan<int> tokenIds, ReadOnlySpan<int> tokenTypes, int maxTokens, int vocabulary, int types)
    {
        if (tokenIds.IsEmpty || tokenIds.Length > maxTokens)
        {
            ThrowTokenCount(tokenIds.Length, maxTokens, nameof(tokenIds));
        }

        CheckBelow(tokenIds, vocabulary, "tokenIds", "the vocabulary has");

        if (types > 0 && !tokenTypes.IsEmpty)
        {
            if (tokenTypes.Length != tokenIds.Length)
            {
                throw new ArgumentException($"tokenTypes has {tokenTypes.Length} segments; it must have one for each of the {tokenIds.Length} tokens, or be empty.", nameof(tokenTypes));
            }

            CheckBelow(tokenTypes, types, "tokenTypes", "the model has segments");
        }
    }

    // A loop: the JIT takes longer to make a vectorised search than all the searches of a short program would.
    private static void CheckBelow(ReadOnlySpan<int> values, int limit, string name, string what)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if ((uint)values[i] >= (uint)limit)
            {
                ThrowToken(i, values[i], limit, name, what);
            }
        }
    }

    /// <summary>The mask of a call of a whole model: its queries are its keys, so none may be moved.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="tokens">T.</param>
    /// <param name="heads">H.</param>
    /// <param name="keysOnly">Whether only keys may be hidden, because hidden keys are not pooled either.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void ModelMask(in AttentionMask mask, int tokens, int heads, bool keysOnly)
    {
        Mask(mask, tokens, tokens, heads);
        if (mask.FirstQuery != 0)
        {
            throw new ArgumentException($"FirstQuery is {mask.FirstQuery}, but a whole model sees all its tokens at once. Leave it 0.", nameof(mask));
        }

        if (keysOnly && !(mask.PairFlags.IsEmpty && mask.Bias.IsEmpty))
        {
            throw new ArgumentException("The mask hides pairs, but pooling must know which tokens are real. Give a key length or key flags, or call Forward.", nameof(mask));
        }
    }

    [DoesNotReturn]
    private static void ThrowTokenCount(int count, int maxTokens, string name) =>
        throw new ArgumentException(
            count == 0
                ? "tokenIds has 0 tokens, but must have at least 1. An empty text still has its special tokens."
                : $"tokenIds has {count} tokens, but must have 1 to {maxTokens}. Cut the text, or raise maxTokens in the attribute or in CreateSession if the model has more positions.",
            name);

    [DoesNotReturn]
    private static void ThrowToken(int index, int value, int limit, string name, string what) =>
        throw new ArgumentOutOfRangeException(name, value, $"{name}[{index}] is {value}, but {what} 0 to {limit - 1}.");
}
