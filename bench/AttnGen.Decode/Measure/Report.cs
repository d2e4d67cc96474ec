using System.Globalization;
using System.Reflection;
using System.Text.Json;
using AttnGen.Bench;

namespace AttnGen.Decode;

/// <summary>The result as Markdown on the console, and as JSON in a file.</summary>
internal sealed class Report(DecodeOptions options, string[] args)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private readonly List<Row> _rows = [];
    private readonly List<object> _agreements = [];
    private readonly MachineInfo _machine = MachineInfo.Read();
    private string? _native;

    public bool SomebodyDisagreed { get; private set; }

    private static string Versions => $"LLamaSharp {typeof(Report).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(about => about.Key == "LLamaSharp").Value}";

    public void Head()
    {
        Line($"# Decoding, {_machine.Date}");
        Line($"");
        Line($"{_machine.Processor}; {_machine.Caches}; vectors {_machine.Vectors}. {_machine.OperatingSystem}. {_machine.Runtime}. {Versions}.");
        Line($"float32 weights, one process, in turns. Load at the start: {Load()}.");
        Line($"");
        string words = args.Length > 0 ? " -- " + string.Join(' ', args.Select(a => Path.IsPathRooted(a) ? Path.GetFileName(a) : a)) : "";
        Line($"Measured by `dotnet run --project bench/AttnGen.Decode -c Release{words}`{(options.Quick ? " (short: read nothing into it)" : "")}.");
        Line($"Times are medians over rounds of each round's median call{(options.ProcessorTime ? ", in processor time of the measuring thread" : "")}.");
        Line($"Ratio: AttnGen's time over the row's, the median over the rounds (below 1: AttnGen is faster). Stream: one reader's pass over the weights, which is no ceiling.");
    }

    public void Skipped(string what, string reason) => Line($"\nNot measured: {what}; {reason}.");

    public void Model(ModelShape shape, long bytes, List<Agreement> agreements)
    {
        _native ??= LlamaCppDecoder.Native();
        Line($"");
        Line($"## {shape.Name}");
        Line($"");
        Line($"{(shape.IsGpt2 ? "GPT-2" : "Llama")}, width {shape.Width}, {shape.Layers} layers, {shape.Heads} heads ({shape.KvHeads} of keys and values), hidden {shape.Hidden},");
        Line($"vocabulary {shape.Vocabulary}, window {shape.Window}; a token reads {bytes / 1e6:F1} MB of weights.");
        Line($"");
        Line($"| compared with AttnGen before anything was timed | largest difference of a logit / the largest logit | allowed | greedy ids |");
        Line($"|---|---:|---:|---|");
        foreach (Agreement a in agreements)
        {
            SomebodyDisagreed |= !a.Holds;
            string ids = a.FirstOther < 0 ? $"all {a.Steps} equal" : $"step {a.FirstOther} is another of {a.Steps}";
            Line($"| {a.Name}{(a.Holds ? "" : ": **disagrees, not timed**")} | {a.Difference:0.0e+0} | {a.Tolerance:0e+0} | {ids} |");
            _agreements.Add(new { Model = shape.Name, a.Name, a.Difference, a.Tolerance, a.FirstOther, a.Steps, a.Holds });
        }
    }

    public void Add(List<Row> rows)
    {
        _rows.AddRange(rows);
        Table(rows, Work.Token, "A token: median ms (ratio; % of the stream)", row => $"{Ms(row.MedianMs)} ({Ratio(row)}; {row.StreamPercent:F0} %)");
        Table(rows, Work.Prompt, "A prompt at once, logits of its last token: median ms (ratio; tokens a second)", row => $"{Ms(row.MedianMs)} ({Ratio(row)}; {row.Tokens / row.MedianMs * 1e3:F0})");
        Table(rows, Work.Together, "One token for each sequence in one pass, at 64: median ms (ratio; ms a token)", row => $"{Ms(row.MedianMs)} ({Ratio(row)}; {Ms(row.MedianMs / row.Tokens)})");
        Table(rows, Work.Opening, "A sequence with room for: median ms (ratio)", row => $"{Ms(row.MedianMs)} ({Ratio(row)})");
    }

    public void End(TimeSpan took)
    {
        Line($"");
        Line($"llama.cpp's library: {_native ?? "not loaded"}. The run took {took.TotalSeconds:F0} s. Load at the end: {Load()}.");
        if (options.Json is not { } path) return;
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        var all = new { Machine = _machine, Versions, Native = _native, options.Threads, options.Quick, options.ProcessorTime, Agreements = _agreements, Rows = _rows };
        File.WriteAllText(path, JsonSerializer.Serialize(all, s_indented));
        Console.Error.WriteLine($"Saved {path}.");
    }

    private static void Table(List<Row> all, string kind, string title, Func<Row, string> cell)
    {
        List<Row> rows = all.FindAll(row => row.Kind == kind);
        string[] works = [.. rows.Select(row => row.Work).Distinct()];
        Line($"");
        Line($"**{title}**");
        Line($"");
        Line($"| | threads | {string.Join(" | ", works)} | bytes allocated a call |");
        Line($"|---|---:|{string.Concat(works.Select(_ => "---:|"))}---:|");
        foreach (IGrouping<string, Row> contender in rows.GroupBy(row => row.Contender))
        {
            IEnumerable<string> cells = works.Select(work => contender.FirstOrDefault(row => row.Work == work) is { } row ? cell(row) : "");
            Line($"| {contender.Key} | {contender.First().Threads} | {string.Join(" | ", cells)} | {contender.Max(row => row.Bytes):N0} |");
        }
    }

    private static string Ms(double time) => time >= 100 ? $"{time:F0}" : time >= 10 ? $"{time:F1}" : time >= 1 ? $"{time:F2}" : time >= 0.1 ? $"{time:F3}" : $"{time:F4}";

    private static string Ratio(Row row) => $"{row.Ratio:F2}";

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "not known";

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
