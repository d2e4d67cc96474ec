using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttnGen.Runtime;

/// <summary>Tables of positions that a model computes when it is loaded, in double precision, rounded once.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PositionTables
{
    /// <summary>
    /// Rotary embedding (Su et al. 2021, arXiv:2104.09864): pair p turns by t·θ^(−2p/R) at position t. A row holds R cosines, padded to
    /// a multiple of 16, then R sines with the sign that the feature's place in its pair asks for, so that y = x·cos + partner·sin.
    /// </summary>
    /// <param name="block">Where the table goes.</param>
    /// <param name="offset">First float of it.</param>
    /// <param name="positions">Rows.</param>
    /// <param name="rotaryDim">R, even.</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="theta">θ.</param>
    /// <param name="interleaved">Pairs (2p, 2p + 1) in place of (p, p + R/2).</param>
    public static void Rotary(AlignedBlock block, long offset, int positions, int rotaryDim, int stride, double theta, bool interleaved)
    {
        int half = rotaryDim / 2;
        for (int p = 0; p < half; p++)
        {
            double frequency = Math.Pow(theta, -2.0 * p / rotaryDim);
            int first = interleaved ? 2 * p : p, second = interleaved ? 2 * p + 1 : p + half;
            for (int t = 0; t < positions; t++)
            {
                var (sin, cos) = Math.SinCos(t * frequency);
                var row = block.Slice(offset + (long)t * stride, stride);
                var signed = row[(stride / 2)..];
                row[first] = row[second] = (float)cos;
                signed[first] = -(float)sin;
                signed[second] = (float)sin;
            }
        }
    }

    /// <summary>Rotary embedding of the rows of a call, each at its sequence's position: pair p turns by position·frequencies[p]. Rows are those of <see cref="Rotary"/>'s table.</summary>
    /// <param name="first">The first row: cosines.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    /// <param name="sines">Floats from a row's cosines to its sines.</param>
    /// <param name="interleaved">Pairs (2p, 2p + 1) in place of (p, p + R/2).</param>
    /// <param name="sequences">Whose the rows are.</param>
    /// <param name="factor">What cosines and sines are multiplied by.</param>
    /// <param name="frequencies">[R/2] in radians a position.</param>
    public static void Angles(ref float first, int stride, int sines, bool interleaved, ReadOnlySpan<CacheSlice> sequences, double factor, ReadOnlySpan<double> frequencies)
    {
        int half = frequencies.Length;
        foreach (ref readonly var sequence in sequences)
        {
            for (int t = 0; t < sequence.Rows; t++)
            {
                ref float cosines = ref Unsafe.Add(ref first, (nint)(sequence.Row + t) * stride);
                ref float signed = ref Unsafe.Add(ref cosines, sines);
                for (int p = 0; p < half; p++)
                {
                    var (sin, cos) = Math.SinCos((sequence.Position + t) * frequencies[p]);
                    int a = interleaved ? 2 * p : p, b = interleaved ? a + 1 : p + half;
                    Unsafe.Add(ref cosines, a) = Unsafe.Add(ref cosines, b) = (float)(cos * factor);
                    Unsafe.Add(ref signed, a) = -(float)(sin * factor);
                    Unsafe.Add(ref signed, b) = (float)(sin * factor);
                }
            }
        }
    }

    /// <summary>Sinusoidal positions (Vaswani et al. 2017, arXiv:1706.03762, §3.5): sin(t/10000^(2i/D)) at feature 2i, cos at 2i + 1.</summary>
    /// <param name="block">Where the table goes.</param>
    /// <param name="offset">First float of it.</param>
    /// <param name="positions">Rows.</param>
    /// <param name="dim">D.</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="inHalves">sin at feature i and cos at feature i + D/2 (Marian), in place of 2i and 2i + 1.</param>
    public static void Sinusoidal(AlignedBlock block, long offset, int positions, int dim, int stride, bool inHalves = false)
    {
        for (int t = 0; t < positions; t++)
        {
            var row = block.Slice(offset + (long)t * stride, stride);
            for (int d = 0; d < dim; d++)
            {
                int sines = (dim + 1) / 2, pair = !inHalves ? d / 2 : d < sines ? d : d - sines;
                double angle = t / Math.Pow(10000, 2 * pair / (double)dim);
                row[d] = (float)((inHalves ? d < sines : (d & 1) == 0) ? Math.Sin(angle) : Math.Cos(angle));
            }
        }
    }

    /// <summary>
    /// Relative positions (Raffel et al. 2019, arXiv:1910.10683, §2.1; MPNet, arXiv:2004.09297): the bias of each head for every distance
    /// key − query from −(positions − 1) to positions − 1. Half of the buckets are for keys behind the query; in each half, near distances have a
    /// bucket of their own and far ones share buckets that grow with the logarithm.
    /// </summary>
    /// <param name="block">Where the table goes.</param>
    /// <param name="offset">First float of it; row h starts at h·stride.</param>
    /// <param name="source">Where the tensor is.</param>
    /// <param name="name">The tensor [buckets, heads].</param>
    /// <param name="heads">H.</param>
    /// <param name="buckets">Buckets, even.</param>
    /// <param name="maxDistance">The distance from which on all share the last bucket.</param>
    /// <param name="positions">Longest sequence.</param>
    /// <param name="stride">Floats a row, at least 2·positions − 1.</param>
    /// <param name="looksBack">Whether all buckets are for keys behind the query, and keys ahead share the first.</param>
    public static void Relative(AlignedBlock block, long offset, ITensorSource source, string name, int heads, int buckets, int maxDistance, int positions, int stride, bool looksBack = false)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(source);
        var bias = new float[buckets * heads];
        source.Read(name, 0, bias);
        for (int head = 0; head < heads; head++)
        {
            var row = block.Slice(offset + (long)head * stride, 2 * positions - 1);
            for (int i = 0; i < row.Length; i++)
                row[i] = bias[(looksBack ? Behind(positions - 1 - i, buckets, maxDistance) : Bucket(i - (positions - 1), buckets, maxDistance)) * heads + head];
        }
    }

    /// <summary>The bucket of a distance query − key where all buckets are for keys behind the query.</summary>
    internal static int Behind(int distance, int buckets, int maxDistance)
    {
        int exact = buckets / 2, n = Math.Max(distance, 0);
        if (n < exact)
            return n;
        float scaled = MathF.Log((float)n / exact) / (float)Math.Log((double)maxDistance / exact) * (buckets - exact);
        return Math.Min(exact + (int)scaled, buckets - 1);
    }

    /// <summary>The bucket of a distance key − query. The logarithm is float32, as trained models have it.</summary>
    internal static int Bucket(int distance, int buckets, int maxDistance)
    {
        int half = buckets / 2, exact = half / 2, n = Math.Abs(distance);
        int first = distance > 0 ? half : 0;
        if (n < exact)
            return first + n;
        float scaled = MathF.Log((float)n / exact) / (float)Math.Log((double)maxDistance / exact) * (half - exact);
        return first + Math.Min(exact + (int)scaled, half - 1);
    }
}
