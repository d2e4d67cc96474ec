using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Generation.Tests;

/// <summary>The examples of docs/structured-output.md compile.</summary>
public sealed partial class StructuredOutputPageTests
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq;";

    [Fact]
    public void EveryBlockCompiles()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "docs", "structured-output.md")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("docs/structured-output.md is in no folder above the test.");
        }

        var blocks = Block().Matches(File.ReadAllText(Path.Combine(folder, "docs", "structured-output.md")).ReplaceLineEndings("\n"));
        Assert.Equal(2, blocks.Count);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path));
        foreach (Match block in blocks)
        {
            var compilation = CSharpCompilation.Create(
                "Page", [CSharpSyntaxTree.ParseText(block.Groups[1].Value), CSharpSyntaxTree.ParseText(Usings)], references,
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
            // A function that the block declares and does not call is no mistake of the page.
            Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity >= DiagnosticSeverity.Warning && one.Id != "CS8321"));
        }
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
