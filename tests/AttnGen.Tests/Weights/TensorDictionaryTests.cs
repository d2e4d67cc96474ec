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
