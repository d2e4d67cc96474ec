using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace AttnGen.Runtime;

/// <summary>The checks of sessions and their calls, beside the checks of shapes in <see cref="Check"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Calls
{
    /// <summary>A session's capacity in tokens, rounded up to whole panels of 32 keys.</summary>
    /// <param name="maxTokens">What the caller asks for.</param>
    /// <param name="limit">The class's MaxTokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 1 and the limit.</exception>
    public static int Capacity(int maxTokens, int limit)
    {
        if (maxTokens < 1 || maxTokens > limit)
            throw new ArgumentOutOfRangeException(nameof(maxTokens), maxTokens, $"A session holds 1 to {limit} tokens (MaxTokens). For longer sequences raise maxTokens in the attribute.");
        return (maxTokens + 31) & ~31;
    }

    /// <summary>Tokens that a pooled session is made for when a call has <paramref name="tokens"/>: the next power of two, so that few calls need a new one.</summary>
    /// <param name="tokens">The call's tokens, from 1.</param>
    /// <param name="limit">The class's MaxTokens.</param>
    public static int SessionTokens(int tokens, int limit) =>
        Math.Min(limit, (int)Math.Min(int.MaxValue, System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(64, tokens))));

    /// <summary>Hidden states were asked of a class that has none.</summary>
    /// <exception cref="ArgumentException">Always.</exception>
    [DoesNotReturn]
    public static void NoHiddenStates() =>
        throw new ArgumentException("HiddenStates belong to encoder layers and stacks; attention alone has none. Leave the span empty.", "trace");

    /// <summary>A second call entered a session.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    [DoesNotReturn]
    public static void SessionBusy() =>
        throw new InvalidOperationException("This session is serving another call. Give each thread a session of its own (CreateSession), or call Forward on the model, which borrows one.");
}
