using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttnGen.Runtime;

/// <summary>Convolutions over three neighbours as products: what a product's rows are made of. Outside of the input there are zeros.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Convolution
{
    private const int Width = 3;

    /// <summary>Row t holds, channel by channel, the inputs t·every − 1, t·every and t·every + 1 of [channels, length].</summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="length">Inputs of a channel.</param>
    /// <param name="every">From a row to the next.</param>
    /// <param name="to">The first row.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    public static void OfChannels(ref float x, int channels, int length, int every, ref float to, int stride) => Fill(ref x, 1, length, channels, length, every, ref to, stride);

    /// <summary>The same of rows [length, channels].</summary>
    /// <param name="rows">The input.</param>
    /// <param name="rowStride">Floats from one of its rows to the next.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="length">Rows of the input.</param>
    /// <param name="every">From a row to the next.</param>
    /// <param name="to">The first row.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    public static void OfRows(ref float rows, int rowStride, int channels, int length, int every, ref float to, int stride) => Fill(ref rows, rowStride, 1, channels, length, every, ref to, stride);

    private static void Fill(ref float x, nint next, nint channel, int channels, int length, int every, ref float to, int stride)
    {
        var count = (length + every - 1) / every;
        for (var t = 0; t < count; t++)
        {
            ref var row = ref Unsafe.Add(ref to, (nint)t * stride);
            for (var j = 0; j < Width; j++)
            {
                var at = (t * every) + j - 1;
                for (var c = 0; c < channels; c++)
                {
                    Unsafe.Add(ref row, (c * Width) + j) = (uint)at < (uint)length ? Unsafe.Add(ref x, (at * next) + (c * channel)) : 0;
                }
            }

            for (var i = channels * Width; i < stride; i++)
            {
                Unsafe.Add(ref row, i) = 0;
            }
        }
    }
}
