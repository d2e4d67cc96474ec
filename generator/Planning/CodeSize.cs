namespace AttnGen.Generator.Planning;

/// <summary>
/// The IL of a method before it is written, and the budget. The JIT gives up in steps: 1,024 tracked locals, 512 locals (nothing is inlined
/// any more), 60,000 bytes of IL (no optimisation at all). Tiles are what grows; everything else is loops and calls.
/// </summary>
internal static class CodeSize
{
    /// <summary>Bytes of IL that no emitted method may exceed.</summary>
    public const int Budget = 16 * 1024;

    /// <summary>A register tile: what its instructions take, counted from the code that TileKernel prints.</summary>
    public static int Tile(TileShape tile)
    {
        const int Load = 11, Fma = 12, Residual = 18, Store = 11, Broadcast = 18, NextRow = 11;
        int accumulators = tile.Rows * tile.Vectors;
        return accumulators * (Load + Fma + Residual + Store) + tile.Rows * Broadcast + (tile.Rows - 1) * 3 * NextRow + tile.Vectors * Load + 40;
    }

    /// <summary>The largest tile of all lanes.</summary>
    public static int LargestTile => LaneTable.Lanes.SelectMany(lane => lane.Tiles).Max(Tile);
}
