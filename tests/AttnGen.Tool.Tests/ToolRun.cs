using System.Text.Json;

namespace AttnGen.Tool.Tests;

/// <summary>What a command line gave.</summary>
internal sealed record ToolRun(int ExitCode, string Out, string Error)
{
    private const char Escape = '\u001b';

    public string All => Out + Error;

    /// <summary>Runs a command line in this process, as if output were redirected.</summary>
    public static Task<ToolRun> Of(params string[] args) => WithInput(null, args);

    /// <summary>The same, with something to read.</summary>
    public static async Task<ToolRun> WithInput(string? input, params string[] args)
    {
        using var reader = new StringReader(input ?? "");
        using StringWriter output = new(), error = new();
        var code = await Program.RunAsync(args, output, error, reader);
        var run = new ToolRun(code, output.ToString(), error.ToString());
        Assert.DoesNotContain(Escape, run.All);
        Assert.False(code == 3, run.All); // a fault of the tool itself

        // Without --feed it would pack into this checkout's artifacts/packages, where AttnGen.Package.Tests looks at the same time for what it packed.
        Assert.False(code == 0 && args is ["new", ..] && !args.Contains("--feed") && !args.Contains("--help"), "'new' without --feed in a test");
        return run;
    }

    /// <summary>That it ended with a code, and with one sentence on stderr unless the code is 0.</summary>
    public ToolRun Gave(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, expected {exitCode}\n{All}");
        if (exitCode == 0)
            Assert.Equal("", Error);
        else
            Sentence();
        return this;
    }

    /// <summary>The one line of stderr.</summary>
    public string Sentence()
    {
        var line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("attngen: ", line);
        Assert.InRange(line.Length, 20, 1000);
        return line;
    }

    public JsonElement Json() => JsonDocument.Parse(Out).RootElement;
}
