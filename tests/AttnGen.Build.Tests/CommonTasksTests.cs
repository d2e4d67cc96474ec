using System.Text.RegularExpressions;

namespace AttnGen.Build.Tests;

/// <summary>docs/common-tasks.md says what to touch: what it names is there.</summary>
public sealed partial class CommonTasksTests
{
    // Files that a task makes.
    private static readonly string[] s_made = ["src/AttnGen/Math/NAME.cs", "src/AttnGen/Math/Mish.cs", "src/AttnGen/Attributes/NAMEAttribute.cs", "docs/diagnostics/ID.md", "NAMEAttribute.cs"];

    private static readonly string[] s_files = [.. new[] { "docs", "generator", "samples", "src", "tests", "tools" }
        .SelectMany(folder => Directory.GetFiles(Path.Combine(Clone.Root, folder), "*", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Clone.Root, file).Replace('\\', '/'))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))];

    [Fact]
    public void EveryFileIsThere()
    {
        var named = Words().Where(word => SourceFile().IsMatch(word)).Except(s_made).ToList();
        Assert.True(named.Count > 40, $"{named.Count} files");
        Assert.All(named, name => Assert.True(s_files.Any(file => file == name || file.EndsWith("/" + name, StringComparison.Ordinal)), $"There is no file {name}."));
    }

    [Fact]
    public void EveryFolderIsThere()
    {
        var named = Words().Where(word => Folder().IsMatch(word)).ToList();
        Assert.True(named.Count > 8, $"{named.Count} folders");
        Assert.All(named, name => Assert.True(Directory.Exists(Path.Combine(Clone.Root, name)), $"There is no folder {name}."));
    }

    /// <summary>A class of tests is a file of its name.</summary>
    [Fact]
    public void EveryClassOfTestsIsThere()
    {
        var named = Words().Where(word => TestClass().IsMatch(word)).ToList();
        Assert.True(named.Count > 8, $"{named.Count} classes");
        Assert.All(named, name => Assert.True(s_files.Any(file => file.EndsWith($"/{name}.cs", StringComparison.Ordinal)), $"There is no class {name}."));
    }

    /// <summary>What has been renamed in the sources is renamed on the page.</summary>
    [Fact]
    public void EveryNameIsInTheSources()
    {
        string[] sources = [.. s_files.Where(file => SourceFile().IsMatch(file) && !file.EndsWith(".md", StringComparison.Ordinal) && !file.EndsWith(".zip", StringComparison.Ordinal) && !file.Contains(".verified.", StringComparison.Ordinal))];
        var known = sources.SelectMany(file => Identifier().Matches(File.ReadAllText(Path.Combine(Clone.Root, file))).Select(match => match.Value)).ToHashSet(StringComparer.Ordinal);
        var named = Words().Where(word => Name().IsMatch(word)).ToList();
        Assert.True(named.Count > 60, $"{named.Count} names");
        Assert.All(named, name => Assert.All(name.Split('.'), part => Assert.True(known.Contains(part), $"{name}: there is no {part} in the sources.")));
    }

    private static IEnumerable<string> Words() =>
        Quoted().Matches(File.ReadAllText(Path.Combine(Clone.Root, "docs", "common-tasks.md"))).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex("(?<!`)`([^`\n]+)`(?!`)")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^[\w./-]+\.(cs|md|props|targets|py|zip|csproj)$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"^(docs|generator|samples|src|tests|tools)(/[\w-]+(\.[A-Z]\w+)?)+$")]
    private static partial Regex Folder();

    [GeneratedRegex(@"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[A-Z]\w+Tests$")]
    private static partial Regex TestClass();
}
