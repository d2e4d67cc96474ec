namespace AttnGen.Tests.Weights;

public class TensorDictionaryTests
{
    [Fact]
    public void HoldsWhatWasAdded()
    {
        var tensors = new TensorDictionary("mine");
        tensors.Add("w", [2, 2], [1, 2, 3, 4]);
        tensors.Add("s", [], [5]);
        tensors.Add("none", [0, long.MaxValue], []);
        Assert.Equal("mine", tensors.Name);
        Assert.Equal(["w", "s", "none"], tensors.TensorNames);
        Assert.True(tensors.TryGetShape("w", out var shape));
        Assert.Equal([2, 2], shape.ToArray());
        Assert.True(tensors.TryGetShape("s", out shape));
        Assert.Equal(0, shape.Length);
        Assert.False(tensors.TryGetShape("x", out shape));
        Assert.Equal(0, shape.Length);
        var read = new float[2];
        tensors.Read("w", 1, read);
        Assert.Equal([2, 3], read);
    }

    /// <summary>Sizes of any integer type that they come in; a collection expression means what it always has.</summary>
    [Fact]
    public void TakesShapesOfInts()
    {
        var tensors = new TensorDictionary();
        int[] shape = [2, 3];
        int rows = 2;
        long longRows = 2;
        tensors.Add("array", shape, new float[6]);
        tensors.Add("span", shape.AsSpan(), new float[6]);
        tensors.Add("read-only span", (ReadOnlySpan<int>)shape, new float[6]);
        tensors.Add("part", shape.AsSpan(1), new float[3]);
        tensors.Add("stack", stackalloc int[] { 1, 6 }, new float[6]);
        tensors.Add("constants", [3 * 2, 1], new float[6]);
        tensors.Add("ints", [rows, 3], new float[6]);
        tensors.Add("longs", [longRows, 3], new float[6]);
        tensors.Add("spread", [.. shape], new float[6]);
        tensors.Add("long array", new long[] { 2, 3 }, new float[6]);
        tensors.Add("scalar", [], new float[1]);
        tensors.Add("scalar of ints", Array.Empty<int>(), new float[1]);
        tensors.Add("default", default, new float[1]);
        foreach (var (name, expected) in new (string, long[])[] { ("array", [2, 3]), ("span", [2, 3]), ("read-only span", [2, 3]), ("part", [3]), ("stack", [1, 6]), ("spread", [2, 3]), ("scalar of ints", []), ("scalar", []), ("longs", [2, 3]) })
        {
            Assert.True(tensors.TryGetShape(name, out var found));
            Assert.Equal(expected, found.ToArray());
        }

        shape[0] = 9; // the sizes are copied
        Assert.True(tensors.TryGetShape("array", out var kept));
        Assert.Equal(2, kept[0]);
        Assert.Contains("shape [2, -3]; no size may be negative", Assert.Throws<ArgumentException>(() => tensors.Add("v", new int[] { 2, -3 }, new float[6])).Message, StringComparison.Ordinal);
        Assert.Contains("shape [2, 2], that is 4 values; the array has 5", Assert.Throws<ArgumentException>(() => tensors.Add("v", new int[] { 2, 2 }, new float[5])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => tensors.Add("v", new int[] { int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue }, []));
        Assert.Throws<ArgumentNullException>(() => tensors.Add(null!, shape, [1]));
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        var tensors = new TensorDictionary();
        tensors.Add("w", [2], [1, 2]);
        Assert.Contains("shape [2, 3], that is 6 values; the array has 5", Assert.Throws<ArgumentException>(() => tensors.Add("v", [2, 3], new float[5])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => tensors.Add("v", [-1, -2], new float[2]));
        Assert.Throws<ArgumentException>(() => tensors.Add("v", [1L << 32, 1L << 32], []));
        Assert.Throws<ArgumentException>(() => tensors.Add("v", [long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue], []));
        Assert.Throws<ArgumentException>(() => tensors.Add("w", [1], [1]));
        Assert.Throws<ArgumentNullException>(() => tensors.Add(null!, [1], [1]));
        Assert.Throws<ArgumentNullException>(() => tensors.Add("v", [1], null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensors.Read("w", 1, new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensors.Read("w", -1, new float[1]));
        Assert.Throws<WeightMismatchException>(() => tensors.Read("v", 0, new float[1]));
        Assert.Equal(["w"], tensors.TensorNames);
    }
}
