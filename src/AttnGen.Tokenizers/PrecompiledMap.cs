using System.Buffers.Binary;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>SentencePiece's character map: a double array of byte strings, and what they become.</summary>
internal sealed class PrecompiledMap
{
    private readonly uint[] _units;
    private readonly byte[] _texts;

    /// <param name="bytes">The array's size, the array, and texts that end with 0.</param>
    /// <exception cref="FormatException">The sizes do not fit.</exception>
    public PrecompiledMap(ReadOnlySpan<byte> bytes)
    {
        var size = bytes.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (size < 4 || size % 4 != 0 || size > bytes.Length - 4)
        {
            throw new FormatException("the precompiled character map is cut off");
        }

        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + 4 * i)..]);
        }

        _texts = bytes[(4 + size)..].ToArray();
    }

    /// <summary>What a text becomes by its shortest beginning that is in the map, as the reference has it.</summary>
    /// <param name="text">A character, or a few that belong together.</param>
    /// <param name="replacement">UTF-8.</param>
    /// <returns>False: the text stays.</returns>
    public bool TryFind(ReadOnlySpan<char> text, out ReadOnlySpan<byte> replacement)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        var node = Offset(Unit(0));
        foreach (var one in bytes)
        {
            if (one == 0)
            {
                break;
            }

            node ^= one;
            var unit = Unit(node);
            if ((unit & 0x800000FF) != one)
            {
                break;
            }

            node ^= Offset(unit);
            if ((unit >> 8 & 1) != 0)
            {
                var start = (int)(Unit(node) & 0x7FFFFFFF);
                if (start <= _texts.Length)
                {
                    replacement = _texts.AsSpan(start);
                    var end = replacement.IndexOf((byte)0);
                    replacement = end < 0 ? replacement : replacement[..end];
                    return true;
                }

                break;
            }
        }

        replacement = default;
        return false;
    }

    /// <summary>Whether there is an entry that begins with a text and is longer.</summary>
    public bool HasLonger(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var node = Offset(Unit(0));
        foreach (var one in bytes[..Encoding.UTF8.GetBytes(text, bytes)])
        {
            node ^= one;
            var unit = Unit(node);
            if ((unit & 0x800000FF) != one)
            {
                return false;
            }

            node ^= Offset(unit);
        }

        for (var one = 1u; one < 256; one++)
        {
            if ((Unit(node ^ one) & 0x800000FF) == one)
            {
                return true;
            }
        }

        return false;
    }

    private uint Unit(uint node) => node < (uint)_units.Length ? _units[node] : 0x800000FF;

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);
}
