using System.Globalization;
using System.Text;
using System.Text.Json;
using ScottPlot;

namespace AttnGen.Bench;

/// <summary>The table as markdown and JSON, and a picture. Every row stays, whoever won it.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Markdown(Results results)
    {
        var text = new StringBuilder();
        MachineInfo m = results.Machine;
        Line($"# Compared on {m.Date}");
        Line($"");
        Line($"{m.Processor}; {m.Caches}; vectors {m.Vectors}. {m.OperatingSystem}. {m.Runtime}. ONNX Runtime {m.OnnxRuntime}. One thread, float32, one process, in turns.");
        Line($"");
        Line($"Reads by one core: L2 {results.Bandwidth.L2:F0} GB/s, L3 {results.Bandwidth.L3:F0} GB/s, memory {results.Bandwidth.Memory:F0} GB/s.");
        Line($"");
        Line($"Measured by `{results.Command}`. Times are minimum and median of single calls{(Clock.ProcessorTime ? ", in processor time of the measuring thread" : "")}. Ratio: time over ONNX Runtime's (below 1 is faster). Peak: fused multiply-adds on registers, measured between the rows of the same shape.");
        foreach (Case c in results.Cases)
        {
            Line($"");
            Line($"## {c.Name}");
            Line($"");
            double onnx = c.Rows.First(r => r.Contender == "ONNX Runtime").Minimum;
            string ceilings = string.Join(", ", c.Ceilings.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.GigaFlops:F0} GFLOP/s with {p.Bits}-bit vectors")));
            Line($"{c.MegaFlops:F2} MFLOP. Peak {ceilings}: the products alone need {Time(c.Limit)} µs, a ratio of {c.Limit / onnx:F2}.");
            Line($"");
            Line($"| | min µs | median µs | calls | ratio (min) | ratio (median) | GFLOP/s | % of peak | % of its width's peak | max error | bytes a call | |");
            Line($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
            foreach (Row r in c.Rows)
            {
                Line($"| {r.Contender} | {Time(r.Minimum)} | {Time(r.Median)} | {r.Calls} | {r.Ratio:F2} | {r.MedianRatio:F2} | {r.GigaFlops:F1} | {r.PercentOfPeak:F0} | {Number(r.PercentOfOwnWidth)} | {r.MaxError:0.0e+0} | {r.BytesPerCall:F0} | {r.Note} |");
            }
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        static string Number(double? value) => value is { } v ? v.ToString("F0", CultureInfo.InvariantCulture) : "";

        static string Time(double v) => v.ToString(v < 100 ? "F2" : v < 10000 ? "F1" : "F0", CultureInfo.InvariantCulture);
    }

    public static void Save(Results results, string markdown, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "compare.md"), markdown);
        File.WriteAllText(Path.Combine(folder, "compare.json"), JsonSerializer.Serialize(results, s_json) + "\n");
        Draw(results, Path.Combine(folder, "compare.png"));
        Console.Error.WriteLine($"Saved compare.md, compare.json and compare.png in {folder}.");
    }

    /// <summary>One bar a contender, grouped by shape: per cent of the machine's fused-multiply-add peak.</summary>
    private static void Draw(Results results, string path)
    {
        string[] names = results.Cases.SelectMany(c => c.Rows).Select(r => r.Contender).Distinct().ToArray();
        string[] colours = ["#1b5e9c", "#3f8fd2", "#8fc1ea", "#d1812b", "#7a7a7a", "#c4c4c4"];
        if (names.Length < colours.Length) colours = colours[(colours.Length - names.Length)..];
        var plot = new Plot();
        var ticks = new List<Tick>();
        double group = names.Length + 1.5;
        for (int c = 0; c < results.Cases.Count; c++)
        {
            Case item = results.Cases[c];
            ticks.Add(new Tick(c * group + (names.Length - 1) / 2.0, item.Name.Replace(" T=", "\nT=", StringComparison.Ordinal)));
            foreach (Row row in item.Rows)
            {
                int n = Array.IndexOf(names, row.Contender);
                double percent = row.PercentOfPeak;
                plot.Add.Bar(new Bar
                {
                    Position = c * group + n,
                    Value = percent,
                    FillColor = Color.FromHex(colours[n % colours.Length]),
                    LineWidth = 0,
                    Size = 0.95,
                    Label = percent.ToString(percent < 10 ? "F1" : "F0", CultureInfo.InvariantCulture),
                });
            }
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.SetLimitsY(0, 120);
        plot.Add.HorizontalLine(100, 1, Colors.Black, LinePattern.Dashed);
        plot.YLabel("% of the FMA peak measured in the same run");
        plot.Title($"One thread, float32, {results.Machine.Date[..10]}: {results.Machine.Processor}");
        for (int n = 0; n < names.Length; n++)
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = names[n], FillColor = Color.FromHex(colours[n % colours.Length]) });
        plot.ShowLegend(Alignment.UpperLeft, Orientation.Horizontal);
        plot.SavePng(path, Math.Max(900, 170 * results.Cases.Count), 620);
    }
}
