using System.Globalization;

namespace Tour;

/// <summary>The chapters in their order, and a chance to ask.</summary>
internal static class WholeTour
{
    public static void Run(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("A trained transformer, run by code that the compiler wrote for it");
        terminal.Text(string.Create(CultureInfo.InvariantCulture,
            $"You have read how attention lets a word look at the others. Here is a small transformer that learned to use it for two things: to say whom a pronoun means, "
            + $"and in which sense a word is used. {Reader.Layers} layers, {Reader.Heads} heads each, {Reader.DModel} numbers a word, {desk.Model.Vocabulary.Typable.Count()} words."));
        PronounChapter.Print(desk);
        SenseChapter.Print(desk);
        CodeChapter.Print(desk);
        SpeedChapter.Print(desk);
        AboutChapter.Print(desk, "5. ");
        TaleChapter.Print(desk, "6. ");
        terminal.Heading("7. Your turn");
        if (terminal.HasReader)
            Conversation.Run(desk);
        else
            terminal.Text("dotnet run --project samples/Tour -- \"The dog chased the cat because it was angry.\"", indent: 4);
    }
}
