using System.Diagnostics.CodeAnalysis;

namespace Tour;

/// <summary>Sentences typed at the prompt, until an empty line.</summary>
internal static class Conversation
{
    public static void Run(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Text("Type a sentence, for example: The dog chased the cat because it was angry. Put --head 0.4 before it to draw another head. An empty line ends the tour.");
        while (true)
        {
            terminal.Blank();
            var line = terminal.Ask("  > ")?.Trim();
            if (line is null)
                terminal.Blank();
            if (string.IsNullOrEmpty(line) || line is "quit" or "exit")
                return;
            if (!TryParse(line, out var request, out var error) || !desk.TryAnswer(request, out error))
                terminal.Text(error);
        }
    }

    // A line that starts with an option reads like the command line, everything else is a sentence.
    private static bool TryParse(string line, [NotNullWhen(true)] out CommandLine? request, out string error)
    {
        error = "";
        if (!line.StartsWith("--", StringComparison.Ordinal))
        {
            request = new CommandLine(Request.Sentence, line, null);
            return true;
        }
        request = CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out error);
        return request is not null;
    }
}
