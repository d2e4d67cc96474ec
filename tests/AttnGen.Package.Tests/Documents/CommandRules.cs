using System.Text.RegularExpressions;

namespace AttnGen.Package.Tests.Documents;

/// <summary>What is put in place of a part of a command before a test runs it.</summary>
/// <param name="Pattern">What it is about; of a whole line without its comment.</param>
/// <param name="Replacement">In its place.</param>
/// <param name="Reason">Why it is not run as it is written.</param>
internal sealed record CommandRule(string Pattern, string Replacement, string Reason)
{
    public bool Matches(string line) => Regex.IsMatch(line, Pattern);

    public string Apply(string line) => Regex.Replace(line, Pattern, Replacement);
}

/// <summary>
/// Where a command of a page is not run as it is written. A command that no rule is about runs as it is; a rule that is about no command fails a test.
/// <c>ROOT</c> is this checkout, where everything is built already; <c>WORK</c> the folder that a page's commands run in, with the copy <c>WORK/attngen</c>.
/// </summary>
internal static class CommandRules
{
    /// <summary>The placeholders of the pages, as docs/README.md explains them.</summary>
    public static readonly (string Name, string Value)[] Placeholders =
    [
        ("DIR", "models/all-MiniLM-L6-v2"),
        ("FOLDER", "WORK/packages"),
        ("PROJECT", "WORK/MyApp"),
    ];

    /// <summary>Lines that are not run at all.</summary>
    public static readonly CommandRule[] NotRun =
    [
        new("^hf download ", "", "needs the network and a Python package; the model is laid where the command would lay it"),
        new("^pip install ", "", "needs the network, and fills two gigabytes"),
        new("^python ", "", "needs Python with PyTorch"),
        new("^(ATTNGEN_ACCEPT=1 )?dotnet test$", "", "would run this test, too; .ci/run runs it"),
        new("^dotnet (build AttnGen\\.sln|format)$", "", "takes minutes; .ci/run runs it"),
        new("^bash \\.ci/run$", "", "runs this test"),
        new("^dotnet run --project bench/AttnGen\\.Decode ", "", "fetches llama.cpp, 42 MB, and measures for minutes; BenchCommandLineTests reads its options"),
    ];

    /// <summary>Lines that run in another form, one rule after the other.</summary>
    public static readonly CommandRule[] Instead =
    [
        new("^git clone https://\\S+ attngen$", "test -f attngen/README.md", "needs the network; the folder is a copy of this checkout"),
        new("^dotnet run --project src/AttnGen\\.Tool -- ", "dotnet src/AttnGen.Tool/bin/Release/net10.0/AttnGen.Tool.dll ", "the tool is built already, for the package"),
        new("^dotnet run --project samples/", "dotnet run --project ROOT/samples/", "shares this checkout's build"),
        new("^dotnet run -c Release --project bench/(\\S+)", "dotnet run -c Release --project ROOT/bench/$1", "shares this checkout's build"),
        new("^(dotnet run .*bench/AttnGen\\.Bench -- compare)$", "until_it_says 'layer 64/8/256 T=16 [.]{3} [0-9.]+ s' $1", "takes a minute; ended when the first shape is measured (.ci/run measures with --quick)"),
        new("^dotnet run (.*bench/AttnGen\\.Bench -- bdn .*)$", "dotnet run --no-build $1 --list flat", "takes minutes; lists what would run, and the page's first command has built it"),
        new("^dotnet pack (src/\\S+) (.*)-p:Version=\\S+", "dotnet pack ROOT/$1 --no-build $2-p:PackageVersion=VERSION", "this checkout's build is packed already, for the tests; under a version that no cache knows"),
        new("^(dotnet add package \\S+) --prerelease$", "$1 --prerelease --source WORK/packages", "asks no source on the network"),
        new("^dotnet tool install --global AttnGen\\.Tool --prerelease --add-source ", "dotnet tool install --tool-path WORK/tools AttnGen.Tool --prerelease --source ", "leaves this account as it is, and asks no source on the network"),
    ];

    /// <summary>A line without its comment and the blanks around it.</summary>
    public static string Command(string line)
    {
        // A '#' begins a comment at the start or after a blank, outside of quotes.
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'')
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
                return line[..i].Trim();
        }

        return line.Trim();
    }

    /// <summary>What a test runs for a line of a page; null: nothing.</summary>
    public static string? ToRun(string line)
    {
        var command = Command(line);
        if (command.Length == 0 || NotRun.Any(rule => rule.Matches(command)))
            return null;
        foreach (var rule in Instead)
            command = rule.Apply(command);
        foreach (var (name, value) in Placeholders)
            command = Regex.Replace(command, $@"(?<![\w/.-]){name}(?![\w.-])", value);
        return command;
    }
}
