namespace AttnGen.Embeddings.Tests;

/// <summary>The comparison with float64 itself: it finds what a cosine does not.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void One_number_that_is_off_is_found()
    {
        double[] expected = [.. Enumerable.Range(0, 384).Select(i => Math.Sin(i) / Math.Sqrt(192))];
        float[] actual = [.. expected.Select(value => (float)value)];
        Reference.Near(expected, actual, "the same");
        foreach (var fault in new[] { 1e-3f, 1e-4f, 1e-5f, float.NaN, float.PositiveInfinity })
        {
            float[] changed = [.. actual];
            changed[200] += fault;
            Assert.Throws<Xunit.Sdk.TrueException>(() => Reference.Near(expected, changed, "changed"));
        }

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Reference.Near(expected, actual.AsSpan(0, 383), "shorter"));
    }
}
