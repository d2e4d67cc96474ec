using System.Globalization;

namespace AttnGen.TextBench;

/// <summary>What a fresh process does when it is timed: one vector, one line, the end.</summary>
internal static class FirstVector
{
    /// <summary>16 tokens, [CLS] and [SEP] counted.</summary>
    public const string Text = "The museum opens at nine, but visitors may arrive before ten and take";

    public static void Say(ITextContender contender)
    {
        var vector = new float[384];
        contender.Embed(Text, vector);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vector {vector[0]:F6}"));
        Console.Out.Flush();
        contender.Dispose();
    }
}
