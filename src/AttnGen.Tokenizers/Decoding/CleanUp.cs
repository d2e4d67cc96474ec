namespace AttnGen.Tokenizers;

/// <summary>English punctuation without the space before it: what WordPiece and CTC do with a token at the end.</summary>
internal static class CleanUp
{
    // One after the other.
    private static readonly (string From, string To)[] s_steps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>Applies it to what was written from a place on.</summary>
    public static void Apply(TextBuffer text, int from)
    {
        if (text.Text[from..].IndexOf(' ') < 0)
        {
            return; // nothing that is replaced has none
        }

        foreach (var (old, content) in s_steps)
        {
            for (var at = from; text.Text[at..].IndexOf(old) is var found and >= 0; at += found + content.Length)
            {
                text.Replace(at + found, old.Length, content);
            }
        }
    }
}
