using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttnGen.Runtime;

/// <summary>Norms of rows whose squares do not fit into single precision: the same formulas in double precision, which holds the square of every float32 number.</summary>
/// <remarks>
/// For generated code, which comes here with the few rows whose sum of squares is infinite or NaN (or, where ε is too small to count beside what is lost, next to
/// nothing), and, for layer norm, with those whose mean is large beside their distances from it. Plain loops in order, no fused operation: the bits depend on no processor and no vector width.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowNorms
{
    /// <summary>y = (x − mean)/√(variance + ε)·gain + shift of one row.</summary>
    /// <param name="x">The row.</param>
    /// <param name="y">The result; may be the row itself.</param>
    /// <param name="gain">The gain.</param>
    /// <param name="shift">The shift.</param>
    /// <param name="dim">Features.</param>
    /// <param name="padded">Floats of a row of the result, from <paramref name="dim"/> on; those after the features become 0.</param>
    /// <param name="epsilon">ε.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LayerNorm(ref float x, ref float y, ref float gain, ref float shift, int dim, int padded, float epsilon)
    {
        double sum = 0;
        for (int i = 0; i < dim; i++)
            sum += Unsafe.Add(ref x, i);
        double mean = sum / dim, squares = 0;
        for (int i = 0; i < dim; i++)
        {
            double distance = Unsafe.Add(ref x, i) - mean;
            squares += distance * distance;
        }

        double factor = 1 / Math.Sqrt((squares / dim) + epsilon);
        for (int i = 0; i < dim; i++)
            Unsafe.Add(ref y, i) = (float)(((Unsafe.Add(ref x, i) - mean) * factor * Unsafe.Add(ref gain, i)) + Unsafe.Add(ref shift, i));
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref y, dim), padded - dim).Clear();
    }

    /// <summary>y = x/√(mean(x²) + ε)·gain of one row.</summary>
    /// <param name="x">The row.</param>
    /// <param name="y">The result; may be the row itself.</param>
    /// <param name="gain">The gain.</param>
    /// <param name="dim">Features.</param>
    /// <param name="padded">Floats of a row of the result, from <paramref name="dim"/> on; those after the features become 0.</param>
    /// <param name="epsilon">ε.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void RmsNorm(ref float x, ref float y, ref float gain, int dim, int padded, float epsilon)
    {
        double squares = 0;
        for (int i = 0; i < dim; i++)
        {
            double value = Unsafe.Add(ref x, i);
            squares += value * value;
        }

        double factor = 1 / Math.Sqrt((squares / dim) + epsilon);
        for (int i = 0; i < dim; i++)
            Unsafe.Add(ref y, i) = (float)(Unsafe.Add(ref x, i) * factor * Unsafe.Add(ref gain, i));
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref y, dim), padded - dim).Clear();
    }
}
