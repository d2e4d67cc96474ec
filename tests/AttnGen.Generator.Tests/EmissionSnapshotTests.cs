using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Tests;

/// <summary>The code that users read, whole.</summary>
public class EmissionSnapshotTests
{
    public static TheoryData<string> Names => Shapes.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void CodeIsThatOfTheSnapshot(string name)
    {
        var run = GeneratorHost.Run(Shapes.Source(name)).EnsureClean();
        var generated = Assert.Single(run.Generated);
        Assert.Equal($"Demo.{name}Demo.g.cs", generated.Key);
        Assert.DoesNotContain('\r', generated.Value);
        SnapshotFolder.Instance.Verify(name, "cs", generated.Value);
        var plan = (IFieldSymbol)Assert.Single(run.Output.GetTypeByMetadataName($"Demo.{name}Demo")!.GetMembers("GeneratedPlan"));
        Assert.Equal(GeneratorHost.Header(generated.Value), plan.ConstantValue);
    }

    [Fact]
    public void NoSnapshotIsOrphaned() => Assert.Empty(SnapshotFolder.Instance.Orphans(Shapes.All.Keys.Append("Diagnostics")));
}
