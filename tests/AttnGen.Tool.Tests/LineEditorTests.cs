namespace AttnGen.Tool.Tests;

/// <summary>A line that somebody types.</summary>
public class LineEditorTests
{
    [Theory]
    [InlineData("abc\n", "abc")]
    [InlineData("abc←←x\n", "axbc")]
    [InlineData("abc⌫⌫x\n", "ax")]
    [InlineData("abc⇤x⌦\n", "xbc")]
    [InlineData("abc⇤⇥x\n", "abcx")]
    [InlineData("←⌫⌦→\n", "")]
    [InlineData("a\U0001F600⌫b\n", "ab")]
    [InlineData("a\U0001F600←⌦b\n", "ab")]
    [InlineData("\U0001F600b←←x\n", "x\U0001F600b")]
    [InlineData("abc←✂\n", "ab")]
    [InlineData("abc←⌧\n", "c")]
    public void Keys_do_what_people_expect(string typed, string line) => Assert.Equal(line, Editor(typed, out _).Read());

    [Fact]
    public void Earlier_lines_come_back()
    {
        var editor = Editor("one\ntwo\n↑↑!\n↑↓new\n↑↑\n", out _);
        Assert.Equal(["one", "two", "one!", "new", "one!"], Enumerable.Range(0, 5).Select(_ => editor.Read()));
    }

    [Fact]
    public void The_end_of_the_input_is_no_line() => Assert.Null(Editor("␄", out _).Read());

    /// <summary>A row is never wider than the terminal, and the cursor stands where the next letter goes.</summary>
    [Fact]
    public void A_long_line_stays_on_its_row()
    {
        var text = string.Concat(Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? "界" : "x"));
        var editor = Editor(text + new string('←', 30) + "\n", out var screen);
        Assert.Equal(text, editor.Read());
        foreach (var drawn in screen.ToString().Split("\r\u001b[K").Skip(1))
        {
            var row = drawn.Split('\r')[0];
            Assert.True(row.Sum(letter => letter == '界' ? 2 : 1) < 20, row);
        }
    }

    private static LineEditor Editor(string typed, out StringWriter screen)
    {
        var keys = new Queue<ConsoleKeyInfo>(typed.Select(Key));
        screen = new StringWriter();
        return new LineEditor("> ", screen, keys.Dequeue, () => 20);
    }

    private static ConsoleKeyInfo Key(char letter)
    {
        var (key, control) = letter switch
        {
            '\n' => (ConsoleKey.Enter, false),
            '←' => (ConsoleKey.LeftArrow, false),
            '→' => (ConsoleKey.RightArrow, false),
            '↑' => (ConsoleKey.UpArrow, false),
            '↓' => (ConsoleKey.DownArrow, false),
            '⇤' => (ConsoleKey.Home, false),
            '⇥' => (ConsoleKey.End, false),
            '⌫' => (ConsoleKey.Backspace, false),
            '⌦' => (ConsoleKey.Delete, false),
            '✂' => (ConsoleKey.K, true),
            '⌧' => (ConsoleKey.U, true),
            '␄' => (ConsoleKey.D, true),
            _ => (ConsoleKey.None, false),
        };
        return new ConsoleKeyInfo(key == ConsoleKey.None ? letter : '\0', key, shift: false, alt: false, control);
    }
}
