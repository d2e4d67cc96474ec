using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Runtime;

/// <summary>What some models do to their logits. Always in vectors of 256 bits, so the bits are the same everywhere.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Logits
{
    /// <summary>x becomes x·scale, and then cap·tanh(x/cap) if there is a cap (Gemma 2, arXiv:2408.00118, §2).</summary>
    /// <param name="first">The first of the first row.</param>
    /// <param name="stride">Floats from a row to the next, a multiple of 16, all of which may be written.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="scale">What they are multiplied by.</param>
    /// <param name="cap">The cap; 0: none.</param>
    public static void Reshape(ref float first, int stride, int rows, int columns, float scale, float cap)
    {
        for (var row = 0; row < rows; row++)
        {
            ref var x = ref Unsafe.Add(ref first, (nint)row * stride);
            for (nint i = 0; i < columns; i += Vector256<float>.Count)
            {
                var scaled = Vector256.LoadUnsafe(ref Unsafe.Add(ref x, i)) * scale;
                if (cap > 0)
                {
                    scaled = VectorMath.Tanh(scaled / Vector256.Create(cap)) * cap;
                }

                scaled.StoreUnsafe(ref Unsafe.Add(ref x, i));
            }
        }
    }
}
