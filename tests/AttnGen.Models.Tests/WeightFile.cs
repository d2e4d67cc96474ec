using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AttnGen.Models.Tests;

/// <summary>Writes safetensors files for a manifest, with small random numbers that every float type holds exactly.</summary>
internal static class WeightFile
{
    /// <summary>The manifest's tensors with their numbers: multiples of 1/64 in (−0.5, 0.5); norm weights near 1.</summary>
    public static Dictionary<string, (long[] Shape, float[] Values)> Random(string manifest, int seed = 1)
    {
        var random = new Random(seed);
        using var json = JsonDocument.Parse(manifest);
        return json.RootElement.EnumerateObject().SelectMany(file => file.Value.EnumerateObject()).ToDictionary(tensor => tensor.Name, tensor =>
        {
            long[] shape = [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            var gain = tensor.Name.EndsWith("orm.weight", StringComparison.Ordinal) || tensor.Name.Contains("norm", StringComparison.Ordinal) && shape.Length == 1 && tensor.Name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f;
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => gain + random.Next(-16, 17) / 64f)];
            return (shape, values);
        });
    }

    /// <summary>A file's bytes in one type.</summary>
    public static byte[] Bytes(IEnumerable<KeyValuePair<string, (long[] Shape, float[] Values)>> tensors, string type = "F32")
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        var data = new MemoryStream();
        foreach (var (name, (shape, values)) in tensors)
        {
            var begin = data.Length;
            foreach (var value in values)
            {
                data.Write(type switch
                {
                    "F32" => BitConverter.GetBytes(value),
                    "F64" => BitConverter.GetBytes((double)value),
                    "F16" => BitConverter.GetBytes((Half)value),
                    "BF16" => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
                    _ => throw new ArgumentOutOfRangeException(nameof(type)),
                });
            }

            header.Append(CultureInfo.InvariantCulture, $",{JsonSerializer.Serialize(name)}:{{\"dtype\":\"{type}\",\"shape\":[{string.Join(",", shape)}],\"data_offsets\":[{begin},{data.Length}]}}");
        }

        var json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()];
    }
}
