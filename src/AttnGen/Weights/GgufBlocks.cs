using System.Buffers.Binary;
using AttnGen.Gguf;

namespace AttnGen;

/// <summary>
/// The blocks of GGUF's types to float32. A value is what the format defines, rounded once where that has more than 24 bits: half-precision scales times
/// small integers are exact, and so at most the last operation of each formula rounds.
/// </summary>
internal static class GgufBlocks
{
    /// <summary>Widens whole blocks.</summary>
    /// <param name="type">Their type, one that is read.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="values">As many values as they have.</param>
    public static void ToSingle(GgufType type, ReadOnlySpan<byte> blocks, Span<float> values)
    {
        switch (type.Name)
        {
            case "F32":
                FloatConversion.ToSingle(TensorType.F32, blocks, values);
                return;
            case "F16":
                FloatConversion.ToSingle(TensorType.F16, blocks, values);
                return;
            case "BF16":
                FloatConversion.ToSingle(TensorType.BF16, blocks, values);
                return;
            case "F64":
                FloatConversion.ToSingle(TensorType.F64, blocks, values);
                return;
        }

        for (int i = 0, at = 0; i < values.Length; i += type.Elements, at += type.Bytes)
        {
            var block = blocks.Slice(at, type.Bytes);
            var to = values.Slice(i, type.Elements);
            switch (type.Name)
            {
                case "Q8_0":
                    Q8(block, to);
                    break;
                case "Q4_0":
                    Q4(Half(block, 0), 8, -0f, block[2..], to);
                    break;
                case "Q4_1":
                    Q4(Half(block, 0), 0, Half(block, 2), block[4..], to);
                    break;
                case "Q5_0":
                    Q5(Half(block, 0), 16, -0f, block[2..], to);
                    break;
                case "Q5_1":
                    Q5(Half(block, 0), 0, Half(block, 2), block[4..], to);
                    break;
                case "Q4_K":
                    Q4K(block, to);
                    break;
                case "Q5_K":
                    Q5K(block, to);
                    break;
                case "Q6_K":
                    Q6K(block, to);
                    break;
                default:
                    throw new NotSupportedException(type.Name);
            }
        }
    }

    private static float Half(ReadOnlySpan<byte> block, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[at..]);

    private static void Q8(ReadOnlySpan<byte> block, Span<float> to)
    {
        var scale = Half(block, 0);
        for (var i = 0; i < 32; i++)
        {
            to[i] = scale * (sbyte)block[2 + i];
        }
    }

    // Nibbles: the lower ones are the first half. Where there is no least value, −0 is added, which changes nothing, not even the sign of a 0.
    private static void Q4(float scale, int offset, float least, ReadOnlySpan<byte> nibbles, Span<float> to)
    {
        for (var i = 0; i < 16; i++)
        {
            to[i] = (scale * ((nibbles[i] & 15) - offset)) + least;
            to[i + 16] = (scale * ((nibbles[i] >> 4) - offset)) + least;
        }
    }

    // The same with a fifth bit of each in 32 bits of their own.
    private static void Q5(float scale, int offset, float least, ReadOnlySpan<byte> bits, Span<float> to)
    {
        var fifth = BinaryPrimitives.ReadUInt32LittleEndian(bits);
        var nibbles = bits[4..];
        for (var i = 0; i < 16; i++)
        {
            to[i] = (scale * (((nibbles[i] & 15) | (int)((fifth >> i << 4) & 16)) - offset)) + least;
            to[i + 16] = (scale * (((nibbles[i] >> 4) | (int)((fifth >> (i + 12)) & 16)) - offset)) + least;
        }
    }

    // Eight groups of 32, each with six bits for its scale and six for its least value.
    private static (float Scale, float Least) Group(ReadOnlySpan<byte> block, int group)
    {
        var packed = block.Slice(4, 12);
        var (scale, least) = group < 4
            ? (packed[group] & 63, packed[group + 4] & 63)
            : ((packed[group + 4] & 15) | (packed[group - 4] >> 6 << 4), (packed[group + 4] >> 4) | (packed[group] >> 6 << 4));
        return (Half(block, 0) * scale, Half(block, 2) * least);
    }

    private static void Q4K(ReadOnlySpan<byte> block, Span<float> to)
    {
        for (var group = 0; group < 8; group++)
        {
            var (scale, least) = Group(block, group);
            var nibbles = block.Slice(16 + (group / 2 * 32), 32);
            for (var i = 0; i < 32; i++)
            {
                to[(group * 32) + i] = (scale * ((nibbles[i] >> (group % 2 * 4)) & 15)) - least;
            }
        }
    }

    private static void Q5K(ReadOnlySpan<byte> block, Span<float> to)
    {
        var fifth = block.Slice(16, 32);
        for (var group = 0; group < 8; group++)
        {
            var (scale, least) = Group(block, group);
            var nibbles = block.Slice(48 + (group / 2 * 32), 32);
            for (var i = 0; i < 32; i++)
            {
                to[(group * 32) + i] = (scale * (((nibbles[i] >> (group % 2 * 4)) & 15) + (((fifth[i] >> group) & 1) << 4))) - least;
            }
        }
    }

    // Two halves of 128; in each, four bits of a value lie in one place and two in another. A group of 16 has a scale.
    private static void Q6K(ReadOnlySpan<byte> block, Span<float> to)
    {
        var scale = Half(block, 208);
        for (var half = 0; half < 2; half++)
        {
            var low = block.Slice(half * 64, 64);
            var high = block.Slice(128 + (half * 32), 32);
            var scales = block.Slice(192 + (half * 8), 8);
            for (var i = 0; i < 128; i++)
            {
                var (part, at) = (i / 32, i % 32);
                var value = ((low[at + (part % 2 * 32)] >> (part / 2 * 4)) & 15) | (((high[at] >> (part * 2)) & 3) << 4);
                to[(half * 128) + i] = scale * (sbyte)scales[(part * 2) + (at / 16)] * (value - 32);
            }
        }
    }
}
