using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttnGen.Runtime;

/// <summary>Rotary embedding of queries that stand before the first key.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Rotation
{
    /// <summary>Turns rows at negative positions: by the row of the table that belongs to the opposite position, the other way round.</summary>
    /// <remarks>For generated code. Position −p turns by −p·θ: the same cosines, and sines of the other sign. Rows before the table's range stay as they are: no key is near enough for them to see.</remarks>
    /// <param name="rows">The first row, at position <paramref name="first"/>; each holds the heads side by side.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    /// <param name="heads">Heads in a row.</param>
    /// <param name="headDim">Floats of a head.</param>
    /// <param name="rotaryDim">R, the features of a head that are turned.</param>
    /// <param name="interleaved">Pairs (2j, 2j + 1) in place of (j, j + R/2).</param>
    /// <param name="table">The table (<see cref="PositionTables.Rotary"/>), row 0.</param>
    /// <param name="tableStride">Floats from a row of the table to the next.</param>
    /// <param name="positions">Rows of the table.</param>
    /// <param name="first">The position of the first row.</param>
    /// <param name="count">How many rows; all stand at negative positions.</param>
    public static void Backwards(
        ref float rows, int stride, int heads, int headDim, int rotaryDim, bool interleaved, ref float table, int tableStride, int positions, int first, int count)
    {
        for (int t = 0; t < count; t++)
        {
            long position = -((long)first + t);
            if (position <= 0 || position >= positions)
                continue;
            ref float cos = ref Unsafe.Add(ref table, (nint)position * tableStride);
            ref float sin = ref Unsafe.Add(ref cos, tableStride / 2);
            for (int head = 0; head < heads; head++)
            {
                ref float v = ref Unsafe.Add(ref rows, ((nint)t * stride) + (head * headDim));
                for (int pair = 0; pair < rotaryDim / 2; pair++)
                {
                    int a = interleaved ? 2 * pair : pair, b = interleaved ? a + 1 : a + (rotaryDim / 2);
                    float x = Unsafe.Add(ref v, a), y = Unsafe.Add(ref v, b);
                    Unsafe.Add(ref v, a) = VectorMath.MultiplyAdd(x, Unsafe.Add(ref cos, a), -(y * Unsafe.Add(ref sin, a)));
                    Unsafe.Add(ref v, b) = VectorMath.MultiplyAdd(y, Unsafe.Add(ref cos, b), -(x * Unsafe.Add(ref sin, b)));
                }
            }
        }
    }
}
