using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace AttnGen.Tool;

/// <summary>Where a command writes: results to Out, what is wrong to Error. A terminal gets colours and a moving line of progress, a pipe plain text.</summary>
internal sealed class ToolConsole
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new NumberConverter() },
    };

    private static readonly JsonSerializerOptions s_jsonLine = new(s_json) { WriteIndented = false };

    private readonly IAnsiConsole? _terminal;
    private readonly bool _progress;
    private readonly TextReader? _input;

    /// <param name="output">Results.</param>
    /// <param name="error">Sentences about what is wrong, and progress.</param>
    /// <param name="outputIsTerminal">Whether results may have colours.</param>
    /// <param name="errorIsTerminal">Whether progress is shown.</param>
    /// <param name="input">What commands read; null: the standard input.</param>
    /// <param name="inputIsTerminal">Whether somebody types it.</param>
    public ToolConsole(TextWriter output, TextWriter error, bool outputIsTerminal = false, bool errorIsTerminal = false, TextReader? input = null, bool inputIsTerminal = false)
    {
        _input = input;
        InIsTerminal = inputIsTerminal;
        Out = output;
        Error = error;
        _progress = errorIsTerminal;
        if (outputIsTerminal)
            _terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>What commands read.</summary>
    public TextReader In => _input ?? Console.In;

    /// <summary>Whether somebody types it.</summary>
    public bool InIsTerminal { get; }

    public void Line(string text = "") => Out.WriteLine(OneLine(text));

    /// <summary>A sentence that is good or bad news.</summary>
    public void Verdict(bool good, string text)
    {
        if (_terminal is null)
            Line(text);
        else
            _terminal.MarkupLineInterpolated(good ? $"[green]{OneLine(text)}[/]" : (FormattableString)$"[red]{OneLine(text)}[/]");
    }

    /// <summary>One line of stderr.</summary>
    public void Problem(string sentence)
    {
        EndProgress();
        Error.WriteLine("attngen: " + OneLine(sentence));
    }

    /// <summary>Names and values.</summary>
    public void Facts(IReadOnlyList<(string Name, string Value)> facts)
    {
        if (_terminal is null)
        {
            var width = facts.Max(fact => fact.Name.Length) + 2;
            foreach (var (name, value) in facts)
                Line(name.PadRight(width) + value);
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        foreach (var (name, value) in facts)
            grid.AddRow($"[grey]{Markup.Escape(name)}[/]", Markup.Escape(OneLine(value)));
        _terminal.Write(grid);
    }

    /// <summary>A table. In a pipe: columns in line, two spaces between them, nothing wrapped.</summary>
    /// <param name="columns">Titles; with a '&gt;' before a title its column is set to the right.</param>
    /// <param name="rows">As many cells as columns.</param>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var titles = columns.Select(column => column.TrimStart('>')).ToArray();
        if (_terminal is null)
        {
            var widths = titles.Select((title, i) => rows.Select(row => row[i].Length).Append(title.Length).Max()).ToArray();
            foreach (var row in rows.Prepend(titles))
            {
                var line = new StringBuilder();
                for (var i = 0; i < titles.Length; i++)
                    line.Append(i == 0 ? "" : "  ").Append(columns[i].StartsWith('>') ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i]));
                Line(line.ToString().TrimEnd());
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < titles.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(titles[i]));
            table.AddColumn(columns[i].StartsWith('>') ? column.RightAligned() : column);
        }

        foreach (var row in rows)
            table.AddRow([.. row.Select(cell => Markup.Escape(OneLine(cell)))]);
        _terminal.Write(table);
    }

    /// <summary>A piece of a text that is being written, at once. A terminal does not get the control characters in it, but for line breaks and tabs.</summary>
    public void Piece(ReadOnlySpan<char> text)
    {
        if (_terminal is null)
        {
            Out.Write(text);
        }
        else
        {
            foreach (var character in text)
                Out.Write(char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character);
        }

        Out.Flush();
    }

    /// <summary>A sentence beside the results, for somebody at a terminal; a pipe does not get it.</summary>
    public void Note(string sentence)
    {
        if (!_progress)
            return;
        EndProgress();
        Error.WriteLine($"\u001b[2m{OneLine(sentence)}\u001b[0m");
    }

    /// <summary>Lines as they are given, edited if somebody types them; null: there are no more.</summary>
    /// <param name="prompt">What stands before a line that is typed.</param>
    public Func<string?> Lines(string prompt)
    {
        if (!InIsTerminal || _terminal is null)
            return In.ReadLine;
        var editor = new LineEditor(prompt, Out, static () => Console.ReadKey(intercept: true), static () => Console.WindowWidth);
        return editor.Read;
    }

    /// <summary>A value for programs, on one line.</summary>
    public void JsonLine(object value)
    {
        Out.WriteLine(JsonSerializer.Serialize(value, s_jsonLine));
        Out.Flush();
    }

    /// <summary>A value for programs.</summary>
    public void Json(object value) => Out.WriteLine(JsonSerializer.Serialize(value, s_json));

    /// <summary>Says on a terminal what is being done; overwritten by the next.</summary>
    public void Progress(string text)
    {
        if (_progress)
            Error.Write("\r\u001b[K" + OneLine(text));
    }

    /// <summary>Takes the line of progress away.</summary>
    public void EndProgress()
    {
        if (_progress)
            Error.Write("\r\u001b[K");
    }

    /// <summary>Foreign text on one line, without control characters.</summary>
    public static string OneLine(string text) =>
        Generator.Text.OneLine(text.Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' '));

    /// <summary>NaN and infinities, which JSON does not have, become null.</summary>
    private sealed class NumberConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}

/// <summary>How numbers look.</summary>
internal static class Show
{
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Error(double value) => double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? "infinite" : value.ToString("0.0e-00", CultureInfo.InvariantCulture);

    public static string Fixed(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) =>
        bytes < 1 << 10 ? $"{bytes} B"
        : bytes < 1 << 20 ? Fixed(bytes / 1024.0, 1) + " KiB"
        : bytes < 1 << 30 ? Fixed(bytes / 1048576.0, 1) + " MiB"
        : Fixed(bytes / 1073741824.0, 2) + " GiB";

    public static string Shape(IReadOnlyList<long> shape) => "[" + string.Join(", ", shape.Take(8)) + (shape.Count > 8 ? ", …]" : "]");

    /// <summary>A word of a command line, in quotes if it needs them.</summary>
    public static string Argument(string text) => text.Any(c => char.IsWhiteSpace(c) || "&|;()<>*?$'`".Contains(c, StringComparison.Ordinal)) ? $"\"{text}\"" : text;

    /// <summary>A foreign name in quotes, shortened.</summary>
    public static string Name(string name) => "'" + ToolConsole.OneLine(name.Length > 100 ? name[..100] + "…" : name) + "'";
}
