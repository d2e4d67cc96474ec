using AttnGen.Bench;

namespace AttnGen.TextBench;

/// <summary>What the benchmark of texts was asked for.</summary>
internal sealed record TextBenchOptions
{
    public static readonly CommandOption[] Known = [new("--quick"), new("--out", "DIR"), new("--sharp-bert", "FILE"), new("--published", "DIR"), new("--cpu-time")];

    /// <summary>A short run.</summary>
    public bool Quick { get; init; }

    /// <summary>Where the results go.</summary>
    public string Out { get; init; } = "";

    /// <summary>The assembly of sentence-transformers-sharp, or null.</summary>
    public string? SharpBert { get; init; }

    /// <summary>Where publish.sh put its folders.</summary>
    public string Published { get; init; } = "";

    /// <summary>Whether processor time is measured.</summary>
    public bool ProcessorTime { get; init; }

    /// <exception cref="UsageException">A word is not understood, or a file is not there.</exception>
    public static TextBenchOptions Parse(IReadOnlyList<string> words)
    {
        BenchArguments line = BenchArguments.Parse(words, Known);
        if (line.Has("--cpu-time") && !OperatingSystem.IsLinux()) throw new UsageException("--cpu-time needs Linux.");
        if (line.Value("--sharp-bert") is { } sharp && !File.Exists(sharp)) throw new UsageException($"--sharp-bert names '{sharp}', which is not there; sharp-bert.sh builds it.");
        return new TextBenchOptions
        {
            Quick = line.Has("--quick"),
            Out = line.Value("--out") ?? Path.Combine("artifacts", "bench"),
            SharpBert = line.Value("--sharp-bert"),
            Published = line.Value("--published") ?? Path.Combine("artifacts", "textbench"),
            ProcessorTime = line.Has("--cpu-time"),
        };
    }
}
