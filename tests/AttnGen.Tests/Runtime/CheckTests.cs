using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

public class CheckTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(64, 1)]
    [InlineData(640, 10)]
    public void RowsThatFit(int length, int rows) => Assert.Equal(rows, Check.Rows(length, 64, 10, "x"));

    [Fact]
    public void RowsThatDoNot()
    {
        var error = Assert.Throws<ArgumentException>(() => Check.Rows(100, 64, 10, "x"));
        Assert.Equal("x", error.ParamName);
        Assert.StartsWith("x has 100 floats, which is not a multiple of 64; it must be row-major [rows, 64].", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => Check.Rows(704, 64, 10, "x"));
        Assert.StartsWith("x has 11 rows of 64; at most 10 fit.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Check.Rows(int.MaxValue, 64, int.MaxValue, "x"));
    }

    [Fact]
    public void Lengths()
    {
        Check.Length(12, 12, "y", "[T, 4]");
        Check.OptionalLength(0, 12, "y", "[T, 4]");
        Check.OptionalLength(12, 12, "y", "[T, 4]");
        var error = Assert.Throws<ArgumentException>(() => Check.Length(0, 12, "y", "[T, 4]"));
        Assert.StartsWith("y has 0 floats; it must have [T, 4] = 12.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Check.OptionalLength(11, 12, "y", "[T, 4]"));
        Assert.Throws<ArgumentException>(() => Check.Length(12, 12L + (1L << 32), "y", "[T, 4]"));
    }

    [Fact]
    public void Overlaps()
    {
        var a = new float[100];
        Check.NoPartialOverlap(a, a);
        Check.NoPartialOverlap(a.AsSpan(0, 50), a.AsSpan(50));
        Check.NoPartialOverlap(a, new float[100]);
        Check.NoPartialOverlap(default, default);
        Check.NoPartialOverlap(a.AsSpan(3, 0), a);
        Assert.Throws<ArgumentException>(() => Check.NoPartialOverlap(a.AsSpan(0, 51), a.AsSpan(50)));
        Assert.Throws<ArgumentException>(() => Check.NoPartialOverlap(a.AsSpan(1), a.AsSpan(0, 99)));
        Assert.Throws<ArgumentException>(() => Check.NoPartialOverlap(a.AsSpan(0, 50), a));
        Assert.Throws<ArgumentException>(() => Check.NoPartialOverlap(a, a.AsSpan(0, 50)));
        var error = Assert.Throws<ArgumentException>(() => Check.NoOverlap(a, a, "key", "y"));
        Assert.StartsWith("y overlaps key; use separate memory.", error.Message, StringComparison.Ordinal);
        Check.NoOverlap(a.AsSpan(0, 50), a.AsSpan(50));
    }

    [Fact]
    public void MasksThatFit()
    {
        Check.Mask(default, 3, 4, 2);
        Check.Mask(AttentionMask.KeyLength(0), 3, 4, 2);
        Check.Mask(AttentionMask.KeyLength(4), 3, 4, 2);
        Check.Mask(AttentionMask.KeyLength(-1), 3, 4, 2);
        Check.Mask(AttentionMask.Keep(new bool[12]), 3, 4, 2);
        Check.Mask(AttentionMask.Hide(new bool[24]), 3, 4, 2);
        Check.Mask(AttentionMask.Additive(new float[24]).WithKeepKeys(new bool[4]).WithHide(new bool[12]).WithFirstQuery(7), 3, 4, 2, 10);
        Check.Mask(default, 10, 10, 2, 10);
    }

    [Fact]
    public void MasksThatDoNot()
    {
        Assert.Contains("key length is 5; this call has 4 keys", Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(AttentionMask.KeyLength(5), 3, 4, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(AttentionMask.KeyLength(-2), 3, 4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(-1), 3, 4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(8), 3, 4, 2, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(int.MaxValue), 3, 4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default, 11, 11, 2, 10));
        Assert.Contains("flags for 3 keys; this call has 4", Assert.Throws<ArgumentException>(() => Check.Mask(default(AttentionMask).WithHideKeys(new bool[3]), 3, 4, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("[T, S] = 12 or [H, T, S] = 24", Assert.Throws<ArgumentException>(() => Check.Mask(AttentionMask.Keep(new bool[4]), 3, 4, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Check.Mask(AttentionMask.Additive(new float[36]), 3, 4, 2));
        Assert.Throws<ArgumentException>(() => Check.Mask(AttentionMask.Additive(new float[1]), 0, 4, 2));
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public void AnyPosition(int first) => Check.Mask(default(AttentionMask).WithFirstQuery(first), 1_000_000, 4, 2, int.MinValue, long.MaxValue);

    [Fact]
    public void PositionsBeforeTheFirstKey()
    {
        Check.Mask(default(AttentionMask).WithFirstQuery(-9), 3, 4, 2, -9, 10);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(-10), 3, 4, 2, -9, 10));
        Assert.Contains("position -10; 3 queries must lie in positions -9 to 9: raise FirstQuery to -9 or more.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(int.MinValue), 3, 4, 2, -9, 10));
        error = Assert.Throws<ArgumentOutOfRangeException>(() => Check.Mask(default(AttentionMask).WithFirstQuery(int.MaxValue), 3, 4, 2, int.MinValue, 10));
        Assert.Contains("position 2147483647; 3 queries must lie below position 10: lower FirstQuery to 7 or less, or raise maxTokens in the attribute.", error.Message, StringComparison.Ordinal);
        Assert.Equal("mask", error.ParamName);
    }

    [Fact]
    public void NoAllocation()
    {
        var a = new float[128];
        var flags = new bool[4];
        Assert.Equal(0, Testing.Allocated.Least(() =>
        {
            Check.Rows(128, 64, 2, "x");
            Check.Length(128, 128, "x", "[2, 64]");
            Check.NoPartialOverlap(a, a);
            Check.Mask(AttentionMask.KeyLength(1).WithKeepKeys(flags).WithHide(flags), 1, 4, 2);
        }));
    }
}
