namespace AttnGen.Generator.Planning;

/// <summary>
/// The IL of a method before it is written, and the budget. The JIT gives up in steps: 1,024 tracked locals, 512 locals (nothing is inlined
/// any more), 60,000 bytes of IL (no optimisation at all). Tiles are what grows; everything else is loops and calls.
/// </summary>
internal static class CodeSize
{
    /// <summary>Bytes of IL that no emitted method may exceed.</summary>
    public const int Budget = 16 * 1024;

    /// <summary>
    /// A register tile: bytes for each accumulator (zero, earlier sums, multiply-add, bias, residual, store), row (broadcast, three steps to the next row)
    /// and vector (of W and of the bias). Fitted to what the compiler makes of TileKernel's text; <c>IlBudgetTests</c> holds it to 10 %.
    /// </summary>
    public static int Tile(TileShape tile)
    {
        const int Accumulator = 68, Row = 48, Vector = 29;
        return tile.Rows * tile.Vectors * Accumulator + tile.Rows * Row + tile.Vectors * Vector - 30;
    }

    /// <summary>The largest tile of all lanes.</summary>
    public static int LargestTile => LaneTable.Lanes.SelectMany(lane => lane.Tiles).Max(Tile);
}
