namespace AttnGen.Generator.Planning;

/// <summary>A region of a session's arena: PerToken floats for each token of capacity, and Fixed ones.</summary>
/// <remarks>It starts at capacity·TokenOffset + FixedOffset floats. Capacity is a multiple of 32, every other number of 16: all regions are 64-byte aligned.</remarks>
internal sealed record BufferPlan(string Name, string Shape, int PerToken, int Fixed, int TokenOffset, int FixedOffset)
{
    /// <summary>Whether it is a cache: of one layer in the arena, for a call that begins a text and keeps nothing; a sequence has one of its own, for every layer.</summary>
    public bool IsCache { get; init; }
}

/// <summary>Where the numbers of a weight come from.</summary>
internal abstract record WeightOrigin;

/// <summary>A tensor of the file: of several names the first that the file holds. {0} in a name stands for the number of the layer.</summary>
internal sealed record TensorOrigin(EquatableArray<TensorPart> Choices) : WeightOrigin
{
    /// <summary>What is added to each of its numbers.</summary>
    public double Plus { get; init; }
}

/// <summary>Nowhere: zeros.</summary>
internal sealed record ZeroOrigin() : WeightOrigin;

/// <summary>cos and signed sin of every position, computed at load.</summary>
internal sealed record RotaryOrigin(int Dim, double Theta, bool Interleaved) : WeightOrigin;

/// <summary>Sinusoidal positions, computed at load.</summary>
internal sealed record SinusoidOrigin(bool InHalves = false) : WeightOrigin;

/// <summary>A bias for each head and distance of key and query, spread out at load from the file's table of buckets.</summary>
internal sealed record RelativeOrigin(string Name, int Buckets, int MaxDistance, bool LooksBack) : WeightOrigin;

/// <summary>How a weight lies in memory.</summary>
internal enum WeightLayout
{
    /// <summary>[N/16][K][16]: panels of 16 output columns, the layout that the micro-kernels stream.</summary>
    Panels,

    /// <summary>A vector, padded with zeros to a multiple of 32.</summary>
    Vector,

    /// <summary>Rows, each padded with zeros to a stride.</summary>
    Rows,
}

/// <summary>A way to store a number.</summary>
internal sealed record WeightFormat(string Name, int Bytes)
{
    public static WeightFormat Float32 { get; } = new("float32", 4);
}

/// <summary>A packed weight under its name in generated code: origin × layout × format, at Offset bytes (inside its layer when PerLayer).</summary>
internal sealed record WeightPlan(
    string Name, WeightOrigin Origin, WeightLayout Layout, WeightFormat Format, int Rows, int Columns, int Stride, long Offset, bool PerLayer)
{
    /// <summary>The stack whose layers have it, where it is a layer's.</summary>
    public int Stack { get; init; }

    /// <summary>The first layer that has it; layers before hold zeros in its place.</summary>
    public int FirstLayer { get; init; }

    /// <summary>Whether anything but zeros is put there.</summary>
    public bool IsFilled => Origin is not ZeroOrigin;

    /// <summary>Bytes that it takes, a multiple of 64.</summary>
    public long Bytes => ((Layout switch
    {
        WeightLayout.Panels => ((long)Rows + Blocking.Panel - 1) / Blocking.Panel * Blocking.Panel * Columns,
        WeightLayout.Vector => ((long)Columns + Blocking.Pair - 1) / Blocking.Pair * Blocking.Pair,
        _ => (long)Rows * Stride,
    }) * Format.Bytes + 63) / 64 * 64;

    /// <summary>Its shape as it lies in memory.</summary>
    public string Shape => Layout switch
    {
        WeightLayout.Panels => $"[{(Rows + Blocking.Panel - 1) / Blocking.Panel}][{Columns}][{Blocking.Panel}]",
        WeightLayout.Vector => $"[{Columns}]{(IsFilled ? "" : " zeros")}",
        _ => $"[{Rows}, {Stride}]",
    };
}

/// <summary>Rows of floats that a step reads or writes, Stride floats apart: of a buffer from row First on, of a weight, or of the caller.</summary>
internal sealed record Operand(string Name, int Stride)
{
    public BufferPlan? Buffer { get; init; }

    public WeightPlan? Weight { get; init; }

    public int First { get; init; }

    public static Operand Of(BufferPlan buffer, int stride) => new(buffer.Name, stride) { Buffer = buffer };

    public static Operand Of(WeightPlan weight) => new(weight.Name, 0) { Weight = weight };
}
