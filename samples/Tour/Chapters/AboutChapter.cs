using System.Globalization;

namespace Tour;

/// <summary>How good the reader is, and where it fails: two failures are shown, not only told.</summary>
internal static class AboutChapter
{
    public static void Print(Desk desk, string number = "")
    {
        var terminal = desk.Terminal;
        var vocabulary = desk.Model.Vocabulary;
        terminal.Heading($"{number}What it does not know");
        terminal.Text($"It knows a little world, not English: {vocabulary.Typable.Count()} words, simple sentences in the past tense that a grammar of ours made up, "
            + $"twelve words with two senses, at most {Reader.MaxTokens} words and marks. It was trained for a quarter of an hour, on one processor core (model/train).");
        terminal.Blank();
        terminal.Line("    How often it is right                          pronouns   senses");
        Row("known patterns, new words in them", "filling");
        Row("patterns kept out of training (*)", "template");
        Row("new patterns, written late", "fresh");
        Row("40 sentences by hand (*)", "probe");
        terminal.Blank();
        terminal.Text("The third line is the honest one for a sentence of yours. (*) These results were looked at while the grammar grew, so they flatter.");

        terminal.Blank();
        terminal.Text("It fails here; the bag is meant, and it nearly always answers the noun just before \"in it\":");
        Show(Examples.Ball);
        terminal.Blank();
        terminal.Text("Here nothing tells which bank, and its answer is a coin toss:");
        Show(Examples.NoClue);
        terminal.Blank();
        terminal.Text("Also weak: \"Anna did not help Maria because she was tired / had lied\" (28 % right), \"Anna talked to Maria because she was alone\" (54 %), "
            + "a cup that is emptied into a bowl until it is full or empty (81 %), a ring that is in the box until somebody takes it out (89 %). Even the pattern of the "
            + "first sentence of this tour, with other people, things and bags, comes out right 95 times in 100, not 100. A verb between two people that it has not seen "
            + "is mostly a guess; a word that it has not seen is a blank.");
        terminal.Blank();
        terminal.Text($"And the pictures: heads {HeadName.Pronouns} and {HeadName.Senses} were nudged in training to look at the answer, so that they are easy to read "
            + "(a run without the nudge was as accurate and grew such heads by itself, less tidy). The other 22 heads are free: try --head 0.4. "
            + "Attention shows what a head reads, not why the model answers.");

        void Row(string what, string testSet)
        {
            var accuracy = vocabulary.AccuracyOn(testSet);
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"      {what,-42} {accuracy.Pointer * 100,9:0.0} %  {accuracy.Sense * 100,5:0.0} %"));
        }

        void Show(string text)
        {
            var sentence = desk.Read(text);
            desk.PrintSentence(sentence);
            desk.PrintAnswers(sentence);
        }
    }
}
