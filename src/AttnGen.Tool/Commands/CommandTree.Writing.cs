using System.CommandLine;

namespace AttnGen.Tool;

// The commands of language models.
internal static partial class CommandTree
{
    private static Command Generate(ToolConsole console)
    {
        var model = new ModelOptions();
        var prompt = new Option<string[]>("--prompt", "-p") { Description = "The text that the model goes on with. May be given several times.", HelpName = "TEXT" };
        var file = new Option<string?>("--file", "-f") { Description = "A file with a prompt, UTF-8; - is the standard input.", HelpName = "FILE" };
        var writing = new WritingOptions();
        var json = Json();
        var command = new Command("generate",
            """
            Goes on with a text, by a language model. The text comes as it is written.

            Examples:
              attngen generate samples/models/taleteller --prompt "Once there was a girl named Mira." --temperature 0
              attngen generate models/SmolLM2-135M --file prompt.txt --tokens 200 --seed 7 --json
            """);
        model.AddTo(command);
        command.Add(prompt);
        command.Add(file);
        writing.AddTo(command);
        command.Add(json);
        return Act(command, console, (result, cancellation) => GenerateCommand.Run(
            model.Read(result), result.GetValue(prompt) ?? [], result.GetValue(file), writing.Read(result), result.GetValue(json), console, cancellation));
    }

    private static Command Chat(ToolConsole console)
    {
        var model = new ModelOptions();
        var system = new Option<string?>("--system") { Description = "What the model is told before the conversation.", HelpName = "TEXT" };
        var open = new Option<string?>("--open") { Description = "A conversation that /save wrote, to go on with.", HelpName = "FILE" };
        var writing = new WritingOptions();
        var json = Json();
        var command = new Command("chat",
            """
            Talks with a language model: a message a line, from the keyboard or a pipe.
            /help lists what else a line may be. Ctrl+C ends an answer, and at the prompt the chat.

            Examples:
              attngen chat samples/models/taleteller
              attngen chat models/SmolLM2-135M-Instruct --system "Answer in one sentence." --temperature 0
              printf 'Hello\nWho are you?\n' | attngen chat samples/models/taleteller --json
            """);
        model.AddTo(command);
        command.Add(system);
        command.Add(open);
        writing.AddTo(command);
        command.Add(json);
        return Act(command, console, (result, cancellation) => ChatCommand.Run(
            model.Read(result), result.GetValue(system), result.GetValue(open), writing.Read(result), result.GetValue(json), console, cancellation));
    }
}
