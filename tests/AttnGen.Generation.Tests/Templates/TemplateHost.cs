using System.Runtime.Loader;
using AttnGen.Generator.Spec;
using AttnGen.Generator.Templates;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>Compiles templates as the generator does, without the models around them: many in one assembly.</summary>
internal static class TemplateHost
{
    /// <summary>A template that was compiled, or what is wrong with it.</summary>
    public sealed record Compiled(IChatTemplate? Template, IReadOnlyList<string> Errors, IReadOnlyList<string> Notes, string Source);

    /// <summary>Compiles one template.</summary>
    public static Compiled Compile(string template) => Compile([[("default", template)]], [])[0];

    /// <summary>What the compiler says against a source text that uses the library.</summary>
    public static IReadOnlyList<string> Errors(string source) =>
        [.. CSharpCompilation.Create(
                "Page",
                [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp13))],
                [.. Net100.References.All, MetadataReference.CreateFromFile(typeof(IChatTemplate).Assembly.Location)],
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString())];

    /// <summary>Compiles templates of one name.</summary>
    public static IReadOnlyList<Compiled> Compile(IEnumerable<string> templates, params (string Name, string Text)[] tokens) =>
        Compile([.. templates.Select(template => new[] { ("default", template) })], tokens);

    /// <summary>Compiles classes, each with its templates by name.</summary>
    public static IReadOnlyList<Compiled> Compile(IReadOnlyList<(string Name, string Text)[]> classes, (string Name, string Text)[] tokens)
    {
        var written = classes.Select((templates, i) => TemplateFile.Write(new ChatTemplateSpec(
            new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", $"Model{i}", ""), $"Model{i}.g.cs"),
            "folder",
            templates.Select(template => new NamedTemplate(template.Name, "template", template.Text)).ToEquatable(),
            tokens.Select(token => new SpecialToken(token.Name, token.Text)).ToEquatable(),
            ""))).ToList();
        var parse = new CSharpParseOptions(LanguageVersion.CSharp13);
        var compilation = CSharpCompilation.Create(
            "Templates",
            written.SelectMany((file, i) => new[] { CSharpSyntaxTree.ParseText(file.Source, parse, file.HintName), CSharpSyntaxTree.ParseText($"public partial class Model{i};", parse) }),
            [.. Net100.References.All, MetadataReference.CreateFromFile(typeof(IChatTemplate).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        if (!emitted.Success)
        {
            var first = emitted.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            throw new InvalidOperationException($"{first}\n{first.Location.SourceTree?.GetText()}");
        }

        image.Position = 0;
        var assembly = new AssemblyLoadContext("templates", isCollectible: true).LoadFromStream(image);
        return [.. written.Select((file, i) => new Compiled(
            file.Problems.Any(problem => problem.IsError) ? null : (IChatTemplate)Activator.CreateInstance(assembly.GetType($"Model{i}")!)!,
            [.. file.Problems.Where(problem => problem.IsError).Select(problem => problem.Message)],
            [.. file.Problems.Where(problem => !problem.IsError).Select(problem => problem.Message)],
            file.Source))];
    }
}
