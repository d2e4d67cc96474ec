using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

internal static class SnapshotFolder
{
    /// <summary>The snapshots of this project.</summary>
    public static Snapshots Instance { get; } = new("tests/AttnGen.Generator.Tests/Snapshots");
}
