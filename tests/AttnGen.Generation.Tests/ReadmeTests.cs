using System.Text.RegularExpressions;
using AttnGen.Testing;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests;

/// <summary>What the README says that the language model answers.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_tale_of_the_readme_is_told()
    {
        var example = Example().Match(await File.ReadAllTextAsync(Path.Combine(Clone.Root, "README.md")));
        Assert.True(example.Success);
        using var generator = TextGenerator.Create<TaleTeller>();
        var answer = await generator.AsChatClient().GetResponseAsync(example.Groups[1].Value, new() { Temperature = 0 });
        Assert.Equal(example.Groups[2].Value, answer.Text);
    }

    [GeneratedRegex("GetStreamingResponseAsync\\(\"([^\"]+)\".*?```text\r?\n(.+?)\r?\n```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
