using System.Globalization;
using System.Text;

namespace Tour;

/// <summary>
/// One head's attention as a table: a row is a word that looks, a column a word that is looked at, a cell the share in
/// per cent. With colour the background glows (grey where a word looks at itself); without, the numbers stand alone. Rows of
/// words with an answer are pointed out. As wide as the screen allows.
/// </summary>
internal static class HeatMap
{
    private const int Indent = 2;
    private const int WidestCell = 6;
    private const int WidestLabel = 12;
    private const int NarrowestNumber = 3;
    private const float Nothing = 0.005f;
    private const string Shades = " .:-=+*#%@";

    public static void Draw(Terminal terminal, ReadSentence sentence, HeadName head)
    {
        var tokens = sentence.Tokens;
        var labels = tokens.Select(t => Columns.Cut(t.Shown, WidestLabel)).ToArray();
        var labelWidth = labels.Max(Columns.Of);
        var room = terminal.Width - 1 - Indent - labelWidth - 1;
        var cell = Math.Min(WidestCell, room / tokens.Count);
        if (cell < 1)
        {
            terminal.Text($"(This window is too narrow to draw {tokens.Count} columns; the map needs {Indent + labelWidth + 2 + tokens.Count}.)");
            return;
        }
        foreach (var line in Headings(labels, cell, Indent + labelWidth + 1))
            terminal.Line(Paint.Faint(terminal, line));
        for (var i = 0; i < tokens.Count; i++)
        {
            var asks = sentence.Pointers.Any(p => p.Token == i) || sentence.Senses.Any(s => s.Token == i);
            var label = Columns.PadLeft(labels[i], labelWidth);
            var row = new StringBuilder(asks ? "\u25b8 " : "  ").Append(asks ? Paint.Strong(terminal, label) : label).Append(' ');
            var looks = sentence.Looks(head, i);
            for (var j = 0; j < looks.Length; j++)
                row.Append(Cell(terminal, looks[j], cell, isSelf: i == j));
            terminal.Line(row.ToString().TrimEnd());
        }
        if (cell < NarrowestNumber)
            terminal.Text(terminal.HasColor ? "(No room for numbers: the brighter, the more.)" : $"(No room for numbers: from nothing to 100 per cent it is \"{Shades}\".)");
    }

    private static string Cell(Terminal terminal, float weight, int width, bool isSelf)
    {
        if (width < NarrowestNumber)
        {
            var shade = Shades[(int)MathF.Round(Math.Clamp(weight, 0, 1) * (Shades.Length - 1))];
            return terminal.HasColor ? Paint.Heat(terminal, weight, new string(' ', width), isSelf) : new string(shade, width);
        }
        var text = weight < Nothing ? "\u00b7" : MathF.Round(weight * 100).ToString(CultureInfo.InvariantCulture);
        var number = text.PadLeft(Math.Max(NarrowestNumber, width - 1));
        var painted = weight < Nothing ? Paint.Faint(terminal, number) : terminal.HasColor ? Paint.Heat(terminal, weight, number, isSelf) : number;
        return Columns.PadRight(painted, width);
    }

    /// <summary>The words over the columns, ending where their numbers end: in one to three staggered lines if they fit, otherwise downwards.</summary>
    private static IEnumerable<string> Headings(string[] labels, int cell, int margin)
    {
        for (var lines = 1; lines <= 3; lines++)
        {
            if (Fits(lines))
                return Enumerable.Range(0, lines).Select(line => Staggered(line, lines));
        }
        var depth = labels.Max(l => l.Length);
        return Enumerable.Range(0, depth).Select(d => new string(' ', margin) + string.Concat(labels.Select(l =>
            (d < depth - l.Length ? " " : l[d - depth + l.Length].ToString()).PadLeft(Math.Max(1, cell - 1)).PadRight(cell))).TrimEnd());

        int Start(int i) => margin + (i + 1) * cell - 1 - Columns.Of(labels[i]);

        bool Fits(int lines) => cell > 1 && Enumerable.Range(0, labels.Length).All(i => Columns.Of(labels[i]) < lines * cell && Start(i) >= 0);

        string Staggered(int line, int lines)
        {
            var text = "";
            for (var i = line; i < labels.Length; i += lines)
                text = Columns.PadRight(text, Start(i)) + labels[i];
            return text;
        }
    }
}
