using System.Globalization;

namespace Tour;

/// <summary>Shares as bars, the longest first.</summary>
internal static class Bars
{
    private const int Longest = 40;
    private const string Eighths = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589";

    public static void Draw(Terminal terminal, ReadSentence sentence, HeadName head, int query, int count = 3, float least = 0.03f)
    {
        var looks = sentence.Looks(head, query).ToArray();
        var strongest = Enumerable.Range(0, looks.Length).OrderByDescending(j => looks[j]).Take(count).Where(j => looks[j] >= least).ToArray();
        Draw(terminal, [.. strongest.Select(j => (sentence.Tokens[j].Shown, looks[j]))]);
    }

    public static void Draw(Terminal terminal, IReadOnlyList<(string Label, float Share)> bars)
    {
        var labelWidth = bars.Max(bar => Columns.Of(bar.Label));
        var longest = Math.Clamp(terminal.Width - labelWidth - 14, 8, Longest);
        foreach (var (label, share) in bars)
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"      {Columns.PadRight(label, labelWidth)}  {Paint.Answer(terminal, Bar(share, longest))} {share:0.00}"));
    }

    private static string Bar(float share, int longest)
    {
        var eighths = (int)MathF.Round(share * longest * 8);
        return new string('\u2588', eighths / 8) + (eighths % 8 == 0 ? "" : Eighths[eighths % 8].ToString());
    }
}
