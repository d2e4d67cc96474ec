namespace AttnGen.Embeddings;

/// <summary>The ids of many texts, one after the other.</summary>
internal sealed class TokenBatch(int texts)
{
    private readonly int[] _starts = new int[texts + 1];
    private int[] _ids = new int[Math.Max(256, texts * 16)];
    private int _count;

    /// <summary>What is done with one text's ids.</summary>
    public delegate void Work(int index, ReadOnlySpan<int> ids);

    public long TokenCount => _starts[_count];

    /// <summary>Room for the next text's ids.</summary>
    public Span<int> Room(int tokens)
    {
        var used = _starts[_count];
        if (used + tokens > _ids.Length)
        {
            Array.Resize(ref _ids, Math.Max(checked(used + tokens), (int)Math.Min(2L * _ids.Length, Array.MaxLength)));
        }

        return _ids.AsSpan(used, tokens);
    }

    /// <summary>Takes what was written to <see cref="Room"/>.</summary>
    public void Add(int tokens)
    {
        _starts[_count + 1] = _starts[_count] + tokens;
        _count++;
    }

    /// <summary>Works on every text, the longest first, so that no thread is left with a long one at the end.</summary>
    public void ForEach(int threads, Work work, CancellationToken cancellation)
    {
        var order = new int[_count];
        var lengths = new int[_count];
        for (var i = 0; i < _count; i++)
        {
            order[i] = i;
            lengths[i] = _starts[i] - _starts[i + 1];
        }

        Array.Sort(lengths, order);
        Workers.Run(_count, threads, at => work(order[at], _ids.AsSpan(_starts[order[at]].._starts[order[at] + 1])), cancellation);
    }
}
