using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Runtime;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Norms of rows whose squares, or whose sum, float32 does not hold: what the reference says in double precision, and beside them the usual rows with their usual bits.</summary>
public class LargeNormTests
{
    public static TheoryData<Type> Norms => [.. ModelCase.All.Where(model => model.Kind is "LayerNorm" or "RmsNorm").Select(model => model.Type)];

    [Theory]
    [MemberData(nameof(Norms))]
    public void AsTheReferenceSays(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        double epsilon = model.Argument<double>("epsilon");
        float[] scales = [1e10f, 1e17f, 1e18f, 3e18f, 1e19f, 2e19f, 1e20f, 1e22f, 1e25f, 1e30f, 1e35f, 1e38f, 3.4e38f];
        if (epsilon == 0)
            scales = [.. scales, 1e-12f, 1e-15f, 1e-17f, 1e-19f, 1e-22f, 1e-25f, 1e-30f, 1e-37f, 1e-40f];
        foreach (var scale in scales)
        {
            var random = new Random(7);
            var x = new float[5 * model.QueryWidth];
            for (var i = 0; i < x.Length; i++)
                x[i] = (float)((2 * random.NextDouble()) - 1) * scale;
            // Near float's end all of one sign: the sum overflows, too.
            for (var i = 0; i < model.QueryWidth; i++)
                x[i] = MathF.Abs(x[i]);
            Same(x, $"{model} at {scale}");
        }

        // One large number among usual ones.
        var one = new Inputs(model, 3, 3, seed: 2).Query;
        one[model.QueryWidth / 2] = 1e25f;
        Same(one, $"{model} with one");

        void Same(float[] x, string what) =>
            Difference.Check(what, Difference.ToDoubles(Models.Rows(loaded, x)), model.Reference(source.ToReference(), Difference.ToDoubles(x), [], []), 1e-5, 1e-5);
    }

    /// <summary>A usual row has the same bits wherever it stands, and whatever stands beside it; a row may be its own result.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void RowsBesideThem(Type type)
    {
        var model = ModelCase.From(type);
        using var loaded = model.Load(model.RandomWeights(seed: 3));
        const int Rows = 300; // more than go through at a time
        var x = new Inputs(model, Rows, Rows, seed: 5).Query;
        var expected = Models.Rows(loaded, x);
        var mixed = x.ToArray();
        for (var row = 0; row < Rows; row++)
        {
            if (row % 3 == 1 || row is >= 100 and < 120)
            {
                foreach (ref var value in mixed.AsSpan(row * model.QueryWidth, model.QueryWidth))
                    value *= row % 2 == 0 ? 1e25f : 1e37f;
            }
        }

        var y = Models.Rows(loaded, mixed);
        var inPlace = mixed.ToArray();
        loaded.Rows!(inPlace, inPlace);
        Assert.Equal(y, inPlace);
        for (var row = 0; row < Rows; row++)
        {
            var of = y.AsSpan(row * model.QueryWidth, model.QueryWidth);
            if (!(row % 3 == 1 || row is >= 100 and < 120))
                Assert.True(of.SequenceEqual(expected.AsSpan(row * model.QueryWidth, model.QueryWidth)), $"row {row}");
            else
                Assert.All(of.ToArray(), value => Assert.True(float.IsFinite(value)));
        }
    }

    /// <summary>NaN and infinities go through as they did: as the formula in double precision has them.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void NaNAndInfinity(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var x = new Inputs(model, 3, 3, seed: 5).Query;
            x[model.QueryWidth] = bad;
            var expected = model.Reference(source.ToReference(), Difference.ToDoubles(x), [], []);
            var y = Models.Rows(loaded, x);
            for (var i = 0; i < y.Length; i++)
                Assert.True(double.IsNaN(expected[i]) ? float.IsNaN(y[i]) : Math.Abs(expected[i] - y[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{i}: {y[i]} for {expected[i]}");
        }
    }

    /// <summary>The same inside attention and layers: heads of large queries and keys, and what a residual has grown to.</summary>
    [Theory]
    [InlineData(typeof(A32x4QkRms))]
    [InlineData(typeof(A32x4QkLayerNormRotary))]
    [InlineData(typeof(L64))]
    [InlineData(typeof(L20))]
    [InlineData(typeof(L64PreNorm))]
    [InlineData(typeof(L36Llama))]
    [InlineData(typeof(E32Llama))]
    public void InLayers(Type type)
    {
        var model = ModelCase.From(type);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        // Post-norm layers attend before they norm: a score is a product of two such numbers, which must fit; and it is all or nothing, which a last bit decides, so one token sees itself.
        bool postNorm = model.Kind == "EncoderLayer" && !model.Argument<bool>("normFirst");
        foreach (var scale in postNorm ? [3e18f] : new[] { 1e20f, 1e25f })
        {
            var x = new Inputs(model, 7, 7, seed: 5).Query.Select(value => value * scale).ToArray();
            if (postNorm)
                x = x[..model.QueryWidth];
            var y = Models.Run(loaded, x, x, x);
            var expected = model.Reference(source.ToReference(), Difference.ToDoubles(x), Difference.ToDoubles(x), Difference.ToDoubles(x));
            double size = expected.Max(Math.Abs);
            Difference.Check($"{model} at {scale}", [.. y.Select(value => value / size)], [.. expected.Select(value => value / size)], 1e-4, 1e-4);
        }
    }

    private delegate void Pool(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to);

    /// <summary>The mean of finite numbers is finite.</summary>
    [Theory]
    [InlineData("Mean")]
    [InlineData("WeightedMean")]
    [InlineData("MeanSqrtLength")]
    public void Poolings(string mode)
    {
        const int Width = 19, Stride = 32, Tokens = 9;
        Pool pool = mode switch { "Mean" => Pools.Mean, "WeightedMean" => Pools.WeightedMean, _ => Pools.MeanSqrtLength };
        var random = new Random(3);
        var h = new float[Tokens * Stride];
        foreach (ref var value in h.AsSpan())
            value = (mode == "MeanSqrtLength" ? 1e38f : 3.4e38f) * (float)(0.5 + (random.NextDouble() / 2));
        h[5] = float.PositiveInfinity;
        h[6] = float.NaN;
        for (var t = 0; t < Tokens; t++)
            h[(t * Stride) + 7] = t; // usual numbers beside them
        var to = new float[Width];
        pool(ref h[0], Stride, Width, Tokens, AttentionMask.KeyLength(Tokens - 2), to);
        for (var i = 0; i < Width; i++)
        {
            var seen = Enumerable.Range(0, Tokens - 2).Select(t => (double)h[(t * Stride) + i] * (mode == "WeightedMean" ? t + 1 : 1)).Sum();
            var expected = (float)(seen / (mode switch { "Mean" => Tokens - 2, "WeightedMean" => Enumerable.Range(1, Tokens - 2).Sum(), _ => Math.Sqrt(Tokens - 2) }));
            Assert.True(float.IsNaN(expected) ? float.IsNaN(to[i]) : expected == to[i] || Math.Abs(to[i] - (double)expected) <= 1e-6 * Math.Abs((double)expected), $"{i}: {to[i]} for {expected}");
        }
    }
}
