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
        string text = (string)plan.ConstantValue!;
        Assert.Equal(text.Split('\n')[0], GeneratorHost.Header(generated.Value).Split('\n')[1]);
        Assert.Contains("Decided", text.Split('\n'));
        Assert.Contains("Steps", text.Split('\n'));
    }

    /// <summary>The kernels of a project that has every shape: they stand once, and a class adds none of its own.</summary>
    [Fact]
    public void KernelsAreThoseOfTheSnapshot()
    {
        var run = GeneratorHost.Run(string.Join('\n', Shapes.All.Keys.Select(name => $"namespace Of{name} {{ {Shapes.Source(name).Replace("namespace Demo;", "", StringComparison.Ordinal)} }}"))).EnsureClean();
        Assert.Equal(Shapes.All.Count, run.Generated.Count);
        SnapshotFolder.Instance.Verify("Kernels", "cs", run.Kernels);
    }

    [Fact]
    public void NoSnapshotIsOrphaned() => Assert.Empty(SnapshotFolder.Instance.Orphans(Shapes.All.Keys.Append("Diagnostics").Append("Kernels")));
}
