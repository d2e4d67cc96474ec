using System.Collections.Immutable;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace AttnGen.Generator.Tests;

/// <summary>A class whose attribute no generator could see is reported by the analyzer; a class of which the generator has spoken is not.</summary>
public class UnseenAttributeTests
{
    private const string Alias = "global using Shape = AttnGen.AttentionAttribute;";

    /// <summary>What another generator writes, in files of any name, and what the user wrote.</summary>
    [Theory]
    [InlineData("Aliases.g.cs", Alias, "[Shape(64, 8)] public partial class Mixer;")]
    [InlineData("Aliases.cs", Alias, "[Shape(64, 8)] public partial class Mixer;")]
    [InlineData("Aliases.g.cs", Alias, "namespace Demo { partial class Outer { [Shape(64, 7)] internal partial class Mixer; } }")] // would be refused, with a stand-in
    [InlineData("Aliases.g.cs", Alias, "[Shape(64, 8)] public class Mixer;")] // would be refused, without one
    [InlineData("Aliases.g.cs", "global using Shape = global::AttnGen.SoftmaxAttribute;", "[Shape(8)] public partial class Mixer;")]
    [InlineData("Aliases.g.cs", "global using ShapeAttribute = AttnGen.LayerNormAttribute;", "[Shape(8)] public partial record Mixer;")]
    [InlineData("Mixer.g.cs", "[AttnGen.Attention(64, 8)] public partial class Mixer;", "")]
    [InlineData("Mixer.cs", "[AttnGen.Attention(64, 8)] public partial class Mixer;", "")]
    [InlineData("Mixer.g.cs", "using Shape = AttnGen.AttentionAttribute; [Shape(64, 8)] partial class Mixer;", "public partial class Mixer;")]
    public void WhatNoGeneratorSees(string file, string generated, string source)
    {
        var found = Assert.Single(Analyze(source, (file, generated)));
        Assert.Equal(("ATTN0051", DiagnosticSeverity.Error), (found.Id, found.Severity));
        string message = found.GetMessage(HostileCulture.Instance);
        Assert.StartsWith("'Mixer' has [", message, StringComparison.Ordinal);
        Assert.Contains(generated.StartsWith("global", StringComparison.Ordinal) ? "alias 'Shape'" : "the class", message, StringComparison.Ordinal);
        Assert.NotNull(found.Location.SourceTree);
    }

    [Theory]
    [InlineData("[AttnGen.Attention(64, 8)] public partial class Mixer;")]
    [InlineData("[AttnGen.Attention(64, 7)] public partial class Mixer;")] // refused, with a stand-in
    [InlineData("[AttnGen.Attention(64, 8)] public class Mixer;")] // refused, without one
    [InlineData("[AttnGen.Attention(64, 8)] public static partial class Mixer;")]
    [InlineData("[AttnGen.Attention(64, 8)] public partial class Mixer<T>;")]
    [InlineData("[AttnGen.Attention(64, 8)] public partial class Mixer { public int GeneratedPlan; }")]
    [InlineData("[AttnGen.Attention(64, 8), AttnGen.Softmax(8)] public partial class Mixer;")]
    [InlineData("[AttnGen.Attention(64)] public partial class Mixer;")] // the compiler's
    [InlineData("[AttnGen.TransformerModel(\"nowhere\")] public partial class Mixer;")]
    [InlineData("global using Shape = AttnGen.AttentionAttribute; [Shape(64, 8)] public partial class Mixer;")]
    [InlineData("global using Shape = AttnGen.AttentionAttribute; [Shape(64, 8)] public class Mixer;")]
    [InlineData("using Shape = AttnGen.AttentionAttribute; [Shape(64, 7)] public partial class Mixer;")]
    [InlineData("public class Mixer; [System.Obsolete] public partial class Other;")]
    public void WhatTheGeneratorSaw(string source) => Assert.Empty(Analyze(source));

    /// <summary>An alias of the project's own in another file, and one that another generator adds before any generator runs.</summary>
    [Theory]
    [InlineData("[Shape(64, 8)] public partial class Mixer;")]
    [InlineData("[Shape(64, 8)] public class Mixer;")]
    public void AliasesThatTheGeneratorSees(string source)
    {
        Assert.Empty(Analyze([("Source.cs", source), ("Aliases.cs", Alias)], []));
        Assert.Empty(Analyze([("Source.cs", source.Replace("class Mixer", "partial class Mixer", StringComparison.Ordinal).Replace("partial partial", "partial", StringComparison.Ordinal))], [new Early(Alias)]));
    }

    /// <summary>The package has one assembly of analyzers, and the compiler finds both kinds in it.</summary>
    [Fact]
    public void TheCompilerFindsTheAnalyzer()
    {
        var reference = new AnalyzerFileReference(typeof(AttnGenGenerator).Assembly.Location, new Loader());
        Assert.Equal([nameof(UnseenAttributeAnalyzer)], reference.GetAnalyzers(LanguageNames.CSharp).Select(analyzer => analyzer.GetType().Name));
        Assert.Single(reference.GetGenerators(LanguageNames.CSharp));
    }

    private static ImmutableArray<Diagnostic> Analyze(string source, params (string File, string Text)[] generated) =>
        Analyze([("Source.cs", source)], [.. generated.Select(file => new Late(file.File, file.Text))]);

    private static ImmutableArray<Diagnostic> Analyze((string, string)[] files, IIncrementalGenerator[] others)
    {
        var compilation = GeneratorHost.CreateCompilation(files);
        IIncrementalGenerator[] generators = [new AttnGenGenerator(), .. others];
        CSharpGeneratorDriver.Create(
            generators.Select(generator => generator.AsSourceGenerator()), optionsProvider: ModelText.Options, parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        return output.WithAnalyzers([new UnseenAttributeAnalyzer()]).GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Another generator, which writes a file.</summary>
    private sealed class Late(string file, string text) : IIncrementalGenerator
    {
        public void Initialize(IncrementalGeneratorInitializationContext context) =>
            context.RegisterSourceOutput(context.CompilationProvider, (output, _) => output.AddSource(file, text));
    }

    /// <summary>Another generator, whose file is there before any generator runs.</summary>
    private sealed class Early(string text) : IIncrementalGenerator
    {
        public void Initialize(IncrementalGeneratorInitializationContext context) =>
            context.RegisterPostInitializationOutput(output => output.AddSource("Aliases.g.cs", text));
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public System.Reflection.Assembly LoadFromPath(string fullPath) => typeof(AttnGenGenerator).Assembly;
    }
}
