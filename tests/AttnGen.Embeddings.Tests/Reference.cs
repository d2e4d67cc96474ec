using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttnGen.Embeddings.Tests;

/// <summary>Files of the reference data.</summary>
internal static class Reference
{
    public static string MiniLm => SharedFiles.MiniLm;

    public static JsonElement Json(string relative) => SharedFiles.Json(relative);

    /// <summary>The F64 arrays of a safetensors file whose names end so.</summary>
    public static Dictionary<string, double[]> Doubles(string path, string ending)
    {
        var bytes = File.ReadAllBytes(path);
        var header = (int)BitConverter.ToInt64(bytes);
        using var document = JsonDocument.Parse(bytes.AsMemory(8, header));
        return document.RootElement.EnumerateObject().Where(entry => entry.Name.EndsWith(ending, StringComparison.Ordinal)).ToDictionary(entry => entry.Name, entry =>
        {
            Assert.Equal("F64", entry.Value.GetProperty("dtype").GetString());
            var (begin, end) = (entry.Value.GetProperty("data_offsets")[0].GetInt32(), entry.Value.GetProperty("data_offsets")[1].GetInt32());
            return MemoryMarshal.Cast<byte, double>(bytes.AsSpan(8 + header + begin, end - begin)).ToArray();
        });
    }

    /// <summary>
    /// A vector against float64, number by number, and its direction: a cosine of 0.999999 alone would let one number be off by a thousandth.
    /// The reference's own float32 is off by 1.6e-7; ours by 3.8e-7 at most.
    /// </summary>
    public static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, string? what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (worst, ab, aa, bb) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < actual.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(actual[i] - expected[i])); // NaN stays NaN
            ab += actual[i] * expected[i];
            aa += (double)actual[i] * actual[i];
            bb += expected[i] * expected[i];
        }

        Assert.True(worst <= 2e-6, $"{what}: {worst:E2}");
        var cosine = ab / Math.Sqrt(aa * bb);
        Assert.True(cosine >= 0.999999, $"{what}: {cosine}");
    }

    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
