using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;

namespace AttnGen.Tool;

/// <summary>The tool's entry.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        // UTF-8 without a mark, whatever the console's code page is.
        if (Console.IsOutputRedirected || !RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return RunAsync(args, new ToolConsole(Console.Out, Console.Error, HasColours(Console.IsOutputRedirected), HasColours(Console.IsErrorRedirected), input: null, inputIsTerminal: !Console.IsInputRedirected));
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command and its arguments.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Sentences about what is wrong.</param>
    /// <param name="input">What commands read; null: the standard input.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TextReader? input = null) => RunAsync(args, new ToolConsole(output, error, input: input));

    private static async Task<int> RunAsync(string[] args, ToolConsole console)
    {
        var parsed = CommandTree.Create(console, args.FirstOrDefault())
            .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // a text may begin with @
        if (UnknownOption.Find(parsed, args) is { } unknown)
        {
            console.Problem(unknown + ".");
            return ExitCode.Usage;
        }

        if (parsed.Errors.Count > 0)
        {
            var command = parsed.CommandResult.Command;
            var path = command is RootCommand ? "attngen" : "attngen " + command.Name;
            if (command is RootCommand && parsed.UnmatchedTokens is [var word, ..])
            {
                var nearest = UnknownOption.Nearest(word, command.Subcommands.Select(known => known.Name));
                console.Problem($"There is no command '{word}'; {(nearest is null ? "the" : $"did you mean {nearest}? The")} commands are {string.Join(", ", command.Subcommands.Select(known => known.Name))}; see 'attngen --help'.");
                return ExitCode.Usage;
            }

            console.Problem($"{parsed.Errors[0].Message.TrimEnd('.')}; see '{path} --help'.");
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false };
        if (parsed.CommandResult.Command.Name == "chat")
            configuration.ProcessTerminationTimeout = null; // Ctrl+C ends an answer there, not the command
        return await parsed.InvokeAsync(configuration);
    }

    private static bool HasColours(bool redirected) =>
        !redirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
