namespace AttnGen.Generator.Planning;

/// <summary>
/// THE table of block sizes: how many rows, columns and steps of k go through the caches at a time. None of them changes a bit of a result, because every sum goes on
/// in the order of k. The register tiles (MR × NR) stand in <see cref="LaneTable"/>, one row a vector width.
/// </summary>
internal static class Blocking
{
    /// <summary>
    /// Columns of a packed panel (NR of the packing): one Vector512, two Vector256, four Vector128, a cache line a step of k. One packing serves every lane.
    /// Wider tiles take two panels side by side. (Panels of 32 columns cost the 256-bit lane a quarter of its speed when W streams from the
    /// third-level cache: its tiles are 16 columns wide and read every other line.)
    /// </summary>
    public const int Panel = 16;

    /// <summary>Columns that a call of a panel kernel covers: two panels.</summary>
    public const int Pair = 2 * Panel;

    /// <summary>Longest run over k (KC) before the partial sums are put aside: a panel of it, 48 KB, stays in the first-level cache's reach.</summary>
    public const int MostK = 768;

    /// <summary>Floats of a block of A, 384 KB: it stays in a core's second-level cache while the panels of W stream by.</summary>
    public const int BlockFloats = 96 * 1024;

    /// <summary>Fewest rows of a block (MC): four of the largest tile.</summary>
    public const int FewestRows = 48;

    /// <summary>Rows of the largest tile; blocks are a multiple.</summary>
    public const int LargestTileRows = 12;

    /// <summary>Queries that attention works on at a time: their scores are the only memory that grows with T and S.</summary>
    public const int QueryBlock = 24;

    /// <summary>The same for long sequences.</summary>
    public const int LongQueryBlock = 12;

    /// <summary>Beyond so many keys 24 rows of scores would not fit a first-level cache of 32 KB.</summary>
    public const int LongKeys = 256;

    /// <summary>Keys that there is room for beyond a session's capacity where keys are appended: they may open new panels.</summary>
    public const int AppendedRoom = Pair;

    /// <summary>Floats between the ends of rows of scores: rows a power of two apart would fall on the same cache sets.</summary>
    public const int ScorePadding = 16;

    /// <summary>Columns of a wide last map (a vocabulary) that go through the arena at a time.</summary>
    public const int OutputColumns = 1024;

    /// <summary>Rows that go through at a time where rows are independent and their number has no limit (bare norms).</summary>
    public const int Rows = 256;

    /// <summary>KC: a product's steps of k in equal blocks.</summary>
    public static int K(int k)
    {
        int blocks = (k + MostK - 1) / MostK;
        return ((k + blocks - 1) / blocks + 15) / 16 * 16;
    }

    /// <summary>MC: rows of a block of A with so many steps of k.</summary>
    public static int M(int kc) => Math.Max(FewestRows, BlockFloats / kc / LargestTileRows * LargestTileRows);
}
