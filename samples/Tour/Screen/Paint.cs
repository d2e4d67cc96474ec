namespace Tour;

/// <summary>Colours by what they mean. On a terminal without colour the text stays as it is.</summary>
internal static class Paint
{
    // From "hardly" to "only this word": dark violet to yellow, in the 256 colours that every terminal has.
    private static readonly int[] s_heat = [234, 53, 90, 126, 162, 203, 215, 229];
    private static readonly int[] s_grey = [234, 235, 236, 237, 238, 239, 240, 241];

    public static string Title(Terminal terminal, string text) => Wrap(terminal, "1;36", text);

    public static string Strong(Terminal terminal, string text) => Wrap(terminal, "1", text);

    public static string Faint(Terminal terminal, string text) => Wrap(terminal, "2", text);

    public static string Answer(Terminal terminal, string text) => Wrap(terminal, "1;32", text);

    public static string Doubt(Terminal terminal, string text) => Wrap(terminal, "1;33", text);

    /// <summary>A word that the reader has never seen.</summary>
    public static string Unknown(Terminal terminal, string text) => Wrap(terminal, "4;31", text);

    /// <summary>Text on a background that says how strong <paramref name="weight"/> (0 to 1) is; a word's look at itself stays grey.</summary>
    public static string Heat(Terminal terminal, float weight, string text, bool isSelf)
    {
        var step = Math.Clamp((int)MathF.Ceiling(weight * (s_heat.Length - 1)), 0, s_heat.Length - 1);
        var ink = step >= 5 && !isSelf ? 16 : 255;
        return Wrap(terminal, $"38;5;{ink};48;5;{(isSelf ? s_grey : s_heat)[step]}", text);
    }

    private static string Wrap(Terminal terminal, string code, string text) =>
        terminal.HasColor ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
