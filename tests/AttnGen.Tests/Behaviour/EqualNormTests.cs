using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Layer norm of rows whose numbers are equal, or nearly so beside their mean: the rounding of the mean must not pass for a distance from it.</summary>
public class EqualNormTests
{
    public static TheoryData<Type> Norms => [.. ModelCase.All.Where(model => model.Kind == "LayerNorm").Select(model => model.Type)];

    /// <summary>Every number is the mean, so what is left is the shift, to the bit.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void OfEqualNumbersTheShiftIsLeft(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        foreach (var value in new[] { 0f, -0f, float.Epsilon, 1e-40f, 1e-38f, -3.3e-30f, 1e-22f, 1e-12f, 0.1f, -1 / 3f, 1, 77.7f, 1000.1f, -1000.3f, 12345.678f, 3.3e10f, 1.7e19f, -9.9e24f, 1e25f, 3.4e38f, float.MaxValue })
        {
            var x = new float[3 * model.QueryWidth];
            x.AsSpan().Fill(value);
            var y = Models.Rows(loaded, x);
            var expected = model.Reference(source.ToReference(), new double[x.Length], [], []); // of zeros: the shift
            for (var i = 0; i < y.Length; i++)
                Assert.True((float)expected[i] == y[i] || (double.IsNaN(expected[i]) && float.IsNaN(y[i])), $"{model} of {value}s: {y[i]} for {expected[i]}");
        }
    }

    /// <summary>Means of any size beside the distances from them, down to distances of one last bit.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void AsTheReferenceSays(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        var random = new Random(11);
        foreach (var mean in new[] { 1e-41f, 1e-30f, 1e-6f, 0.3f, 1, -1000, 1e10f, 1e19f, 1e25f, -1e37f })
        {
            for (var bits = 0; bits <= 26; bits++)
            {
                // Numbers around the mean that differ from it by so many of the last bits.
                var ulp = MathF.BitIncrement(MathF.Abs(mean)) - MathF.Abs(mean);
                var x = new float[4 * model.QueryWidth];
                for (var i = 0; i < x.Length; i++)
                    x[i] = (float)(mean + Math.Round(((2 * random.NextDouble()) - 1) * (1 << bits)) * ulp);
                var expected = model.Reference(source.ToReference(), Difference.ToDoubles(x), [], []);
                if (Array.Exists(expected, double.IsNaN))
                    continue;
                Difference.Check($"{model} around {mean}, {bits} bits", Difference.ToDoubles(Models.Rows(loaded, x)), expected, 3e-5, 1e-5);
            }
        }
    }

    /// <summary>One number differs from the others: the largest result there is, √(n − 1), with the right sign.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void OneThatDiffers(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        foreach (var value in new[] { 0.1f, 1000, -1000.1f, 1e10f, 1e25f })
        {
            foreach (var next in new[] { MathF.BitIncrement(value), MathF.BitDecrement(value), value * 1.001f })
            {
                var x = new float[model.QueryWidth];
                x.AsSpan().Fill(value);
                x[model.QueryWidth / 2] = next;
                var expected = model.Reference(source.ToReference(), Difference.ToDoubles(x), [], []);
                if (!Array.Exists(expected, double.IsNaN))
                    Difference.Check($"{model} of {value} and {next}", Difference.ToDoubles(Models.Rows(loaded, x)), expected, 1e-5, 1e-5);
            }
        }
    }
}
