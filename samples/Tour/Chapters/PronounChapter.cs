namespace Tour;

/// <summary>"She picked up the book and put it in her bag": whom do the pronouns mean?</summary>
internal static class PronounChapter
{
    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        var sentence = desk.Read(Examples.Book);
        terminal.Heading("1. What is \"it\"?");
        desk.PrintSentence(sentence);
        desk.PrintAnswers(sentence);
        terminal.Blank();
        terminal.Text($"How did \"it\" find the book? In every layer each word asks all the others, through eight heads at once: its query is held against their "
            + $"keys, softmax turns the matches into shares, and the word takes in the others' values by these shares. This is head {HeadName.Pronouns} "
            + "(third layer, first head), in per cent. A row is a word that asks, and adds up to 100:");
        terminal.Blank();
        HeatMap.Draw(terminal, sentence, HeadName.Pronouns);
        terminal.Blank();
        terminal.Text($"Look at the rows of \"it\" and \"her\". Words that are no pronouns look at themselves in this head{(terminal.HasColor ? " (grey)" : "")}.");
    }
}
