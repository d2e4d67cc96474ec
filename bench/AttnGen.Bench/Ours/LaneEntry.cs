namespace AttnGen.Bench;

/// <summary>
/// The door into one lane's copy of this assembly (see <see cref="Lane"/>). Only types of the base library pass through it.
/// </summary>
internal static class LaneEntry
{
    /// <summary>Loads the generated class and returns one forward pass, x to y, and the way to free it.</summary>
    public static (Action Run, Action Free) Open(string className, Dictionary<string, (int[] Sizes, float[] Values)> weights, float[] x, float[] y)
    {
        var source = new TensorDictionary("benchmark");
        foreach ((string name, (int[] sizes, float[] values)) in weights) source.Add(name, Array.ConvertAll(sizes, n => (long)n), values);
        switch (className)
        {
            case nameof(Layer64):
                var layer64 = Layer64.Load(source);
                return (() => layer64.Forward(x, y), layer64.Dispose);
            case nameof(Layer384):
                var layer384 = Layer384.Load(source);
                return (() => layer384.Forward(x, y), layer384.Dispose);
            case nameof(Layer768):
                var layer768 = Layer768.Load(source);
                return (() => layer768.Forward(x, y), layer768.Dispose);
            case nameof(Linear64x64):
                var linear64x64 = Linear64x64.Load(source);
                return (() => linear64x64.Forward(x, y), linear64x64.Dispose);
            case nameof(Linear384x384):
                var linear384x384 = Linear384x384.Load(source);
                return (() => linear384x384.Forward(x, y), linear384x384.Dispose);
            case nameof(Linear1536x384):
                var linear1536x384 = Linear1536x384.Load(source);
                return (() => linear1536x384.Forward(x, y), linear1536x384.Dispose);
            case nameof(Linear384x1536):
                var linear384x1536 = Linear384x1536.Load(source);
                return (() => linear384x1536.Forward(x, y), linear384x1536.Dispose);
            default:
                throw new ArgumentException($"No generated class {className}.", nameof(className));
        }
    }

    /// <summary>The widest vectors that this copy uses.</summary>
    public static int Bits() => Runtime.SimdLane.Bits;
}
