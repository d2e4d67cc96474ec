using System.Globalization;
using System.Text;
using AttnGen.Generator.Diagnostics;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Generator.Tests;

public class DiagnosticTests
{
    private const string Using = "using AttnGen;\n";

    /// <summary>Place and ID of every diagnostic, and nothing else reported: neither a second time nor by the compiler about generated code.</summary>
    [Fact]
    public void EachCaseHasItsDiagnosticAtItsPlace()
    {
        var failures = new StringBuilder();
        foreach (var (name, marked) in DiagnosticCases.All)
        {
            var (source, spans) = Markup.Parse(Using + marked);
            var run = GeneratorHost.Run(source);
            var expected = spans.Select(span => $"{span.Id} at '{source.Substring(span.Start, span.Length)}' ({span.Start})").Order(StringComparer.Ordinal);
            var actual = run.Diagnostics.Select(d => $"{d.Id} at '{source.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length)}' ({d.Location.SourceSpan.Start})").Order(StringComparer.Ordinal);
            if (!expected.SequenceEqual(actual))
                failures.AppendLine($"{name}\n  expected {string.Join(", ", expected)}\n  actual   {string.Join(", ", actual)}");
            if (run.Diagnostics.Any(d => d.Severity != DiagnosticSeverity.Error || d.Location.GetLineSpan().Path != "Source.cs"))
                failures.AppendLine($"{name}: no error, or in no file");
            if (run.Generated.Count > 0 && run.Diagnostics.Any(d => d.Id != "ATTN0008") && name != "base class with a shape")
                failures.AppendLine($"{name}: code was generated all the same");
            if (run.StandIns.Count > 0 && run.Problems.Any(problem => problem.Location.SourceTree?.FilePath != "Source.cs"))
                failures.AppendLine($"{name}: what stands in for the class does not compile\n{GeneratorHost.Describe(run.Problems, run.Output)}");
        }

        Assert.True(failures.Length == 0, failures.ToString());
    }

    /// <summary>A refused class has the public members of an accepted one, so that the code that uses it has no errors of its own.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ARefusedClassHasTheMembersOfAnAcceptedOne(string name)
    {
        var accepted = GeneratorHost.Run(Shapes.Source(name)).EnsureClean();
        var text = Shapes.Source(name);
        var wrong = GeneratorHost.Run(System.Text.RegularExpressions.Regex.Replace(text, @"(dModel|heads|inputs|dim): \d+", "$1: 0"));
        Assert.NotEmpty(wrong.Diagnostics);
        Assert.Empty(wrong.Problems);
        Assert.Single(wrong.StandIns);
        string type = $"Demo.{name}Demo";
        var expected = Members(accepted.Output.GetTypeByMetadataName(type)!);
        Assert.NotEmpty(expected);
        Assert.Empty(expected.Except(Members(wrong.Output.GetTypeByMetadataName(type)!)));
    }

    public static TheoryData<string> Names => Shapes.Names;

    private static List<string> Members(INamedTypeSymbol type) =>
    [
        .. type.AllInterfaces.Select(one => one.ToDisplayString()),
        .. type.GetMembers()
            .Where(member => member.DeclaredAccessibility == Accessibility.Public && member is IMethodSymbol { MethodKind: MethodKind.Ordinary } or IPropertySymbol or IFieldSymbol { IsConst: true })
            .Select(member => member.ToDisplayString(s_member)),
        .. type.GetTypeMembers().Where(nested => nested.DeclaredAccessibility == Accessibility.Public).SelectMany(Members),
    ];

    private static readonly SymbolDisplayFormat s_member = SymbolDisplayFormat.CSharpErrorMessageFormat
        .AddMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers)
        .AddParameterOptions(SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeOptionalBrackets);

    [Fact]
    public void MessagesAreThoseOfTheSnapshot()
    {
        var text = new StringBuilder();
        foreach (var (name, marked) in DiagnosticCases.All)
        {
            var (source, _) = Markup.Parse(Using + marked);
            text.Append("# ").Append(name).Append('\n').Append(source[Using.Length..]).Append('\n');
            foreach (var diagnostic in GeneratorHost.Run(source).Diagnostics)
                text.Append(Line(diagnostic)).Append('\n');
            text.Append('\n');
        }

        SnapshotFolder.Instance.Verify("Diagnostics", "txt", text.ToString());
    }

    [Fact]
    public void EveryDiagnosticHasACase()
    {
        var covered = DiagnosticCases.All.SelectMany(test => Markup.Parse(test.Source).Spans).Select(span => span.Id)
            .Concat(["ATTN0007", "ATTN0011", "ATTN0012"]) // Below: they need another project, not another class.
            .Concat(["ATTN0050", "ATTN0051"]) // Of the generator itself: FaultTests, UnseenAttributeTests.
            .Concat(["ATTN0041", "ATTN0042", "ATTN0043", "ATTN0044", "ATTN0045", "ATTN0046", "ATTN0047", "ATTN0048"]) // They need a model's folder: AttnGen.Models.Tests.
            .ToHashSet();
        Assert.All(DescriptorTable.All, descriptor => Assert.Contains(descriptor.Id, covered));
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp8)]
    [InlineData(LanguageVersion.CSharp12)]
    public void OldLanguage(LanguageVersion language)
    {
        var run = GeneratorHost.Run("using AttnGen; [Attention(64, 8)] public partial class Mixer { }", new HostOptions { Language = language });
        var diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal(
            $"error ATTN0007 (1,17)-(1,26): This project compiles as C# {language.ToDisplayString()}, but the generated code needs C# 13 or later. Remove <LangVersion> from the project, or set it to 13 or later.",
            Line(diagnostic));
        Assert.Empty(run.Generated);
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp13)]
    [InlineData(LanguageVersion.CSharp14)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Default)]
    [InlineData(LanguageVersion.Preview)]
    public void NewEnoughLanguage(LanguageVersion language) =>
        GeneratorHost.Compile("using AttnGen; [Attention(64, 8)] public partial class Mixer { }", new HostOptions { Language = language });

    [Fact]
    public void AttributeOfAnotherLibrary()
    {
        var run = GeneratorHost.Run(
            """
            [AttnGen.Softmax(4)] public partial class Row;
            namespace AttnGen { class SoftmaxAttribute(int dim) : System.Attribute { public int Dim => dim; } }
            """,
            new HostOptions { Runtime = false });
        Assert.Equal("ATTN0011", Assert.Single(run.Diagnostics).Id);
        Assert.Empty(run.Generated);
    }

    [Fact]
    public void LibraryOfAnotherVersion()
    {
        var run = GeneratorHost.Run(
            """
            [AttnGen.Softmax(4)] public partial class Row;
            namespace AttnGen { interface ITensorSource; class SoftmaxAttribute(int width) : System.Attribute { public int Width => width; } }
            """,
            new HostOptions { Runtime = false });
        Assert.Contains("its attribute has no 'dim'", Assert.Single(run.Diagnostics).GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Empty(run.Generated);
    }

    [Fact]
    public void LibraryUnderAnAlias()
    {
        var compilation = GeneratorHost.CreateCompilation("extern alias attn; [attn::AttnGen.Softmax(4)] public partial class Row;");
        compilation = compilation.WithReferences(compilation.References.Select(reference =>
            reference.Display == typeof(AttentionAttribute).Assembly.Location ? reference.WithAliases(["attn"]) : reference));
        var diagnostic = Assert.Single(GeneratorHost.Run(compilation).Diagnostics);
        Assert.Contains("under the alias 'attn' only", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System")]
    public void HiddenName(string name)
    {
        var (source, spans) = Markup.Parse($"namespace Mine {{ using AttnGen; [Softmax(4)] public partial class Row; }} class {{|ATTN0012:{name}|}} {{ }}");
        var run = GeneratorHost.Run(source);
        var diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal(spans[0], (diagnostic.Id, diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Empty(run.Generated);
    }

    /// <summary>What the compiler refuses, it explains; the generator neither crashes nor adds to it.</summary>
    [Theory]
    [InlineData("[Attention] partial class C;")]
    [InlineData("[Attention(64)] partial class C;")]
    [InlineData("[Attention(64, 8, 1, 2, 3, 4, true, false, true, 5, false, 0, 1, 1, Position.None, 0, 10000, QkNorm.None, 99)] partial class C;")]
    [InlineData("[Attention(64, heads: 8, heads: 9)] partial class C;")]
    [InlineData("[Attention(64, eads: 8)] partial class C;")]
    [InlineData("[Attention(64, heads: \"8\")] partial class C;")]
    [InlineData("[Attention(64, heads: Missing.Constant)] partial class C;")]
    [InlineData("[Attention(64, heads: System.Environment.ProcessorCount)] partial class C;")]
    [InlineData("[Attention(64, 8, position: 1)] partial class C;")]
    [InlineData("[Attention(64, 8, scale: null)] partial class C;")]
    [InlineData("[Attention(64, 8)] partial struct S;")]
    [InlineData("[Attention(64, 8)] partial record struct S;")]
    [InlineData("[Attention(64, 8)] partial interface I;")]
    [InlineData("[Attention(64, 8)] enum E;")]
    [InlineData("[Attention(64, 8), Attention(64, 8)] partial class C;")]
    [InlineData("[Attention(64, 8)] partial class C; [Attention(64, 4)] partial class C;")]
    [InlineData("[assembly: Attention(64, 8)]")]
    [InlineData("[Attention(64, 8)] partial class ;")]
    [InlineData("[Attention(64, 8)] partial class C; class AttnGen;")]
    [InlineData("partial class { [Attention(64, 8)] partial class C; }")]
    [InlineData("[Attention(64, 8)] partial class C : Missing<int> { int Load( }")]
    public void CompilerErrorsStayTheCompilers(string source)
    {
        var run = GeneratorHost.Run(Using + source);
        Assert.Empty(run.Diagnostics);
        Assert.Contains(run.Problems, problem => problem.Severity == DiagnosticSeverity.Error && problem.Location.SourceTree?.FilePath == "Source.cs");
    }

    private static string Line(Diagnostic diagnostic)
    {
        using var culture = HostileCulture.Enter();
        var span = diagnostic.Location.GetLineSpan().Span;
        return FormattableString.Invariant(
            $"{diagnostic.Severity.ToString().ToLowerInvariant()} {diagnostic.Id} ({span.Start.Line + 1},{span.Start.Character + 1})-({span.End.Line + 1},{span.End.Character + 1}): {diagnostic.GetMessage(HostileCulture.Instance)}");
    }
}

/// <summary>Every descriptor of the generator.</summary>
internal static class DescriptorTable
{
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        .. typeof(Descriptors).GetFields().Where(field => field.FieldType == typeof(DiagnosticDescriptor)).Select(field => (DiagnosticDescriptor)field.GetValue(null)!),
    ];
}
