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

    /// <summary>The multiply-add of a width: fused wherever the hardware has it; without it 128 bits, which are all that there are then, multiply and add.</summary>
    public static string MultiplyAdd(int bits) => bits == 128 ? "MultiplyAddEstimate" : "FusedMultiplyAdd";

    /// <summary>Vectors that make sixteen virtual lanes (the unit of every reduction).</summary>
    public int Parts => 16 / Width;
}

/// <summary>The table of lanes, one row each. Everything that depends on the machine's vectors stands here.</summary>
internal static class LaneTable
{
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
