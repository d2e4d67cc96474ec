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

    /// <summary>What the tale teller is asked for, and the word of its tale whose gaze is shown.</summary>
    public const string Tale = "Tell me a story about Mira and a kite.";
    public const string WordOfTale = "back";
    public const string AboutTale = "Where is Mira?";

    /// <summary>Nothing of the kind was in the training.</summary>
    public const string OutsideOfTales = "Where is the moon?";

    public static IReadOnlyList<string> All => [Book, Riverbank, BankOfMoney, BankOfRiver];
}
