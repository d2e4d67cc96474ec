using System.Buffers.Binary;
using AttnGen.Testing;

namespace AttnGen.Tests.Weights;

/// <summary>Each type of GGUF against a scalar reference, written from the format's description, in double precision and rounded once.</summary>
public sealed class GgufBlocksTests
{
    private sealed record Format(uint Number, string Name, int Elements, int Bytes, int[] Scales, Func<byte[], int, double> Value);

    private static readonly Format[] s_formats =
    [
        new(0, "F32", 1, 4, [], (b, _) => BitConverter.ToSingle(b)),
        new(1, "F16", 1, 2, [], (b, _) => (double)BitConverter.ToHalf(b)),
        new(30, "BF16", 1, 2, [], (b, _) => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(b) << 16)),
        new(28, "F64", 1, 8, [], (b, _) => BitConverter.ToDouble(b)),
        new(8, "Q8_0", 32, 34, [0], (b, i) => Half(b, 0) * (sbyte)b[2 + i]),
        new(2, "Q4_0", 32, 18, [0], (b, i) => Half(b, 0) * (Nibble(b, 2, i) - 8)),
        new(3, "Q4_1", 32, 20, [0, 2], (b, i) => Half(b, 0) * Nibble(b, 4, i) + Half(b, 2)),
        new(6, "Q5_0", 32, 22, [0], (b, i) => Half(b, 0) * (Nibble(b, 6, i) + 16 * Bit(b, 2, i) - 16)),
        new(7, "Q5_1", 32, 24, [0, 2], (b, i) => Half(b, 0) * (Nibble(b, 8, i) + 16 * Bit(b, 4, i)) + Half(b, 2)),
        new(12, "Q4_K", 256, 144, [0, 2], (b, i) => Half(b, 0) * Scale(b, i / 32) * Quarter(b, 16, i) - Half(b, 2) * Least(b, i / 32)),
        new(13, "Q5_K", 256, 176, [0, 2], (b, i) => Half(b, 0) * Scale(b, i / 32) * (Quarter(b, 48, i) + 16 * (b[16 + i % 32] >> (i / 32) & 1)) - Half(b, 2) * Least(b, i / 32)),
        new(14, "Q6_K", 256, 210, [208], (b, i) => Half(b, 208) * (sbyte)b[192 + i / 16] * (SixLow(b, i) + 16 * (b[128 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - 32)),
    ];

    public static TheoryData<string> Names => [.. s_formats.Select(format => format.Name)];

    /// <summary>Random blocks with scales of every size: 40 of them as they are, whole and in parts.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_type_is_what_the_format_says(string name)
    {
        var format = s_formats.Single(one => one.Name == name);
        var random = new Random(7);
        var data = new byte[format.Bytes * 40 * (format.Elements == 1 ? 64 : 1)];
        random.NextBytes(data);
        var blocks = data.Length / format.Bytes;
        for (var block = 0; block < blocks; block++)
        {
            foreach (var place in format.Scales)
                BitConverter.TryWriteBytes(data.AsSpan(block * format.Bytes + place), (Half)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-20, 12))));
        }

        float[] expected = [.. Enumerable.Range(0, blocks * format.Elements).Select(i => (float)format.Value(data[(i / format.Elements * format.Bytes)..][..format.Bytes], i % format.Elements))];
        var writer = new GgufWriter();
        writer.Tensor("other", [3], [1, 2, 3]);
        writer.Tensor("t", [2, expected.Length / 2], format.Number, data);
        using var file = GgufFile.Open(new MemoryStream(writer.ToBytes()));
        Assert.True(file.TryGetDataType("t", out var type));
        Assert.Equal(name, type);
        var values = new float[expected.Length];
        file.Read("t", 0, values);
        Assert.Equal(expected.Select(Bits), values.Select(Bits));
        foreach (var (start, length) in new[] { (0, 1), (1, 1), (31, 2), (5, 100), (32, 32), (250, 300), (expected.Length - 1, 1), (3, expected.Length - 7) })
        {
            var part = new float[length];
            file.Read("t", start, part);
            Assert.Equal(expected.AsSpan(start, length).ToArray().Select(Bits), part.Select(Bits));
        }
    }

    /// <summary>Blocks whose values anybody can work out.</summary>
    [Fact]
    public void Blocks_by_hand()
    {
        // Scale 0.5; nibbles 0x10, 0x32 …: the first half 0, 2, 4 …, the second 1, 3, 5 …
        byte[] nibbles = [.. Enumerable.Range(0, 16).Select(i => (byte)((2 * i % 16) | ((2 * i + 1) % 16 << 4)))];
        Assert.Equal([-4f, -3f, -2f, -1f], Read(2, 32, [.. Scale(0.5), .. nibbles])[..4]);
        Assert.Equal([-3.5f, -2.5f, -1.5f], Read(2, 32, [.. Scale(0.5), .. nibbles])[16..19]);
        Assert.Equal([10f, 11f, 12f], Read(3, 32, [.. Scale(0.5), .. Scale(10), .. nibbles])[..3]);
        // The fifth bit of the first and of the last value.
        Assert.Equal([0f, -7f], Read(6, 32, [.. Scale(0.5), 1, 0, 0, 0, .. nibbles])[..2]);
        Assert.Equal(15f / 2, Read(6, 32, [.. Scale(0.5), 0, 0, 0, 0x80, .. nibbles])[31]);
        Assert.Equal([8f, 1f], Read(7, 32, [.. Scale(0.5), .. Scale(0), 1, 0, 0, 0, .. nibbles])[..2]);
        Assert.Equal([-64f, 63.5f, 0.5f], Read(8, 32, [.. Scale(0.5), 0x80, 0x7F, 1, .. new byte[29]])[..3]);
        // Q4_K: group 0 has the scale 3 and the least value 2, group 7 both 63; every nibble is 5.
        byte[] packed = [3, 0, 0, 0b1100_0000, 2, 0, 0, 0b1100_0000, 0, 0, 0, 0xFF];
        var values = Read(12, 256, [.. Scale(0.5), .. Scale(2), .. packed, .. Enumerable.Repeat((byte)0x55, 128)]);
        Assert.Equal((3 * 0.5f * 5) - (2 * 2), values[0]);
        Assert.Equal(0, values[40]);
        Assert.Equal((63 * 0.5f * 5) - (63 * 2), values[255]);
        // Q5_K: the same with a fifth bit in group 7 alone.
        values = Read(13, 256, [.. Scale(0.5), .. Scale(2), .. packed, .. Enumerable.Repeat((byte)0x80, 32), .. Enumerable.Repeat((byte)0x55, 128)]);
        Assert.Equal((3 * 0.5f * 5) - (2 * 2), values[0]);
        Assert.Equal((63 * 0.5f * 21) - (63 * 2), values[255]);
        // Q6_K: 4 lower bits 1, 2 upper bits 3, minus 32; scales 1 and, of the last group, −2.
        values = Read(14, 256, [.. Enumerable.Repeat((byte)0x11, 128), .. Enumerable.Repeat((byte)0xFF, 64), .. Enumerable.Repeat((byte)1, 15), 0xFE, .. Scale(0.5)]);
        Assert.Equal(17 * 0.5f, values[0]);
        Assert.Equal(17 * 0.5f * -2, values[255]);

        static byte[] Scale(double scale) => BitConverter.GetBytes((Half)scale);
    }

    [Fact]
    public void Other_types_are_refused_by_name()
    {
        var writer = new GgufWriter();
        writer.Tensor("t", [256], 10, new byte[84]);
        using var file = GgufFile.Open(new MemoryStream(writer.ToBytes()), "small.gguf");
        var refused = Assert.Throws<WeightMismatchException>(() => file.Read("t", 0, new float[256]));
        Assert.Contains("small.gguf: tensor 't' is of type Q2_K; F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, F64 or BF16 is expected", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_says_what_it_holds()
    {
        var writer = new GgufWriter();
        writer.Text("general.name", "small");
        writer.UInt32("general.file_type", 0);
        writer.Tensor("a", [2, 3], [1, 2, 3, 4, 5, 6]);
        var path = Path.Combine(Path.GetTempPath(), $"attngen-{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, writer.ToBytes());
        try
        {
            using var file = GgufFile.Open(path);
            Assert.Equal((string[])["general.name", "general.file_type"], file.MetadataKeys);
            Assert.True(file.TryGetText("general.name", out var text));
            Assert.Equal("small", text);
            Assert.False(file.TryGetText("general.file_type", out _));
            Assert.Equal((string[])["a"], file.TensorNames);
            Assert.True(file.TryGetShape("a", out var shape));
            Assert.Equal((long[])[2, 3], shape.ToArray());
            var values = new float[4];
            file.Read("a", 2, values);
            Assert.Equal([3, 4, 5, 6], values);
            Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", 3, values));
            Assert.Throws<WeightMismatchException>(() => file.Read("b", 0, values));
            file.Dispose();
            Assert.Throws<ObjectDisposedException>(() => file.Read("a", 2, values));
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Of NaN the reference loses the payload on its way through double precision.
    private static int Bits(float value) => float.IsNaN(value) ? -1 : BitConverter.SingleToInt32Bits(value);

    private static float[] Read(uint type, int elements, byte[] block)
    {
        var writer = new GgufWriter();
        writer.Tensor("t", [elements], type, block);
        using var file = GgufFile.Open(new MemoryStream(writer.ToBytes()));
        var values = new float[elements];
        file.Read("t", 0, values);
        return values;
    }

    private static double Half(byte[] b, int at) => (double)BinaryPrimitives.ReadHalfLittleEndian(b.AsSpan(at));

    private static int Nibble(byte[] b, int at, int i) => i < 16 ? b[at + i] & 15 : b[at + i - 16] >> 4;

    private static int Bit(byte[] b, int at, int i) => b[at + i / 8] >> (i % 8) & 1;

    // Pairs of groups of 32 share 32 bytes.
    private static int Quarter(byte[] b, int at, int i) => b[at + i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15;

    // Halves of 128 have 64 bytes; the values 0–31 and 64–95 of a half share bytes, and so do 32–63 and 96–127.
    private static int SixLow(byte[] b, int i)
    {
        int half = i / 128, j = i % 128;
        return b[half * 64 + j % 64] >> (j / 64 * 4) & 15;
    }

    // Twelve bytes: the lower six bits of the first eight belong to groups 0–3, scale and least; the upper two and the last four bytes to groups 4–7.
    private static int Scale(byte[] b, int group) => group < 4 ? b[4 + group] & 63 : (b[8 + group] & 15) | (b[group] >> 6 << 4);

    private static int Least(byte[] b, int group) => group < 4 ? b[8 + group] & 63 : (b[8 + group] >> 4) | (b[4 + group] >> 6 << 4);
}
