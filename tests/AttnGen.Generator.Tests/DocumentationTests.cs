using System.Text.RegularExpressions;
using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>A diagnostic is a descriptor, a page and a row of the release file; none without the others.</summary>
public class DocumentationTests
{
    private static readonly string s_pages = Path.Combine(Snapshots.Root, "docs", "diagnostics");

    [Fact]
    public void EveryDiagnosticHasAPage()
    {
        var pages = Directory.EnumerateFiles(s_pages, "ATTN0*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);
        Assert.Equal(DescriptorTable.All.Select(descriptor => descriptor.Id).Order(StringComparer.Ordinal), pages);
        foreach (var descriptor in DescriptorTable.All)
        {
            var page = File.ReadAllText(Path.Combine(s_pages, descriptor.Id + ".md"));
            Assert.StartsWith($"# {descriptor.Id}: {descriptor.Title}\n", page, StringComparison.Ordinal);
            foreach (var part in new[] { "## Why", "## Example", "## Fix" })
                Assert.Contains($"\n{part}\n", page, StringComparison.Ordinal);
            Assert.EndsWith($"/docs/diagnostics/{descriptor.Id}.md", descriptor.HelpLinkUri, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheIndexListsEveryPage()
    {
        var index = File.ReadAllText(Path.Combine(s_pages, "README.md"));
        foreach (var descriptor in DescriptorTable.All)
            Assert.Contains($"[{descriptor.Id}]({descriptor.Id}.md) | {descriptor.Title} |", index, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryDiagnosticIsInTheReleaseFiles()
    {
        var rows = new[] { "Shipped", "Unshipped" }
            .SelectMany(file => File.ReadLines(Path.Combine(Snapshots.Root, "generator", $"AnalyzerReleases.{file}.md")))
            .Where(line => line.StartsWith("ATTN", StringComparison.Ordinal))
            .Select(line => string.Join(" | ", line.Split(" | ").Take(3)));
        Assert.Equal(DescriptorTable.All.Select(d => $"{d.Id} | {d.Category} | {d.DefaultSeverity}").Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    /// <summary>The first C# block of a page has the page's diagnostic; the last has none and compiles.</summary>
    [Fact]
    public void TheExamplesAreTrue()
    {
        // These are about the project or another file and not about the class in the example.
        string[] aboutTheProject = ["ATTN0007", "ATTN0011", "ATTN0040", "ATTN0041", "ATTN0042", "ATTN0043", "ATTN0044", "ATTN0045", "ATTN0046", "ATTN0047", "ATTN0048", "ATTN0050", "ATTN0051"];
        foreach (var descriptor in DescriptorTable.All.Where(d => !aboutTheProject.Contains(d.Id)))
        {
            var page = File.ReadAllText(Path.Combine(s_pages, descriptor.Id + ".md"));
            var blocks = Regex.Matches(page, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value).ToList();
            Assert.True(blocks.Count >= 2, descriptor.Id);
            var wrong = GeneratorHost.Run("using AttnGen;\n" + blocks[0]).Diagnostics;
            Assert.True(wrong.Any() && wrong.All(diagnostic => diagnostic.Id == descriptor.Id), $"{descriptor.Id}: {string.Join(", ", wrong)}");
            foreach (var block in blocks.Skip(1))
                GeneratorHost.Run("using AttnGen;\n" + block).EnsureClean();
        }
    }
}
