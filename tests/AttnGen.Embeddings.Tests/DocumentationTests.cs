using System.Text.RegularExpressions;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AttnGen.Embeddings.Tests;

/// <summary>Every block of C# in docs/embeddings.md is a program that compiles without a warning.</summary>
public sealed partial class DocumentationTests
{
    // What a project has anyway, and what the pages' blocks have from the ones before them.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using static Before;
        internal static class Before
        {
            public static readonly AttnGen.Embeddings.TextEmbeddingGenerator texts = null!;
            public static readonly CancellationToken cancellationToken;
            public static readonly Microsoft.Extensions.DependencyInjection.IServiceCollection services = null!;
        }
        """;

    private static readonly (string Class, string Folder)[] s_models =
        [("MiniLm", "models/all-MiniLM-L6-v2"), ("CrossEncoder", "models/ms-marco-MiniLM-L6-v2"), ("Sentiment", "models/sentiment"), ("NameFinder", "models/names")];

    private static string Root { get; } = FindRoot();

    public static TheoryData<int, string> Blocks()
    {
        var blocks = new TheoryData<int, string>();
        foreach (Match block in Block().Matches(File.ReadAllText(Path.Combine(Root, "docs", "embeddings.md")).ReplaceLineEndings("\n")))
        {
            blocks.Add(blocks.Count + 1, block.Groups[1].Value);
        }

        return blocks;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles(int number, string block)
    {
        Assert.InRange(number, 1, 20);
        var others = s_models.Where(model => block.Contains($"<{model.Class}>", StringComparison.Ordinal) && !block.Contains($"class {model.Class};", StringComparison.Ordinal))
            .Select(model => $"[AttnGen.TransformerModel(\"{model.Folder}\")]\ninternal sealed partial class {model.Class};\n");
        var options = new HostOptions { Models = Models() };
        var compilation = GeneratorHost.CreateCompilation([("Program.cs", block), ("Before.cs", Usings), ("Models.cs", string.Concat(others))], options);
        compilation = compilation
            .WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication))
            .AddReferences(new[] { typeof(TextTokenizer), typeof(IEmbeddingGenerator), typeof(IServiceCollection) }.Select(type => MetadataReference.CreateFromFile(type.Assembly.Location)));
        var run = GeneratorHost.Run(compilation, options);
        Assert.Empty(run.Diagnostics);
        var errors = run.Problems.Where(problem => problem.Severity == DiagnosticSeverity.Error || problem.Location.SourceTree?.FilePath == "Program.cs");
        Assert.True(!errors.Any(), string.Join('\n', errors) + "\n" + block);
    }

    [Fact]
    public void There_are_blocks() => Assert.InRange(Blocks().Count, 10, 20);

    // The samples' own descriptions, which need no weights.
    private static ModelText[] Models()
    {
        var encoder = Path.Combine(Root, "samples", "SemanticSearch", "model");
        var cross = File.ReadAllText(Path.Combine(Root, "samples", "Rerank", "model", "config.json"));
        const string Labels = """{ "0": "LABEL_0" }""";
        Assert.Contains(Labels, cross, StringComparison.Ordinal);
        return
        [
            .. ModelText.Read("models/all-MiniLM-L6-v2", encoder),
            new ModelText("models/ms-marco-MiniLM-L6-v2", "config.json", cross),
            new ModelText("models/sentiment", "config.json", cross.Replace(Labels, """{ "0": "NEGATIVE", "1": "POSITIVE" }""", StringComparison.Ordinal)),
            new ModelText("models/names", "config.json", cross.Replace(Labels, """{ "0": "O", "1": "B-PER", "2": "I-PER" }""", StringComparison.Ordinal).Replace("ForSequence", "ForToken", StringComparison.Ordinal)),
        ];
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AttnGen.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no AttnGen.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
