using System.Buffers.Binary;
using System.Text.Json;

namespace AttnGen.Tool;

/// <summary>An array of a golden file.</summary>
internal sealed record GoldenArray(string Name, string Type, long[] Shape, long Begin, long Count);

/// <summary>A golden file: a safetensors file of inputs and of what another implementation makes of them (docs/golden-format.md).</summary>
internal sealed class GoldenFile
{
    private readonly Dictionary<string, GoldenArray> _arrays = new(StringComparer.Ordinal);

    private GoldenFile(string path) => Path = path;

    public string Path { get; }

    public IEnumerable<string> Names => _arrays.Keys;

    /// <summary>Opens a file: all of its header is checked by the library's own reader.</summary>
    /// <exception cref="ToolException">It is missing or malformed.</exception>
    public static GoldenFile Open(string path)
    {
        var golden = new GoldenFile(path);
        try
        {
            using (var checkedFile = SafetensorsFile.Open(path))
            {
                if (!checkedFile.TensorNames.Any())
                    throw new ToolException($"{path} holds no arrays; make it with tools/make_golden.py, or see docs/golden-format.md.");
            }

            golden.ReadPlaces();
        }
        catch (WeightException e)
        {
            throw new ToolException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ToolException($"The golden file '{path}' cannot be read: {e.Message.TrimEnd('.')}; give another to --golden.");
        }

        return golden;
    }

    public bool Has(string name) => _arrays.ContainsKey(name);

    public GoldenArray this[string name] => _arrays[name];

    /// <summary>Numbers of any type of float.</summary>
    public double[] Floats(string name)
    {
        var array = _arrays[name];
        return array.Type switch
        {
            "F64" => Convert(array, 8, BinaryPrimitives.ReadDoubleLittleEndian),
            "F32" => Convert(array, 4, bytes => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            "F16" => Convert(array, 2, bytes => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
            "BF16" => Convert(array, 2, bytes => (double)BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
            var type => throw new GoldenException($"{Show.Name(name)} is of type {type}; F64, F32, F16 or BF16 is expected"),
        };
    }

    /// <summary>Numbers of any type of integer.</summary>
    public long[] Integers(string name)
    {
        var array = _arrays[name];
        return array.Type switch
        {
            "I64" => Convert(array, 8, BinaryPrimitives.ReadInt64LittleEndian),
            "I32" => Convert(array, 4, bytes => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            "U32" => Convert(array, 4, bytes => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
            "I16" => Convert(array, 2, bytes => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            "U16" => Convert(array, 2, bytes => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            "I8" => Convert(array, 1, bytes => (long)(sbyte)bytes[0]),
            "U8" or "BOOL" => Convert(array, 1, bytes => (long)bytes[0]),
            "U64" => Convert(array, 8, bytes => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes), long.MaxValue)),
            var type => throw new GoldenException($"{Show.Name(name)} is of type {type}; I64 or another integer is expected"),
        };
    }

    private delegate T Reader<T>(ReadOnlySpan<byte> bytes);

    private T[] Convert<T>(GoldenArray array, int size, Reader<T> read)
    {
        if (array.Count > Array.MaxLength / 8)
            throw new GoldenException($"{Show.Name(array.Name)} has {Show.Count(array.Count)} elements, at most {Show.Count(Array.MaxLength / 8)} are read; make a case of fewer tokens");
        var bytes = new byte[array.Count * size];
        using var file = File.OpenHandle(Path);
        for (var done = 0; done < bytes.Length;)
        {
            var count = RandomAccess.Read(file, bytes.AsSpan(done), array.Begin + done);
            if (count == 0)
                throw new GoldenException($"the file ended inside {Show.Name(array.Name)}");
            done += count;
        }

        var values = new T[array.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(bytes.AsSpan(i * size, size));
        return values;
    }

    // The reader above has refused what is malformed; here only the places are looked up.
    private void ReadPlaces()
    {
        using var file = File.OpenRead(Path);
        Span<byte> field = stackalloc byte[8];
        file.ReadExactly(field);
        var header = new byte[BinaryPrimitives.ReadInt64LittleEndian(field)];
        file.ReadExactly(header);
        using var document = JsonDocument.Parse(header);
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
                continue;
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.TryGetInt64(out var value) ? value : long.MaxValue)];
            var begin = entry.Value.GetProperty("data_offsets")[0].GetInt64();
            var count = shape.Contains(0) ? 0 : shape.Aggregate(1L, (product, size) => checked(product * size));
            _arrays[entry.Name] = new GoldenArray(entry.Name, entry.Value.GetProperty("dtype").GetString()!, shape, 8 + header.Length + begin, count);
        }
    }
}

/// <summary>A case of a golden file does not fit the model or the format; the sentence has no full stop.</summary>
internal sealed class GoldenException(string sentence) : Exception(sentence);
