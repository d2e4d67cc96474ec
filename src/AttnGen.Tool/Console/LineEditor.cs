using Spectre.Console.Rendering;

namespace AttnGen.Tool;

/// <summary>A line that somebody types, with the keys that people expect: arrows, Home, End, Delete, and Up and Down for earlier lines.</summary>
/// <param name="prompt">What stands before it.</param>
/// <param name="output">The terminal.</param>
/// <param name="readKey">The next key.</param>
/// <param name="width">Columns of the terminal.</param>
internal sealed class LineEditor(string prompt, TextWriter output, Func<ConsoleKeyInfo> readKey, Func<int> width)
{
    private readonly List<string> _earlier = [];

    /// <summary>The next line; null: Ctrl+D on an empty one.</summary>
    public string? Read()
    {
        var (line, at, from) = ("", 0, _earlier.Count);
        while (true)
        {
            Draw(line, at);
            var key = readKey();
            var control = key.Modifiers.HasFlag(ConsoleModifiers.Control) && !key.Modifiers.HasFlag(ConsoleModifiers.Alt); // both are AltGr on Windows
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Draw(line, line.Length);
                    output.WriteLine();
                    output.Flush();
                    if (line.Length > 0 && (_earlier.Count == 0 || _earlier[^1] != line))
                        _earlier.Add(line);
                    return line;
                case ConsoleKey.D when control && line.Length == 0:
                    output.WriteLine();
                    output.Flush();
                    return null;
                case ConsoleKey.LeftArrow:
                    at = Back(line, at);
                    break;
                case ConsoleKey.RightArrow:
                    at = Forth(line, at);
                    break;
                case ConsoleKey.Home or ConsoleKey.A when key.Key == ConsoleKey.Home || control:
                    at = 0;
                    break;
                case ConsoleKey.End or ConsoleKey.E when key.Key == ConsoleKey.End || control:
                    at = line.Length;
                    break;
                case ConsoleKey.Backspace when at > 0:
                    var start = Back(line, at);
                    (line, at) = (line.Remove(start, at - start), start);
                    break;
                case ConsoleKey.Delete or ConsoleKey.D when (key.Key == ConsoleKey.Delete || control) && at < line.Length:
                    line = line.Remove(at, Forth(line, at) - at);
                    break;
                case ConsoleKey.U when control:
                    (line, at) = (line[at..], 0);
                    break;
                case ConsoleKey.K when control:
                    line = line[..at];
                    break;
                case ConsoleKey.UpArrow or ConsoleKey.DownArrow when _earlier.Count > 0:
                    from = Math.Clamp(from + (key.Key == ConsoleKey.UpArrow ? -1 : 1), 0, _earlier.Count);
                    line = from < _earlier.Count ? _earlier[from] : "";
                    at = line.Length;
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                        (line, at) = (line.Insert(at, key.KeyChar.ToString()), at + 1);
                    break;
            }
        }
    }

    // The part of the line around the cursor that has room on one row.
    private void Draw(string line, int at)
    {
        var room = Math.Max(width() - Cells(prompt) - 1, 8);
        var from = 0;
        while (Cells(line[from..at]) > room)
            from = Forth(line, from);
        var to = line.Length;
        while (to > at && Cells(line[from..to]) > room)
            to = Back(line, to);
        output.Write($"\r\u001b[K{prompt}{line[from..to]}\r\u001b[{Cells(prompt) + Cells(line[from..at])}C");
        output.Flush();
    }

    private static int Cells(string text) => new Segment(text).CellCount();

    // Over a surrogate pair in one step.
    private static int Back(string line, int at) => at == 0 ? 0 : at > 1 && char.IsSurrogatePair(line[at - 2], line[at - 1]) ? at - 2 : at - 1;

    private static int Forth(string line, int at) => at == line.Length ? at : at + 1 < line.Length && char.IsSurrogatePair(line[at], line[at + 1]) ? at + 2 : at + 1;
}
