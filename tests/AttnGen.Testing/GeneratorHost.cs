using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using AttnGen.Generator;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace AttnGen.Testing;

/// <summary>How to compile. The defaults are the strictest project that a user may have.</summary>
public sealed record HostOptions
{
    public static HostOptions Default { get; } = new();

    public LanguageVersion Language { get; init; } = LanguageVersion.CSharp13;

    public NullableContextOptions Nullable { get; init; } = NullableContextOptions.Enable;

    /// <summary>Whether arithmetic is checked in the whole project (CheckForOverflowUnderflow).</summary>
    public bool Checked { get; init; }

    /// <summary>Whether the project makes a documentation file, so that public members without comments warn (CS1591).</summary>
    public bool Documented { get; init; } = true;

    /// <summary>Whether the library AttnGen is referenced.</summary>
    public bool Runtime { get; init; } = true;

    /// <summary>The files of model folders, as the build hands them to the compiler.</summary>
    public IReadOnlyList<ModelText> Models { get; init; } = [];
}

/// <summary>What one run of the generator gave.</summary>
/// <param name="Diagnostics">The generator's own, in source order.</param>
/// <param name="Generated">The other halves of the classes that were accepted: text by hint name.</param>
/// <param name="StandIns">What stands in for those of the classes that were refused.</param>
/// <param name="Output">The compilation with the generated trees.</param>
/// <param name="Problems">Warnings and errors of the compiler, without those about missing comments in the test's own source.</param>
public sealed record GeneratorRun(
    ImmutableArray<Diagnostic> Diagnostics,
    ImmutableSortedDictionary<string, string> Generated,
    ImmutableSortedDictionary<string, string> StandIns,
    Compilation Output,
    ImmutableArray<Diagnostic> Problems)
{
    /// <summary>The project's kernel file, "" if no class needs one.</summary>
    public string Kernels { get; init; } = "";

    /// <summary>Throws, with the reported problems and the numbered sources they are in, unless there are none. A message is no problem.</summary>
    public GeneratorRun EnsureClean()
    {
        var all = Diagnostics.RemoveAll(diagnostic => diagnostic.Severity < DiagnosticSeverity.Warning).AddRange(Problems);
        return all.IsEmpty ? this : throw new CompilationFailedException(GeneratorHost.Describe(all, Output));
    }
}

/// <summary>The generated code, or what stands around it, does not compile cleanly.</summary>
public sealed class CompilationFailedException(string message) : Exception(message);

/// <summary>Runs the generator on source text in memory: warning level 9999, nullable, no unsafe code, and a hostile culture.</summary>
public static class GeneratorHost
{
    /// <summary>What the header of a generated file says, without the comment's slashes.</summary>
    public static string Header(string generated) =>
        string.Join('\n', generated.Split('\n').Skip(1).TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(line => line.Length > 3 ? line[3..] : ""));

    private const string KernelsHint = "AttnGen.Kernels.g.cs";
    private const int MostListedLines = 400;

    private static readonly ImmutableArray<MetadataReference> s_framework = [.. Net100.References.All];
    private static readonly MetadataReference s_runtime = MetadataReference.CreateFromFile(typeof(AttentionAttribute).Assembly.Location);
    private static int s_assemblies;

    /// <summary>Source to a compilation, before the generator.</summary>
    public static CSharpCompilation CreateCompilation(string source, HostOptions? options = null) =>
        CreateCompilation([("Source.cs", source)], options);

    /// <summary>Named files to a compilation, before the generator.</summary>
    public static CSharpCompilation CreateCompilation(IEnumerable<(string Path, string Text)> files, HostOptions? options = null)
    {
        options ??= HostOptions.Default;
        return CSharpCompilation.Create(
            $"Generated{Interlocked.Increment(ref s_assemblies)}",
            files.Select(file => CSharpSyntaxTree.ParseText(file.Text, ParseOptions(options), file.Path, Encoding.UTF8)),
            options.Runtime ? s_framework.Add(s_runtime) : s_framework,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                checkOverflow: options.Checked,
                allowUnsafe: false,
                warningLevel: 9999,
                nullableContextOptions: options.Nullable));
    }

    /// <summary>A driver with this generator that remembers why each step ran.</summary>
    public static GeneratorDriver CreateDriver(HostOptions? options = null) =>
        CSharpGeneratorDriver.Create(
            [new AttnGenGenerator().AsSourceGenerator()],
            additionalTexts: (options ?? HostOptions.Default).Models,
            optionsProvider: ModelText.Options,
            parseOptions: ParseOptions(options ?? HostOptions.Default),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Runs the generator.</summary>
    public static GeneratorRun Run(string source, HostOptions? options = null) => Run(CreateCompilation(source, options), options);

    /// <summary>Runs the generator.</summary>
    public static GeneratorRun Run(Compilation compilation, HostOptions? options = null)
    {
        using var culture = HostileCulture.Enter();
        var driver = CreateDriver(options).RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        var result = driver.GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            throw new CompilationFailedException($"The generator threw: {exception}");

        var generated = result.GeneratedSources.ToImmutableSortedDictionary(
            source => source.HintName, source => source.SourceText.ToString(), StringComparer.Ordinal);
        var own = compilation.SyntaxTrees.ToHashSet();
        var problems = output.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Where(diagnostic => !(diagnostic.Id is "CS1591" && diagnostic.Location.SourceTree is { } tree && own.Contains(tree)));
        return new GeneratorRun(
            [.. result.Diagnostics.OrderBy(d => d.Location.GetLineSpan().Path, StringComparer.Ordinal).ThenBy(d => d.Location.SourceSpan.Start).ThenBy(d => d.Id, StringComparer.Ordinal)],
            generated.RemoveRange(generated.Keys.Where(key => IsStandIn(key) || key == KernelsHint)), generated.RemoveRange(generated.Keys.Where(key => !IsStandIn(key))), output, [.. problems])
        {
            Kernels = generated.GetValueOrDefault(KernelsHint, ""),
        };

        bool IsStandIn(string hint) => generated[hint].Contains("These members stand in for", StringComparison.Ordinal);
    }

    /// <summary>Compiles source and its generated half in release mode and loads it into a collectible context.</summary>
    /// <exception cref="CompilationFailedException">There was an error or a warning; the message lists the source.</exception>
    public static Assembly Compile(string source, HostOptions? options = null)
    {
        using var image = new MemoryStream(Emit(source, options));
        return new AssemblyLoadContext("generated", isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Compiles files that were generated before, with the rest of their classes, and loads them into a collectible context.</summary>
    /// <exception cref="CompilationFailedException">There was an error or a warning; the message lists the source.</exception>
    public static Assembly Compile(IEnumerable<(string Path, string Text)> files)
    {
        var compilation = CreateCompilation(files);
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        if (!emitted.Success)
            throw new CompilationFailedException(Describe(emitted.Diagnostics, compilation));
        image.Position = 0;
        return new AssemblyLoadContext("generated", isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Compiles source and its generated half in release mode to the bytes of an assembly.</summary>
    /// <exception cref="CompilationFailedException">There was an error or a warning; the message lists the source.</exception>
    public static byte[] Emit(string source, HostOptions? options = null)
    {
        var run = Run(source, options).EnsureClean();
        using var image = new MemoryStream();
        var emitted = run.Output.Emit(image, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        return emitted.Success ? image.ToArray() : throw new CompilationFailedException(Describe(emitted.Diagnostics, run.Output));
    }

    /// <summary>Diagnostics, one a line, and the numbered text of every file that they are in.</summary>
    public static string Describe(IEnumerable<Diagnostic> diagnostics, Compilation compilation)
    {
        var text = new StringBuilder();
        var trees = new List<SyntaxTree>();
        foreach (var diagnostic in diagnostics)
        {
            text.AppendLine(diagnostic.ToString());
            var tree = diagnostic.Location.SourceTree
                ?? compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == diagnostic.Location.GetLineSpan().Path);
            if (tree is not null && !trees.Contains(tree))
                trees.Add(tree);
        }

        foreach (var tree in trees)
        {
            text.AppendLine().AppendLine(tree.FilePath);
            var lines = tree.GetText().Lines;
            foreach (var line in lines.Take(MostListedLines))
                text.AppendLine($"{line.LineNumber + 1,5} {line}");
            if (lines.Count > MostListedLines)
                text.AppendLine($"      … {lines.Count - MostListedLines} more lines");
        }

        return text.ToString();
    }

    private static CSharpParseOptions ParseOptions(HostOptions options) =>
        new(options.Language, options.Documented ? DocumentationMode.Diagnose : DocumentationMode.Parse);
}
