using AttnGen.Bench;

namespace AttnGen.Decode;

/// <summary>What the benchmark was asked for.</summary>
internal sealed record DecodeOptions
{
    public static readonly CommandOption[] Known = [new("--quick"), new("--model", "NAME"), new("--threads", "N"), new("--json", "FILE"), new("--work", "DIR"), new("--cpu-time"), new("--writing")];

    /// <summary>The models that there are; a folder with the config.json of each is in <c>models</c>.</summary>
    public static readonly string[] Models = ["stories260k", "15m", "135m", "gpt2"];

    /// <summary>A short run.</summary>
    public bool Quick { get; init; }

    /// <summary>Which models.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>Threads of whoever can use more than one.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Where the figures go, or null.</summary>
    public string? Json { get; init; }

    /// <summary>Where weights are written.</summary>
    public string Work { get; init; } = "";

    /// <summary>Whether processor time is measured.</summary>
    public bool ProcessorTime { get; init; }

    /// <summary>Whether AttnGen.Generation is measured, above the model, in place of decoding.</summary>
    public bool Writing { get; init; }

    /// <exception cref="UsageException">A word is not understood.</exception>
    public static DecodeOptions Parse(IReadOnlyList<string> words)
    {
        BenchArguments line = BenchArguments.Parse(words, Known);
        int threads = line.Number("--threads", 1, 64, 1);
        if (line.Has("--cpu-time") && !OperatingSystem.IsLinux()) throw new UsageException("--cpu-time needs Linux.");
        if (line.Has("--cpu-time") && threads > 1) throw new UsageException($"--cpu-time is that of one thread, and --threads is {threads}; leave one of them out.");
        string[] names = [.. line.Values("--model").Select(name => BenchArguments.Choose("model", name, Models)).Distinct()];
        return new DecodeOptions
        {
            Quick = line.Has("--quick"),
            Names = names.Length > 0 ? names : line.Has("--quick") ? Models[..2] : Models,
            Threads = threads,
            Json = line.Value("--json"),
            Work = line.Value("--work") ?? Path.Combine(Path.GetTempPath(), "attngen-decode"),
            ProcessorTime = line.Has("--cpu-time"),
            Writing = line.Has("--writing"),
        };
    }
}
