namespace Tour;

/// <summary>The sentences of the tour. The first two are the article's.</summary>
internal static class Examples
{
    public const string Book = "She picked up the book and put it in her bag.";
    public const string Riverbank = "The banker walked to the riverbank to deposit some money.";
    public const string BankOfMoney = "The banker walked to the bank to deposit some money.";
    public const string BankOfRiver = "Tom went to the bank to catch some fish in the water.";

    /// <summary>The reader gets this one wrong.</summary>
    public const string Ball = "Anna could not close the bag because the ball in it was too big.";

    /// <summary>Nothing here tells which bank.</summary>
    public const string NoClue = "The bank was closed.";

    public static IReadOnlyList<string> All => [Book, Riverbank, BankOfMoney, BankOfRiver];
}
