namespace AttnGen.Tool;

/// <summary>What became of an array.</summary>
internal enum Verdict
{
    Ok,
    Failed,

    /// <summary>Of a kind that is not compared (docs/golden-format.md); does not count against the model.</summary>
    Skipped,

    /// <summary>The model has no such output, or the case could not be run.</summary>
    NotChecked,
}

/// <summary>The result for one output array.</summary>
internal sealed class ArrayResult
{
    public required string Name { get; init; }

    public required Verdict Verdict { get; set; }

    /// <summary>The largest difference from float64; null if nothing was compared.</summary>
    public double? MaxAbsError { get; set; }

    /// <summary>What is allowed.</summary>
    public double? Tolerance { get; set; }

    /// <summary>The largest number of the reference.</summary>
    public double? MaxAbs { get; set; }

    /// <summary>Numbers compared.</summary>
    public long Compared { get; set; }

    /// <summary>Why, where the verdict does not say it.</summary>
    public string? Note { get; set; }
}

/// <summary>A property that holds bit for bit, or not; skipped: it could not be looked at, and the detail says why.</summary>
internal sealed record BitCheck(string Name, bool Holds, string Detail, bool IsSkipped = false);

/// <summary>What <c>verify</c> found.</summary>
internal sealed class VerifyReport
{
    public required string Model { get; init; }

    public required string ModelType { get; init; }

    public string? Golden { get; init; }

    public required int VectorBits { get; init; }

    public List<ArrayResult> Arrays { get; } = [];

    public List<BitCheck> Checks { get; } = [];

    /// <summary>Members of the golden file's JSON that are for people.</summary>
    public IReadOnlyList<string> NotRead { get; set; } = [];

    /// <summary>What could not be run at all: sentences.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>A hash of every number that was computed, to compare machines and vector widths; null where a golden file was compared.</summary>
    public string? Bits { get; set; }

    public bool Passed =>
        Problems.Count == 0
        && Arrays.TrueForAll(array => array.Verdict is Verdict.Ok or Verdict.Skipped)
        && Checks.TrueForAll(check => check.Holds)
        && (Golden is null || Arrays.Exists(array => array.Verdict == Verdict.Ok && array.Compared > 0 && array.MaxAbs > array.Tolerance));

    /// <summary>Whether nothing was found wrong with the model, but the golden file has cases that cannot be run.</summary>
    public bool IsGoldenUnusable =>
        Problems.Count > 0 && !Arrays.Exists(array => array.Verdict == Verdict.Failed) && Checks.TrueForAll(check => check.Holds);

    /// <summary>The failure in one sentence.</summary>
    public string Failure()
    {
        var source = Golden is null ? "its checks" : Golden;
        if (Arrays.Where(array => array.Verdict == Verdict.Failed).MaxBy(array => double.IsNaN(array.MaxAbsError ?? double.NaN) ? double.PositiveInfinity : array.MaxAbsError / Math.Max(array.Tolerance ?? 0, 1e-300)) is { } worst)
        {
            var count = Arrays.Count(array => array.Verdict == Verdict.Failed);
            return $"{Model} does not agree with {source}: {count} of {Arrays.Count} arrays {(count == 1 ? "is" : "are")} off; the worst is {worst.Name}, {(worst.Note is { } why ? why : $"by {Show.Error(worst.MaxAbsError ?? double.NaN)} where {Show.Error(worst.Tolerance ?? 0)} is allowed")}.";
        }

        if (Problems.Count > 0)
            return $"{Model} was not checked by {source}: {Problems[0].TrimEnd('.')}{(Problems.Count > 1 ? $" (and {Problems.Count - 1} more)" : "")}.";
        if (Checks.Find(check => !check.Holds) is { } broken)
            return $"{Model}: {broken.Name}: {broken.Detail.TrimEnd('.')}.";
        if (Arrays.Find(array => array.Verdict == Verdict.NotChecked) is { } left)
            return $"{Model} was not checked completely by {source}: {left.Name}: {left.Note}; remove it from the golden file, or see docs/golden-format.md.";
        return Arrays.Exists(array => array.Verdict == Verdict.Ok)
            ? $"{Model} was not checked: no number in {source} is larger than what is allowed, so that zeros would pass; add outputs with larger numbers, see docs/golden-format.md."
            : $"{Model} was not checked: nothing in {source} was compared; see docs/golden-format.md.";
    }
}
