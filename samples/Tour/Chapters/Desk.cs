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

    /// <summary>Prints what was asked for; false, with a sentence that says why, if a sentence cannot be read.</summary>
    public bool TryAnswer(CommandLine request, out string error)
    {
        error = "";
        switch (request.Request)
        {
            case Request.Help:
                terminal.Line(CommandLine.Help);
                return true;
            case Request.Words:
                terminal.Text(string.Join(' ', model.Vocabulary.Typable));
                return true;
            case Request.About:
                AboutChapter.Print(this);
                return true;
            case Request.Tale when request.Sentence.Length > 0:
                return TaleChapter.TryTell(this, request.Sentence, out error);
            case Request.Tale:
                TaleChapter.Print(this);
                return true;
            case Request.Sentence:
                if (!TryRead(request.Sentence, out var sentence, out error))
                    return false;
                SentenceChapter.Print(this, sentence, request.Head);
                return true;
            case Request.Tour when request.Head is { } head:
                foreach (var example in Examples.All)
                    SentenceChapter.Print(this, Read(example), head);
                return true;
            default:
                WholeTour.Run(this);
                return true;
        }
    }

    public ReadSentence Read(string sentence) =>
        TryRead(sentence, out var read, out var error) ? read : throw new ArgumentException(error, nameof(sentence));

    public bool TryRead(string sentence, [NotNullWhen(true)] out ReadSentence? read, out string error)
    {
        var tokens = Tokenizer.Split(sentence, model.Vocabulary);
        // It has never seen a sentence without an end.
        if (tokens.Length is > 0 and < Reader.MaxTokens && !tokens[^1].EndsSentence)
            tokens = [.. tokens, .. Tokenizer.Split(".", model.Vocabulary)];
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

    /// <summary>The words that an ambiguous word looks at in the head for senses.</summary>
    public void PrintClues(ReadSentence sentence, int token)
    {
        terminal.Blank();
        terminal.Line($"    \"{sentence.Tokens[token].Shown}\" looks at (head {HeadName.Senses})");
        Bars.Draw(terminal, sentence, HeadName.Senses, token);
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
