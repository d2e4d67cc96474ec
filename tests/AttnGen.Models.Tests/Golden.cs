using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttnGen.Models.Tests;

/// <summary>A golden file of shared/golden/hf: inputs, and outputs in float64 with the reference's own float32 error.</summary>
internal sealed class Golden : IDisposable
{
    private readonly Dictionary<string, (string Type, int[] Shape, long Begin, long End)> _arrays = [];
    private readonly byte[] _data;
    private readonly JsonDocument _about;

    public Golden(string folder, string about = "golden.json")
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, "golden.safetensors"));
        var length = (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        foreach (var entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var place = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(x => x.GetInt64()).ToArray();
            _arrays[entry.Name] = (entry.Value.GetProperty("dtype").GetString()!, [.. entry.Value.GetProperty("shape").EnumerateArray().Select(x => x.GetInt32())], place[0], place[1]);
        }

        _data = bytes[(8 + length)..];
        _about = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, about)));
    }

    public JsonElement About => _about.RootElement;

    public IEnumerable<string> Names => _arrays.Keys;

    public bool Has(string name) => _arrays.ContainsKey(name);

    public int[] Shape(string name) => _arrays[name].Shape;

    public long[] Integers(string name) => MemoryMarshal.Cast<byte, long>(Bytes(name, "I64")).ToArray();

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name, "F32")).ToArray();

    public double[] Doubles(string name) => MemoryMarshal.Cast<byte, double>(Bytes(name, "F64")).ToArray();

    /// <summary>1e-5, or ten times the reference's own float32 error.</summary>
    public double Tolerance(string name) =>
        Math.Max(1e-5, 10 * _about.RootElement.GetProperty("arrays").GetProperty(name).GetProperty("max_abs_f32_minus_f64").GetDouble());

    /// <summary>Ids.</summary>
    public static int[] Ints(long[] values) => [.. values.Select(value => checked((int)value))];

    public void Dispose() => _about.Dispose();

    private ReadOnlySpan<byte> Bytes(string name, string type)
    {
        var (found, _, begin, end) = _arrays[name];
        Assert.Equal(type, found);
        return _data.AsSpan((int)begin, (int)(end - begin));
    }
}
