namespace AttnGen.Tool;

/// <summary>How far the numbers of an array may be off.</summary>
internal sealed class GoldenAllowance(GoldenFile golden, GoldenNotes notes)
{
    private const double Absolute = 1e-5;

    /// <summary>The reference's own float32 error counts tenfold: another order of summation is no error.</summary>
    private const double OfReference = 10;

    /// <summary>A golden file of float32 without a word about its error: at best rounded from float64, more likely a float32 run.</summary>
    private const double AbsoluteOfFloat32 = 2e-5;

    /// <summary>What float32 rounding explains of a number's size, for each six layers: 64 units in the last place. The largest of 286 measured errors (models of two and three layers) is 19.</summary>
    private const double Rounding = 64.0 / (1 << 23);

    /// <summary>So much of that is allowed at most, however large ten times a stated error is: layers that err by rounding alone, as a reference's float32 does, may err in other places.</summary>
    private const double OfRounding = 4;

    private const int LayersOfRounding = 6;

    /// <summary>A stated error that would allow more than this and more than the largest number says that nothing is known.</summary>
    private const double Anything = 1e-3;

    /// <summary>Decides it for an output whose expected numbers are there; an error that cannot be the reference's makes it fail.</summary>
    /// <param name="output">The output.</param>
    /// <param name="layers">Layers that its numbers went through.</param>
    /// <param name="masks">The mask of each row.</param>
    /// <param name="largestState">The largest of the last hidden states that its logits are made of; 0: the file does not have them.</param>
    public void Decide(CaseOutput output, int layers, IReadOnlyList<bool[]?> masks, double largestState)
    {
        var (key, result, expected) = (output.Key, output.Result, output.Expected!);
        var array = golden[key.Name];

        // What stands at padding decides nothing, neither how large the numbers are nor how far float32 is off.
        var own = key.Layer < 0 && !key.IsReferenceFloat32 && key.Stem + "32" is var single && golden.Has(single) && golden[single].Shape.AsSpan().SequenceEqual(array.Shape) ? golden.Floats(single) : null;
        double largest = 0, measured = notes.OwnError(key.Name);
        var size = output.RowSize;
        for (var i = 0L; i < expected.Length; i++)
        {
            if (output.IsPadding(masks[(int)(i / size % masks.Count)], i % size))
                continue;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            if (own is not null && double.IsFinite(own[i]))
                measured = Math.Max(measured, Math.Abs(own[i] - expected[i]));
        }

        var reference = Math.Max(notes.ReferenceError(key.Name), measured);
        result.MaxAbs = largest;
        var usual = array.Type == "F32" && !notes.Knows(key.Name) ? AbsoluteOfFloat32 : Absolute;
        var allowed = Math.Max(usual, OfReference * reference);

        // A logit near 0 is a difference of numbers as large as the hidden states.
        var scale = Math.Max(largest, largestState);
        var explained = Rounding * Math.Max(1.0, (double)layers / LayersOfRounding) * scale;
        if (measured > Math.Max(usual, explained))
            output.Fail($"the stated float32 error is {Show.Error(measured)}, more than rounding explains, which is {Show.Error(Math.Max(usual, explained))} of numbers up to {Show.Error(scale)} in {layers} layer{(layers == 1 ? "" : "s")}; state what a float32 run of the reference gives");
        else if (allowed > Math.Max(Anything, largest))
            output.Fail($"the stated float32 error allows {Show.Error(allowed)} of numbers up to {Show.Error(largest)}, which checks nothing");

        // And what was lost when the reference was stored in a narrower type.
        var storage = array.Type switch { "F32" => 1.0 / (1 << 24), "F16" => 1.0 / (1 << 11), "BF16" => 1.0 / (1 << 8), _ => 0 };
        result.Tolerance = Math.Min(allowed, Math.Max(usual, OfRounding * explained)) + storage * largest;
    }
}
