namespace AttnGen.Tool;

/// <summary>What a row of an output is, or why the model has no such output.</summary>
/// <param name="Row">The shape of a row, in one layer.</param>
/// <param name="PerToken">How many of its numbers belong to one token, so that those at padding are left out; 0: the output is of the whole row.</param>
internal sealed record OutputShape(long[] Row, int PerToken = 0)
{
    /// <summary>How many layers are in the array; 0: it has no layers.</summary>
    public int Layers { get; init; }

    /// <summary>Whether it is of the text of an encoder–decoder, whose padding is not the source's.</summary>
    public bool HasNoPadding { get; init; }

    /// <summary>Why there is none.</summary>
    public string? Missing { get; init; }

    public static OutputShape None(string why) => new([]) { Missing = why };
}

/// <summary>An array of a golden file that is compared.</summary>
internal sealed class CaseOutput(GoldenKey key)
{
    public GoldenKey Key { get; } = key;

    public ArrayResult Result { get; } = new() { Name = key.Name, Verdict = Verdict.NotChecked };

    /// <summary>Null: it is not compared.</summary>
    public double[]? Expected
    {
        get;
        set
        {
            field = value;
            if (value is not null)
                Result.Verdict = Verdict.Ok;
        }
    }

    public OutputShape Shape { get; set; } = new([]);

    /// <summary>Rows of the case.</summary>
    public int Rows { get; set; }

    /// <summary>Numbers of a row in one layer.</summary>
    public long RowSize => Shape.Row.Aggregate(1L, (product, size) => product * size);

    private int Layers => Math.Max(1, Shape.Layers);

    private double Worst { get; set; }

    private long Compared { get; set; }

    /// <summary>Fails without having been compared.</summary>
    public void Fail(string why)
    {
        Expected = null;
        Result.Verdict = Verdict.Failed;
        Result.Note = why;
    }

    /// <summary>Whether a number of a row stands at padding, and decides nothing.</summary>
    /// <param name="mask">The row's mask; null: nothing is padding.</param>
    /// <param name="at">Its place in the row.</param>
    public bool IsPadding(bool[]? mask, long at) => Shape.PerToken > 0 && !Shape.HasNoPadding && mask is not null && !mask[(int)(at / Shape.PerToken % mask.Length)];

    /// <summary>Compares a row.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="mask">Its mask; null: nothing is padding.</param>
    /// <param name="values">What the model gives, of all layers.</param>
    public void Compare(int row, bool[]? mask, ReadOnlySpan<float> values)
    {
        if (double.IsNaN(Worst))
            return;
        for (var layer = 0; layer < Layers; layer++)
        {
            var theirs = ((long)layer * Rows + row) * RowSize;
            var ours = layer * RowSize;
            for (long i = 0; i < RowSize; i++)
            {
                if (IsPadding(mask, i))
                    continue;
                var difference = Math.Abs(Expected![theirs + i] - values[(int)(ours + i)]);
                Compared++;
                if (difference <= Worst)
                    continue;
                Worst = difference;
                if (double.IsNaN(difference))
                    return; // nothing is worse
            }
        }
    }

    /// <summary>Says what came of it, after the last row.</summary>
    public void Judge()
    {
        if (Expected is null || Result.Verdict is Verdict.NotChecked or Verdict.Failed)
            return;
        Result.Compared = Compared;
        if (Compared == 0)
        {
            Result.Verdict = Verdict.NotChecked;
            Result.Note = "nothing in it is compared";
            return;
        }

        Result.MaxAbsError = Worst;
        Result.Verdict = Worst <= Result.Tolerance ? Verdict.Ok : Verdict.Failed;
        if (!double.IsFinite(Worst))
            Result.Note = "the model gives NaN or infinity";
        else if (Result.MaxAbs <= Result.Tolerance && Result.Tolerance > 0)
            Result.Note = "no number in it is larger than what is allowed";
    }
}
