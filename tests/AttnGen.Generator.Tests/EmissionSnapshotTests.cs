using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>The code that users read, whole.</summary>
public class EmissionSnapshotTests
{
    public static TheoryData<string> Names => Shapes.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void CodeIsThatOfTheSnapshot(string name)
    {
        var generated = Assert.Single(GeneratorHost.Run(Shapes.Source(name)).EnsureClean().Generated);
        Assert.Equal($"Demo.{name}Demo.g.cs", generated.Key);
        Assert.DoesNotContain('\r', generated.Value);
        SnapshotFolder.Instance.Verify(name, "cs", generated.Value);
    }

    [Fact]
    public void NoSnapshotIsOrphaned() => Assert.Empty(SnapshotFolder.Instance.Orphans(Shapes.All.Keys.Append("Diagnostics")));
}
