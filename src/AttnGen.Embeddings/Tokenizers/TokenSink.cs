using System.Runtime.CompilerServices;

namespace AttnGen.Embeddings;

/// <summary>Where tokens go: into spans until they are full, or into a counter.</summary>
internal ref struct TokenSink
{
    private readonly Span<int> _ids;
    private readonly Span<TokenSpan> _spans;
    private readonly bool _counts;

    /// <summary>Added to every position: where the part of the text that is being read begins.</summary>
    public int Shift;

    private TokenSink(Span<int> ids, Span<TokenSpan> spans, bool counts)
    {
        _ids = ids;
        _spans = spans;
        _counts = counts;
    }

    /// <summary>Tokens so far; never more than fit, except in a counter.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there was a token that did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>A sink that keeps ids, and spans where there is room for them.</summary>
    public static TokenSink Into(Span<int> ids, Span<TokenSpan> spans = default) => new(ids, spans, counts: false);

    /// <summary>A sink that counts.</summary>
    public static TokenSink Counter() => new(default, default, counts: true);

    /// <summary>Takes a token of the text's part [start, end).</summary>
    /// <returns>Whether there was room: after false nothing more is taken.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int id, int start, int end)
    {
        var at = Count;
        if ((uint)at < (uint)_ids.Length)
        {
            _ids[at] = id;
            if ((uint)at < (uint)_spans.Length)
            {
                _spans[at] = new TokenSpan(Shift + start, Shift + end);
            }

            Count = at + 1;
            return true;
        }

        Count += _counts ? 1 : 0;
        Overflowed = !_counts;
        return _counts;
    }
}
