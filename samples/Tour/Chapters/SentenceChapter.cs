namespace Tour;

/// <summary>Any sentence: the answers, the words it does not know, one head's attention.</summary>
internal static class SentenceChapter
{
    public static void Print(Desk desk, ReadSentence sentence, HeadName? wanted = null)
    {
        var terminal = desk.Terminal;
        desk.PrintSentence(sentence);
        desk.PrintAnswers(sentence);
        if (sentence.Pointers.Count + sentence.Senses.Count == 0)
        {
            terminal.Text("Nothing to answer here: there is no pronoun (it, she, her, he, his, him, they, their, them) and none of the words with two senses "
                + $"({string.Join(", ", desk.Model.Vocabulary.AmbiguousWords)}).");
        }

        var unknown = sentence.Tokens.Where(t => !t.IsKnown).Select(t => t.Shown).Distinct().ToArray();
        if (unknown.Length > 0)
        {
            terminal.Blank();
            terminal.Text($"Never seen in training: {string.Join(", ", unknown)}. {(unknown.Length == 1 ? "To the reader this is a blank" : "To the reader these are all the same blank")}; "
                + "only the words around help. (--words lists the words it knows.)");
        }

        for (var i = 0; i < sentence.Tokens.Count; i++)
        {
            if (desk.Model.Vocabulary.IsAmbiguous(sentence.Tokens[i].Word))
                desk.PrintClues(sentence, i);
        }

        var head = wanted ?? (sentence.Pointers.Count > 0 ? HeadName.Pronouns : sentence.Senses.Count > 0 ? HeadName.Senses : HeadName.Free);
        terminal.Blank();
        terminal.Text($"Attention of head {head}, in per cent; a row is a word that looks:");
        terminal.Blank();
        HeatMap.Draw(terminal, sentence, head);
    }
}
