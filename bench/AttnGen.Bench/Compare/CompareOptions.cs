namespace AttnGen.Bench;

/// <summary>What <c>compare</c> was asked for.</summary>
internal sealed record CompareOptions
{
    public static readonly string[] Commands = ["compare", "bdn"];

    public static readonly CommandOption[] Known = [new("--quick"), new("--out", "DIR"), new("--only", "NAME"), new("--core", "N"), new("--cpu-time")];

    /// <summary>A short run.</summary>
    public bool Quick { get; init; }

    /// <summary>Where the results go.</summary>
    public string Out { get; init; } = Path.Combine("artifacts", "bench");

    /// <summary>Parts of the names of shapes; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The core that measures; −1: any.</summary>
    public int Core { get; init; } = -1;

    /// <summary>Whether processor time is measured.</summary>
    public bool ProcessorTime { get; init; }

    /// <exception cref="UsageException">A word is not understood.</exception>
    public static CompareOptions Parse(IReadOnlyList<string> words)
    {
        BenchArguments line = BenchArguments.Parse(words, Known);
        if (line.Has("--cpu-time") && !OperatingSystem.IsLinux()) throw new UsageException("--cpu-time needs Linux.");
        int cores = Math.Min(Environment.ProcessorCount, IntPtr.Size * 8);
        return new CompareOptions
        {
            Quick = line.Has("--quick"),
            Out = line.Value("--out") ?? Path.Combine("artifacts", "bench"),
            Only = [.. line.Values("--only")],
            Core = line.Number("--core", 0, cores - 1, otherwise: -1),
            ProcessorTime = line.Has("--cpu-time"),
        };
    }
}
