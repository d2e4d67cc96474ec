using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using AttnGen;

namespace Tour;

/// <summary>Stands in for the library's reader of weights until it is merged.</summary>
internal sealed class SafetensorsFile : ITensorSource, IDisposable
{
    private readonly byte[] _bytes;
    private readonly Dictionary<string, (long[] Shape, int Start)> _tensors = [];

    public SafetensorsFile(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        _bytes = copy.ToArray();
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        using var header = JsonDocument.Parse(_bytes.AsMemory(8, headerLength));
        foreach (var tensor in header.RootElement.EnumerateObject().Where(t => t.Name != "__metadata__"))
        {
            _tensors.Add(tensor.Name, (
                [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())],
                8 + headerLength + tensor.Value.GetProperty("data_offsets")[0].GetInt32()));
        }
    }

    public string Name => "reader.safetensors";

    public IEnumerable<string> TensorNames => _tensors.Keys;

    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        var found = _tensors.TryGetValue(name, out var tensor);
        shape = tensor.Shape;
        return found;
    }

    public void Read(string name, long start, Span<float> destination) =>
        MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(_tensors[name].Start))[(int)start..].Slice(0, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }
}
