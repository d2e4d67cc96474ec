namespace Tour;

/// <summary>A word that the teller wrote, and what one head looked at as it was chosen.</summary>
/// <param name="Head">The head.</param>
/// <param name="Looks">The phrases that it looked at, each with its share, the largest first.</param>
internal sealed record Gaze(HeadName Head, IReadOnlyList<(string Phrase, float Share)> Looks)
{
    /// <summary>Looks from "back" to what says that something is away.</summary>
    public static HeadName Away => new(2, 6);

    /// <summary>Looks from the beginning of an answer to the ends of the sentences that may hold it.</summary>
    public static HeadName Sentences => new(3, 0);

    /// <summary>The largest shares of the latest piece, down to <paramref name="least"/>.</summary>
    public static Gaze Of(Teller teller, HeadName head, int most = 3, float least = 0.03f)
    {
        var looks = teller.Looks(head).ToArray();
        return new Gaze(head, [.. Enumerable.Range(0, looks.Length).Where(i => looks[i] >= least).OrderByDescending(i => looks[i]).Take(most).Select(i => (teller.TextUpTo(i), looks[i]))]);
    }
}
