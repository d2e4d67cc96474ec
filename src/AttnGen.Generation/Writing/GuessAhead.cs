namespace AttnGen.Generation;

/// <summary>Guesses what comes next from what came after the same tokens earlier in the text (prompt lookup).</summary>
internal static class GuessAhead
{
    private const int Longest = 4;
    private const int Shortest = 2;

    /// <summary>Guesses: what followed the last place at which the text's last tokens stood before; the longer these are, the better.</summary>
    /// <param name="ids">The text.</param>
    /// <param name="guesses">Gets the guesses.</param>
    /// <returns>How many there are.</returns>
    public static int From(ReadOnlySpan<int> ids, Span<int> guesses)
    {
        for (var length = Math.Min(Longest, ids.Length - 1); length >= Shortest; length--)
        {
            // Found where it stands itself at the latest, so look in what ends before that.
            var at = ids[..^1].LastIndexOf(ids[^length..]);
            if (at >= 0)
            {
                var following = ids[(at + length)..];
                var count = Math.Min(guesses.Length, following.Length);
                following[..count].CopyTo(guesses);
                return count;
            }
        }

        return 0;
    }
}
