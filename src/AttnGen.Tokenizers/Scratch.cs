using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace AttnGen.Tokenizers;

/// <summary>Arrays from the shared pool, as long as they are of an ordinary size: what one huge text needs is not kept for ever after it.</summary>
internal static class Scratch
{
    // Bytes of the largest array that a pool may keep.
    private const int MostBytes = 1 << 20;

    /// <summary>An array of at least so many elements, whose content is arbitrary.</summary>
    public static T[] Rent<T>(int length) => length <= Most<T>() ? ArrayPool<T>.Shared.Rent(length) : GC.AllocateUninitializedArray<T>(length);

    /// <summary>Gives an array back.</summary>
    public static void Return<T>(T[] array)
    {
        if (array.Length <= Most<T>())
        {
            ArrayPool<T>.Shared.Return(array);
        }
    }

    /// <summary>A larger array with the same beginning; the old one is given back.</summary>
    public static void Grow<T>(ref T[] array, int used, int atLeast)
    {
        var larger = Rent<T>((int)Math.Max(atLeast, Math.Min(2L * array.Length + 16, Array.MaxLength)));
        array.AsSpan(0, used).CopyTo(larger);
        Return(array);
        array = larger;
    }

    /// <summary>A text with another before it. Dispose it when it has been read.</summary>
    public static JoinedText Join(ReadOnlySpan<char> before, ReadOnlySpan<char> text)
    {
        var rented = Rent<char>(before.Length + text.Length);
        before.CopyTo(rented);
        text.CopyTo(rented.AsSpan(before.Length));
        return new JoinedText(rented, before.Length + text.Length);
    }

    /// <summary>Two texts as one, in an array that is given back.</summary>
    public readonly ref struct JoinedText(char[] rented, int length)
    {
        /// <summary>Both.</summary>
        public ReadOnlySpan<char> Text => rented.AsSpan(0, length);

        /// <summary>Gives the array back.</summary>
        public void Dispose() => Return(rented);
    }

    // A power of two, as the pool's lengths are: what it lends is not longer than this.
    private static int Most<T>() => (int)BitOperations.RoundUpToPowerOf2((uint)(MostBytes / Unsafe.SizeOf<T>()));
}
