using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttnGen.TextBench;

/// <summary>The 26 texts of the model's folder and their vectors in double precision.</summary>
internal sealed class Goldens
{
    public List<(string Key, string Text, double[] Vector)> Texts { get; } = [];

    public static Goldens Read(string model)
    {
        var goldens = new Goldens();
        byte[] bytes = File.ReadAllBytes(Path.Combine(model, "golden", "golden.safetensors"));
        int header = (int)BitConverter.ToInt64(bytes);
        using JsonDocument arrays = JsonDocument.Parse(bytes.AsMemory(8, header)), index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(model, "golden", "index.json")));
        foreach (JsonElement text in index.RootElement.GetProperty("texts").EnumerateArray())
        {
            string key = text.GetProperty("key").GetString()!;
            JsonElement offsets = arrays.RootElement.GetProperty(key + ".embedding64").GetProperty("data_offsets");
            int from = offsets[0].GetInt32(), to = offsets[1].GetInt32();
            goldens.Texts.Add((key, text.GetProperty("text").GetString()!, MemoryMarshal.Cast<byte, double>(bytes.AsSpan(8 + header + from, to - from)).ToArray()));
        }

        return goldens;
    }

    public Agreement Compare(ITextContender contender)
    {
        double sum = 0, least = double.MaxValue;
        string leastKey = "";
        var off = new List<string>();
        var vector = new float[384];
        foreach ((string key, string text, double[] expected) in Texts)
        {
            double cosine;
            try
            {
                contender.Embed(text, vector);
                cosine = Cosine(vector, expected);
            }
            catch (Exception e)
            {
                cosine = 0;
                off.Add($"{key} throws {e.GetType().Name}");
            }

            sum += cosine;
            if (cosine < least) (least, leastKey) = (cosine, key);
            if (cosine is > 0 and < 0.9999) off.Add(key);
        }

        return new Agreement(least, leastKey, sum / Texts.Count, off);
    }

    public static double Cosine(float[] a, double[] b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < b.Length; i++)
        {
            ab += a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += b[i] * b[i];
        }

        return ab / Math.Sqrt(aa * bb);
    }
}

/// <summary>Cosines with the goldens; a text that throws counts as 0. Off: texts under 0.9999.</summary>
internal sealed record Agreement(double Least, string LeastKey, double Mean, List<string> Off);
