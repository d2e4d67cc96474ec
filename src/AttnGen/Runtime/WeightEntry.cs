using System.ComponentModel;

namespace AttnGen.Runtime;

/// <summary>How a tensor lies in a model's block.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TensorLayout
{
    /// <summary>Panels of 16 rows, as <see cref="WeightLoader.Panels"/> packs them.</summary>
    Panels = 0,

    /// <summary>A vector.</summary>
    Vector = 1,

    /// <summary>Rows at a stride.</summary>
    Rows = 2,
}

/// <summary>Where the numbers of a weight come from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum WeightOrigin
{
    /// <summary>A tensor of the source.</summary>
    Tensor = 0,

    /// <summary>Rotations by position (<see cref="PositionTables.Rotary"/>).</summary>
    Rotary = 1,

    /// <summary>Sinusoidal positions (<see cref="PositionTables.Sinusoidal"/>).</summary>
    Sinusoid = 2,

    /// <summary>A bias by relative position, spread out from a tensor of buckets (<see cref="PositionTables.Relative"/>).</summary>
    Relative = 3,
}

/// <summary>A row of a generated class's table of weights: what goes where.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record WeightEntry
{
    private WeightEntry(WeightOrigin origin, long at, int rows, int columns, int stride)
    {
        (Origin, Offset, Rows, Columns, Stride) = (origin, at, rows, columns, stride);
        TensorRows = rows;
    }

    /// <summary>Where the numbers come from.</summary>
    public WeightOrigin Origin { get; }

    /// <summary>The tensor's name; {0} stands for the number of the layer.</summary>
    public string Name { get; private init; } = "";

    /// <summary>How it lies in the block.</summary>
    public TensorLayout Layout { get; private init; } = TensorLayout.Rows;

    /// <summary>Its first byte, from the block's start or, for a layer's, from the layer's.</summary>
    public long Offset { get; }

    /// <summary>Rows that are taken.</summary>
    public int Rows { get; }

    /// <summary>Numbers in a row, or of a vector.</summary>
    public int Columns { get; }

    /// <summary>Floats from a row to the next.</summary>
    public int Stride { get; }

    /// <summary>The first row that is taken.</summary>
    public int FirstRow { get; private init; }

    /// <summary>Rows of the tensor.</summary>
    public int TensorRows { get; private init; }

    /// <summary>Rows of a group, where several maps take turns in a tensor; 0: its rows follow each other.</summary>
    public int Group { get; private init; }

    /// <summary>Rows from the start of a group to the start of the next.</summary>
    public int GroupStride { get; private init; }

    /// <summary>Whether the tensor is [inputs, outputs], so that rows are its columns.</summary>
    public bool IsTurned { get; private init; }

    /// <summary>What is added to each number.</summary>
    public float Added { get; private init; }

    /// <summary>The first layer that has it; −1: it belongs to no layer.</summary>
    public int FirstLayer { get; private init; } = -1;

    /// <summary>The same weight under another name, which is read where the source does not have <see cref="Name"/>; null: there is none.</summary>
    public WeightEntry? Other { get; private init; }

    /// <summary>θ of rotations.</summary>
    public double Theta { get; private init; }

    /// <summary>Whether pairs of rotated features are neighbours.</summary>
    public bool IsInterleaved { get; private init; }

    /// <summary>Buckets of relative positions.</summary>
    public int Buckets { get; private init; }

    /// <summary>The distance from which on all share the last bucket.</summary>
    public int MaxDistance { get; private init; }

    /// <summary>Whether all buckets are for keys behind the query.</summary>
    public bool LooksBack { get; private init; }

    /// <summary>Where the second stack's first layer starts, what a layer takes, and how many there are; 0 layers: it is of the first stack.</summary>
    internal (long First, long Bytes, int Layers) Stack { get; private init; }

    /// <summary>The same weight of the second stack's layers.</summary>
    /// <param name="first">The first layer's first byte.</param>
    /// <param name="bytes">Bytes of a layer.</param>
    /// <param name="layers">Layers.</param>
    public WeightEntry OfStack(long first, long bytes, int layers) => this with { Stack = (first, bytes, layers) };

    /// <summary>Rows [<paramref name="firstRow"/>, <paramref name="firstRow"/> + <paramref name="rows"/>) of a matrix, packed in panels.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="rows">Rows that are taken.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="firstRow">The first of them.</param>
    /// <param name="of">Rows of the tensor; 0: as many as are taken.</param>
    /// <param name="layer">The first layer that has it; −1: it belongs to no layer.</param>
    public static WeightEntry Panels(string name, long at, int rows, int columns, int firstRow = 0, int of = 0, int layer = -1) =>
        new(WeightOrigin.Tensor, at, rows, columns, columns) { Name = name, Layout = TensorLayout.Panels, FirstRow = firstRow, TensorRows = of == 0 ? rows : of, FirstLayer = layer };

    /// <summary>Numbers of a vector.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="length">Numbers that are taken.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="of">Numbers of the tensor; 0: as many as are taken.</param>
    /// <param name="layer">The first layer that has it; −1: it belongs to no layer.</param>
    public static WeightEntry Vector(string name, long at, int length, int first = 0, int of = 0, int layer = -1) =>
        new(WeightOrigin.Tensor, at, 1, length, length) { Name = name, Layout = TensorLayout.Vector, FirstRow = first, TensorRows = of == 0 ? length : of, FirstLayer = layer };

    /// <summary>A matrix row by row.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="stride">Floats from a row to the next in the block.</param>
    /// <param name="layer">The first layer that has it; −1: it belongs to no layer.</param>
    public static WeightEntry Table(string name, long at, int rows, int columns, int stride, int layer = -1) =>
        new(WeightOrigin.Tensor, at, rows, columns, stride) { Name = name, FirstLayer = layer };

    /// <summary>Rotations by position.</summary>
    /// <param name="at">Its first byte.</param>
    /// <param name="positions">Rows.</param>
    /// <param name="dim">Features that turn.</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="theta">θ.</param>
    /// <param name="interleaved">Whether pairs are neighbours.</param>
    public static WeightEntry Rotary(long at, int positions, int dim, int stride, double theta, bool interleaved) =>
        new(WeightOrigin.Rotary, at, positions, dim, stride) { Theta = theta, IsInterleaved = interleaved };

    /// <summary>Sinusoidal positions.</summary>
    /// <param name="at">Its first byte.</param>
    /// <param name="positions">Rows.</param>
    /// <param name="dim">Features.</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="inHalves">Sines in the first half of a row and cosines in the second, in place of one after the other.</param>
    public static WeightEntry Sinusoid(long at, int positions, int dim, int stride, bool inHalves = false) => new(WeightOrigin.Sinusoid, at, positions, dim, stride) { IsInterleaved = !inHalves };

    /// <summary>A bias by relative position.</summary>
    /// <param name="name">The tensor [buckets or more, heads].</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="heads">H.</param>
    /// <param name="positions">Longest sequence.</param>
    /// <param name="stride">Floats a head.</param>
    /// <param name="buckets">Buckets, even.</param>
    /// <param name="maxDistance">The distance from which on all share the last bucket.</param>
    /// <param name="layer">The first layer that has it; −1: all layers share it.</param>
    /// <param name="looksBack">Whether all buckets are for keys behind the query.</param>
    public static WeightEntry Relative(string name, long at, int heads, int positions, int stride, int buckets, int maxDistance, int layer = -1, bool looksBack = false) =>
        new(WeightOrigin.Relative, at, heads, positions, stride) { Name = name, Buckets = buckets, MaxDistance = maxDistance, FirstLayer = layer, LooksBack = looksBack };

    /// <summary>The same weight, which may also be found under another name.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="first">The first row, or number of a vector, that is taken.</param>
    /// <param name="of">Rows, or numbers, of the tensor; 0: as many as are taken.</param>
    public WeightEntry Or(string name, int first = 0, int of = 0)
    {
        var taken = Layout == TensorLayout.Vector ? Columns : Rows;
        return this with { Other = Other is { } next ? next.Or(name, first, of) : this with { Name = name, FirstRow = first, TensorRows = of == 0 ? taken : of } };
    }

    /// <summary>The same weight of a tensor where several maps take turns.</summary>
    /// <param name="group">Rows of a group.</param>
    /// <param name="stride">Rows from the start of a group to the start of the next.</param>
    public WeightEntry InGroups(int group, int stride) => this with { Group = group, GroupStride = stride };

    /// <summary>The same weight of a tensor [inputs, outputs].</summary>
    public WeightEntry Turned() => this with { IsTurned = true };

    /// <summary>The same weight, to each of whose numbers one is added.</summary>
    /// <param name="added">What is added.</param>
    public WeightEntry Plus(float added) => this with { Added = added };

    /// <summary>The row of the tensor that is taken as a row of the weight.</summary>
    internal int RowOf(int row) => FirstRow + (Group == 0 ? row : (row / Group * GroupStride) + (row % Group));

    /// <summary>Rows that follow each other in the tensor, from one on.</summary>
    internal int RunFrom(int row, int rows) => Group == 0 ? rows : Math.Min(rows, Group - (row % Group));

    /// <summary>The entry of the names that the source has; without any, the first.</summary>
    internal WeightEntry Choose(WeightLoader loader, int layer)
    {
        for (var entry = this; entry is not null; entry = entry.Other)
        {
            if (loader.Has(entry.NameOf(layer)))
            {
                return entry;
            }
        }

        return this;
    }

    /// <summary>The name in a layer.</summary>
    internal string NameOf(int layer) => FirstLayer < 0 ? Name : Name.Replace("{0}", layer.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
