using System.Runtime.InteropServices;
using System.Text;

namespace Tour;

/// <summary>Where the tour is printed: how wide it is, whether it shows colour, whether somebody sits at it.</summary>
internal sealed class Terminal
{
    private const int Widest = 100;
    private const int WidthOfPipe = 80;
    private readonly TextWriter _out;

    /// <summary>The console of this process. Colour: not when piped, not with NO_COLOR, not on a dumb terminal.</summary>
    public Terminal()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        _out = Console.Out;
        var piped = Console.IsOutputRedirected;
        HasColor = !piped
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && (OperatingSystem.IsWindows()
                ? WindowsConsole.TryUnderstandEscapes()
                : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));
        HasReader = !piped && !Console.IsInputRedirected;
        Width = piped ? WidthOfPipe : WindowWidth();
    }

    /// <summary>Columns that may be filled.</summary>
    public int Width { get; }

    /// <summary>Columns that a line of running text may fill.</summary>
    public int TextWidth => Math.Max(20, Math.Min(Width, Widest) - 1);

    public bool HasColor { get; }

    /// <summary>Whether questions can be asked.</summary>
    public bool HasReader { get; }

    public void Blank() => _out.WriteLine();

    /// <summary>A line as it is, wider than the screen or not.</summary>
    public void Line(string text) => _out.WriteLine(text);

    /// <summary>A part of a line, on the screen at once.</summary>
    public void Write(string text)
    {
        _out.Write(text);
        _out.Flush();
    }

    /// <summary>A heading with a rule under it.</summary>
    public void Heading(string text)
    {
        Blank();
        Line(Paint.Title(this, text));
        Line(Paint.Faint(this, new string('\u2500', Math.Min(Width, Widest) - 1)));
    }

    /// <summary>Running text, broken at spaces to fit; <paramref name="indent"/> columns stay free at the left.</summary>
    public void Text(string text, int indent = 2)
    {
        foreach (var line in Columns.Wrap(text, Math.Max(20, TextWidth - indent)))
            Line(new string(' ', indent) + line);
    }

    /// <summary>Asks for a line; <c>null</c> at the end of the input.</summary>
    public string? Ask(string prompt)
    {
        _out.Write(prompt);
        _out.Flush();
        return Console.ReadLine();
    }

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : WidthOfPipe;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return WidthOfPipe;
        }
    }

    /// <summary>Windows consoles obey colour escapes only after being asked to.</summary>
    private static class WindowsConsole
    {
        private const int StandardOutput = -11;
        private const uint VirtualTerminal = 4;

        public static bool TryUnderstandEscapes()
        {
            var console = GetStdHandle(StandardOutput);
            return GetConsoleMode(console, out var mode) != 0 && SetConsoleMode(console, mode | VirtualTerminal) != 0;
        }

#pragma warning disable SYSLIB1054 // The source-generated form needs unsafe code; these three calls do not.
        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern nint GetStdHandle(int which);

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int GetConsoleMode(nint console, out uint mode);

        [DllImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int SetConsoleMode(nint console, uint mode);
#pragma warning restore SYSLIB1054
    }
}
