using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttnGen.Tests.Goldens;

/// <summary>A safetensors file read by the tests themselves, so that goldens do not depend on the reader under test.</summary>
internal sealed class GoldenFile : ITensorSource
{
    private readonly byte[] _bytes;
    private readonly int _data;
    private readonly Dictionary<string, (string Type, long[] Shape, int Start, int End)> _tensors = [];

    public GoldenFile(string path)
    {
        Name = path;
        _bytes = File.ReadAllBytes(path);
        var header = checked((int)BinaryPrimitives.ReadInt64LittleEndian(_bytes));
        _data = 8 + header;
        using var json = JsonDocument.Parse(_bytes.AsMemory(8, header));
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
                continue;
            var offsets = property.Value.GetProperty("data_offsets");
            _tensors.Add(property.Name, (
                property.Value.GetProperty("dtype").GetString()!,
                [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())],
                offsets[0].GetInt32(), offsets[1].GetInt32()));
        }
    }

    public string Name { get; }

    public IEnumerable<string> TensorNames => _tensors.Keys;

    public bool Has(string name) => _tensors.ContainsKey(name);

    public string Type(string name) => _tensors[name].Type;

    public int[] Shape(string name) => [.. _tensors[name].Shape.Select(size => (int)size)];

    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        var there = _tensors.TryGetValue(name, out var tensor);
        shape = there ? tensor.Shape : default;
        return there;
    }

    public void Read(string name, long start, Span<float> destination) => Floats(name).AsSpan((int)start, destination.Length).CopyTo(destination);

    public float[] Floats(string name) => Type(name) switch
    {
        "F32" => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray(),
        "F16" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Bytes(name)).ToArray(), value => (float)value),
        "F64" => Array.ConvertAll(Doubles(name), value => (float)value),
        var type => throw new NotSupportedException($"{name} is {type}"),
    };

    public double[] Doubles(string name) => Type(name) == "F64"
        ? MemoryMarshal.Cast<byte, double>(Bytes(name)).ToArray()
        : Array.ConvertAll(Floats(name), value => (double)value);

    public bool[] Bools(string name) => Type(name) == "BOOL"
        ? Array.ConvertAll(Bytes(name).ToArray(), value => value != 0)
        : throw new NotSupportedException($"{name} is {Type(name)}");

    public long[] Longs(string name) => Type(name) == "I64"
        ? MemoryMarshal.Cast<byte, long>(Bytes(name)).ToArray()
        : throw new NotSupportedException($"{name} is {Type(name)}");

    private ReadOnlySpan<byte> Bytes(string name)
    {
        var (_, _, start, end) = _tensors[name];
        return _bytes.AsSpan(_data + start, end - start);
    }
}
