using System.Text.RegularExpressions;
using AttnGen.Testing;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>docs/chat-templates.md: its C# compiles, and its list of filters is the code's.</summary>
public partial class TemplatePageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Clone.Root, "docs", "chat-templates.md"));

    [Fact]
    public void TheCodeCompiles()
    {
        foreach (Match block in Block().Matches(s_page))
            Assert.Empty(TemplateHost.Errors("using System;\n" + block.Groups[1].Value));
    }

    [Fact]
    public void TheFiltersAreThoseOfTheTable() => Assert.Equal(
        Generator.Templates.TemplateNames.Filters,
        Name().Matches(s_page.Split('\n').Single(line => line.StartsWith("| filters |", StringComparison.Ordinal))).Select(match => match.Groups[1].Value));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
