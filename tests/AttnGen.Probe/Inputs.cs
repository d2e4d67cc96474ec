namespace AttnGen.Probe;

/// <summary>Random inputs and masks; the same for the same seed in every process.</summary>
public sealed class Inputs
{
    public Inputs(ModelCase model, int tokens, int keys, int seed, MaskKind kind = MaskKind.None)
    {
        (Model, Tokens, Keys, Kind) = (model, tokens, keys, kind);
        var random = new Random(seed);
        Query = Floats(random, tokens * model.QueryWidth, 1.5);
        Key = Floats(random, keys * model.KeyWidth, 1.5);
        Value = Floats(random, keys * model.ValueWidth, 1.5);
        KeyFlags = Flags(random, keys, 0.7);
        PairFlags = Flags(random, tokens * keys, 0.6);
        HeadFlags = Flags(random, Math.Max(1, model.Heads) * tokens * keys, 0.6);
        Bias = Bend(random, Floats(random, tokens * keys, 2));
        HeadBias = Bend(random, Floats(random, Math.Max(1, model.Heads) * tokens * keys, 2));
        KeyLength = random.Next(keys + 1);
        FirstQuery = random.Next(Math.Max(1, keys - tokens + 1));
    }

    public ModelCase Model { get; }
    public int Tokens { get; }
    public int Keys { get; }
    public MaskKind Kind { get; }
    public float[] Query { get; }
    public float[] Key { get; }
    public float[] Value { get; }
    public bool[] KeyFlags { get; }
    public bool[] PairFlags { get; }
    public bool[] HeadFlags { get; }
    public float[] Bias { get; }
    public float[] HeadBias { get; }
    public int KeyLength { get; }
    public int FirstQuery { get; }

    /// <summary>The mask over the arrays of this object, or over copies that stand elsewhere.</summary>
    public AttentionMask Mask(Func<bool[], Memory<bool>>? flags = null, Func<float[], Memory<float>>? bias = null)
    {
        flags ??= static values => values;
        bias ??= static values => values;
        return Kind switch
        {
            MaskKind.None => default,
            MaskKind.KeyLength => AttentionMask.KeyLength(KeyLength),
            MaskKind.Keys => default(AttentionMask).WithHideKeys(flags(KeyFlags).Span),
            MaskKind.KeepKeys => default(AttentionMask).WithKeepKeys(flags(KeyFlags).Span),
            MaskKind.Pairs => AttentionMask.Keep(flags(PairFlags).Span),
            MaskKind.HeadPairs => AttentionMask.Hide(flags(HeadFlags).Span),
            MaskKind.Additive => AttentionMask.Additive(bias(Bias).Span),
            MaskKind.HeadAdditive => AttentionMask.Additive(bias(HeadBias).Span),
            MaskKind.FirstQuery => default(AttentionMask).WithFirstQuery(FirstQuery),
            MaskKind.Everything => AttentionMask.KeyLength(KeyLength).WithKeepKeys(flags(KeyFlags).Span)
                .WithHide(flags(PairFlags).Span).WithAdditive(bias(HeadBias).Span).WithFirstQuery(FirstQuery),
            MaskKind.Nothing => AttentionMask.KeyLength(0),
            _ => throw new ArgumentOutOfRangeException(nameof(flags), Kind, null),
        };
    }

    private static float[] Floats(Random random, int count, double spread)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = (float)(spread * (2 * random.NextDouble() - 1));
        return values;
    }

    private static bool[] Flags(Random random, int count, double share)
    {
        var values = new bool[count];
        for (var i = 0; i < count; i++)
            values[i] = random.NextDouble() < share;
        return values;
    }

    // Some −∞, as masks have it.
    private static float[] Bend(Random random, float[] values)
    {
        for (var i = 0; i < values.Length; i++)
            if (random.NextDouble() < 0.3)
                values[i] = float.NegativeInfinity;
        return values;
    }
}

/// <summary>Which parts of a mask a test uses.</summary>
public enum MaskKind
{
    None,
    KeyLength,
    Keys,
    KeepKeys,
    Pairs,
    HeadPairs,
    Additive,
    HeadAdditive,
    FirstQuery,
    Everything,
    Nothing,
}
