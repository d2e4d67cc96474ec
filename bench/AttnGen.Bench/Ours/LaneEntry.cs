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
            {
                var model = Layer64.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Layer384):
            {
                var model = Layer384.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Layer768):
            {
                var model = Layer768.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Linear64x64):
            {
                var model = Linear64x64.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Linear384x384):
            {
                var model = Linear384x384.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Linear1536x384):
            {
                var model = Linear1536x384.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            case nameof(Linear384x1536):
            {
                var model = Linear384x1536.Load(source);
                return (() => model.Forward(x, y), model.Dispose);
            }

            default:
                throw new ArgumentException($"No generated class {className}.", nameof(className));
        }
    }

    /// <summary>The widest vectors that this copy uses.</summary>
    public static int Bits() => Runtime.SimdLane.Bits;
}
