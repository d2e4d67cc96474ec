#if MODEL
using System.Diagnostics;
using System.Globalization;
using AttnGen.Bench;
using AttnGen.Embeddings;

namespace AttnGen.TextBench;

/// <summary>What texts of ten million characters cost beside one of a thousand words: time, managed memory, memory of the process.</summary>
internal static class LongTexts
{
    private const int Long = 10_000_000;
    private const string Words = "The museum opens at nine, but visitors may arrive before ten and take the guided tour through the old harbour. ";

    public static int Run(string[] args)
    {
        int rounds = args.Contains("--quick") ? 3 : 15;
        (string Name, string Text)[] texts =
        [
            ("1,000 words", string.Concat(Enumerable.Repeat(Words, 50))),
            ("words", Repeat(Words)),
            ("1,000 words, then letters", string.Concat(Enumerable.Repeat(Words, 50)) + Repeat("abcdefgh")),
            ("letters", Repeat("abcdefgh")),
            ("letters of another script", Repeat("привет")),
            ("a word, spaces, a word", "a" + Repeat(" ") + "b"),
            ("ideographs", Repeat("中日本")),
            ("a letter and marks", "a" + Repeat("\u0301\u0323\u0327")),
            ("emoji", Repeat("\U0001F600\U0001F680")),
            ("halves of pairs", Repeat("\uD83D")),
            ("controls", Repeat("\u0001\u0002")),
            ("brackets", Repeat("[")),
            ("letters, a special token at the end", Repeat("abcdefgh") + "[SEP]"),
        ];
        string folder = Path.GetFullPath(ModelAtBuild.Folder);
        using TextEmbeddingGenerator generator = TextEmbeddingGenerator.Create<MiniLm>(folder);
        var vector = new float[generator.Dimensions];
        var times = Array.ConvertAll(texts, _ => new List<double>());
        var bytes = new long[texts.Length];
        var peaks = new long[texts.Length];
        var tokens = new int[texts.Length];
        var alone = Array.ConvertAll(texts, _ => double.MaxValue);
        var ids = new int[generator.MaxTokens];
        generator.Embed(texts[0].Text, vector);
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                long resident = Resident();
                long allocated = GC.GetTotalAllocatedBytes(precise: true), start = Stopwatch.GetTimestamp();
                tokens[i] = generator.Embed(texts[i].Text, vector);
                double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                bytes[i] = Math.Max(bytes[i], GC.GetTotalAllocatedBytes(precise: true) - allocated);
                peaks[i] = Math.Max(peaks[i], Status("VmHWM:") - resident);
                if (round >= 0) times[i].Add(milliseconds);
                start = Stopwatch.GetTimestamp();
                generator.Tokenizer.Encode(texts[i].Text, ids);
                alone[i] = Math.Min(alone[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        MachineInfo m = MachineInfo.Read();
        Console.WriteLine($"{m.Processor}. {m.OperatingSystem}. {m.Runtime}. {m.Date}.");
        Console.WriteLine();
        Console.WriteLine("| text of ten million characters | tokens read | Embed, median ms | more than 1,000 words, ms | tokenizer alone, least ms | managed bytes, most | process grows by, MB, most |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        double reference = Median(times[0]);
        for (int i = 0; i < texts.Length; i++)
        {
            double median = Median(times[i]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {texts[i].Name} | {tokens[i]} | {median:F2} | {(i == 0 ? "" : (median - reference).ToString("F2", CultureInfo.InvariantCulture))} | {alone[i]:F3} | {bytes[i]:N0} | {peaks[i] / 1e3:F1} |"));
        }

        return 0;
    }

    private static string Repeat(string piece) => string.Concat(Enumerable.Repeat(piece, Long / piece.Length));

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    // The process's memory in KB, with its peak set back to it.
    private static long Resident()
    {
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS:");
    }

    private static long Status(string name) => !OperatingSystem.IsLinux() ? 0
        : long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
}
#endif
