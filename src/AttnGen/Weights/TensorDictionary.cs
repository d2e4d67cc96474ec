using System.Runtime.CompilerServices;

namespace AttnGen;

/// <summary>Tensors that are arrays in memory, for models whose weights come from elsewhere than a file.</summary>
/// <remarks>The arrays are not copied. Reading is safe from many threads as long as nobody adds or changes values.</remarks>
/// <param name="name">What to call the source in messages.</param>
public sealed class TensorDictionary(string name = "tensors in memory") : ITensorSource
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _tensors = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <inheritdoc/>
    public IEnumerable<string> TensorNames => _tensors.Keys;

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">Its name, not yet used.</param>
    /// <param name="shape">Its sizes, outermost first, none negative; empty for a scalar.</param>
    /// <param name="values">Its elements, row-major: as many as the product of the sizes. Kept, not copied.</param>
    /// <exception cref="ArgumentException">The name is taken, a size is negative, or the number of values is another than the shape's.</exception>
    [OverloadResolutionPriority(1)] // [3 * 64, 64] is a collection of either; both mean the same
    public void Add(string name, ReadOnlySpan<long> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        UInt128 count = 1;
        foreach (var size in shape)
        {
            if (size < 0)
            {
                throw new ArgumentException($"Tensor {WeightText.Quote(name)} has shape {WeightText.Shape(shape)}; no size may be negative.", nameof(shape));
            }

            // Stays exact until far beyond any array; then its size no longer matters.
            count = UInt128.Min(count * (ulong)size, ulong.MaxValue);
        }

        if (count != (ulong)values.Length)
        {
            throw new ArgumentException($"Tensor {WeightText.Quote(name)} has shape {WeightText.Shape(shape)}, that is {count} values; the array has {values.Length}.", nameof(values));
        }

        if (!_tensors.TryAdd(name, (shape.ToArray(), values)))
        {
            throw new ArgumentException($"There is a tensor {WeightText.Quote(name)} already.", nameof(name));
        }
    }

    /// <summary>Adds a tensor whose sizes are <see cref="int"/>, such as an <c>int[]</c>.</summary>
    /// <param name="name">Its name, not yet used.</param>
    /// <param name="shape">Its sizes, outermost first, none negative; empty for a scalar.</param>
    /// <param name="values">Its elements, row-major: as many as the product of the sizes. Kept, not copied.</param>
    /// <exception cref="ArgumentException">The name is taken, a size is negative, or the number of values is another than the shape's.</exception>
    public void Add(string name, ReadOnlySpan<int> shape, float[] values)
    {
        var sizes = new long[shape.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i];
        }

        Add(name, sizes.AsSpan(), values);
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = _tensors.TryGetValue(name, out var tensor);
        shape = tensor.Shape;
        return found;
    }

    /// <inheritdoc/>
    /// <exception cref="WeightMismatchException">There is no such tensor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It does not have so many elements.</exception>
    public void Read(string name, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_tensors.TryGetValue(name, out var tensor))
        {
            throw WeightText.Missing(this, name, "");
        }

        TensorRange.Check(this, name, tensor.Values.Length, start, destination.Length);
        tensor.Values.AsSpan((int)start, destination.Length).CopyTo(destination);
    }
}

/// <summary>The range check that all sources share.</summary>
internal static class TensorRange
{
    /// <summary>Refuses a range that is not inside the tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Check(ITensorSource source, string name, long elements, long start, int length)
    {
        if (start < 0 || start > elements || length > elements - start)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start),
                start,
                $"{source.Name}: tensor {WeightText.Quote(name)} has {elements} elements, not {length} from {start} on.");
        }
    }
}
