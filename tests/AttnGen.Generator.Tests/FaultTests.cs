using System.Text.RegularExpressions;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Parsing;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Generator.Tests;

/// <summary>An exception in the generator is the fault of one class: it gets a diagnostic, and the others keep their code.</summary>
public class FaultTests
{
    private const string Source = """
        using AttnGen;
        namespace Demo
        {
            [Softmax(8)] public partial class First;
            public partial class Outer<T> { [Attention(64, 8)] public partial class Broken; }
            [LayerNorm(8)] public partial class Last;
        }
        static class Use { public static void All(Demo.Outer<int>.Broken broken, float[] x) { broken.Forward(x, x); using var session = broken.CreateSession(); Demo.Outer<int>.Broken.Load("x").Dispose(); } }
        """;

    public static TheoryData<string> Stages => [nameof(Stage.Parsing), nameof(Stage.Planning), nameof(Stage.Emission)];

    [Theory]
    [MemberData(nameof(Stages))]
    public void OthersKeepTheirCode(string stage)
    {
        var (result, output) = Run(Source, (at, name) => Throw(at.ToString() == stage && name == "Broken", new InvalidOperationException("a test's fault,\nof two lines")));
        Assert.Null(result.Exception);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal(("ATTN0050", DiagnosticSeverity.Error), (diagnostic.Id, diagnostic.Severity));
        string message = diagnostic.GetMessage(HostileCulture.Instance);
        Assert.Contains("'Broken'", message, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException", message, StringComparison.Ordinal);
        Assert.Contains("a test's fault, of two lines", message, StringComparison.Ordinal);
        Assert.Contains("report", message, StringComparison.Ordinal);
        var span = diagnostic.Location.GetLineSpan();
        Assert.Equal(("Source.cs", 4), (span.Path, span.StartLinePosition.Line));
        Assert.Equal("Attention", Source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));

        // The others' halves are whole, and the broken class's stand-in leaves the code that uses it without errors of its own.
        Assert.Equal(3, Halves(result));
        Assert.Contains(result.GeneratedSources, source => source.HintName == "Demo.First.g.cs" && source.SourceText.ToString().Contains("Lane512", StringComparison.Ordinal));
        Assert.Contains(result.GeneratedSources, source => source.HintName == "Demo.Last.g.cs" && source.SourceText.ToString().Contains("Lane512", StringComparison.Ordinal));
        Assert.DoesNotContain(output.GetDiagnostics(), problem => problem.Severity == DiagnosticSeverity.Error);
    }

    /// <summary>The page's example is the message, but for the place: here it is this test that throws.</summary>
    [Fact]
    public void ThePageShowsTheMessage()
    {
        var (result, _) = Run("using AttnGen; [Attention(dModel: 64, heads: 8)] public sealed partial class Mixer;", (at, _) => Throw(at == Stage.Planning, new InvalidOperationException("Sequence contains no elements.")));
        string message = Regex.Replace(Assert.Single(result.Diagnostics).GetMessage(HostileCulture.Instance), @" in \S+: ", " in Planner.Plan: ");
        string page = File.ReadAllText(Path.Combine(Snapshots.Root, "docs", "diagnostics", "ATTN0050.md"));
        Assert.Contains($"```text\nerror ATTN0050: {message}\n```", page.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    /// <summary>Even where nothing can be put in its place.</summary>
    [Fact]
    public void AFaultOfTheStandIn()
    {
        var (result, _) = Run(Source, (at, name) => Throw(name == "Broken" && at is Stage.Emission or Stage.StandIn, new NotSupportedException()));
        Assert.Null(result.Exception);
        Assert.Contains("NotSupportedException", Assert.Single(result.Diagnostics).GetMessage(HostileCulture.Instance), StringComparison.Ordinal);
        Assert.Equal(2, Halves(result));
    }

    /// <summary>Files of classes; the kernels of all of them stand in one more.</summary>
    private static int Halves(GeneratorRunResult result) => result.GeneratedSources.Count(source => source.HintName != "AttnGen.Kernels.g.cs");

    /// <summary>Every class at once.</summary>
    [Fact]
    public void EveryClassHasItsOwn()
    {
        var (result, _) = Run(Source, (at, name) => Throw(at == Stage.Emission, new InvalidOperationException(name)));
        Assert.Equal(["Broken", "First", "Last"], result.Diagnostics.Select(d => d.GetMessage(HostileCulture.Instance).Split('\'')[1]).Order());
        Assert.Equal(3, Halves(result));
    }

    [Theory]
    [InlineData(nameof(Stage.Parsing))]
    [InlineData(nameof(Stage.Emission))]
    public void CancellationIsNoFault(string stage)
    {
        using var cancellation = new CancellationTokenSource();
        var driver = Driver((at, name) =>
        {
            if (at.ToString() == stage)
            {
                cancellation.Cancel();
                cancellation.Token.ThrowIfCancellationRequested();
            }
        });
        Assert.Throws<OperationCanceledException>(() => driver.RunGenerators(GeneratorHost.CreateCompilation(Source), cancellation.Token));
    }

    /// <summary>A fault re-runs nothing of the others after an edit elsewhere; mended, it is gone.</summary>
    [Fact]
    public void AnEditElsewhereRunsNothing()
    {
        bool broken = true;
        var written = new List<string>();
        GeneratorDriver driver = Driver((at, name) =>
        {
            if (at == Stage.Emission)
                written.Add(name);
            Throw(broken && at == Stage.Emission && name == "Broken", new InvalidOperationException());
        });
        var compilation = GeneratorHost.CreateCompilation([("Source.cs", Source), ("Other.cs", "class Other;")]);
        driver = driver.RunGenerators(compilation);
        Assert.Equal(3, written.Count);
        written.Clear();

        var other = compilation.SyntaxTrees.Last();
        compilation = compilation.ReplaceSyntaxTree(other, other.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From("class Another;")));
        driver = driver.RunGenerators(compilation);
        Assert.Empty(written);
        Assert.Equal("ATTN0050", Assert.Single(driver.GetRunResult().Diagnostics).Id);

        // The place follows the class.
        var first = compilation.SyntaxTrees[0];
        compilation = compilation.ReplaceSyntaxTree(first, first.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From("\n\n" + Source)));
        driver = driver.RunGenerators(compilation);
        Assert.Empty(written);
        Assert.Equal(6, Assert.Single(driver.GetRunResult().Diagnostics).Location.GetLineSpan().StartLinePosition.Line);

        broken = false;
        first = compilation.SyntaxTrees[0];
        compilation = compilation.ReplaceSyntaxTree(first, first.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From(Source.Replace("(64, 8)", "(64, 4)", StringComparison.Ordinal))));
        driver = driver.RunGenerators(compilation);
        Assert.Equal(["Broken"], written);
        Assert.Empty(driver.GetRunResult().Diagnostics);
    }

    /// <summary>A whole model: reading its folder and writing its code.</summary>
    [Theory]
    [InlineData(nameof(Stage.Resolving))]
    [InlineData(nameof(Stage.Parsing))]
    public void WholeModels(string stage)
    {
        var (result, _) = Run(
            "[AttnGen.TransformerModel(\"a\")] public partial class Broken; [AttnGen.Softmax(4)] public partial class Row; [AttnGen.TransformerModel(\"b\")] public partial class Other;",
            (at, name) => Throw(at.ToString() == stage && name == "Broken", new InvalidOperationException("x")));
        Assert.Null(result.Exception);
        Assert.Equal(["ATTN0040", "ATTN0050"], result.Diagnostics.Select(d => d.Id).Order()); // 'b' is in no project here
        Assert.Equal(3, Halves(result));
    }

    /// <summary>The name under which a class is looked for is the compiler's.</summary>
    [Theory]
    [InlineData("namespace A.@class { partial class O<T, U> { partial struct @in<V> { [AttnGen.Softmax(4)] partial class @event; } } }", "A.class.O`2+in`1+event")]
    [InlineData("[AttnGen.Softmax(4)] partial class Row;", "Row")]
    public void MetadataNames(string source, string name)
    {
        var compilation = GeneratorHost.CreateCompilation(source);
        var driver = (CSharpGeneratorDriver)GeneratorHost.CreateDriver().RunGenerators(compilation);
        var spec = ((ParseResult)driver.GetRunResult().Results.Single().TrackedSteps[TrackingNames.Parsed].Single().Outputs.Single().Value).Target!.Type;
        Assert.Equal(name, spec.MetadataName);
        Assert.NotNull(compilation.Assembly.GetTypeByMetadataName(name));
    }

    private static void Throw(bool condition, Exception exception)
    {
        if (condition)
            throw exception;
    }

    private static CSharpGeneratorDriver Driver(Action<Stage, string> probe) => CSharpGeneratorDriver.Create(
        [new AttnGenGenerator { Probe = probe }.AsSourceGenerator()],
        optionsProvider: ModelText.Options,
        parseOptions: (CSharpParseOptions)GeneratorHost.CreateCompilation("").SyntaxTrees[0].Options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static (GeneratorRunResult Result, Compilation Output) Run(string source, Action<Stage, string> probe)
    {
        var driver = Driver(probe).RunGeneratorsAndUpdateCompilation(GeneratorHost.CreateCompilation(source), out var output, out _);
        return (driver.GetRunResult().Results.Single(), output);
    }
}
