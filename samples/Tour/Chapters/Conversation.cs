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
            if (string.IsNullOrEmpty(line) || line is "quit" or "exit")
                return;
            if (!TryHead(ref line, out var head, out var error) || !desk.TryRead(line, out var sentence, out error))
                terminal.Text(error);
            else
                SentenceChapter.Print(desk, sentence, head);
        }
    }

    // "--head 0.4 the sentence", as on the command line.
    private static bool TryHead(ref string line, out HeadName? head, out string error)
    {
        head = null;
        error = "";
        if (!line.StartsWith("--", StringComparison.Ordinal))
            return true;
        var command = CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out error);
        if (command is null)
            return false;
        (line, head) = (command.Sentence, command.Head);
        return true;
    }
}
