using System.Diagnostics.CodeAnalysis;

namespace AttnGen.Generation;

/// <summary>The tokens that a draw is among, in the order of their ids.</summary>
internal sealed class CandidateSet(int vocabulary)
{
    // Bins of how far a logit is below the largest one: the first bits of that distance as a float, so that a bin is a 32nd of an octave.
    private const int BinShift = 18;
    private const int Bins = (0x7F800000 >> BinShift) + 1;

    // The first bits of a logit, for top-k.
    private const int RankShift = 20;

    private int[]? _ids;
    private float[]? _values;
    private float[]? _weights;
    private ulong[]? _keys;
    private double[]? _sums;
    private int[]? _ranks;
    private int _count;
    private float _max;

    /// <summary>The tokens that are left.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>Takes the tokens that may come: with top-k those with at least the k-th largest logit, however many have it.</summary>
    public void Take(ReadOnlySpan<float> logits, int topK)
    {
        Allocate();
        var least = topK > 0 && topK < logits.Length ? Largest(logits, topK) : float.NegativeInfinity;
        _count = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            // Branch-free: of a flat row every second one is a surprise.
            _ids[_count] = i;
            _values[_count] = logits[i];
            _count += logits[i] >= least && logits[i] > float.NegativeInfinity ? 1 : 0;
        }
    }

    /// <summary>Weighs them: e^(logit − the largest one).</summary>
    public void Weigh(float max)
    {
        _max = max;
        LogitMath.Exponentials(_values.AsSpan(0, _count), max, _weights);
    }

    /// <summary>
    /// Keeps the smallest set of the likeliest that reaches a share: a token stays while the sum of those ahead of it is below the share. Of equally likely ones the later ids are ahead:
    /// transformers sorts from the least likely on, keeps the order of equals, and removes from there. At least one stays.
    /// </summary>
    public void KeepShare(float share)
    {
        var wanted = share * LogitMath.Sum(_weights.AsSpan(0, _count));
        var sums = _sums.AsSpan();
        sums.Clear();
        for (var i = 0; i < _count; i++)
        {
            sums[Bin(i)] += _weights![i];
        }

        // The bin in which the share is reached; what is in those before it stays.
        double ahead = 0;
        var bin = 0;
        for (; bin < Bins - 1 && ahead + sums[bin] < wanted; bin++)
        {
            ahead += sums[bin];
        }

        var keys = 0;
        for (var i = 0; i < _count; i++)
        {
            if (Bin(i) == bin)
            {
                _keys![keys++] = ((ulong)LogitMath.Order(_values![i]) << 32) | (uint)i;
            }
        }

        _keys.AsSpan(0, keys).Sort();
        var first = keys;
        while (first > 0 && (first == keys && ahead == 0 || ahead < wanted))
        {
            ahead += _weights![(int)(uint)_keys![--first]];
        }

        var last = first < keys ? _keys![first] : ulong.MaxValue;
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var at = Bin(i);
            if (at < bin || (at == bin && (((ulong)LogitMath.Order(_values![i]) << 32) | (uint)i) >= last))
            {
                Move(i, kept++);
            }
        }

        _count = kept;
    }

    /// <summary>Keeps those that have at least a share of the likeliest one's probability.</summary>
    public void KeepLikely(float share)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            // The likeliest weighs 1, or a little less by rounding; it stays at a share of 1.
            if (_weights![i] >= share || _values![i] == _max)
            {
                Move(i, kept++);
            }
        }

        _count = kept;
    }

    /// <summary>The first token at which the sum of weights, from the first id on, is above a share of all.</summary>
    public int Draw(double share)
    {
        double total = 0;
        for (var i = 0; i < _count; i++)
        {
            total += _weights![i];
        }

        var (wanted, sum, last) = (share * total, 0.0, 0);
        for (var i = 0; i < _count; i++)
        {
            sum += _weights![i];
            last = _weights[i] > 0 ? i : last;
            if (sum > wanted)
            {
                break;
            }
        }

        return _ids![last];
    }

    private int Bin(int index) => BitConverter.SingleToInt32Bits(_max - _values![index] + 0f) >> BinShift;

    private void Move(int from, int to)
    {
        _ids![to] = _ids[from];
        _values![to] = _values[from];
        _weights![to] = _weights[from];
    }

    // The k-th largest: the numbers are counted by their first bits, and those that share these bits with it are sorted.
    private float Largest(ReadOnlySpan<float> logits, int k)
    {
        var ranks = _ranks.AsSpan();
        ranks.Clear();
        foreach (var logit in logits)
        {
            ranks[(int)(LogitMath.Order(logit) >> RankShift)]++;
        }

        var rank = ranks.Length - 1;
        while (ranks[rank] < k)
        {
            k -= ranks[rank--];
        }

        var count = 0;
        foreach (var logit in logits)
        {
            if (LogitMath.Order(logit) >> RankShift == rank)
            {
                _weights![count++] = logit;
            }
        }

        _weights.AsSpan(0, count).Sort();
        return _weights![count - k];
    }

    [MemberNotNull(nameof(_ids), nameof(_values), nameof(_weights))]
    private void Allocate()
    {
        _ids ??= new int[vocabulary + 1];
        _values ??= new float[vocabulary + 1];
        _weights ??= new float[vocabulary];
        _keys ??= new ulong[vocabulary];
        _sums ??= new double[Bins];
        _ranks ??= new int[1 << (32 - RankShift)];
    }
}
