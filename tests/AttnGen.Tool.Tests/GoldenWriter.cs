using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttnGen.Tool.Tests;

/// <summary>Arrays of a safetensors file, to be changed and written again.</summary>
internal sealed class GoldenWriter
{
    private readonly Dictionary<string, (string Type, long[] Shape, byte[] Data)> _arrays = [];

    public IEnumerable<string> Names => _arrays.Keys;

    public static GoldenWriter Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        var writer = new GoldenWriter();
        foreach (var entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var place = entry.Value.GetProperty("data_offsets");
            writer._arrays[entry.Name] = (
                entry.Value.GetProperty("dtype").GetString()!,
                [.. entry.Value.GetProperty("shape").EnumerateArray().Select(x => x.GetInt64())],
                bytes[(8 + length + place[0].GetInt32())..(8 + length + place[1].GetInt32())]);
        }

        return writer;
    }

    public GoldenWriter Add(string name, long[] values, params long[] shape) => Put(name, "I64", shape, MemoryMarshal.AsBytes<long>(values).ToArray());

    public GoldenWriter Add(string name, double[] values, params long[] shape) => Put(name, "F64", shape, MemoryMarshal.AsBytes<double>(values).ToArray());

    public GoldenWriter Add(string name, float[] values, params long[] shape) => Put(name, "F32", shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    public GoldenWriter Add(string name, bool[] values, params long[] shape) => Put(name, "BOOL", shape, MemoryMarshal.AsBytes<bool>(values).ToArray());

    public GoldenWriter Remove(Func<string, bool> which)
    {
        foreach (var name in _arrays.Keys.Where(which).ToList())
            _arrays.Remove(name);
        return this;
    }

    public GoldenWriter Rename(Func<string, string> to)
    {
        foreach (var name in _arrays.Keys.ToList())
        {
            _arrays.Remove(name, out var array);
            _arrays[to(name)] = array;
        }

        return this;
    }

    public GoldenWriter Where(Func<string, bool> which) => Copy().Remove(name => !which(name));

    /// <summary>Changes one number of an array of F64.</summary>
    public GoldenWriter Change(string name, int at, Func<double, double> to)
    {
        var values = MemoryMarshal.Cast<byte, double>(_arrays[name].Data.AsSpan());
        values[at] = to(values[at]);
        return this;
    }

    /// <summary>Changes one number of an array of I64.</summary>
    public GoldenWriter ChangeId(string name, int at, Func<long, long> to)
    {
        var values = MemoryMarshal.Cast<byte, long>(_arrays[name].Data.AsSpan());
        values[at] = to(values[at]);
        return this;
    }

    public GoldenWriter Reshape(string name, params long[] shape)
    {
        _arrays[name] = _arrays[name] with { Shape = shape };
        return this;
    }

    /// <summary>F32 or F64 to a narrower type.</summary>
    public GoldenWriter Narrow(string name, string type)
    {
        var (from, shape, data) = _arrays[name];
        double[] values = from == "F64" ? MemoryMarshal.Cast<byte, double>(data).ToArray() : [.. MemoryMarshal.Cast<byte, float>(data).ToArray().Select(x => (double)x)];
        return Put(name, type, shape, type switch
        {
            "F32" => MemoryMarshal.AsBytes<float>([.. values.Select(x => (float)x)]).ToArray(),
            "F16" => MemoryMarshal.AsBytes<Half>([.. values.Select(x => (Half)x)]).ToArray(),
            "BF16" => MemoryMarshal.AsBytes<ushort>([.. values.Select(x => (ushort)((BitConverter.SingleToUInt32Bits((float)x) + 0x8000u) >> 16))]).ToArray(),
            _ => throw new ArgumentException(type),
        });
    }

    public string Type(string name) => _arrays[name].Type;

    public void Write(string path)
    {
        var header = new Dictionary<string, object>();
        long at = 0;
        foreach (var (name, array) in _arrays)
        {
            header[name] = new { dtype = array.Type, shape = array.Shape, data_offsets = new[] { at, at + array.Data.Length } };
            at += array.Data.Length;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        using var file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)json.Length));
        file.Write(json);
        foreach (var array in _arrays.Values)
            file.Write(array.Data);
    }

    private GoldenWriter Copy()
    {
        var copy = new GoldenWriter();
        foreach (var (name, array) in _arrays)
            copy._arrays[name] = array;
        return copy;
    }

    private GoldenWriter Put(string name, string type, long[] shape, byte[] data)
    {
        _arrays[name] = (type, shape, data);
        return this;
    }
}

/// <summary>A folder for one test.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "attngen-tool-" + Guid.NewGuid().ToString("N"));

    public string this[string file] => System.IO.Path.Combine(Path, file);

    /// <summary>Copies files of a folder.</summary>
    public TestFolder With(string from, params string[] files)
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
            File.Copy(System.IO.Path.Combine(from, file), this[file]);
            File.SetAttributes(this[file], FileAttributes.Normal);
        }

        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
