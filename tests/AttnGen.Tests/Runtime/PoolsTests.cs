using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

/// <summary>Each way to make one vector of a sequence against its definition in double precision, under every mask that hides keys.</summary>
public class PoolsTests
{
    private delegate void Pool(ref float h, int stride, int width, int tokens, in AttentionMask mask, Span<float> to);

    public static TheoryData<string, int, int, string> Cases => new(
        from mode in new[] { "Mean", "MeanSqrtLength", "WeightedMean", "Max", "FirstToken", "LastToken" }
        from width in new[] { 1, 7, 16, 35 }
        from tokens in new[] { 1, 2, 9 }
        from mask in new[] { "none", "length", "keep", "hide", "all hidden" }
        select (mode, width, tokens, mask));

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithItsDefinition(string mode, int width, int tokens, string hidden)
    {
        var random = new Random((width * 100) + tokens);
        int stride = (width + 15) / 16 * 16;
        var h = new float[tokens * stride];
        for (var i = 0; i < h.Length; i++)
            h[i] = (float)(random.NextDouble() - 0.8);
        var counts = Enumerable.Range(0, tokens).Select(t => hidden switch { "none" => true, "length" => t < (tokens + 1) / 2, "all hidden" => false, _ => t % 3 != 1 || tokens == 1 }).ToArray();
        var mask = hidden switch
        {
            "none" => default,
            "length" => AttentionMask.KeyLength((tokens + 1) / 2),
            "hide" => default(AttentionMask).WithHideKeys([.. counts.Select(count => !count)]),
            _ => default(AttentionMask).WithKeepKeys(counts),
        };
        Pool pool = mode switch
        {
            "Mean" => Pools.Mean,
            "MeanSqrtLength" => Pools.MeanSqrtLength,
            "WeightedMean" => Pools.WeightedMean,
            "Max" => Pools.Max,
            "FirstToken" => Pools.FirstToken,
            _ => Pools.LastToken,
        };
        var actual = new float[width];
        Array.Fill(actual, float.NaN);
        pool(ref h[0], stride, width, tokens, mask, actual);
        var seen = Enumerable.Range(0, tokens).Where(t => counts[t]).ToList();
        for (var i = 0; i < width; i++)
        {
            double At(int t) => h[(t * stride) + i];
            double expected = mode switch
            {
                "FirstToken" => At(0),
                "LastToken" => At(seen.LastOrDefault()),
                _ when seen.Count == 0 => 0,
                "Mean" => seen.Average(At),
                "MeanSqrtLength" => seen.Sum(At) / Math.Sqrt(seen.Count),
                "WeightedMean" => seen.Sum(t => At(t) * (t + 1)) / seen.Sum(t => t + 1),
                _ => seen.Max(At),
            };
            Assert.Equal(expected, actual[i], 1e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(37)]
    public void LengthIsOne(int width)
    {
        var random = new Random(width);
        var vector = Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        double length = Math.Sqrt(vector.Sum(x => (double)x * x));
        var expected = vector.Select(x => x / length).ToArray();
        Pools.Normalize(vector);
        Assert.All(expected.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        var zeros = new float[width];
        Pools.Normalize(zeros);
        Assert.All(zeros, zero => Assert.Equal(0f, zero));
    }

    // Squares that single precision cannot hold, on both sides; and the limit below which a vector is not stretched.
    [Theory]
    [InlineData(1e38f, 1)]
    [InlineData(3e38f, 1)]
    [InlineData(1e20f, 1)]
    [InlineData(1e18f, 1)]
    [InlineData(1e-11f, 1)]
    [InlineData(1e-13f, 0.2)]
    [InlineData(1e-20f, 2e-8)]
    [InlineData(1e-30f, 0)]
    public void LengthIsOneWhateverTheSize(float size, double expected)
    {
        float[] vector = [size, 0, -size, size, size];
        Pools.Normalize(vector);
        Assert.Equal(expected, Math.Sqrt(vector.Sum(x => (double)x * x)), 2e-7);
        Assert.Equal((0f, -vector[0], vector[0]), (vector[1], vector[2], vector[3]));
    }

    [Fact]
    public void SmallElementsBesideLargeOnesKeepTheirShare()
    {
        float[] vector = [2e25f, 1e10f, 1e-30f];
        Pools.Normalize(vector);
        Assert.Equal([1f, (float)(1e10 / 2e25), 0f], vector);
    }

    [Fact]
    public void InfinityAndNaNAreNotHidden()
    {
        float[] infinite = [1, float.NegativeInfinity, 2], nothing = [1, float.NaN, float.PositiveInfinity];
        Pools.Normalize(infinite);
        Pools.Normalize(nothing);
        Pools.Normalize([]);
        Assert.Equal([0f, float.NaN, 0f], infinite);
        Assert.All(nothing, x => Assert.Equal(float.NaN, x));
    }

    [Fact]
    public void CopiesLeaveOutWhatLiesBetweenRows()
    {
        var h = Enumerable.Range(0, 48).Select(i => (float)i).ToArray();
        var to = new float[10];
        Pools.Copy(ref h[0], 16, 3, 3, to);
        Assert.Equal([0f, 1, 2, 16, 17, 18, 32, 33, 34, 0], to);
        Assert.Throws<ArgumentOutOfRangeException>(() => Pools.Copy(ref h[0], 16, 3, 3, new float[8]));
    }
}
