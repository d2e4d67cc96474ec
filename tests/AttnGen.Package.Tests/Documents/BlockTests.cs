using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace AttnGen.Package.Tests.Documents;

/// <summary>Every block of every page is of a kind that some test holds: a new one cannot be added unseen.</summary>
public sealed partial class BlockTests
{
    /// <summary>Who compiles a page's C#: the class that does, or why nobody does.</summary>
    private static readonly (string Pages, string Keeper)[] s_compiled =
    [
        ("README.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/embeddings.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/models.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/decoders.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/gguf.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/generation.md", "AttnGen.Generation.Tests/DocumentationTests"),
        ("docs/tokenizers.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/shapes.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/structured-output.md", "AttnGen.Generation.Tests/StructuredOutputPageTests"),
        ("docs/chat-templates.md", "AttnGen.Generation.Tests/Templates/TemplatePageTests"),
        ("docs/diagnostics/ATTNP003.md", "AttnGen.Embeddings.Tests/DocumentationTests"),
        ("docs/diagnostics/ATTN*.md", "AttnGen.Generator.Tests/DocumentationTests"),
        ("docs/common-tasks.md", "nobody: a part of a worked example, whose other widths are left out, and a member of an enum"),
    ];

    /// <summary>Output that does not follow the command or the program that prints it, and who compares it.</summary>
    private static readonly (string Page, string Begins, string Keeper)[] s_output =
    [
        ("docs/models.md", "error ATTN", nameof(CommandTests) + "." + nameof(CommandTests.TheErrorsOfModelsAreTrue)),
        ("docs/diagnostics/ATTN0050.md", "error ATTN0050", "AttnGen.Generator.Tests/FaultTests.ThePageShowsTheMessage"),
    ];

    // What MSBuild, the SDK or the package knows; a misspelt one would do nothing.
    private static readonly HashSet<string> s_names = new(StringComparer.Ordinal)
    {
        "Project", "PropertyGroup", "ItemGroup", "Import", "Optimize", "AttnGenModel", "PublishAot", "IlcInstructionSet", "EmitCompilerGeneratedFiles", "LangVersion",
        "PackageReference", "TargetFramework", "OutputType", "AdditionalFiles", "Reference", "Compile", "NoWarn",
    };

    public static TheoryData<string> Pages => [.. DocumentPages.All];

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryBlockHasAKeeper(string page)
    {
        foreach (var block in DocumentPages.Blocks(page))
        {
            var problem = block.Language switch
            {
                "sh" => null, // CommandTests
                "text" => OutputProblem(block),
                "csharp" => CSharpProblem(page),
                "xml" => XmlProblem(block.Text),
                "json" => JsonProblem(block.Text) is null == (page == "docs/diagnostics/ATTN0041.md") ? "JSON that is shown is JSON, but for the example of ATTN0041" : null,
                "python" => page is "docs/shapes.md" or "docs/diagnostics/ATTN0041.md" ? null : "Python is not run by any test (the machines have no PyTorch); add the page here if it must be Python",
                "mermaid" => block.Text.StartsWith("flowchart ", StringComparison.Ordinal) ? null : "only flowcharts",
                "" or "(indented)" or "(pre)" => "give it a fence with a language: sh for commands, text for output, csharp, xml, json",
                _ => $"no test knows what to do with '{block.Language}'",
            };
            Assert.True(problem is null, $"{block.Place}: {problem}");
        }
    }

    /// <summary>A link within the pages leads to a file, and to a heading that is there.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryLinkHolds(string page)
    {
        var text = Fenced().Replace(DocumentPages.Text(page), "");
        foreach (Match link in Link().Matches(text))
        {
            var (path, anchor) = (link.Groups[1].Value, link.Groups[2].Value);
            var target = path.Length == 0 ? page : Path.GetRelativePath(PackedPackage.Root, Path.Combine(PackedPackage.Root, Path.GetDirectoryName(page)!, path)).Replace('\\', '/');
            Assert.True(Path.Exists(Path.Combine(PackedPackage.Root, target)), $"{page}: {link.Value}: there is no {target}");
            if (anchor.Length > 0)
                Assert.True(Anchors(target).Contains(anchor), $"{page}: {link.Value}: {target} has no heading '{anchor}'; it has {string.Join(", ", Anchors(target))}");
        }
    }

    /// <summary>README is for a stranger: short.</summary>
    [Fact]
    public void TheReadmeIsShort() => Assert.InRange(DocumentPages.Text("README.md").TrimEnd('\n').Split('\n').Length, 60, 120);

    /// <summary>The index names every page of docs.</summary>
    [Fact]
    public void TheIndexNamesEveryPage()
    {
        var index = DocumentPages.Text("docs/README.md");
        foreach (var page in DocumentPages.All.Where(page => page.StartsWith("docs/", StringComparison.Ordinal) && !page.StartsWith("docs/diagnostics/ATTN", StringComparison.Ordinal) && page != "docs/README.md"))
            Assert.Contains($"]({page[5..]})", index, StringComparison.Ordinal);
    }

    /// <summary>The table in docs/README.md and the test's own.</summary>
    [Fact]
    public void ThePlaceholdersAreExplained()
    {
        var explained = PlaceholderRow().Matches(DocumentPages.Text("docs/README.md")).Select(row => row.Groups[1].Value);
        Assert.Equal(CommandRules.Placeholders.Select(placeholder => placeholder.Name), explained);
    }

    [Theory]
    [InlineData("a\n```\nx\n```\n", "")]
    [InlineData("a\n```sh\nx\n```\n", "sh")]
    [InlineData("- a\n  ~~~text\n  x\n  ~~~\n", "text")]
    [InlineData("a\n\n    x\n", "(indented)")]
    [InlineData("1. a\n\n    still a\n", null)]
    [InlineData("<pre>x</pre>\n", "(pre)")]
    public void BlocksAreSeen(string page, string? language) =>
        Assert.Equal(language is null ? [] : [language], MarkdownBlock.Read("page.md", page).Select(block => block.Language));

    [Fact]
    public void OutputFollowsItsCommand()
    {
        var blocks = MarkdownBlock.Read("page.md", "```sh\nx\n```\n<!-- output -->\n```text\ny\n```\nthen\n```text\nz\n```\n");
        Assert.Equal([null, blocks[0], null], blocks.Select(block => block.Follows));
        Assert.Throws<FormatException>(() => MarkdownBlock.Read("page.md", "```sh\nx\n"));
    }

    private static string? OutputProblem(MarkdownBlock block)
    {
        if (block.Follows is { Language: "sh" or "csharp" })
            return null;
        return s_output.Any(known => known.Page == block.Page && block.Text.StartsWith(known.Begins, StringComparison.Ordinal)) ? null : "output must follow the command or the program that prints it";
    }

    private static string? CSharpProblem(string page)
    {
        var keeper = s_compiled.FirstOrDefault(known => Regex.IsMatch(page, "^" + Regex.Escape(known.Pages).Replace("\\*", "[0-9]+", StringComparison.Ordinal) + "$")).Keeper;
        if (keeper is null)
            return "no test compiles the C# of this page";
        return keeper.StartsWith("nobody: ", StringComparison.Ordinal) || File.Exists(Path.Combine(PackedPackage.Root, "tests", keeper + ".cs")) ? null : $"there is no {keeper}";
    }

    private static string? XmlProblem(string text)
    {
        try
        {
            var unknown = XElement.Parse($"<Project>{text}</Project>").DescendantsAndSelf().Select(element => element.Name.LocalName).FirstOrDefault(name => !s_names.Contains(name));
            return unknown is null ? null : $"is <{unknown}> a name that MSBuild or the package knows? Then add it to the test";
        }
        catch (XmlException e)
        {
            return e.Message;
        }
    }

    private static string? JsonProblem(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    // As GitHub makes them of headings.
    private static List<string> Anchors(string page) => page.EndsWith(".md", StringComparison.Ordinal)
        ? [.. Heading().Matches(Fenced().Replace(DocumentPages.Text(page), "")).Select(heading => NotInAnchors().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))]
        : [];

    [GeneratedRegex("^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\]\((?![a-z]+:)([^)#\s]*)#?([^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("^\\| `([A-Z]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex PlaceholderRow();
}
