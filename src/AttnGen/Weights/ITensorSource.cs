namespace AttnGen;

/// <summary>Named tensors that a model can be loaded from: a safetensors file, or arrays in memory.</summary>
public interface ITensorSource
{
    /// <summary>What to call the source in a message, such as the file's path.</summary>
    string Name { get; }

    /// <summary>The names of all tensors.</summary>
    IEnumerable<string> TensorNames { get; }

    /// <summary>Looks a tensor up.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes, outermost first; empty for a scalar.</param>
    /// <returns>Whether it is there.</returns>
    bool TryGetShape(string name, out ReadOnlySpan<long> shape);

    /// <summary>Reads a tensor as float32, row-major, widening or rounding from its own type.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">First element.</param>
    /// <param name="destination">As many elements as are wanted.</param>
    void Read(string name, long start, Span<float> destination);
}
