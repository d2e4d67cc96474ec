using System.Text.Json;

namespace AttnGen.Tests.Goldens;

/// <summary>Computes one sequence: q, k, v (the same array for self-attention) to y, and to the attention weights if there is room for them.</summary>
internal delegate double[] SequenceRunner(float[] q, float[] k, float[] v, AttentionMask mask, Span<double> weights);

/// <summary>The runs of golden/torch, and how a run is looped over its batch and compared.</summary>
internal static class TorchGoldens
{
    public sealed record Run(string Case, string Name, double[] Error);

    public static IEnumerable<Run> Runs(string @case)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Torch, "index.json")));
        foreach (var entry in index.RootElement.EnumerateArray())
            if (entry.GetProperty("case").GetString() == @case && entry.TryGetProperty("runs", out var runs))
                foreach (var run in runs.EnumerateArray())
                    yield return new Run(@case, run.GetProperty("run").GetString()!,
                        [.. run.GetProperty("max_abs_f32_vs_f64").EnumerateArray().Select(error => error.GetDouble())]);
    }

    public static IEnumerable<string> Cases()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Torch, "index.json")));
        return [.. index.RootElement.EnumerateArray().Select(entry => entry.GetProperty("case").GetString()!)];
    }

    public static GoldenFile Open(string @case) => new(Path.Combine(Shared.Torch, @case + ".safetensors"));

    /// <summary>Compares every run of a case. The tolerance of output o (0: y, 1: attention weights) is tolerance(run, o).</summary>
    public static void Check(GoldenFile file, IEnumerable<Run> runs, int heads, int appendedKeys, Func<Run, int, (double Absolute, double Relative)> tolerance, SequenceRunner forward)
    {
        var failures = new List<string>();
        foreach (var run in runs)
        {
            var inputs = $"run.{run.Name}.in.";
            var queryName = inputs + (file.Has(inputs + "q") ? "q" : "x");
            var shape = file.Shape(queryName);
            var (batch, tokens, dModel) = (shape[0], shape[1], shape[2]);
            var query = file.Floats(queryName);
            var key = file.Has(inputs + "k") ? file.Floats(inputs + "k") : query;
            var value = file.Has(inputs + "v") ? file.Floats(inputs + "v") : key;
            var keys = file.Has(inputs + "k") ? file.Shape(inputs + "k")[1] : tokens;

            var expected = file.Doubles($"run.{run.Name}.out64.y");
            var weightsName = $"run.{run.Name}.out64.attn_weights";
            var expectedWeights = file.Has(weightsName) ? file.Doubles(weightsName) : [];
            var y = new double[expected.Length];
            var weights = new double[expectedWeights.Length];
            for (var b = 0; b < batch; b++)
            {
                var q = Part(query, b, batch);
                var k = ReferenceEquals(key, query) ? q : Part(key, b, batch);
                var v = ReferenceEquals(value, key) ? k : Part(value, b, batch);
                var room = weights.AsSpan(b * (weights.Length / batch), weights.Length / batch);
                forward(q, k, v, Mask(file, inputs, b, batch, heads, tokens, keys), room).CopyTo(y, b * tokens * dModel);
            }

            var (absolute, relative) = tolerance(run, 0);
            if (Difference.Find(y, expected, absolute, relative) is { } difference)
                failures.Add($"{run.Case}/{run.Name} y: {difference}");
            if (expectedWeights.Length == 0)
                continue;
            Assert.Equal(expectedWeights.Length, batch * heads * tokens * (keys + appendedKeys));
            (absolute, relative) = tolerance(run, 1);
            if (Difference.Find(weights, expectedWeights, absolute, relative) is { } weightDifference)
                failures.Add($"{run.Case}/{run.Name} attention weights: {weightDifference}");
        }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    // PyTorch: true hides; a float mask is added; [B·H, T, S] is one mask a head.
    private static AttentionMask Mask(GoldenFile file, string inputs, int b, int batch, int heads, int tokens, int keys)
    {
        var mask = default(AttentionMask);
        foreach (var name in new[] { "attn_mask", "src_mask" })
            if (file.Has(inputs + name))
            {
                var perHead = file.Shape(inputs + name).Length == 3;
                if (file.Type(inputs + name) == "BOOL")
                {
                    var flags = file.Bools(inputs + name);
                    mask = mask.WithHide(perHead ? Part(flags, b, batch) : flags);
                }
                else
                {
                    var bias = file.Floats(inputs + name);
                    mask = mask.WithAdditive(perHead ? Part(bias, b, batch) : bias);
                }
            }
        foreach (var name in new[] { "key_padding_mask", "pad" })
            if (file.Has(inputs + name))
                mask = mask.WithHideKeys(Part(file.Bools(inputs + name), b, batch));
        return mask;
    }

    public static T[] Part<T>(T[] values, int index, int parts)
    {
        var length = values.Length / parts;
        return values[(index * length)..((index + 1) * length)];
    }
}
