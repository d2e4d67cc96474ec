namespace AttnGen.Bench;

/// <summary>One contender on one shape. Times in microseconds.</summary>
public sealed record Row(string Contender, double Minimum, double Median, int Calls, double MaxError, double BytesPerCall, string Note)
{
    /// <summary>Minimum over ONNX Runtime's minimum; below 1 is faster than ONNX Runtime.</summary>
    public double? Ratio { get; init; }

    /// <summary>The same of the medians.</summary>
    public double? MedianRatio { get; init; }

    public double GigaFlops { get; init; }

    public double? PercentOfPeak512 { get; init; }

    public double? PercentOfPeak256 { get; init; }
}

/// <summary>One shape: the rows and the ceiling that was measured between them, in GFLOP/s.</summary>
public sealed record Case(string Name, double MegaFlops, double? Peak512, double? Peak256, List<Row> Rows);

/// <summary>GB/s of reads by one core.</summary>
public sealed record ReadBandwidth(double L2, double L3, double Memory);

/// <summary>A whole run.</summary>
public sealed record Results(MachineInfo Machine, string Command, ReadBandwidth Bandwidth, List<Case> Cases);
