using System.Reflection;
using AttnGen.Generator.Parsing;
using AttnGen.Generator.Spec;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace AttnGen.Generator.Tests;

/// <summary>What an edit re-runs. The steps are named; each one's reason is tested exactly.</summary>
public class PipelineTests
{
    private const string Good = "using AttnGen;\n[Attention(64, 8)] public partial class Mixer;\n[LayerNorm(64)] public partial class Norm;\n";
    private const string Bad = "using AttnGen;\n[Attention(64, 7)] public partial class Mixer;\n";
    private const string Other = "class Other { int X => 1; }";

    public static TheoryData<string> Names => Shapes.Names;

    [Fact]
    public void TheSameTextAgain() =>
        Expect(Run(Good, Good), [("Parsed", "Unchanged Unchanged"), ("Specs", "Cached Cached"), ("Plans", "Cached Cached"), ("Diagnostics", ""), ("Kernels", "Cached"), ("SourceOutput", "Cached Cached Cached")]);

    /// <summary>Another file: parsing looks again (a symbol may mean something else now) and finds the same; nothing after it runs.</summary>
    [Fact]
    public void UnrelatedEdit() =>
        Expect(
            RunFiles([("A.cs", Good), ("B.cs", Other)], [("A.cs", Good), ("B.cs", Other.Replace('1', '2'))]),
            [("Parsed", "Unchanged Unchanged"), ("Specs", "Cached Cached"), ("Plans", "Cached Cached"), ("Diagnostics", ""), ("Kernels", "Cached"), ("SourceOutput", "Cached Cached Cached")]);

    /// <summary>One of two classes: only its code is written again.</summary>
    [Fact]
    public void EditOfAnArgument() =>
        Expect(
            Run(Good, Good.Replace("(64, 8)", "(64, 4)", StringComparison.Ordinal)),
            [("Parsed", "Modified Unchanged"), ("Specs", "Modified Cached"), ("Plans", "Modified Cached"), ("Diagnostics", ""), ("Kernels", "Modified"), ("SourceOutput", "Modified Cached Modified")]);

    /// <summary>An edit that asks for no new kernel: the class is written again, the kernels are not.</summary>
    [Fact]
    public void EditThatNeedsNoNewKernel() =>
        Expect(
            Run(Good, Good.Replace("(64, 8)", "(64, 8, causal: true)", StringComparison.Ordinal)),
            [("Parsed", "Modified Unchanged"), ("Specs", "Modified Cached"), ("Plans", "Modified Cached"), ("Diagnostics", ""), ("Kernels", "Cached"), ("SourceOutput", "Modified Cached Cached")]);

    /// <summary>Down a line and otherwise written: the Spec says the same, so no code is planned or written.</summary>
    [Fact]
    public void MovedAndRewritten() =>
        Expect(
            Run(Good, Good.Replace("[Attention(64, 8)]", "\n\n/* moved */ [Attention(heads: 2 * 4, dModel: 64, kvHeads: 0)]", StringComparison.Ordinal)),
            [("Parsed", "Unchanged Unchanged"), ("Specs", "Cached Cached"), ("Plans", "Cached Cached"), ("Diagnostics", ""), ("Kernels", "Cached"), ("SourceOutput", "Cached Cached Cached")]);

    /// <summary>The diagnostic moves, and what stands in for the class stays.</summary>
    [Fact]
    public void ErrorMoved() =>
        Expect(
            Run(Bad, "\n" + Bad),
            [("Parsed", "Modified"), ("Specs", ""), ("Diagnostics", "Modified"), ("SourceOutput", "Cached Cached Modified")]);

    [Fact]
    public void ErrorElsewhere() =>
        Expect(
            RunFiles([("A.cs", Bad), ("B.cs", Other)], [("A.cs", Bad), ("B.cs", Other.Replace('1', '2'))]),
            [("Parsed", "Unchanged"), ("Specs", ""), ("Diagnostics", "Cached"), ("SourceOutput", "Cached Cached Cached")]);

    [Fact]
    public void ErrorMended() =>
        Expect(
            Run(Bad, Bad.Replace("7", "8", StringComparison.Ordinal)),
            [("Parsed", "Modified"), ("Specs", "New"), ("Diagnostics", "Removed"), ("Kernels", "Modified"), ("SourceOutput", "New Modified Removed Removed")]);

    [Fact]
    public void ClassRemoved() =>
        Expect(
            Run(Good, Good.Replace("[Attention(64, 8)]", "", StringComparison.Ordinal)),
            [("Parsed", "Removed Unchanged"), ("Specs", "Cached Removed"), ("Diagnostics", ""), ("Kernels", "Modified"), ("SourceOutput", "Cached Modified Removed")]);

    /// <summary>Two runs over two compilations of the same text: equal models, equal hashes, the same code.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ModelsAreComparedByValue(string name)
    {
        var first = Parsed(Shapes.Source(name));
        var second = Parsed(Shapes.Source(name));
        Assert.NotSame(first, second);
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
        Assert.NotNull(first.Target);
    }

    [Fact]
    public void DifferentModelsDiffer() =>
        Assert.Equal(Shapes.All.Count, Shapes.All.Keys.Select(name => Parsed(Shapes.Source(name)).Target!.Model).Distinct().Count());

    [Fact]
    public void DiagnosticsAreComparedByValue()
    {
        var first = Parsed(Bad);
        Assert.Equal(first, Parsed(Bad));
        Assert.Equal(first.GetHashCode(), Parsed(Bad).GetHashCode());
        Assert.NotEqual(first, Parsed("\n" + Bad));
        Assert.Single(first.Diagnostics);
    }

    /// <summary>Everything that a step hands on, to its last field: no symbol, node, place or compilation hides in it.</summary>
    [Fact]
    public void NothingThatIsKeptHoldsACompilation()
    {
        var sources = Shapes.All.Keys.Select(Shapes.Source).Concat(DiagnosticCases.All.Select(test => "using AttnGen;\n" + Markup.Parse(test.Source).Source));
        var visited = 0;
        foreach (var source in sources)
        {
            var result = Driver(source).GetRunResult().Results.Single();
            var steps = new[] { TrackingNames.Parsed, TrackingNames.Specs, TrackingNames.Diagnostics }.SelectMany(name => result.TrackedSteps.GetValueOrDefault(name, []));
            foreach (var (value, _) in steps.SelectMany(step => step.Outputs))
                Assert.Null(FindLiving(value, "", ref visited));
        }

        Assert.True(visited > 1000, $"Only {visited} objects were looked at.");
    }

    /// <summary>The walk finds what it looks for, however deep: a place inside a diagnostic inside an array.</summary>
    [Fact]
    public void TheWalkFindsWhatItLooksFor()
    {
        var compilation = GeneratorHost.CreateCompilation(Good);
        var visited = 0;
        var diagnostic = Diagnostic.Create(DescriptorTable.All[0], compilation.SyntaxTrees[0].GetRoot().GetLocation());
        Assert.EndsWith("SourceLocation", FindLiving(new object[] { 1, new Lazy<object>(diagnostic) }, "", ref visited), StringComparison.Ordinal);
        Assert.NotNull(FindLiving(compilation.GetTypeByMetadataName("Mixer"), "", ref visited));
    }

    /// <summary>The path to an object that keeps a compilation alive, or null.</summary>
    private static string? FindLiving(object? value, string path, ref int visited, HashSet<object>? seen = null)
    {
        seen ??= new HashSet<object>(ReferenceEqualityComparer.Instance);
        if (value is null || !seen.Add(value))
            return null;
        visited++;
        var type = value.GetType();
        if (value is ISymbol or SyntaxNode or SyntaxTree or Location or Compilation or SemanticModel or AttributeData)
            return $"{path}: {type}";
        if (type.IsPrimitive || value is string or Type or DiagnosticDescriptor)
            return null;
        if (value is Array items)
        {
            foreach (var item in items)
            {
                if (FindLiving(item, path + "[]", ref visited, seen) is { } found)
                    return found;
            }
        }

        for (var level = type; level is not null; level = level.BaseType)
        {
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (FindLiving(field.GetValue(value), $"{path}.{field.Name}", ref visited, seen) is { } found)
                    return found;
            }
        }

        return null;
    }

    [Fact]
    public void EnumsHaveThePublicNumbers()
    {
        Same<Position, PositionKind>();
        Same<QkNorm, QkNormKind>();
        Same<Norm, NormKind>();
        Same<InputPosition, PositionsKind>();

        static void Same<TPublic, TSpec>()
            where TPublic : struct, Enum
            where TSpec : struct, Enum =>
            Assert.Equal(Enum.GetValues<TPublic>().Select(value => $"{value} {value:D}"), Enum.GetValues<TSpec>().Select(value => $"{value} {value:D}"));
    }

    [Fact]
    public void EveryShapeAttributeIsKnown()
    {
        var attributes = typeof(AttentionAttribute).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Attribute)) && type.Namespace == "AttnGen");
        Assert.Equal(
            attributes.Select(type => type.FullName).Order(StringComparer.Ordinal),
            ShapeAttribute.All.Select(shape => shape.MetadataName).Order(StringComparer.Ordinal));
    }

    /// <summary>Defaults are applied in parsing, so that planning sees no zeros that mean something else.</summary>
    [Fact]
    public void DefaultsAreApplied()
    {
        var score = new ScoreSpec(false, 0, 1 / Math.Sqrt(8), 0, PositionKind.None, 0, 10000, QkNormKind.None);
        var attention = new AttentionSpec(true, 64, 8, 8, 8, 8, 64, 64, true, false, false, 512, score);
        Assert.Equal(attention, Parsed("using AttnGen; [Attention(64, 8)] partial class C;").Target!.Model);
        Assert.Equal(
            attention with { KvHeads = 2, HeadDim = 6, ValueHeadDim = 6, Score = score with { Scale = 1 / Math.Sqrt(6), Position = PositionKind.RotaryHalf, RotaryDim = 6 } },
            Parsed("using AttnGen; [Attention(64, 8, 2, 6, position: Position.RotaryHalf)] partial class C;").Target!.Model);
        Assert.Equal(
            new AttentionSpec(false, 24, 4, 2, 6, 10, 12, 20, false, false, false, 512, score with { Scale = 1 / Math.Sqrt(6) }),
            Parsed("using AttnGen; [DotProductAttention(4, 6, 2, 10)] partial class C;").Target!.Model);
        Assert.Equal(
            new EncoderLayerSpec(attention, new FeedForwardSpec(64, 128, "Relu", false, true, 512), new NormSpec(NormKind.LayerNorm, 64, 1e-5, true), false),
            Parsed("using AttnGen; [EncoderLayer(64, 8, 128)] partial class C;").Target!.Model);
        Assert.False(((EncoderLayerSpec)Parsed("using AttnGen; [EncoderLayer(64, 8, 128, bias: false)] partial class C;").Target!.Model).Norm.Bias);
        Assert.False(((EncoderLayerSpec)Parsed("using AttnGen; [EncoderLayer(64, 8, 128, norm: Norm.RmsNorm)] partial class C;").Target!.Model).Norm.Bias);
    }

    private static ParseResult Parsed(string source) =>
        (ParseResult)Driver(source).GetRunResult().Results.Single().TrackedSteps[TrackingNames.Parsed].Single().Outputs.Single().Value;

    private static GeneratorDriver Driver(string source) => GeneratorHost.CreateDriver().RunGenerators(GeneratorHost.CreateCompilation(source));

    private static GeneratorRunResult Run(string before, string after) => RunFiles([("A.cs", before)], [("A.cs", after)]);

    /// <summary>As in an editor: the changed trees are replaced in the same compilation.</summary>
    private static GeneratorRunResult RunFiles((string Path, string Text)[] before, (string Path, string Text)[] after)
    {
        Compilation compilation = GeneratorHost.CreateCompilation(before);
        var driver = GeneratorHost.CreateDriver().RunGenerators(compilation);
        foreach (var (path, text) in after)
        {
            var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
            compilation = compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(SourceText.From(text)));
        }

        return driver.RunGenerators(compilation).GetRunResult().Results.Single();
    }

    private static void Expect(GeneratorRunResult result, (string Step, string Reasons)[] expected)
    {
        Assert.Null(result.Exception);
        var actual = expected.Select(pair =>
        {
            var steps = pair.Step == "SourceOutput" ? result.TrackedOutputSteps : result.TrackedSteps;
            var reasons = steps.GetValueOrDefault(pair.Step, []).SelectMany(step => step.Outputs).Select(output => output.Reason.ToString()).Order(StringComparer.Ordinal);
            return (pair.Step, string.Join(' ', reasons));
        });
        Assert.Equal(expected.Select(pair => (pair.Step, string.Join(' ', pair.Reasons.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)))), actual);
    }
}
