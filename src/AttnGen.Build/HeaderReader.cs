using System.Globalization;
using System.Text;
using AttnGen.Generator.Json;

namespace AttnGen.Build;

/// <summary>
/// Reads the header of a safetensors file, and never its data: 8 bytes that say how long the header is, then a JSON object of tensors.
/// Accepts and refuses the same files as the library's reader, so that what compiles is not refused when the program loads it.
/// </summary>
internal sealed class HeaderReader
{
    private const int LengthField = 8;

    /// <summary>The longest header that the format allows.</summary>
    private const int MaxLength = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private const string Again = "fetch the file again, or write it again with the safetensors library";

    private readonly string _file;

    private HeaderReader(string file) => _file = file;

    /// <summary>Reads a header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shown">Its name in messages.</param>
    /// <returns>The tensors in the header's order.</returns>
    /// <exception cref="ProblemException">Anything is wrong with it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static List<TensorFacts> Read(string path, string shown)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Read(stream, shown);
    }

    /// <inheritdoc cref="Read(string, string)"/>
    public static List<TensorFacts> Read(Stream stream, string shown) => new HeaderReader(shown).Read(stream);

    private List<TensorFacts> Read(Stream stream)
    {
        var length = stream.Length;
        var field = Bytes(stream, (int)Math.Min(length, LengthField));
        if (field.Length < LengthField)
            throw Fail($"has {length} bytes, at least {LengthField} are expected");
        if (Encoding.ASCII.GetString(field) == "version ")
            throw new ProblemException($"{_file} is not the model but a pointer of Git LFS to it; run 'git lfs pull' in the model's repository, or fetch the file itself from the model's page.");
        ulong headerLength = 0;
        for (var i = LengthField - 1; i >= 0; i--)
            headerLength = (headerLength << 8) | field[i];
        if (headerLength > MaxLength)
            throw Fail($"has a header of {headerLength} bytes, at most {MaxLength} are expected");
        if (headerLength > (ulong)(length - LengthField))
            throw Fail($"has a header of {headerLength} bytes, but only {length - LengthField} follow in the file");
        var header = Bytes(stream, (int)headerLength);
        return Interpret(Parse(header), length - LengthField - (long)headerLength);
    }

    private byte[] Bytes(Stream stream, int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var read = stream.Read(bytes, have, count - have);
            if (read == 0)
                throw Fail($"ends after {have} of {count} bytes");
            have += read;
        }

        return bytes;
    }

    private JsonValue Parse(byte[] header)
    {
        if (header.Length > 0 && header[0] == 0xEF)
            throw Fail("has a header that starts with a byte order mark, '{' is expected");
        var root = ForeignJson.Parse(header, mayHaveMark: false, what => Fail($"has a header that is {what}"));
        if (root.Kind != JsonKind.Object)
            throw Fail($"has {root.Show()} as its header, an object is expected");
        CheckText(root);
        return root;
    }

    // The format forbids a key twice, and half of a surrogate pair is no text.
    private void CheckText(JsonValue value)
    {
        if (value.Kind == JsonKind.String)
            CheckText(value.Text);
        foreach (var item in value.Items)
            CheckText(item);
        if (value.Members.Count == 0)
            return;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            CheckText(member.Key);
            if (!keys.Add(member.Key))
                throw Fail($"has a header with the key {ForeignText.Quote(member.Key)} twice in one object");
            CheckText(member.Value);
        }
    }

    private void CheckText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw Fail("has a header with half of a surrogate pair in a string");
            i++;
        }
    }

    private List<TensorFacts> Interpret(JsonValue root, long dataLength)
    {
        var tensors = new List<TensorFacts>(root.Members.Count);
        var places = new List<(ulong Begin, ulong End, string Name)>(root.Members.Count);
        foreach (var member in root.Members)
        {
            if (member.Key == MetadataKey)
            {
                CheckMetadata(member.Value);
                continue;
            }

            tensors.Add(Tensor(member.Key, member.Value, out var begin, out var end));
            places.Add((begin, end, member.Key));
        }

        // Sorted by place, each tensor must start where the one before ended, and the last one ends with the file.
        ulong covered = 0;
        foreach (var (begin, end, name) in places.OrderBy(p => p.Begin).ThenBy(p => p.End))
        {
            if (begin != covered)
                throw Fail($"has the data of tensor {ForeignText.Quote(name)} at byte {begin}, byte {covered} is expected, where the one before it ends");
            covered = end;
        }

        if (covered != (ulong)dataLength)
            throw Fail($"has {dataLength} bytes of data, {covered} are expected by its header{((ulong)dataLength < covered ? ": it was cut short" : "")}");
        return tensors;
    }

    private void CheckMetadata(JsonValue metadata)
    {
        if (metadata.Kind == JsonKind.Null)
            return;
        if (metadata.Kind != JsonKind.Object)
            throw Fail($"has {metadata.Show()} as {MetadataKey}, an object is expected");
        foreach (var member in metadata.Members)
        {
            if (member.Value.Kind != JsonKind.String)
                throw Fail($"has {member.Value.Show()} as {ForeignText.Quote(member.Key)} of {MetadataKey}, a string is expected");
        }
    }

    private TensorFacts Tensor(string name, JsonValue value, out ulong begin, out ulong end)
    {
        if (value.Kind != JsonKind.Object)
            throw Fail(name, $"is {value.Show()}, an object is expected");
        var dtype = Field("dtype", JsonKind.String).Text;
        if (!TensorTypes.TryParse(dtype, out var type))
            throw Fail(name, $"is of type {ForeignText.Quote(dtype)}, a type of the format such as 'F32', 'F16' or 'BF16' is expected");
        var shape = Field("shape", JsonKind.Array).Items;
        ulong elements = 1;
        foreach (var size in shape)
        {
            if (!TryMultiply(elements, Unsigned(size, "shape"), out elements))
                throw Fail(name, "has a shape whose product overflows 64 bits");
        }

        if (!TryMultiply(elements, (ulong)type.Bits(), out var bits))
            throw Fail(name, $"has {elements} elements, whose number of bits overflows 64 bits");
        if (bits % 8 != 0)
            throw Fail(name, $"has {elements} elements of {dtype}, which is no whole number of bytes");
        var offsets = Field("data_offsets", JsonKind.Array).Items;
        if (offsets.Count != 2)
            throw Fail(name, $"has {offsets.Count} data_offsets, [begin, end] are expected");
        begin = Unsigned(offsets[0], "data_offsets");
        end = Unsigned(offsets[1], "data_offsets");
        if (end < begin || end - begin != bits / 8)
            throw Fail(name, $"has its data from byte {begin} to {end}, {dtype} [{string.Join(", ", shape.Take(8).Select(size => size.Text))}] takes {bits / 8}");
        return new TensorFacts(name, dtype, [.. shape.Select(size => size.Text)]);

        JsonValue Field(string key, JsonKind kind)
        {
            var field = value[key] ?? throw Fail(name, $"has no {key}");
            return field.Kind == kind ? field : throw Fail(name, $"has {field.Show()} as its {key}, {(kind == JsonKind.String ? "a string is" : "an array is")} expected");
        }

        ulong Unsigned(JsonValue number, string where) =>
            number.Kind == JsonKind.Number && ulong.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var result)
                ? result
                : throw Fail(name, $"has {number.Show()} in its {where}, an integer from 0 to {ulong.MaxValue} is expected");
    }

    private static bool TryMultiply(ulong a, ulong b, out ulong product)
    {
        product = unchecked(a * b);
        return a == 0 || b <= ulong.MaxValue / a;
    }

    private ProblemException Fail(string tensor, string what) => Fail($"is malformed: tensor {ForeignText.Quote(tensor)} {what}");

    private ProblemException Fail(string what) => new($"{_file} {what}; {Again}.");
}
