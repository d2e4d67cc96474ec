using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using AttnGen.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool;

/// <summary>A problem that the generator reports.</summary>
internal sealed record Finding(string Id, string Message);

/// <summary>What a run of the generator gave: files by name, and what is wrong.</summary>
internal sealed record GeneratorOutput(IReadOnlyList<(string Name, string Text)> Files, IReadOnlyList<Finding> Findings, Compilation Compilation);

/// <summary>Runs the generator and the compiler in memory.</summary>
internal static class Host
{
    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp13, DocumentationMode.None);

    /// <summary>Runs the generator on a source text.</summary>
    /// <exception cref="ToolException">The source itself does not compile, or the generator failed.</exception>
    public static GeneratorOutput Generate(string source, IReadOnlyList<ModelText> models, CancellationToken cancellation)
    {
        var compilation = CSharpCompilation.Create(
            "AttnGen.InMemory",
            [CSharpSyntaxTree.ParseText(source, s_parse, "Source.cs", Encoding.UTF8, cancellation)],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        if (compilation.SyntaxTrees[0].GetDiagnostics(cancellation).FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error) is { } syntax)
            throw new ToolException($"The attribute is no C#: {Sentence(syntax)}; write it as in \"Attention(dModel: 64, heads: 8)\".");
        var driver = CSharpGeneratorDriver.Create(
                [new AttnGenGenerator().AsSourceGenerator()], models, s_parse, ModelText.Options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out _, cancellation);
        var result = driver.GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            throw new ToolException($"The generator failed with {exception.GetType().Name}: {exception.Message}; please report this with the folder's config.json.", ExitCode.Internal);
        return new GeneratorOutput(
            [.. result.GeneratedSources.Select(file => (file.HintName, file.SourceText.ToString()))],
            [.. result.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).OrderBy(d => d.Location.SourceSpan.Start).Select(d => new Finding(d.Id, d.GetMessage(CultureInfo.InvariantCulture)))],
            output);
    }

    /// <summary>Errors of the compiler in source or generated code, as one sentence; null if there are none.</summary>
    public static string? CompilerError(GeneratorOutput run, CancellationToken cancellation) =>
        run.Compilation.GetDiagnostics(cancellation).FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error) is { } error ? Sentence(error) : null;

    /// <summary>Compiles what the generator gave and loads it into a context of its own.</summary>
    public static Assembly Compile(GeneratorOutput run, CancellationToken cancellation)
    {
        using var image = new MemoryStream();
        var emitted = run.Compilation.Emit(image, cancellationToken: cancellation);
        if (!emitted.Success)
            throw new ToolException($"The generated code does not compile: {Sentence(emitted.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error))}; please report this with the folder's config.json.", ExitCode.Internal);
        image.Position = 0;
        return new AssemblyLoadContext("AttnGen.InMemory", isCollectible: true).LoadFromStream(image);
    }

    private static string Sentence(Diagnostic diagnostic) => $"{diagnostic.Id} {diagnostic.GetMessage(CultureInfo.InvariantCulture).TrimEnd('.')}";

    // The framework that runs the tool, and the libraries. Not the rest of what lies beside the tool.
    private static List<MetadataReference> References()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var references = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => Path.GetDirectoryName(path) == runtime && Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToList();
        references.Add(MetadataReference.CreateFromFile(typeof(AttentionAttribute).Assembly.Location));
        references.Add(MetadataReference.CreateFromFile(typeof(Generation.IChatTemplate).Assembly.Location)); // A model is its chat template, too.
        return references;
    }
}
