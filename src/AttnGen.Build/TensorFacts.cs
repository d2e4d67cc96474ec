namespace AttnGen.Build;

/// <summary>What the compiler needs to know of one tensor.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">Its element type as the file names it.</param>
/// <param name="shape">Its sizes, outermost first, as the file writes them.</param>
internal sealed class TensorFacts(string name, string type, IReadOnlyList<string> shape)
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public IReadOnlyList<string> Shape { get; } = shape;
}
