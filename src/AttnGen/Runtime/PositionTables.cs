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
        ref float table = ref block.At(offset);
        int half = rotaryDim / 2;
        for (int p = 0; p < half; p++)
        {
            double frequency = Math.Pow(theta, -2.0 * p / rotaryDim);
            int first = interleaved ? 2 * p : p, second = interleaved ? 2 * p + 1 : p + half;
            for (int t = 0; t < positions; t++)
            {
                var (sin, cos) = Math.SinCos(t * frequency);
                ref float row = ref Unsafe.Add(ref table, (nint)t * stride);
                ref float signed = ref Unsafe.Add(ref row, stride / 2);
                Unsafe.Add(ref row, first) = Unsafe.Add(ref row, second) = (float)cos;
                Unsafe.Add(ref signed, first) = -(float)sin;
                Unsafe.Add(ref signed, second) = (float)sin;
            }
        }
    }

    /// <summary>Sinusoidal positions (Vaswani et al. 2017, arXiv:1706.03762, §3.5): sin(t/10000^(2i/D)) at feature 2i, cos at 2i + 1.</summary>
    /// <param name="block">Where the table goes.</param>
    /// <param name="offset">First float of it.</param>
    /// <param name="positions">Rows.</param>
    /// <param name="dim">D.</param>
    /// <param name="stride">Floats a row.</param>
    public static void Sinusoidal(AlignedBlock block, long offset, int positions, int dim, int stride)
    {
        ref float table = ref block.At(offset);
        for (int t = 0; t < positions; t++)
        {
            ref float row = ref Unsafe.Add(ref table, (nint)t * stride);
            for (int d = 0; d < dim; d++)
            {
                double angle = t / Math.Pow(10000, (d & ~1) / (double)dim);
                Unsafe.Add(ref row, d) = (float)((d & 1) == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }
    }
}
