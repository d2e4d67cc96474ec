namespace AttnGen.Gguf;

/// <summary>A tensor as a GGUF file's header describes it.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">The type of its elements.</param>
/// <param name="shape">Its sizes, outermost first: the file has them the other way round.</param>
/// <param name="begin">The byte of the file at which its data begin.</param>
internal sealed class GgufTensor(string name, GgufType type, long[] shape, long begin)
{
    public string Name { get; } = name;

    public GgufType Type { get; } = type;

    public long[] Shape { get; } = shape;

    public long Begin { get; } = begin;

    public long Elements { get; } = shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of its data.</summary>
    public long Bytes => Elements / Type.Elements * Type.Bytes;

    /// <summary>Elements of a row.</summary>
    public long Columns => Shape[Shape.Length - 1];
}
