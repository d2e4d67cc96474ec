using System.Text;

namespace AttnGen.Tests.Weights;

/// <summary>The rules of the header one by one, with the words of the refusal. Data are zeros.</summary>
public class SafetensorsHeaderTests
{
    private const string A = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";

    public static TheoryData<string, int> Accepted { get; } = new()
    {
        { "{}", 0 },
        { " \t\r\n{ \t\r\n} \t\r\n", 0 },
        { A, 4 },
        { " { \"a\" : { \"dtype\" : \"F32\" , \"shape\" : [ 1 ] , \"data_offsets\" : [ 0 , 4 ] } } ", 4 },
        { "{\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"}}", 4 },
        { "{\"\\u0061\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\\uD83D\\ude00ü€😀\":{\"\\u0064type\":\"\\u00463\\u0032\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4 },
        { "{\"__metadata__\":{}}", 0 },
        { "{\"__metadata__\":null}", 0 },
        { "{\"__metadata__\":{\"format\":\"pt\",\"\":\"\"}," + A[1..], 4 },
        { A[..^1] + ",\"__metadata__\":{\"a\":\"b\"}}", 4 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"note\":[1.5e3,{\"x\":true,\"y\":null},\"z\",-0]}}", 4 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0 },
        { "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[1,4]}}", 4 },
        { "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F8_E8M0\",\"shape\":[1],\"data_offsets\":[8,9]}}", 9 },
        { "{\"a\":{\"dtype\":\"F8_E4M3FNUZ\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F8_E5M2FNUZ\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296,4294967296],\"data_offsets\":[0,0]}}", 0 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551615,0],\"data_offsets\":[0,0]}}", 0 },
        { Nested(125), 4 },
    };

    public static TheoryData<string, int, string> Refused { get; } = new()
    {
        { "", 0, "the end of the header, a JSON object is expected" },
        { " ", 0, "the end of the header, a JSON object is expected" },
        { "[]", 0, "starts with an array" },
        { "null", 0, "starts with null" },
        { "\"a\"", 0, "starts with a string" },
        { "\uFEFF{}", 0, "starts with the byte 0xef" },
        { "\0{}", 0, "starts with the byte 0x00" },
        { "\u00A0{}", 0, "starts with the byte 0xc2" },
        { "{", 0, "the end of the header at byte 1" },
        { "{}{}", 0, "goes on after its object, with an object at byte 2" },
        { "{}\0", 0, "goes on after its object, with the byte 0x00 at byte 2" },
        { "{}x", 0, "goes on after its object, with 'x' at byte 2" },
        { "{,}", 0, "with ',' at byte 1 where a key in quotes is expected" },
        { A[..^1] + ",}", 4, "where a key in quotes is expected" },
        { "{a:1}", 0, "with 'a' at byte 1 where a key in quotes is expected" },
        { "{'a':1}", 0, "with ''' at byte 1" },
        { "{\"a\"}", 0, "where ':' is expected" },
        { "{\"a\":}", 0, "tensor 'a': it is '}', an object is expected" },
        { "{\"a\":1}", 0, "tensor 'a': it is a number, an object is expected" },
        { "{\"a\":[\"F32\",[1],[0,4]]}", 4, "tensor 'a': it is an array, an object is expected" },
        { "{\"a\":{}}", 0, "tensor 'a': 'dtype' is missing" },
        { "{\"a\":{\"dtype\":{\"F32\":null},\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "its dtype is an object, a string is expected" },
        { "{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "its dtype is null, a string is expected" },
        { "{\"a\":{\"dtype\":\"\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "its dtype is ''" },
        { "{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "its dtype is 'f32'" },
        { "{\"a\":{\"dtype\":\"F32 \",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "its dtype is 'F32 '" },
        { "{\"a\":{\"dtype\":\"F128\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16, "its dtype is 'F128'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "its shape is a number, an array is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":null,\"data_offsets\":[0,4]}}", 4, "its shape is null, an array is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,4]}}", 4, "its shape is an object, an array is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}", 4, "its shape holds an array, an integer is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4, "its shape holds a string, an integer is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[true],\"data_offsets\":[0,4]}}", 4, "its shape holds a boolean, an integer is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,4]}}", 4, "its shape holds null, an integer is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "its shape holds '1.0'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}", 4, "its shape holds '1e0'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "its shape holds '-1'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]}}", 0, "its shape holds '-0'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}", 4, "with a number at byte 30 where ',' or ']' is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[+1],\"data_offsets\":[0,4]}}", 4, "its shape holds '+'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[0x1],\"data_offsets\":[0,4]}}", 4, "with 'x' at byte 30" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,4]}}", 4, "its shape holds 'N'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,],\"data_offsets\":[0,4]}}", 4, "its shape holds ']'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1 1],\"data_offsets\":[0,4]}}", 4, "where ',' or ']' is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[]}}", 0, "its data_offsets have length 0" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}", 4, "its data_offsets holds '4.0'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":\"0,4\"}}", 4, "its data_offsets is a string" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,5]}}", 4, "its data_offsets have more than 2 numbers" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551616],\"data_offsets\":[0,4]}}", 4, "from 0 to 18446744073709551615 is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", 0, "[4294967296, 4294967296, 0] whose product overflows 64 bits" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "whose number of bits overflows 64 bits" },
        { "{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1, "no whole number of bytes (12 bits)" },
        { "{\"a\":{\"dtype\":\"F6_E3M2\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "no whole number of bytes (12 bits)" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "ends at byte 0 of the data, before its start at byte 4" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "has 4 bytes of data, from 0 to 4, but F32 [2] takes 8" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[18446744073709551611,18446744073709551615]}}", 4, "which is beyond any file" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "starts at byte 4 of the data, but the data starts at byte 0: tensors must follow each other without gap" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}", 12, "tensor 'a' before it ends at byte 4: tensors must follow each other without gap" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "without overlap" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}", 8, "without overlap" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[9,9]}}", 0, "starts at byte 9" },
        { A, 3, "the header describes 4 bytes of data, but 3 follow it in the file: it was cut short" },
        { A, 5, "the header describes 4 bytes of data, but 5 follow it in the file;" },
        { "{}", 1, "the header describes 0 bytes of data, but 1 follow it in the file; fetch the file again, or write it again with the safetensors library." },
        { A[..^1] + "," + A[1..], 4, "the header has the key 'a' twice" },
        { A[..^1] + "," + A[1..].Replace("\"a\"", "\"\\u0061\"", StringComparison.Ordinal), 4, "the header has the key 'a' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"d\\u0074ype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "tensor 'a': it has the key 'dtype' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "it has the key 'shape' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"data_offsets\":[0,4]}}", 4, "it has the key 'data_offsets' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1,\"x\":1}}", 4, "it has the key 'x' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":[{\"y\":1,\"\\u0079\":1}]}}", 4, "an object in it has the key 'y' twice" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1e999}}", 4, "the number '1e999' is out of range" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":nul}}", 4, "where 'null' is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":[1.]}}", 4, "where a digit is expected" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":.5}}", 4, "where a value is expected" },
        { "{\"__metadata__\":{\"a\":\"b\",\"a\":\"b\"}}", 0, "__metadata__ has the key 'a' twice" },
        { "{\"__metadata__\":{},\"__metad\\u0061ta__\":null}", 0, "the header has the key '__metadata__' twice" },
        { "{\"__metadata__\":{\"a\":null}}", 0, "__metadata__ has null as the value of 'a', a string is expected" },
        { "{\"__metadata__\":{\"a\":{}}}", 0, "__metadata__ has an object as the value of 'a'" },
        { "{\"__metadata__\":[]}", 0, "__metadata__ is an array, an object is expected" },
        { "{\"__metadata__\":\"x\"}", 0, "__metadata__ is a string, an object is expected" },
        { "{/**/}", 0, "with '/' at byte 1" },
        { "{\"a", 0, "where the end of a string is expected" },
        { "{\"a\\", 0, "after a backslash is expected" },
        { "{\"\\x\":1}", 0, "after a backslash is expected" },
        { "{\"\\u12", 0, "where a hexadecimal digit is expected" },
        { "{\"\\u12g4\":1}", 0, "where a hexadecimal digit is expected" },
        { "{\"\\ud800\":1}", 0, "half of a surrogate pair" },
        { "{\"\\udc00\":1}", 0, "half of a surrogate pair" },
        { "{\"\\ud800\\ud800\":1}", 0, "half of a surrogate pair" },
        { "{\"\\ud800\\n\":1}", 0, "half of a surrogate pair" },
        { "{\"a\nb\":1}", 0, "control character 0x0a at byte 3" },
        { "{\"a\0\":1}", 0, "control character 0x00 at byte 3" },
        { Nested(126), 4, "nests deeper than 127 levels" },
        { Nested(100_000), 4, "nests deeper than 127 levels" },
        { "{\"a\":" + new string('{', 5), 0, "where a key in quotes is expected" },
    };

    public static TheoryData<byte[]> NotUtf8 { get; } = new()
    {
        new byte[] { 0xFF },
        new byte[] { 0xC0, 0x80 },
        new byte[] { 0xED, 0xA0, 0x80 },
        new byte[] { 0xF4, 0x90, 0x80, 0x80 },
        new byte[] { 0xE2, 0x82 },
        new byte[] { 0x80 },
    };

    [Fact]
    public void APointerOfGitLfsIsNamed()
    {
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8.ToArray(), "m"));
        Assert.Equal("m: this is not the model but a pointer of Git LFS to it; run 'git lfs pull' in the model's repository, or fetch the file itself from the model's page.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void SoundHeader(string header, int dataLength)
    {
        var bytes = SafetensorsBytes.Raw(header, dataLength);
        using var parsed = SafetensorsFile.Parse(bytes);
        using var read = SafetensorsFile.Open(new Trickle(bytes));
        Assert.Equal(parsed.TensorNames, read.TensorNames);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void BrokenHeader(string header, int dataLength, string reason)
    {
        var bytes = SafetensorsBytes.Raw(header, dataLength);
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse(bytes, "m"));
        Assert.StartsWith("m: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new Trickle(bytes)));
    }

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public void HeaderIsUtf8(byte[] sequence)
    {
        var bytes = SafetensorsBytes.Raw([.. "{\""u8, .. sequence, .. "\":1}"u8], []);
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse(bytes));
        Assert.Contains("not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAndMetadataAreUnescaped()
    {
        using var file = SafetensorsFile.Parse(SafetensorsBytes.Raw(Accepted.ElementAt(5).Data.Item1, 4));
        Assert.Equal("a\0\"\\/\b\f\n\r\t😀ü€😀", Assert.Single(file.TensorNames));
        using var other = SafetensorsFile.Parse(SafetensorsBytes.Raw("{\"__metadata__\":{\"for\\u006dat\":\"p\\u0074\"}}", 0));
        Assert.Equal("pt", other.Metadata["format"]);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void HostileNamesDoNotBreakTheMessage()
    {
        var name = new string('x', 1_000_000);
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse(SafetensorsBytes.Raw($"{{\"{name}\":1}}", 0)));
        Assert.InRange(error.Message.Length, 100, 400);
        error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse(SafetensorsBytes.Raw("{\"a\\nb\\u2028\\u001b[31m\":1}", 0)));
        Assert.Contains("'a\\u000ab\\u2028\\u001b[31m'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[0], "it has 0 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0 }, "it has 7 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "the end of the header, a JSON object is expected")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 123 }, "the header's length is 2 bytes, but only 1 follow")]
    [InlineData(new byte[] { 0, 225, 245, 5, 0, 0, 0, 0, 123, 125 }, "the header's length is 100000000 bytes, but only 2 follow")]
    [InlineData(new byte[] { 1, 225, 245, 5, 0, 0, 0, 0, 123, 125 }, "the header's length is 100000001 bytes, at most 100000000 are expected")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 128, 123, 125 }, "the header's length is 9223372036854775810 bytes")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123, 125 }, "the header's length is 18446744073709551615 bytes")]
    public void LengthField(byte[] bytes, string reason)
    {
        using var file = new TemporaryFile(bytes);
        foreach (var open in new Func<SafetensorsFile>[]
        {
            () => SafetensorsFile.Parse(bytes),
            () => SafetensorsFile.Open(file.Path),
            () => SafetensorsFile.Open(new MemoryStream(bytes)),
            () => SafetensorsFile.Open(new Trickle(bytes)),
        })
        {
            var error = Assert.Throws<SafetensorsFormatException>(() => open().Dispose());
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AClaimAllocatesNothing()
    {
        // A header of 100 MB, and a tensor of 2^60 bytes, that are not there.
        byte[] header = [0, 225, 245, 5, 0, 0, 0, 0, 123];
        var tensor = SafetensorsBytes.Raw("{\"a\":{\"dtype\":\"U8\",\"shape\":[1152921504606846976],\"data_offsets\":[0,1152921504606846976]}}", 9);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new Trickle(header)));
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new Trickle(tensor)));
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new MemoryStream(tensor)));
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Parse(tensor));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 50_000_000);
    }

    [Fact]
    public void ManyTensorsAreQuick()
    {
        var header = new StringBuilder("{");
        for (var i = 0; i < 100_000; i++)
        {
            header.Append(i == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $"\"layers.{i}.weight\":{{\"dtype\":\"U8\",\"shape\":[1,1],\"data_offsets\":[{99_999 - i},{100_000 - i}]}}");
        }

        using var file = SafetensorsFile.Parse(SafetensorsBytes.Raw(header.Append('}').ToString(), 100_000));
        Assert.Equal(100_000, file.TensorNames.Count());
        Assert.Equal("layers.0.weight", file.TensorNames.First());
    }

    // A tensor with an unknown field whose value nests; the header and the tensor are two levels more.
    private static string Nested(int levels) =>
        A[..^2] + ",\"x\":" + new string('[', levels) + new string(']', levels) + "}}";
}
