using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace AttnGen.Tool;

/// <summary>The commands, their options and what <c>--help</c> says of them.</summary>
internal static partial class CommandTree
{
    /// <param name="console">Where the commands write.</param>
    /// <param name="first">The first word of the command line: that command's help has its examples, the list of all commands has one line for each.</param>
    public static RootCommand Create(ToolConsole console, string? first)
    {
        var root = new RootCommand(
            """
            Transformer models as C#: inspects, verifies, runs and measures a model's folder, without a project.

            Examples:
              attngen inspect models/all-MiniLM-L6-v2
              attngen verify models/all-MiniLM-L6-v2 --golden golden.safetensors
              attngen embed models/all-MiniLM-L6-v2 --text "a cat" --text "a dog" --similarity
              attngen generate samples/models/taleteller --prompt "Once there was a girl named Mira."
              attngen chat samples/models/taleteller
              attngen bench models/all-MiniLM-L6-v2 --tokens 16,128
              attngen emit --attribute "Attention(dModel: 64, heads: 8)" --out generated
              attngen new Search --model models/all-MiniLM-L6-v2

            Exit codes:
              0  done, and every check held
              1  the check failed, or the model is not supported
              2  the command line is wrong, or a file is missing or cannot be read
              3  a fault of the tool itself
            """)
        {
            Inspect(console),
            Verify(console),
            Embed(console),
            Generate(console),
            Chat(console),
            Bench(console),
            Emit(console),
            New(console),
        };
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction(console);
        foreach (var command in root.Subcommands.Where(command => command.Name != first))
            command.Description = command.Description!.Split('\n')[0].TrimEnd('\r');
        return root;
    }

    /// <summary>The tool's own version, which is that of the packages.</summary>
    private sealed class VersionAction(ToolConsole console) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            console.Line(NewCommand.Version);
            return ExitCode.Success;
        }
    }

    private static Command Inspect(ToolConsole console)
    {
        var model = new ModelOptions();
        var json = Json();
        var command = new Command("inspect",
            """
            Says what a folder holds, what its class would have, and whether it is supported, and why not.

            Examples:
              attngen inspect models/all-MiniLM-L6-v2
              attngen inspect models/bert --json
            """);
        model.AddTo(command);
        command.Add(json);
        return Act(command, console, (result, _) => InspectCommand.Run(model.Read(result), result.GetValue(json), console));
    }

    private static Command Verify(ToolConsole console)
    {
        var model = new ModelOptions();
        var golden = new Option<string?>("--golden") { Description = "The golden file; without it golden.safetensors or golden/golden.safetensors of the folder. With neither the model is checked against itself.", HelpName = "FILE" };
        var json = Json();
        var command = new Command("verify",
            """
            Runs every case of a golden file through the model and compares every output with it.
            The format, the tolerance, and a script that makes such a file: docs/golden-format.md.

            Examples:
              attngen verify models/all-MiniLM-L6-v2
              attngen verify models/bert --golden bert-golden.safetensors --json
            """);
        model.AddTo(command);
        command.Add(golden);
        command.Add(json);
        return Act(command, console, (result, cancellation) => VerifyCommand.Run(model.Read(result), result.GetValue(golden), result.GetValue(json), console, cancellation));
    }

    private static Command Embed(ToolConsole console)
    {
        var model = new ModelOptions();
        var text = new Option<string[]>("--text", "-t") { Description = "A text. May be given several times.", HelpName = "TEXT" };
        var file = new Option<string?>("--file", "-f") { Description = "A file with one text a line, UTF-8; - is the standard input.", HelpName = "FILE" };
        var similarity = new Option<bool>("--similarity") { Description = "The cosines of all pairs in place of the vectors." };
        var json = Json();
        var command = new Command("embed",
            """
            Texts to vectors, one line a text.

            Examples:
              attngen embed models/all-MiniLM-L6-v2 --text "a cat" --text "a dog" --similarity
              attngen embed models/all-MiniLM-L6-v2 --file sentences.txt --json > vectors.json
            """);
        model.AddTo(command);
        command.Add(text);
        command.Add(file);
        command.Add(similarity);
        command.Add(json);
        return Act(command, console, (result, cancellation) => EmbedCommand.Run(
            model.Read(result), result.GetValue(text) ?? [], result.GetValue(file), result.GetValue(similarity), result.GetValue(json), console, cancellation));
    }

    private static Command Bench(ToolConsole console)
    {
        var model = new ModelOptions();
        var tokens = new Option<int[]>("--tokens")
        {
            Description = "Lengths to measure; 16,128 if left out, and of a language model 64,512,2048, as far as its window goes.",
            HelpName = "N,N",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
            CustomParser = Numbers,
        };
        var seconds = new Option<double>("--seconds") { Description = "How long to measure each length.", HelpName = "S", DefaultValueFactory = _ => 1 };
        var json = Json();
        var command = new Command("bench",
            """
            Measures one pass through the encoder on one thread: median time, tokens a second, GFLOP/s, bytes allocated a call; and loading.
            Of a language model: a prompt of each length, and a token after it.

            Examples:
              attngen bench models/all-MiniLM-L6-v2
              attngen bench models/bert --tokens 16,128,512 --seconds 3 --json
              attngen bench models/gpt2 --tokens 64,1000
            """);
        model.AddTo(command);
        command.Add(tokens);
        command.Add(seconds);
        command.Add(json);
        return Act(command, console, (result, cancellation) => BenchCommand.Run(
            model.Read(result), result.GetValue(tokens) ?? [], result.GetValue(seconds), result.GetValue(json), console, cancellation));
    }

    private static Command Emit(ToolConsole console)
    {
        var model = new ModelOptions(isOptional: true);
        var attribute = new Option<string?>("--attribute", "-a") { Description = "A shape in place of a folder, such as \"Attention(dModel: 64, heads: 8)\".", HelpName = "SHAPE" };
        var output = new Option<string>("--out", "-o") { Description = "The folder for the file; made if it is not there.", HelpName = "FOLDER", Required = true };
        var name = new Option<string>("--class") { Description = "The class.", HelpName = "NAME", DefaultValueFactory = _ => "Model" };
        var space = new Option<string>("--namespace") { Description = "Its namespace; none if left out.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var command = new Command("emit",
            """
            Writes the C# that the compiler extension generates.

            Examples:
              attngen emit models/all-MiniLM-L6-v2 --out generated
              attngen emit --attribute "Attention(dModel: 64, heads: 8)" --class Mixer --out generated
            """);
        model.AddTo(command);
        command.Add(attribute);
        command.Add(output);
        command.Add(name);
        command.Add(space);
        return Act(command, console, (result, cancellation) => EmitCommand.Run(
            model.ReadOptional(result), result.GetValue(attribute), result.GetValue(output)!, result.GetValue(name)!, result.GetValue(space)!, console, cancellation));
    }

    private static Command New(ToolConsole console)
    {
        var name = new Argument<string>("NAME") { Description = "The project, and the folder that is made for it." };
        var model = new Option<string?>("--model", "-m") { Description = "The model's folder; without it the project has a block of attention with weights of its own.", HelpName = "DIR" };
        var tower = ModelOptions.TowerOption();
        var feed = new Option<string?>("--feed") { Description = "Where the packages of AttnGen are: a folder, or the address of a NuGet source. It goes into the project's nuget.config. Without it: in a clone its artifacts/packages, else the NuGet sources of this machine.", HelpName = "FOLDER" };
        var command = new Command("new",
            """
            Makes a console project that runs. Nothing is overwritten.

            Examples:
              attngen new Search --model models/all-MiniLM-L6-v2
              cd Search && dotnet run
              attngen new Block --feed ../packages
            """);
        command.Add(name);
        command.Add(model);
        command.Add(tower);
        command.Add(feed);
        return Act(command, console, (result, _) => NewCommand.Run(result.GetValue(name)!, Model(result), result.GetValue(feed), PackageFeed.RunningClone(), console));

        ModelRequest? Model(ParseResult result)
        {
            var which = result.GetValue(tower);
            if (result.GetValue(model) is { } folder)
                return new ModelRequest(folder) { Tower = which };
            return which == Tower.Folder ? null : throw new ToolException($"--tower is {which}, but there is no model; name its folder with --model, or leave --tower out.");
        }
    }

    private static Option<bool> Json() => new("--json") { Description = "Output for programs." };

    private static int[] Numbers(ArgumentResult result)
    {
        List<int> numbers = [];
        foreach (var part in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!int.TryParse(part, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) || number == 0)
            {
                result.AddError($"'{part}' is no number of tokens; give numbers from 1 on, such as 16,128");
                return [];
            }

            numbers.Add(number);
        }

        if (numbers.Count == 0)
            result.AddError("--tokens has no number; give numbers from 1 on, such as 16,128");
        return [.. numbers];
    }

    private static Command Act(Command command, ToolConsole console, Func<ParseResult, CancellationToken, int> action)
    {
        command.SetAction((result, cancellation) => Task.Run(() => Guard(() => action(NothingEmpty(result), cancellation), console), CancellationToken.None));
        return command;
    }

    /// <summary>Refuses an empty text where a file, a folder or a project is named.</summary>
    private static ParseResult NothingEmpty(ParseResult result)
    {
        foreach (var child in result.CommandResult.Children.Where(child => child.Tokens.Any(token => token.Value.Length == 0)))
        {
            var (named, what) = child switch
            {
                OptionResult { Option: { HelpName: "FILE" or "DIR" or "FOLDER" } option } => (option.Name, option.HelpName),
                ArgumentResult { Argument.Name: var argument } => (argument, argument),
                _ => (null, ""),
            };
            if (named is not null)
                throw new ToolException($"{named} is an empty text; give {(what == "NAME" ? "a name" : what == "FILE" ? "a file" : "a folder, or . for this one")}.");
        }

        return result;
    }

    /// <summary>Exceptions to sentences and exit codes.</summary>
    internal static int Guard(Func<int> action, ToolConsole console)
    {
        try
        {
            return action();
        }
        catch (ToolException e)
        {
            console.Problem(e.Message);
            return e.ExitCode;
        }
        catch (RefusedException e)
        {
            foreach (var finding in e.Findings.Take(20))
                console.Problem($"{finding.Id}: {finding.Message}");
            if (e.Findings.Count > 20)
                console.Problem($"… and {e.Findings.Count - 20} more problems of '{e.Directory.Name}'.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            console.Problem("Stopped.");
            return ExitCode.Cancelled;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or WeightException)
        {
            console.Problem(e.Message); // of a file of the folder
            return e is InvalidDataException ? ExitCode.Usage : ExitCode.Failed;
        }
        catch (OutOfMemoryException)
        {
            console.Problem("There is not enough memory for this model; give --max-tokens a smaller number, or use a machine with more.");
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            console.Problem($"Reading or writing failed: {e.Message.TrimEnd('.')}; make room, or close what uses the file, and try again.");
            return ExitCode.Usage;
        }
#pragma warning disable CA1031 // The last resort of a command line: a sentence in place of a stack trace.
        catch (Exception e)
#pragma warning restore CA1031
        {
            console.Problem($"A fault of attngen itself: {e.GetType().Name}: {e.Message}; please report it with the command line{(Environment.GetEnvironmentVariable("ATTNGEN_TRACE") is null ? " (ATTNGEN_TRACE=1 shows where)" : "")}.");
            if (Environment.GetEnvironmentVariable("ATTNGEN_TRACE") is not null)
                console.Error.WriteLine(e);
            return ExitCode.Internal;
        }
    }
}
