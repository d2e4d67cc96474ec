namespace AttnGen.Reference;

/// <summary>Looks a weight up by its name; <c>null</c> if there is none of that name (a layer without a bias).</summary>
/// <param name="name">A PyTorch name such as <c>self_attn.in_proj_weight</c>.</param>
public delegate double[]? ReferenceWeights(string name);

/// <summary>Where the reference gets its weights from.</summary>
public static class ReferenceWeightsExtensions
{
    /// <summary>The tensors of <paramref name="source"/>, widened to double; the source's name of a tensor is rename(prefix + name).</summary>
    /// <param name="source">A safetensors file, or arrays in memory.</param>
    /// <param name="prefix">Put before each name.</param>
    /// <param name="rename">From PyTorch's name to the source's; <c>null</c>: the same.</param>
    public static ReferenceWeights ToReference(this ITensorSource source, string prefix = "", Func<string, string>? rename = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return name =>
        {
            var full = prefix + name;
            if (rename is not null)
                full = rename(full);
            if (!source.TryGetShape(full, out var shape))
                return null;
            long count = 1;
            foreach (var size in shape)
                count *= size;
            var values = new float[count];
            source.Read(full, 0, values);
            return Array.ConvertAll(values, static value => (double)value);
        };
    }

    /// <summary>The weights below <paramref name="prefix"/>: <c>weights.Under("layers.0.")("norm1.weight")</c> is <c>weights("layers.0.norm1.weight")</c>.</summary>
    /// <param name="weights">All weights.</param>
    /// <param name="prefix">Put before each name.</param>
    public static ReferenceWeights Under(this ReferenceWeights weights, string prefix) => name => weights(prefix + name);

    /// <summary>A weight that must be there.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such weight.</exception>
    public static double[] Required(this ReferenceWeights weights, string name)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights(name) ?? throw new KeyNotFoundException($"There is no weight '{name}'.");
    }
}
