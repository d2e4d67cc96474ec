namespace AttnGen.Generator.Planning;

/// <summary>A register tile: rows of A × vectors of B, one accumulator each.</summary>
internal sealed record TileShape(int Rows, int Vectors);

/// <summary>A vector width and the tiles that fit its registers.</summary>
internal sealed record LanePlan(int Bits, int Registers, EquatableArray<TileShape> Tiles)
{
    /// <summary>Floats in a vector.</summary>
    public int Width => Bits / 32;

    /// <summary>Whether tile i occurs more than once for any number of rows: the largest does, a smaller one only if the one above leaves room for two.</summary>
    public bool Repeats(int i) => i == 0 || Tiles[i - 1].Rows > 2 * Tiles[i].Rows;

    /// <summary>Vectors that make sixteen virtual lanes (the unit of every reduction).</summary>
    public int Parts => 16 / Width;
}

/// <summary>The table of lanes, one row each. Everything that depends on the machine's vectors stands here.</summary>
internal static class LaneTable
{
    /// <summary>
    /// Columns of a packed panel: one Vector512, two Vector256, four Vector128, a cache line a step of k. One packing serves every lane.
    /// Wider tiles take two panels side by side. (Panels of 32 columns cost the 256-bit lane a quarter of its speed when W streams from the
    /// third-level cache: its tiles are 16 columns wide and read every other line.)
    /// </summary>
    public const int Panel = 16;

    /// <summary>Columns that a call of a panel kernel covers: two panels.</summary>
    public const int Pair = 32;

    /// <summary>Queries that attention works on at a time: their scores are the only memory that grows with T and S.</summary>
    public const int QueryBlock = 24;

    /// <summary>The same for long sequences.</summary>
    public const int LongQueryBlock = 12;

    /// <summary>Beyond so many keys 24 rows of scores would not fit a first-level cache of 32 KB.</summary>
    public const int LongKeys = 256;

    public static readonly ImmutableArray<LanePlan> Lanes = ImmutableArray.Create(
        // 32 registers: 12·2 accumulators + 2 vectors of B + 1 broadcast = 27. Two FMAs a broadcast, 24 a pair of loads.
        Lane(512, 32, (12, 2), (8, 2), (4, 2), (2, 2), (1, 2)),
        // 16 registers (AVX2): 6·2 + 2 + 1 = 15. Few rows take more columns, so that enough FMAs are in flight.
        Lane(256, 16, (6, 2), (4, 2), (2, 4), (1, 4)),
        // 16 registers (SSE, and half of Arm's): half as wide; the last tile reads W from memory.
        Lane(128, 16, (6, 2), (4, 2), (2, 4), (1, 8)));

    private static LanePlan Lane(int bits, int registers, params (int Rows, int Vectors)[] tiles) =>
        new(bits, registers, tiles.Select(t => new TileShape(t.Rows, t.Vectors)).ToEquatable());
}
