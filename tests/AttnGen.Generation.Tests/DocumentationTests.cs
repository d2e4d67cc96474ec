using System.Text.RegularExpressions;
using AttnGen.Testing;
using AttnGen.Tokenizers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AttnGen.Generation.Tests;

/// <summary>Every block of C# in docs/generation.md is a program that compiles without a warning.</summary>
public sealed partial class DocumentationTests
{
    // What a project has anyway, and what the page's blocks have from the ones before them.
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
            public static readonly AttnGen.Generation.TextGenerator generator = null!;
            public static readonly CancellationToken cancellationToken;
            public static readonly Microsoft.Extensions.DependencyInjection.IServiceCollection services = null!;
        }
        """;

    public static TheoryData<string, string> Blocks()
    {
        var blocks = new TheoryData<string, string>();
        var text = File.ReadAllText(Path.Combine(Clone.Root, "docs", "generation.md")).ReplaceLineEndings("\n");
        foreach (Match block in Block().Matches(text))
        {
            blocks.Add($"docs/generation.md:{text[..block.Index].Count(c => c == '\n') + 1}", block.Groups[1].Value);
        }

        return blocks;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles(string place, string block)
    {
        var declares = block.Contains("class TaleTeller;", StringComparison.Ordinal);
        var usings = declares ? Usings : "global using AttnGen;\nglobal using AttnGen.Generation;\n" + Usings;
        var options = new HostOptions { Models = ModelText.Read("models/taleteller", Path.Combine(Clone.Root, "samples", "models", "taleteller")) };
        var compilation = GeneratorHost.CreateCompilation(
            [("Program.cs", block), ("Before.cs", usings), ("Models.cs", declares ? "" : "[AttnGen.TransformerModel(\"models/taleteller\")]\ninternal sealed partial class TaleTeller;\n")], options);
        compilation = compilation
            .WithOptions(compilation.Options.WithOutputKind(HasStatements(compilation.SyntaxTrees) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary))
            .AddReferences(new[] { typeof(TextTokenizer), typeof(TextGenerator), typeof(IChatClient), typeof(FunctionInvokingChatClient), typeof(IServiceCollection) }.Select(type => MetadataReference.CreateFromFile(type.Assembly.Location)));
        var run = GeneratorHost.Run(compilation, options);
        Assert.True(!run.Diagnostics.Any(), $"{place}: {string.Join('\n', run.Diagnostics)}");
        var errors = run.Problems.Where(problem => problem.Severity == DiagnosticSeverity.Error || problem.Location.SourceTree?.FilePath == "Program.cs");
        Assert.True(!errors.Any(), $"{place}: {string.Join('\n', errors)}\n{block}");

        static bool HasStatements(IEnumerable<SyntaxTree> trees) => trees.Any(tree => tree.GetRoot().ChildNodes().OfType<GlobalStatementSyntax>().Any());
    }

    [Fact]
    public void There_are_blocks() => Assert.True(Blocks().Count >= 5);

    /// <summary>The page says of every option, and of every name that the client knows, what it does.</summary>
    [Fact]
    public void The_page_names_every_option()
    {
        var page = File.ReadAllText(Path.Combine(Clone.Root, "docs", "generation.md"));
        Assert.All(typeof(GenerationOptions).GetProperties(), property => Assert.Contains($"`{property.Name}`", page, StringComparison.Ordinal));
        Assert.All(typeof(ChatOptions).GetProperties(), property => Assert.Contains($"`{property.Name}`", page, StringComparison.Ordinal));
        Assert.All(ChatProperties.Names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
        Assert.All(GenerationKeys.Followed, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
