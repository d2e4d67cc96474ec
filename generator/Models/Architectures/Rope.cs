using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>What an architecture has of its own in its description of rotary positions.</summary>
internal sealed record RopeKeys
{
    /// <summary>The key of θ outside rope_scaling and rope_parameters.</summary>
    public string ThetaKey { get; init; } = "rope_theta";

    /// <summary>θ where the file says none.</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>The key of the part of a head that turns; "": all of it, always.</summary>
    public string PartKey { get; init; } = "";

    /// <summary>The part where the file says nothing of it.</summary>
    public double Part { get; init; } = 1;

    /// <summary>Of files that have parameters for kinds of layers: which kind; "": they have not.</summary>
    public string Layers { get; init; } = "";

    /// <summary>Whether rope_scaling, or rope_parameters without the kind of layer, are of other layers alone.</summary>
    public bool OnlyOwn { get; init; }

    /// <summary>Whether 'yarn' is another word for 'longrope', as in the first Phi-3.</summary>
    public bool YarnIsLongRope { get; init; }

    /// <summary>original_max_position_embeddings where the file says none; 0: all positions.</summary>
    public int Original { get; init; }
}

/// <summary>Rotary positions as config.json describes them, in the keys of transformers 4 (rope_theta, rope_scaling) and 5 (rope_parameters).</summary>
internal sealed record Rope(AnglesSpec Angles, int Dim, double Theta)
{
    /// <summary>The part of a head that turns.</summary>
    public double Part { get; init; } = 1;

    /// <summary>Whether a rope_type other than 'default' says how fast.</summary>
    public bool IsScaled { get; init; }

    /// <summary>Positions up to which the angles hold; 0: all that the model has.</summary>
    public int Limit { get; init; }

    /// <summary>What happens beyond them, as the beginning of a sentence.</summary>
    public string Beyond { get; init; } = "";

    private const string Kinds = "'default', 'linear', 'dynamic', 'yarn', 'llama3', 'longrope'";

    /// <summary>Reads it.</summary>
    /// <param name="c">The file.</param>
    /// <param name="headDim">Size of a head.</param>
    /// <param name="positions">max_position_embeddings.</param>
    /// <param name="keys">What an architecture has of its own.</param>
    public static Rope Read(ConfigReader c, int headDim, int positions, RopeKeys? keys = null)
    {
        var rope = Described(c, headDim, positions, keys ?? new());
        if (!c.HasProblems && !rope.Angles.Frequencies.Append(rope.Angles.Factor).All(number => Math.Abs(number) <= double.MaxValue))
            c.Wrong($"rotary positions with rope_theta {Text.Of(rope.Theta)}, as they are described, turn by what is no number; is it that of the model?");
        return rope;
    }

    private static Rope Described(ConfigReader c, int headDim, int positions, RopeKeys keys)
    {
        var (theta, part, layers) = (keys.Theta, keys.Part, keys.Layers);
        // Of a second kind of layers, what is wrong in these has been said.
        var older = keys.OnlyOwn ? c["rope_scaling"] : c.Object("rope_scaling");
        var newer = keys.OnlyOwn ? c["rope_parameters"] : c.Object("rope_parameters");
        var given = older is { Kind: JsonKind.Object, Members.Count: > 0 } ? (Key: "rope_scaling", Value: older)
            : newer is { Kind: JsonKind.Object, Members.Count: > 0 } ? (Key: "rope_parameters", Value: newer) : default;
        if (given.Value is not null && layers.Length > 0 && given.Value[layers] is { Kind: JsonKind.Object } own)
            given = ($"{given.Key}: {layers}", own);
        else if (keys.OnlyOwn)
            given = default;
        int outside = keys.OnlyOwn || c["original_max_position_embeddings"] is null ? 0 : c.Integer("original_max_position_embeddings", 0, 1, Limits.Tokens);
        theta = c.Number(keys.ThetaKey, theta);
        part = keys.PartKey.Length == 0 ? part : c.Number(keys.PartKey, part);
        if (given.Value is null || given.Key is null)
            return Default(c, headDim, part, theta, keys);

        var r = new ConfigReader(given.Value, c.Problems, given.Key, c);
        r.Use("rope_parameters");
        theta = r.Number("rope_theta", theta);
        part = r.Number("partial_rotary_factor", part);
        string kind = r.Word(r["rope_type"] is null && r["type"] is not null ? "type" : "rope_type", "default");
        var rope = Default(c, headDim, part, theta, keys);
        if (kind == "default" || rope.Dim == 0)
            return rope;
        if (keys.YarnIsLongRope && kind == "yarn")
            kind = "longrope";
        rope = rope with { IsScaled = true };
        if (kind is not ("linear" or "dynamic" or "yarn" or "llama3" or "longrope" or "su"))
        {
            r.Unsupported($"rope_type '{Text.Short(kind)}' is not supported; supported are {Kinds}");
            return rope;
        }

        int original = r.Integer("original_max_position_embeddings", keys.Original == 0 ? positions : keys.Original, 1, Limits.Tokens);
        if (outside > 0)
            original = outside;
        if (kind is "linear" or "llama3" && r["factor"] is null)
            r.Wrong($"factor is missing, but rope_type '{kind}' must have it, a number above 0");
        double factor = r.Number("factor", positions / (double)original);
        return kind switch
        {
            "linear" => rope.With(rope.Angles.Frequencies.Select(frequency => frequency / factor)),
            // Up to the window nothing changes; beyond it θ would grow with the text.
            "dynamic" => rope with { Limit = positions, Beyond = $"{given.Key} 'dynamic' changes rotations beyond {Text.Of(positions)} tokens" },
            "llama3" => Llama3(r, rope, factor, original),
            "yarn" => Yarn(r, rope, factor, original),
            _ => LongRope(r, rope, positions / (double)original, original, positions),
        };
    }

    private static Rope Default(ConfigReader c, int headDim, double part, double theta, RopeKeys keys)
    {
        string name = keys.PartKey.Length == 0 ? "partial_rotary_factor" : keys.PartKey;
        if (keys.PartKey.Length == 0 && part != 1 && !c.HasProblems)
            c.Unsupported($"partial_rotary_factor {Text.Of(part)} is not supported; supported is 1");
        else if (part > 1 && !c.HasProblems)
            c.Wrong($"{name} is {Text.Of(part)}, but must be at most 1");
        int dim = (int)(headDim * Math.Min(part, 1));
        if (!c.HasProblems && (dim % 2 != 0 || dim == 0))
            c.Unsupported($"rotations of {Text.Of(dim)} features of a head are not supported; supported are even numbers from 2 on (heads of {Text.Of(headDim)}, {name} {Text.Of(part)})");
        return new(new(Enumerable.Range(0, dim / 2).Select(p => Math.Pow(theta, -2.0 * p / dim)).ToEquatable()), dim, theta) { Part = part };
    }

    private Rope With(IEnumerable<double> frequencies, double factor = 1) => this with { Angles = new(frequencies.ToEquatable(), factor) };

    /// <summary>Llama 3.1: long waves are stretched, short ones stay, and between them it is shared out.</summary>
    private static Rope Llama3(ConfigReader r, Rope rope, double factor, int original)
    {
        double low = r.Number("low_freq_factor", 1), high = r.Number("high_freq_factor", 4);
        return rope.With(rope.Angles.Frequencies.Select(frequency =>
        {
            double wave = 2 * Math.PI / frequency;
            if (wave < original / high)
                return frequency;
            if (wave > original / low)
                return frequency / factor;
            double smooth = (original / wave - low) / (high - low);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }));
    }

    /// <summary>YaRN (Peng et al. 2023, arXiv:2309.00071).</summary>
    private static Rope Yarn(ConfigReader r, Rope rope, double factor, int original)
    {
        int dim = rope.Dim;
        double fast = r.Number("beta_fast", 32), slow = r.Number("beta_slow", 1);
        double mscale = r.Number("mscale", 0, mayBeZero: true), all = r.Number("mscale_all_dim", 0, mayBeZero: true);
        double attention = r.Number("attention_factor", mscale > 0 && all > 0 ? Scale(mscale) / Scale(all) : Scale(1));
        double first = Dimension(fast), last = Dimension(slow);
        if (r.Flag("truncate", true))
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        first = Math.Max(first, 0);
        last = Math.Min(last, dim - 1);
        if (first == last)
            last += 0.001;
        return rope.With(
            rope.Angles.Frequencies.Select((frequency, p) =>
            {
                double kept = 1 - Math.Min(1, Math.Max(0, (p - first) / (last - first)));
                return frequency / factor * (1 - kept) + frequency * kept;
            }),
            attention);

        double Dimension(double turns) => dim * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(rope.Theta));

        double Scale(double by) => factor <= 1 ? 1 : 0.1 * by * Math.Log(factor) + 1;
    }

    /// <summary>LongRoPE (Ding et al. 2024, arXiv:2402.13753): a factor for each pair, of short texts. Those of long ones would change what is kept already.</summary>
    private static Rope LongRope(ConfigReader r, Rope rope, double factor, int original, int positions)
    {
        double attention = r.Number("attention_factor", factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original)));
        var factors = r["short_factor"];
        r.MustBeNumbers("long_factor", rope.Dim / 2);
        if (!r.MustBeNumbers("short_factor", rope.Dim / 2))
            return rope;
        var scaled = rope.With(rope.Angles.Frequencies.Select((frequency, p) => factors!.Items[p].TryGetNumber(out double by) ? frequency / by : frequency), attention);
        return positions <= original ? scaled : scaled with { Limit = original, Beyond = $"{(r["type"] is null ? "rope_type" : "type")} 'longrope' changes rotations beyond {Text.Of(original)} tokens (original_max_position_embeddings)" };
    }
}
