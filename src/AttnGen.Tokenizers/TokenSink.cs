using System.Runtime.CompilerServices;

namespace AttnGen.Tokenizers;

/// <summary>Where tokens go: into spans until they are full, into spans that keep the last ones, or into a counter.</summary>
internal ref struct TokenSink
{
    private readonly Span<int> _ids;
    private readonly Span<TokenSpan> _spans;
    private readonly int _most;

    /// <summary>Added to every position: where the part of the text that is being read begins.</summary>
    public int Shift;

    private TokenSink(Span<int> ids, Span<TokenSpan> spans, int most)
    {
        _ids = ids;
        _spans = spans;
        _most = most;
    }

    /// <summary>Tokens so far; no more than are taken.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there was a token that was not taken.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Whether it is told what tokens stand for.</summary>
    public readonly bool KeepsSpans => !_spans.IsEmpty;

    /// <summary>How many more are taken.</summary>
    public readonly int Room => _most - Count;

    /// <summary>A sink that keeps the first ids, and spans where there is room for them.</summary>
    public static TokenSink Into(Span<int> ids, Span<TokenSpan> spans = default) => new(ids, spans, ids.Length);

    /// <summary>A sink that keeps the last ids, whatever their number; <see cref="Turn"/> puts them in order.</summary>
    public static TokenSink Last(Span<int> ids, Span<TokenSpan> spans = default) => new(ids, spans, int.MaxValue);

    /// <summary>A sink that counts.</summary>
    /// <param name="most">Where it stops.</param>
    public static TokenSink Counter(int most = int.MaxValue) => new(default, default, most);

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

        return AddBeyond(id, start, end);
    }

    /// <summary>There is another token, and no room for it.</summary>
    public void Refuse() => Overflowed = true;

    /// <summary>Puts the last ids in order, which lie where there was room.</summary>
    /// <returns>How many there are.</returns>
    public readonly int Turn()
    {
        if (Count <= _ids.Length)
        {
            return Count;
        }

        if (!_ids.IsEmpty)
        {
            var first = Count % _ids.Length;
            Turn(_ids, first);
            Turn(_spans[..Math.Min(_spans.Length, _ids.Length)], first);
        }

        return _ids.Length;
    }

    private bool AddBeyond(int id, int start, int end)
    {
        if (Count == _most)
        {
            Overflowed = true;
            return false;
        }

        if (!_ids.IsEmpty)
        {
            var at = Count % _ids.Length;
            _ids[at] = id;
            if (!_spans.IsEmpty)
            {
                _spans[at] = new TokenSpan(Shift + start, Shift + end);
            }
        }

        Count++;
        return true;
    }

    // To the left by so many places: both parts turned round, then the whole.
    private static void Turn<T>(Span<T> all, int by)
    {
        if (!all.IsEmpty)
        {
            all[..by].Reverse();
            all[by..].Reverse();
            all.Reverse();
        }
    }
}
