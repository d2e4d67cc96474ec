using System.Text;

namespace Tour;

/// <summary>A word or mark of a sentence.</summary>
/// <param name="Shown">As it was typed, safe to print.</param>
/// <param name="Word">Lower-case, as the vocabulary has it.</param>
/// <param name="Id">Its row of the embedding table.</param>
internal readonly record struct Token(string Shown, string Word, int Id)
{
    public bool IsKnown => Id != Vocabulary.Unknown;

    public bool EndsSentence => Word is "." or "?" or "!";

    public bool IsMark => Word == "," || EndsSentence;
}

/// <summary>Splits a sentence as the training did: lower-case, each of <c>. , ? !</c> by itself, the rest at white space.</summary>
internal static class Tokenizer
{
    public static Token[] Split(string sentence, Vocabulary vocabulary)
    {
        var spaced = new StringBuilder(sentence.Length + 16);
        foreach (var c in sentence)
        {
            if (c is '.' or ',' or '?' or '!')
                spaced.Append(' ').Append(c).Append(' ');
            else
                spaced.Append(c);
        }
        return
        [
            .. spaced.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(typed =>
            {
                var word = typed.ToLowerInvariant();
                return new Token(Printable(typed), word, vocabulary.IdOf(word));
            }),
        ];
    }

    /// <summary>Whether there is anything but punctuation.</summary>
    public static bool HasWords(ReadOnlySpan<Token> tokens)
    {
        foreach (var token in tokens)
        {
            if (!token.IsMark)
                return true;
        }
        return false;
    }

    // A sentence may carry control characters; a terminal must not obey them.
    private static string Printable(string typed) =>
        string.Create(typed.Length, typed, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(text[i]) ? '\u00b7' : text[i];
        });
}
