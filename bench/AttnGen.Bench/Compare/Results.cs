namespace AttnGen.Bench;

/// <summary>One contender on one shape. Times in microseconds.</summary>
public sealed record Row(string Contender, double Minimum, double Median, int Calls, double MaxError, double BytesPerCall, string Note)
{
    /// <summary>Minimum over ONNX Runtime's minimum; below 1 is faster than ONNX Runtime.</summary>
    public double? Ratio { get; init; }

    /// <summary>The same of the medians.</summary>
    public double? MedianRatio { get; init; }

    public double GigaFlops { get; init; }

    /// <summary>Of the machine's peak, whatever width gives it.</summary>
    public double PercentOfPeak { get; init; }

    /// <summary>Of the peak of the vectors that the row is held to.</summary>
    public double? PercentOfOwnWidth { get; init; }
}

/// <summary>The ceiling with one vector width.</summary>
public sealed record Ceiling(int Bits, double GigaFlops);

/// <summary>One shape: the rows, and the ceilings that were measured between them.</summary>
public sealed record Case(string Name, double MegaFlops, List<Ceiling> Ceilings, List<Row> Rows)
{
    /// <summary>GFLOP/s.</summary>
    public double Peak => Ceilings.Count > 0 ? Ceilings.Max(c => c.GigaFlops) : double.NaN;

    /// <summary>Microseconds that the matrix products need at the peak.</summary>
    public double Limit => MegaFlops / Peak * 1e3;
}

/// <summary>GB/s of reads by one core.</summary>
public sealed record ReadBandwidth(double L2, double L3, double Memory);

/// <summary>A whole run.</summary>
public sealed record Results(MachineInfo Machine, string Command, ReadBandwidth Bandwidth, List<Case> Cases);
