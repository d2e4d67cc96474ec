namespace Tour;

/// <summary>"bank" twice: the same word, two senses, and the words that decided.</summary>
internal static class SenseChapter
{
    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("2. Which bank?");
        var riverbank = desk.Read(Examples.Riverbank);
        desk.PrintSentence(riverbank);
        desk.PrintAnswers(riverbank);
        terminal.Blank();
        terminal.Text("These two relatives of \"bank\" carry their sense in themselves, whatever stands around them. \"bank\" alone does not:");

        var money = desk.Read(Examples.BankOfMoney);
        var river = desk.Read(Examples.BankOfRiver);
        PrintBank(desk, money);
        PrintBank(desk, river);

        terminal.Blank();
        terminal.Text($"The bars are the row of \"bank\" in head {HeadName.Senses}: the words that it takes in there. The whole head for the last sentence:");
        terminal.Blank();
        HeatMap.Draw(terminal, river, HeadName.Senses);
        terminal.Blank();

        var likeness = Enumerable.Range(0, Reader.Layers + 1)
            .Select(l => Desk.Number(ReadSentence.Likeness(money, money.LastIndexOf("bank"), river, river.LastIndexOf("bank"), l))).ToArray();
        terminal.Text($"Both sentences start from the same 64 numbers for \"bank\" (plus its place in the sentence). How alike the two vectors are, as a cosine: "
            + $"before the first layer {likeness[0]}, after each of the three {string.Join(", ", likeness[1..])}.");
    }

    private static void PrintBank(Desk desk, ReadSentence sentence)
    {
        desk.PrintSentence(sentence);
        desk.PrintAnswers(sentence);
        desk.PrintClues(sentence, sentence.LastIndexOf("bank"));
    }
}
