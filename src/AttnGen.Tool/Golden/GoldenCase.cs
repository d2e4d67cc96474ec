namespace AttnGen.Tool;

/// <summary>What all cases of a golden file share.</summary>
internal sealed record GoldenContext(ModelRunner Model, GoldenFile Golden, GoldenNotes Notes, VerifyReport Report, ToolConsole Console, IReadOnlyDictionary<string, List<GoldenKey>> Cases)
{
    /// <summary>The inputs of another case; none: there is no such case.</summary>
    public CaseInputs Inputs(string name) => new(Golden, Cases.TryGetValue(name, out var keys) ? keys : []);
}

/// <summary>A case of a golden file: its rows are run, and its outputs compared.</summary>
internal abstract class GoldenCase(GoldenContext context, string name, List<GoldenKey> keys)
{
    private readonly List<CaseOutput> _outputs = [.. keys.Where(key => !key.IsInput).Select(key => new CaseOutput(key))];

    protected string Name => name;

    protected ModelRunner Model => context.Model;

    protected ModelInfo Info => context.Model.Info;

    protected GoldenContext Context => context;

    protected CaseInputs Inputs { get; } = new(context.Golden, keys);

    /// <summary>What is compared.</summary>
    protected IEnumerable<CaseOutput> Compared => _outputs.Where(output => output.Expected is not null);

    /// <summary>Reads the inputs, prepares the outputs, runs the rows and compares them.</summary>
    protected abstract void RunRows(CancellationToken cancellation);

    /// <summary>The shape of an output's row.</summary>
    protected abstract OutputShape Shape(GoldenKey key);

    public void Run(CancellationToken cancellation)
    {
        try
        {
            RunRows(cancellation);
        }
        catch (Exception e) when (e is GoldenException or ArgumentException or OverflowException)
        {
            // ArgumentException: the model refuses an input; its message names value and limit.
            var sentence = e is ArgumentException argument ? FolderFault.Sentence(argument) : e.Message.TrimEnd('.');
            context.Report.Problems.Add($"case {Show.Name(name)}: {sentence}");
            foreach (var output in _outputs.Where(output => output.Result.Verdict is not (Verdict.Skipped or Verdict.Failed)))
            {
                output.Result.Verdict = Verdict.NotChecked;
                output.Result.Note ??= "the case could not be run";
            }
        }

        foreach (var output in _outputs)
        {
            output.Judge();
            context.Report.Arrays.Add(output.Result);
        }
    }

    /// <summary>Decides how each output is compared, or why it is not.</summary>
    /// <param name="masks">The mask of each row.</param>
    /// <param name="isBatch">Whether the inputs are written as a batch.</param>
    protected void Prepare(IReadOnlyList<bool[]?> masks, bool isBatch)
    {
        foreach (var output in _outputs.Where(output => output.Key.Role != GoldenRole.Written))
            Prepare(output, masks, isBatch);
    }

    private void Prepare(CaseOutput output, IReadOnlyList<bool[]?> masks, bool isBatch)
    {
        var (key, result) = (output.Key, output.Result);
        if (key.IsReferenceFloat32 && keys.Find(other => other != key && !other.IsReferenceFloat32 && other.Stem == key.Stem) is { } exact)
        {
            // It decides how much is allowed, so it must be what it says.
            var (ofThis, ofExact) = (context.Golden[key.Name].Shape, context.Golden[exact.Name].Shape);
            var fault = !ofThis.AsSpan().SequenceEqual(ofExact) ? $"it is {Show.Shape(ofThis)}, and {Show.Name(exact.Name)} beside it {Show.Shape(ofExact)}"
                : Array.TrueForAll(context.Golden.Floats(key.Name), double.IsFinite) ? null : "the golden file itself holds NaN or infinity";
            result.Verdict = fault is null ? Verdict.Skipped : Verdict.Failed;
            result.Note = fault ?? "the reference's own float32; its distance from float64 counts in what is allowed";
            return;
        }

        var shape = key.Role == GoldenRole.Unknown ? OutputShape.None("this tool knows no such array") : Shape(key);
        if (shape.Missing is { } why)
        {
            result.Verdict = Verdict.NotChecked;
            result.Note = why;
            return;
        }

        var array = context.Golden[key.Name];
        IEnumerable<long> batch = isBatch || masks.Count > 1 ? [masks.Count] : [];
        List<long[]> shapes = [[.. batch, .. shape.Row]];
        if (masks.Count == 1)
            shapes.AddRange([shape.Row, [1, .. shape.Row]]);
        if (key.Role == GoldenRole.Logits && Info.LogitsSize == 1)
            shapes.AddRange([.. shapes.Select(one => one[..^1])]); // one logit: squeezed
        if (shape.Layers > 0)
            shapes = [.. shapes.Select(one => (long[])[shape.Layers, .. one])];
        if (!shapes.Exists(one => one.AsSpan().SequenceEqual(array.Shape)))
        {
            output.Fail($"it is {Show.Shape(array.Shape)}, and the model gives {Show.Shape(shapes[0])}");
            return;
        }

        var expected = context.Golden.Floats(key.Name);
        if (!Array.TrueForAll(expected, double.IsFinite))
        {
            output.Fail("the golden file itself holds NaN or infinity");
            return;
        }

        (output.Expected, output.Rows, output.Shape) = (expected, masks.Count, shape);
        var isLogits = key.Role is GoldenRole.Logits or GoldenRole.StartLogits or GoldenRole.EndLogits or GoldenRole.ClassLogits or GoldenRole.DistillationLogits;
        new GoldenAllowance(context.Golden, context.Notes).Decide(output, key.Half == GoldenHalf.Encoder ? Info.Layers : Info.Layers + Info.DecoderLayers, masks, isLogits ? LargestState() : 0);
    }

    /// <summary>Adds a property that holds bit for bit, or not.</summary>
    protected void Check(string what, IReadOnlyList<string> faults, string detail) =>
        context.Report.Checks.Add(new BitCheck($"{(name.Length > 0 ? name + ": " : "")}{what}", faults.Count == 0, faults.Count == 0 ? detail : string.Join("; ", faults.Take(3))));

    protected static string Rows(int count) => $"{count} row{(count == 1 ? "" : "s")}";

    /// <summary>Inputs that are read and not given to the model.</summary>
    protected void LeaveOut(GoldenRole role, string why) =>
        context.Report.Arrays.AddRange(keys.Where(key => key.Role == role).Select(key => new ArrayResult { Name = key.Name, Verdict = Verdict.Skipped, Note = why }));

    /// <summary>The largest number of the case's last hidden state; 0: the file does not have it.</summary>
    private double LargestState() =>
        keys.Where(key => key.Role == GoldenRole.LastHiddenState && key.Half == GoldenHalf.Whole).SelectMany(key => context.Golden.Floats(key.Name)).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();

    /// <summary>The ids that the model is to write, compared one by one with those that it does.</summary>
    protected void CompareWritten(int[] expected, int[] written)
    {
        var result = _outputs.Single(output => output.Key.Role == GoldenRole.Written).Result;
        var at = written.AsSpan().CommonPrefixLength(expected);
        (result.MaxAbsError, result.Tolerance) = (expected.Zip(written, (a, b) => Math.Abs((double)a - b)).Max(), 0);
        (result.Compared, result.MaxAbs) = (expected.Length, expected.Max());
        result.Verdict = at == expected.Length ? Verdict.Ok : Verdict.Failed;
        result.Note = at == expected.Length ? null : $"the model writes {written[at]} where the file has {expected[at]}, at {at} of {expected.Length}";
    }
}
