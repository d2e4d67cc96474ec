using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Tests;

/// <summary>Where a class may stand: each of these compiles without a warning, in every kind of project.</summary>
public class PlacementTests
{
    public static TheoryData<string> Places =>
    [
        "[Attention(64, 8)] public sealed partial class Mixer;",
        "[LayerNorm(8)] partial class Mixer { }",
        "[AttnGen.AttentionAttribute(heads: 8, dModel: 64)] internal sealed partial class Mixer;",
        "namespace Demo.Inner { [LayerNorm(8)] public partial class Mixer; }",
        "namespace Demo { namespace Inner { [LayerNorm(8)] public partial class Mixer; } }",
        "namespace @class.@namespace { [LayerNorm(8)] public partial class @event; }",
        "namespace await { [LayerNorm(8)] public partial class @record; }",
        "[LayerNorm(8)] public partial class @required; [Softmax(4)] public partial class @extension; [Softmax(4)] public partial class @field; [Softmax(4)] public partial class @lowercase; [Softmax(4)] public partial class @file; [Softmax(4)] public partial class @scoped; namespace Own { [Softmax(4)] public partial class @var; }",
        "public partial class Outer { [LayerNorm(8)] private sealed partial class Mixer; }",
        "public partial class Outer { protected internal partial class Middle { [LayerNorm(8)] private protected partial class Mixer; } }",
        "public static partial class Outer { [LayerNorm(8)] public partial class Mixer; }",
        "public abstract partial class Outer { [LayerNorm(8)] public partial class Mixer; }",
        "public partial struct Outer { [LayerNorm(8)] public partial class Mixer; }",
        "public readonly ref partial struct Outer { [LayerNorm(8)] public partial class Mixer; }",
        "public partial interface IOuter { [LayerNorm(8)] public partial class Mixer; }",
        "public partial record Outer(int X) { [LayerNorm(8)] public partial class Mixer; }",
        "public partial record struct Outer(int X) { [LayerNorm(8)] public partial class Mixer; }",
        "public readonly partial record struct Outer(int X) { [LayerNorm(8)] public partial class Mixer; }",
        "public partial class Outer(int x) { public int X => x; [LayerNorm(8)] public partial class Mixer; }",
        "public partial class Outer<T> { [LayerNorm(8)] public partial class Mixer; }",
        "public partial class Outer<T, @class> where T : class, new() where @class : unmanaged { public partial struct In<TIn> { [LayerNorm(8)] public partial class Mixer; } }",
        "public partial class Outer<Session, Mixer, System, AttnGen, Span, Math> { [Attention(64, 8)] public partial class Block; }",
        "[LayerNorm(8)] public partial record Mixer;",
        "[LayerNorm(8)] public sealed partial record class Mixer;",
        "[Attention(64, 8)] public partial class Mixer { public int Extra { get; set; } public static Mixer Load(int which) => throw new System.ArgumentException(which.ToString()); public float[] Forward(float[] x) => x; }",
        "[LayerNorm(8)] public partial class Mixer; public partial class Mixer { public int Extra; } partial class Mixer { public int More; }",
        "public class Base { public int Extra; protected Base() { } private int DModel => 1; public int One => DModel; } [LayerNorm(8)] public partial class Mixer : Base;",
        "public abstract class Base<T> { public T? Extra; } [Attention(64, 8)] public sealed partial class Mixer : Base<string>, System.ICloneable { public object Clone() => this; }",
        "namespace Mixer { [LayerNorm(8)] public partial class Mixer; }",
        "namespace Demo.AttnGen { [LayerNorm(8)] public partial class Mixer; }",
        "namespace Demo.System { [LayerNorm(8)] public partial class Mixer; }",
        "namespace Demo { public partial class Demo { [LayerNorm(8)] public partial class Mixer; } }",
        "namespace Demo { class Math; class Span; class MathF; class Vector512; class Unsafe; class String; class Single; class Int32; [Attention(64, 8)] public partial class Mixer; }",
        "namespace AttnGen { [LayerNorm(8)] public partial class Mixer; }",
        "namespace AttnGen.Runtime { [Attention(64, 8)] public partial class Mixer; }",
        "[System.Obsolete(\"old\", true)] [LayerNorm(8)] public partial class Mixer;",
        "[LayerNorm(8)] public partial class Größe; [LayerNorm(8)] public partial class 注意; [LayerNorm(8)] public partial class e\u0301l;",
    ];

    [Theory]
    [MemberData(nameof(Places))]
    public void Compiles(string place)
    {
        GeneratorHost.Compile("using AttnGen;\n" + place);
    }

    [Theory]
    [InlineData("public partial class Outer<T> { [Attention(64, 8)] public partial class Mixer; }")]
    [InlineData("[LayerNorm(8)] public unsafe partial class Norm; [Softmax(4)] public partial class Row; [Linear(3, 5)] public partial class Projection;")]
    public void CompilesInEveryKindOfProject(string place)
    {
        var source = "using AttnGen;\n" + place;
        foreach (var options in new HostOptions[] { new() { Nullable = NullableContextOptions.Disable }, new() { Checked = true }, new() { Documented = false } })
        {
            var run = GeneratorHost.Run(source, options);
            Assert.Empty(run.Diagnostics);
            // The test's own "unsafe" does not suit these projects; the generated code must.
            Assert.DoesNotContain(run.Problems, problem => problem.Location.SourceTree?.FilePath != "Source.cs");
        }
    }

    [Fact]
    public void AliasesAndGlobalUsings()
    {
        var run = GeneratorHost.Run("global using Heads = AttnGen.AttentionAttribute; [Heads(64, 8)] public partial class Mixer;").EnsureClean();
        Assert.Single(run.Generated);
    }

    /// <summary>The same names elsewhere, or in other letters, are other files.</summary>
    [Fact]
    public void HintNamesAreUniqueWithoutCase()
    {
        var run = GeneratorHost.Run(
            """
            using AttnGen;
            namespace A { [Softmax(4)] partial class Row; [Softmax(4)] partial class ROW; [Softmax(4)] partial class Plain; }
            namespace a { [Softmax(4)] partial class Row; [Softmax(4)] partial class RoW { } }
            namespace A.Row1 { [Softmax(4)] partial class Row; }
            namespace B { partial class Outer { [Softmax(4)] partial class Row; } partial class Outer<T> { [Softmax(4)] partial class Row; } partial class Outer<T, U> { [Softmax(4)] partial class Row; } partial class OUTER { [Softmax(4)] partial class Row; } }
            namespace C { [Softmax(4)] partial class Größe; [Softmax(4)] partial class GröSSE; [Softmax(4)] partial class 注意; }
            [Softmax(4)] partial class Row;
            """).EnsureClean();
        Assert.Equal(14, run.Generated.Count);
        Assert.Equal(14, run.Generated.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("Row.g.cs", run.Generated.Keys);
        Assert.Contains("A.Row1.Row-", string.Join(' ', run.Generated.Keys), StringComparison.Ordinal);
        Assert.Contains("C.Gr-00f6-00dfe.g.cs", run.Generated.Keys);
        Assert.All(run.Generated.Keys, name => Assert.Matches("^[A-Za-z0-9_.+-]+$", name));
    }

    [Fact]
    public void LongNamesAreCut()
    {
        var name = new string('N', 400);
        var run = GeneratorHost.Run($"using AttnGen; [Softmax(4)] partial class {name}A; [Softmax(4)] partial class {name}B;").EnsureClean();
        Assert.Equal(2, run.Generated.Count);
        Assert.All(run.Generated.Keys, hint => Assert.InRange(hint.Length, 100, 140));
    }

    /// <summary>The generated half declares nothing that a user's class is not warned about.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void NoMemberIsMissingInTheTableOfNames(string name)
    {
        var run = GeneratorHost.Run(Shapes.Source(name)).EnsureClean();
        var attribute = Shapes.All[name][1..Shapes.All[name].IndexOf('(', StringComparison.Ordinal)];
        var known = Spec.GeneratedMembers.Of(Enum.Parse<Spec.ShapeKind>(attribute)).ToDictionary(member => member.Name);
        var type = run.Output.GetTypeByMetadataName($"Demo.{name}Demo")!;
        foreach (var member in type.GetMembers().Where(member => !member.IsImplicitlyDeclared && member is not IMethodSymbol { MethodKind: not MethodKind.Ordinary }))
        {
            Assert.True(known.TryGetValue(member.Name, out var entry), $"{member.Name} is not in GeneratedMembers.Of({attribute}).");
            if (member is not IMethodSymbol method)
            {
                Assert.True(entry!.Overloads is null, $"{member.Name} is no method.");
                continue;
            }

            var format = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
            var parameters = string.Join(",", method.Parameters.Select(parameter => parameter.Type.ToDisplayString(format)));
            Assert.True(entry!.Overloads?.Contains(parameters), $"{member.Name}({parameters}) is not in GeneratedMembers.Of({attribute}).");
        }
    }

    public static TheoryData<string> Names => Shapes.Names;
}
