namespace AttnGen.Tests.Weights;

/// <summary>A small sound file, broken in every small way: it is refused as malformed, or it is another sound file that reads.</summary>
public class SafetensorsFuzzTests
{
    private static readonly byte[] s_sound = SafetensorsBytes.Raw(
        [
            .. "{\"__metadata__\":{\"format\":\"pt\"},\"w\\u00e9\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]},"u8,
            .. "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4],\"note\":[1.5,{\"x\":null}]},\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[4,12]}} "u8,
        ],
        [.. Enumerable.Range(0, 36).Select(i => (byte)(i * 7))]);

    [Fact]
    public void TheFileIsSound() => Assert.True(IsAccepted(s_sound));

    [Fact]
    public void CutAtEveryByte()
    {
        for (var length = 0; length < s_sound.Length; length++)
        {
            Assert.False(IsAccepted(s_sound[..length]), $"cut to {length} bytes");
        }
    }

    [Fact]
    public void CutAtTheFront()
    {
        for (var length = 1; length < s_sound.Length; length++)
        {
            Assert.False(IsAccepted(s_sound[length..]), $"{length} bytes cut off the front");
        }
    }

    [Fact]
    public void EveryBitFlipped()
    {
        for (var bit = 0; bit < s_sound.Length * 8; bit++)
        {
            var bytes = s_sound.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            IsAccepted(bytes);
        }
    }

    [Fact]
    public void EveryByteRemovedDoubledOrReplaced()
    {
        byte[] replacements = [0, 9, (byte)' ', (byte)'"', (byte)',', (byte)'-', (byte)'.', (byte)'0', (byte)'9', (byte)':', (byte)'[', (byte)'\\', (byte)']', (byte)'e', (byte)'{', (byte)'}', 0x80, 0xC3, 0xED, 0xFF];
        for (var i = 0; i < s_sound.Length; i++)
        {
            byte[] removed = [.. s_sound[..i], .. s_sound[(i + 1)..]];
            byte[] doubled = [.. s_sound[..i], s_sound[i], .. s_sound[i..]];
            Assert.False(IsAccepted(removed), $"byte {i} removed");
            Assert.False(IsAccepted(doubled), $"byte {i} doubled");

            // The same with a length field that still fits the header.
            var inHeader = i >= 8 && i < s_sound.Length - 36;
            if (inHeader)
            {
                removed[0]--;
                doubled[0]++;
                IsAccepted(removed);
                IsAccepted(doubled);
            }

            foreach (var replacement in replacements)
            {
                var replaced = s_sound.ToArray();
                replaced[i] = replacement;
                IsAccepted(replaced);
            }
        }
    }

    [Fact]
    public void RandomHeaders()
    {
        // Tokens of the format in any order: far more of them get deep into the reader than random bytes do.
        string[] tokens =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"U8\"", "\"F4\"", "\"__metadata__\"",
            "0", "1", "4", "8", "-1", "1.5", "1e9", "18446744073709551615", "9223372036854775808", "null", "true", " ", "\\", "\\u0061", "\\ud800", "é", "\0",
            "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", "\"dtype\":\"F32\"", "\"shape\":[1]", "\"data_offsets\":[0,4]",
        ];
        var random = new Random(20);
        for (var i = 0; i < 10_000; i++)
        {
            var header = "{" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => tokens[random.Next(tokens.Length)])) + (random.Next(3) == 0 ? "" : "}");
            IsAccepted(SafetensorsBytes.Raw(header, random.Next(3) * 4));
        }
    }

    // Any exception but the format's fails the test; an accepted file must let itself be read.
    private static bool IsAccepted(byte[] bytes)
    {
        SafetensorsFile file;
        try
        {
            file = SafetensorsFile.Parse(bytes);
        }
        catch (SafetensorsFormatException)
        {
            Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new Trickle(bytes, 61)));
            return false;
        }

        using (file)
        {
            foreach (var name in file.TensorNames)
            {
                Assert.True(file.TryGetShape(name, out var shape));
                Assert.True(file.TryGetDataType(name, out var type));
                var elements = 1L;
                foreach (var size in shape)
                {
                    elements = unchecked(elements * size);
                }

                if (type[0] is 'F' or 'B' && type is "F64" or "F32" or "F16" or "BF16")
                {
                    file.Read(name, 0, new float[elements]);
                }
            }
        }

        return true;
    }
}
