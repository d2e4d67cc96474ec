using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tour;

/// <summary>What every chapter needs: a model that reads, and a terminal to print answers on.</summary>
internal sealed class Desk(Terminal terminal, ReaderModel model)
{
    /// <summary>Below this the answer is called unsure.</summary>
    private const double Sure = 0.8;

    public Terminal Terminal => terminal;

    public ReaderModel Model => model;

    public ReadSentence Read(string sentence) =>
        TryRead(sentence, out var read, out var error) ? read : throw new ArgumentException(error, nameof(sentence));

    public bool TryRead(string sentence, [NotNullWhen(true)] out ReadSentence? read, out string error)
    {
        var tokens = Tokenizer.Split(sentence, model.Vocabulary);
        read = null;
        error = !Tokenizer.HasWords(tokens) ? "There is no word in the sentence: write one such as \"Tom saw a bat in the cave.\""
            : tokens.Length > Reader.MaxTokens ? $"The sentence has {tokens.Length} words and marks; this reader was trained on at most {Reader.MaxTokens}: write a shorter one."
            : "";
        if (error.Length > 0)
            return false;
        read = model.Read(tokens);
        return true;
    }

    /// <summary>The sentence as it was typed; unknown words are marked, words with an answer stand out.</summary>
    public void PrintSentence(ReadSentence sentence)
    {
        var text = "";
        for (var i = 0; i < sentence.Tokens.Count; i++)
        {
            var token = sentence.Tokens[i];
            text += (i == 0 || token.IsMark ? "" : " ") + (
                !token.IsKnown ? terminal.HasColor ? Paint.Unknown(terminal, token.Shown) : $"[{token.Shown}?]"
                : HasAnswer(sentence, i) ? Paint.Strong(terminal, token.Shown)
                : token.Shown);
        }
        terminal.Blank();
        terminal.Text(text, indent: 4);
        terminal.Blank();
    }

    /// <summary>Whom each pronoun means and in which sense each ambiguous word is used.</summary>
    public void PrintAnswers(ReadSentence sentence)
    {
        var width = Enumerable.Range(0, sentence.Tokens.Count).Where(i => HasAnswer(sentence, i)).Select(i => Columns.Of(sentence.Tokens[i].Shown)).DefaultIfEmpty().Max();
        foreach (var pointer in sentence.Pointers)
        {
            var target = pointer.Target == pointer.Token
                ? "nobody named in the text (it points at itself)"
                : Paint.Answer(terminal, Name(sentence, pointer.Target));
            var doubt = pointer.Probability < Sure ? $", or {Name(sentence, pointer.Second)} {Number(pointer.SecondProbability)}" : "";
            Print(sentence, pointer.Token, width, target, pointer.Probability, doubt);
        }
        foreach (var sense in sentence.Senses)
        {
            var relative = sense.Sense.Word == sentence.Tokens[sense.Token].Word ? "" : $"{sense.Sense.Word}: ";
            var doubt = sense.Probability < Sure ? $", or {sense.Other.Gloss} {Number(1 - sense.Probability)}" : "";
            Print(sentence, sense.Token, width, relative + Paint.Answer(terminal, sense.Sense.Gloss), sense.Probability, doubt);
        }
    }

    private void Print(ReadSentence sentence, int token, int width, string answer, double probability, string doubt)
    {
        var sure = probability < Sure ? Paint.Doubt(terminal, $"unsure: {Number(probability)}{doubt}") : Paint.Faint(terminal, Number(probability));
        var word = Columns.PadLeft(sentence.Tokens[token].Shown, width);
        terminal.Text($"{Paint.Strong(terminal, word.Trim())} \u2192 {answer}  {sure}", indent: 6 + width - Columns.Of(word.Trim()));
    }

    private static bool HasAnswer(ReadSentence sentence, int token) =>
        sentence.Pointers.Any(p => p.Token == token) || sentence.Senses.Any(s => s.Token == token);

    // "dog", or "dog (word 8)" where there are two dogs.
    private static string Name(ReadSentence sentence, int token)
    {
        var shown = sentence.Tokens[token].Shown;
        return sentence.Tokens.Count(t => t.Word == sentence.Tokens[token].Word) > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{shown} (word {token + 1})")
            : shown;
    }

    public static string Number(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);
}
