namespace AttnGen.Tests.Weights;

/// <summary>Values of every readable type, at every alignment and length.</summary>
public class SafetensorsReadTests
{
    [Fact]
    public void EveryHalf()
    {
        var read = ReadAll("F16", [.. Enumerable.Range(0, 65536).SelectMany(bits => BitConverter.GetBytes((ushort)bits))], 65536);
        for (var bits = 0; bits < 65536; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsNaN(half))
            {
                // Sign, and the payload in the upper bits.
                Assert.Equal(((bits & 0x8000u) << 16) | 0x7F800000u | ((bits & 0x3FFu) << 13), BitConverter.SingleToUInt32Bits(read[bits]));
            }
            else
            {
                Assert.Equal(BitConverter.SingleToUInt32Bits((float)half), BitConverter.SingleToUInt32Bits(read[bits]));
            }
        }
    }

    [Fact]
    public void EveryBFloat16()
    {
        var read = ReadAll("BF16", [.. Enumerable.Range(0, 65536).SelectMany(bits => BitConverter.GetBytes((ushort)bits))], 65536);
        for (var bits = 0; bits < 65536; bits++)
        {
            Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(read[bits]));
        }
    }

    [Fact]
    public void SingleIsKeptToTheBit()
    {
        uint[] bits = [0, 1, 0x80000000, 0x80000001, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0xFFFFFFFF, 0x3F800000, 0x007FFFFF, 0x00800000];
        var read = ReadAll("F32", [.. bits.SelectMany(BitConverter.GetBytes)], bits.Length);
        Assert.Equal(bits, read.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void DoubleIsRoundedToTheNearest()
    {
        var random = new Random(1);
        double[] values =
        [
            0, -0.0, 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon,
            float.MaxValue, float.MaxValue * (1 + 1e-9), float.Epsilon, float.Epsilon / 2.0, float.Epsilon * 0.75,
            1 + (1 / 16777216.0), 1 + (3 / 16777216.0), 1 + (1 / 16777216.0) + 1e-15,
            .. Enumerable.Range(0, 1000).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64())),
        ];
        var read = ReadAll("F64", [.. values.SelectMany(BitConverter.GetBytes)], values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal((float)values[i], read[i]);
        }
    }

    [Theory]
    [InlineData("F64", 8)]
    [InlineData("F32", 4)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    public void AnyPartOfAnyLengthAtAnyAddress(string type, int size)
    {
        // Bytes that make no NaN of any type, so that equality is plain.
        byte[] pattern = [.. Enumerable.Range(0, 80 * size).Select(i => (byte)(i % size == size - 1 ? 0x30 + (i % 7) : i * 37))];
        for (var shift = 0; shift < 8; shift++)
        {
            var bytes = SafetensorsBytes.File(("pad", "U8", [shift], new byte[shift]), ("a", type, [80], pattern));
            using var parsed = SafetensorsFile.Parse(bytes);
            using var streamed = SafetensorsFile.Open(new MemoryStream(bytes));
            using var onDisk = new TemporaryFile(bytes);
            using var mapped = SafetensorsFile.Open(onDisk.Path);
            foreach (var file in new[] { parsed, streamed, mapped })
            {
                var all = new float[80];
                for (var i = 0; i < 80; i++)
                {
                    file.Read("a", i, all.AsSpan(i, 1));
                    Assert.Equal(Expected(i), all[i]);
                }

                for (var start = 0; start < 80; start += 3)
                {
                    for (var length = 0; length <= 80 - start; length++)
                    {
                        var part = new float[length + 2];
                        part.AsSpan().Fill(-77);
                        file.Read("a", start, part.AsSpan(1, length));
                        Assert.Equal(-77, part[0]);
                        Assert.Equal(-77, part[^1]);
                        Assert.True(part.AsSpan(1, length).SequenceEqual(all.AsSpan(start, length)));
                    }
                }
            }
        }

        float Expected(int i)
        {
            var at = pattern.AsSpan(i * size);
            return type switch
            {
                "F64" => (float)BitConverter.ToDouble(at),
                "F32" => BitConverter.ToSingle(at),
                "F16" => (float)BitConverter.ToHalf(at),
                _ => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(at) << 16),
            };
        }
    }

    [Fact]
    public void LongerThanAStep()
    {
        const int Count = 1_000_003;
        var values = new float[Count];
        for (var i = 0; i < Count; i++)
        {
            values[i] = i;
        }

        var bytes = SafetensorsBytes.File(("pad", "U8", [3], new byte[3]), ("a", "F32", [Count], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
        using var onDisk = new TemporaryFile(bytes);
        using var mapped = SafetensorsFile.Open(onDisk.Path);
        using var streamed = SafetensorsFile.Open(new Trickle(bytes, 65_521));
        foreach (var file in new[] { mapped, streamed })
        {
            var read = new float[Count];
            file.Read("a", 0, read);
            Assert.Equal(values, read);
        }
    }

    [Theory]
    [InlineData("BOOL", 1)]
    [InlineData("U8", 1)]
    [InlineData("I8", 1)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("F8_E8M0", 1)]
    [InlineData("F8_E4M3FNUZ", 1)]
    [InlineData("F8_E5M2FNUZ", 1)]
    [InlineData("I16", 2)]
    [InlineData("U16", 2)]
    [InlineData("I32", 4)]
    [InlineData("U32", 4)]
    [InlineData("I64", 8)]
    [InlineData("U64", 8)]
    [InlineData("C64", 8)]
    public void OtherTypesAreListedAndNotRead(string type, int size)
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.File(("position_ids", type, [1, 2], new byte[2 * size])), "m.safetensors");
        Assert.True(file.TryGetShape("position_ids", out var shape));
        Assert.Equal([1, 2], shape.ToArray());
        Assert.True(file.TryGetDataType("position_ids", out var stored));
        Assert.Equal(type, stored);
        var error = Assert.Throws<WeightMismatchException>(() => file.Read("position_ids", 0, new float[2]));
        Assert.Equal($"m.safetensors: tensor 'position_ids' is of type {type}; F64, F32, F16 or BF16 is expected where it is read as float32; convert it to one of them, or leave it out of what is loaded.", error.Message);
        Assert.Equal("position_ids", error.TensorName);
    }

    [Fact]
    public void ReadChecksItsRange()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.File(("a", "F32", [2, 2], SafetensorsBytes.Floats(1, 2, 3, 4)), ("s", "F32", [], SafetensorsBytes.Floats(5))));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", -1, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", 5, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", long.MaxValue, new float[4]));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", 2, new float[3]));
        Assert.Contains("tensor 'a' has 4 elements, not 3 from 2 on", error.Message, StringComparison.Ordinal);
        file.Read("a", 4, []);
        var scalar = new float[1];
        file.Read("s", 0, scalar);
        Assert.Equal(5, scalar[0]);
        Assert.True(file.TryGetShape("s", out var shape));
        Assert.Equal(0, shape.Length);
    }

    [Fact]
    public void AMissingTensorNamesItsNeighbours()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.File(("in_proj_weight", "F32", [1], new byte[4])), "m");
        Assert.False(file.TryGetShape("in_proj_weigth", out _));
        Assert.False(file.TryGetDataType("in_proj_weigth", out _));
        var error = Assert.Throws<WeightMismatchException>(() => file.Read("in_proj_weigth", 0, new float[1]));
        Assert.Equal("m: there is no tensor 'in_proj_weigth'; near names are 'in_proj_weight'.", error.Message);
        Assert.Throws<ArgumentNullException>(() => file.TryGetShape(null!, out _));
        Assert.Throws<ArgumentNullException>(() => file.Read(null!, 0, []));
    }

    [Fact]
    public void ReadingAllocatesNothing()
    {
        var bytes = SafetensorsBytes.File(("a", "BF16", [100_000], new byte[200_000]));
        using var onDisk = new TemporaryFile(bytes);
        using var mapped = SafetensorsFile.Open(onDisk.Path);
        using var parsed = SafetensorsFile.Parse(bytes);
        var values = new float[100_000];
        Assert.Equal(0, Testing.Allocated.Least(() =>
        {
            mapped.Read("a", 0, values);
            parsed.Read("a", 0, values);
        }));
    }

    private static float[] ReadAll(string type, byte[] data, int count)
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.File(("a", type, [count], data)));
        var values = new float[count];
        file.Read("a", 0, values);

        // One element at a time goes another way through the conversion.
        var single = new float[1];
        for (var i = 0; i < count; i++)
        {
            file.Read("a", i, single);
            Assert.Equal(BitConverter.SingleToUInt32Bits(values[i]), BitConverter.SingleToUInt32Bits(single[0]));
        }

        return values;
    }
}
