namespace AttnGen.Probe;

/// <summary>Arrays as a tensor source, apart from the library's own so that tests of models do not depend on it.</summary>
public sealed class ArraySource : ITensorSource
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _tensors = [];

    public string Name => "arrays";

    public IEnumerable<string> TensorNames => _tensors.Keys;

    public ArraySource Add(string name, long[] shape, float[] values)
    {
        if (shape.Aggregate(1L, (count, size) => count * size) != values.Length)
            throw new ArgumentException($"{name} has {values.Length} values for [{string.Join(", ", shape)}].", nameof(values));
        _tensors.Add(name, (shape, values));
        return this;
    }

    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        var there = _tensors.TryGetValue(name, out var tensor);
        shape = there ? tensor.Shape : default;
        return there;
    }

    public void Read(string name, long start, Span<float> destination) =>
        _tensors[name].Values.AsSpan((int)start, destination.Length).CopyTo(destination);
}
