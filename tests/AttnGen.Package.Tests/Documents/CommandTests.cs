using System.Text.RegularExpressions;
using AttnGen.Tests;

namespace AttnGen.Package.Tests.Documents;

/// <summary>Every command of the pages runs as it is written, apart from what <see cref="CommandRules"/> lists, and prints what the page says.</summary>
public sealed partial class CommandTests(DocumentClone clone) : IClassFixture<DocumentClone>
{
    public static TheoryData<string> PagesWithCommands => [.. DocumentPages.All.Where(page => DocumentPages.Blocks(page).Any(block => block.Language == "sh"))];

    /// <summary>The blocks of a page run one after the other, as a reader runs them.</summary>
    [Theory]
    [MemberData(nameof(PagesWithCommands))]
    public async Task TheCommandsRun(string page)
    {
        Assert.SkipUnless(Tool.IsOnPath("bash"), "The commands of the pages are for bash, which is not on the PATH.");
        var blocks = DocumentPages.Blocks(page);
        if (!clone.HasRealModel && blocks.Any(block => block.Text.Contains("golden.safetensors", StringComparison.Ordinal)))
            Shared.Require("models", "all-MiniLM-L6-v2"); // the small model has no golden file
        try
        {
            foreach (var block in blocks.Where(block => block.Language == "sh"))
            {
                var printed = await clone.RunAsync(block);
                PackedPackage.NoWarnings(printed);
                foreach (var output in blocks.Where(output => output.Language == "text" && output.Follows == block))
                    AssertPrints(output, printed);
            }
        }
        finally
        {
            clone.Clear();
        }
    }

    /// <summary>A rule that is about no command any more goes.</summary>
    [Fact]
    public void EveryRuleIsAboutACommand()
    {
        var commands = DocumentPages.All.SelectMany(DocumentPages.Blocks).Where(block => block.Language == "sh").SelectMany(block => block.Text.Split('\n')).Select(CommandRules.Command).ToList();
        Assert.True(commands.Count > 20, $"{commands.Count} lines");
        Assert.All(CommandRules.NotRun, rule => Assert.True(commands.Any(rule.Matches) && rule.Reason.Length > 10, rule.Pattern));

        // A rule may be about what one before it made.
        foreach (var rule in CommandRules.Instead)
            Assert.True(commands.Any(command => rule.Matches(Before(command, rule))) && rule.Reason.Length > 10, rule.Pattern);
        Assert.All(CommandRules.Placeholders, placeholder => Assert.Contains(commands, command => Regex.IsMatch(command, $@"\b{placeholder.Name}\b")));

        static string Before(string command, CommandRule rule) => CommandRules.Instead.TakeWhile(other => other != rule).Aggregate(command, (made, other) => other.Apply(made));
    }

    [Theory]
    [InlineData("dotnet test # all", "dotnet test")]
    [InlineData("attngen embed m --text \"# 1\"  # text", "attngen embed m --text \"# 1\"")]
    [InlineData("# nothing", "")]
    [InlineData("a#b", "a#b")]
    public void CommentsAreNotCommands(string line, string command) => Assert.Equal(command, CommandRules.Command(line));

    /// <summary>A command of a page's text (`attngen …`) names options that the command has.</summary>
    [Fact]
    public async Task CommandsInTheTextNameOptionsThatThereAre()
    {
        var tool = Path.Combine(PackedPackage.Root, "src", "AttnGen.Tool", "bin", "Release", "net10.0", "AttnGen.Tool.dll");
        var help = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = 0;
        foreach (var page in DocumentPages.All)
        {
            foreach (Match span in InText().Matches(DocumentPages.Text(page)))
            {
                var command = span.Groups[1].Value;
                if (!help.TryGetValue(command, out var text))
                    help[command] = text = await Tool.DotnetAsync(PackedPackage.Root, tool, command, "--help");
                foreach (Match option in Option().Matches(span.Groups[2].Value.Split(" -- ")[0]))
                {
                    seen++;
                    Assert.True(Regex.IsMatch(text, $@"(^|[\s,]){Regex.Escape(option.Groups[1].Value)}([\s,]|$)", RegexOptions.Multiline), $"{page}: {span.Value}: 'attngen {command}' has no {option.Groups[1].Value}");
                }
            }
        }

        Assert.True(seen > 2, $"{seen} options");
    }

    /// <summary>docs/models.md shows two errors of a folder whose configuration was changed: those that the compiler gives.</summary>
    [Fact]
    public async Task TheErrorsOfModelsAreTrue()
    {
        var model = Shared.Require("models", "all-MiniLM-L6-v2");
        var folder = Path.Combine(Directory.CreateTempSubdirectory("attngen-errors-").FullName, "models", "all-MiniLM-L6-v2");
        try
        {
            Directory.CreateDirectory(folder);
            File.CreateSymbolicLink(Path.Combine(folder, "model.safetensors"), Path.Combine(model, "model.safetensors"));
            var config = await File.ReadAllTextAsync(Path.Combine(model, "config.json"));
            var errors = DocumentPages.Blocks("docs/models.md").Where(block => block.Language == "text").Select(block => block.Text.Trim()).ToList();
            Assert.Equal(2, errors.Count);
            config = Set(config, "hidden_size", "384", "512");
            await AssertErrorAsync(config, errors[0]);
            await AssertErrorAsync(Set(config, "num_attention_heads", "12", "8"), errors[1]);
        }
        finally
        {
            Directory.Delete(Path.GetFullPath(Path.Combine(folder, "..", "..")), recursive: true);
        }

        async Task AssertErrorAsync(string config, string error)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), config);
            var tool = Path.Combine(PackedPackage.Root, "src", "AttnGen.Tool", "bin", "Release", "net10.0", "AttnGen.Tool.dll");
            var (code, output) = await Tool.TryDotnetAsync(Path.GetFullPath(Path.Combine(folder, "..", "..")), tool, "inspect", "models/all-MiniLM-L6-v2");
            Assert.Equal(1, code);

            // The tool says ID and message; the compiler puts 'error' before them, and the folder, as the attribute has it.
            var said = error["error ".Length..];
            var (id, message) = (said[..8], said[(said.IndexOf("L6-v2: ", StringComparison.Ordinal) + 7)..]);
            Assert.Contains(id, output, StringComparison.Ordinal);
            Assert.Contains(message, output, StringComparison.Ordinal);
        }

        static string Set(string config, string key, string from, string to)
        {
            var set = Regex.Replace(config, $"(\"{key}\": ){from}\\b", "${1}" + to);
            Assert.NotEqual(config, set);
            return set;
        }
    }

    // The output's lines stand in what was printed, in this order; "…" stands for anything.
    private static void AssertPrints(MarkdownBlock output, string printed)
    {
        var lines = printed.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).ToList();
        var from = 0;
        foreach (var expected in output.Text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd()))
        {
            var pattern = "^" + Regex.Escape(expected).Replace("…", ".*", StringComparison.Ordinal) + "$";
            var found = lines.FindIndex(from, line => Regex.IsMatch(line, pattern));
            Assert.True(found >= 0, $"{output.Place}: not printed: {expected}\n{printed}");
            from = found + 1;
        }
    }

    [GeneratedRegex("`attngen (inspect|verify|embed|bench|emit|new)\\b([^`\n]*)`")]
    private static partial Regex InText();

    [GeneratedRegex(@"(?<=\s)(--?[a-z][a-z-]*)")]
    private static partial Regex Option();
}
