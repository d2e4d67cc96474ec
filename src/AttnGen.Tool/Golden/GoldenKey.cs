using System.Globalization;

namespace AttnGen.Tool;

/// <summary>What an array of a golden file is.</summary>
internal enum GoldenRole
{
    Ids,
    TokenTypes,
    Mask,
    Pixels,

    /// <summary>Mel frames of sounds.</summary>
    Features,

    /// <summary>What a language model's own words come after.</summary>
    Prompt,

    /// <summary>The text of an encoder–decoder, beside its source.</summary>
    DecoderIds,

    /// <summary>An input that the model works out by itself; what follows from it shows in the outputs.</summary>
    OtherInput,

    /// <summary>What is written after a prompt, the likeliest token each time: an output, for all that it is fed back.</summary>
    Written,

    LastHiddenState,
    HiddenState,
    HiddenStates,
    Attention,
    Attentions,
    Pooled,
    Logits,
    StartLogits,
    EndLogits,

    /// <summary>Of the first of DeiT's two heads; the model's logits are their mean.</summary>
    ClassLogits,

    /// <summary>Of the second.</summary>
    DistillationLogits,

    Embedding,
    Unknown,
}

/// <summary>Which half of an encoder–decoder an array is of.</summary>
internal enum GoldenHalf
{
    /// <summary>Of the whole model.</summary>
    Whole,

    /// <summary>encoder_…</summary>
    Encoder,

    /// <summary>decoder_…</summary>
    Decoder,

    /// <summary>cross_…: from the text to the source.</summary>
    Cross,
}

/// <summary>A name of a golden file: the case, what the array is, and of which layer.</summary>
/// <param name="Name">The whole name.</param>
/// <param name="Case">What stands before the key, without the dot between; empty if the name has no case.</param>
/// <param name="Role">What it is.</param>
/// <param name="Layer">The number at its end, or −1.</param>
/// <param name="IsReferenceFloat32">Whether it is the reference's own float32 run ("…32").</param>
internal sealed record GoldenKey(string Name, string Case, GoldenRole Role, int Layer, bool IsReferenceFloat32)
{
    private static readonly Dictionary<string, GoldenRole> s_roles = new(StringComparer.Ordinal)
    {
        ["input_ids"] = GoldenRole.Ids,
        ["ids"] = GoldenRole.Ids,
        ["token_type_ids"] = GoldenRole.TokenTypes,
        ["attention_mask"] = GoldenRole.Mask,
        ["pixel_values"] = GoldenRole.Pixels,
        ["input_features"] = GoldenRole.Features,
        ["prompt_ids"] = GoldenRole.Prompt,
        ["decoder_input_ids"] = GoldenRole.DecoderIds,
        ["position_ids"] = GoldenRole.OtherInput,
        ["last_hidden_state"] = GoldenRole.LastHiddenState,
        ["hidden_states"] = GoldenRole.HiddenStates,
        ["attentions"] = GoldenRole.Attentions,
        ["pooler_output"] = GoldenRole.Pooled,
        ["logits"] = GoldenRole.Logits,
        ["start_logits"] = GoldenRole.StartLogits,
        ["end_logits"] = GoldenRole.EndLogits,
        ["cls_logits"] = GoldenRole.ClassLogits,
        ["distillation_logits"] = GoldenRole.DistillationLogits,
        ["embedding"] = GoldenRole.Embedding,
        ["embeddings"] = GoldenRole.Embedding,
        ["sentence_embedding"] = GoldenRole.Embedding,
    };

    // What the halves of an encoder–decoder have, by what stands before it.
    private static readonly (string Prefix, GoldenHalf Half, GoldenRole[] Roles)[] s_halves =
    [
        ("encoder_", GoldenHalf.Encoder, [GoldenRole.LastHiddenState, GoldenRole.HiddenStates, GoldenRole.Attentions]),
        ("decoder_", GoldenHalf.Decoder, [GoldenRole.HiddenStates, GoldenRole.Attentions]),
        ("cross_", GoldenHalf.Cross, [GoldenRole.Attentions]),
    ];

    /// <summary>Which half of an encoder–decoder it is of.</summary>
    public GoldenHalf Half { get; init; }

    /// <summary>Whether it is given to the model.</summary>
    public bool IsInput => Role <= GoldenRole.OtherInput;

    /// <summary>The last word of the case, which says how a language model's case is run: decode, greedy, leftpad, or anything else.</summary>
    public static string Kind(string ofCase) => ofCase[(ofCase.LastIndexOf('.') + 1)..];

    /// <summary>The case of another kind that belongs to a case.</summary>
    public static string Beside(string ofCase, string kind) => ofCase[..(ofCase.LastIndexOf('.') + 1)] + kind;

    /// <summary>The name of the float64 array that a "…32" stands beside, without its "64". The number of a layer is no such ending.</summary>
    public string Stem => Layer < 0 && (Name.EndsWith("32", StringComparison.Ordinal) || Name.EndsWith("64", StringComparison.Ordinal)) ? Name[..^2] : Name;

    /// <summary>Reads a name. Every name is something, if only unknown.</summary>
    /// <param name="name">The name.</param>
    /// <param name="writes">Whether the model writes text: the ids of a greedy case are then its own.</param>
    public static GoldenKey Parse(string name, bool writes)
    {
        var key = Parse(name);
        return writes && key.Role == GoldenRole.Ids && Kind(key.Case) == "greedy" && name.EndsWith(".ids", StringComparison.Ordinal) ? key with { Role = GoldenRole.Written } : key;
    }

    /// <summary>Reads a name of a model that writes no text.</summary>
    public static GoldenKey Parse(string name)
    {
        if (Classify(name) is { Role: not GoldenRole.Unknown } whole)
            return new GoldenKey(name, "", whole.Role, whole.Layer, whole.Is32) { Half = whole.Half };
        var first = name.IndexOf('.', StringComparison.Ordinal);
        for (var dot = first; dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            // A case may have dots itself, if what follows them is known.
            if (Classify(name[(dot + 1)..]) is { Role: not GoldenRole.Unknown } key)
                return new GoldenKey(name, name[..dot], key.Role, key.Layer, key.Is32) { Half = key.Half };
        }

        return new GoldenKey(name, first < 0 ? "" : name[..first], GoldenRole.Unknown, -1, false);
    }

    private static (GoldenRole Role, int Layer, bool Is32, GoldenHalf Half) Classify(string key)
    {
        foreach (var (prefix, half, roles) in s_halves)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal) && ClassifyWhole(key[prefix.Length..]) is var part && roles.Contains(Stacked(part.Role)))
                return (part.Role, part.Layer, part.Is32, half);
        }

        var whole = ClassifyWhole(key);
        return (whole.Role, whole.Layer, whole.Is32, GoldenHalf.Whole);
    }

    private static GoldenRole Stacked(GoldenRole role) => role switch { GoldenRole.HiddenState => GoldenRole.HiddenStates, GoldenRole.Attention => GoldenRole.Attentions, _ => role };

    private static (GoldenRole Role, int Layer, bool Is32) ClassifyWhole(string key)
    {
        var dot = key.LastIndexOf('.');
        if (dot > 0 && int.TryParse(key.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
        {
            return key[..dot] switch
            {
                "hidden_states" => (GoldenRole.HiddenState, layer, false),
                "attentions" => (GoldenRole.Attention, layer, false),
                _ => (GoldenRole.Unknown, -1, false),
            };
        }

        var is32 = key.EndsWith("32", StringComparison.Ordinal);
        var stem = is32 || key.EndsWith("64", StringComparison.Ordinal) ? key[..^2] : key;
        return s_roles.TryGetValue(stem, out var role) && (stem == key || role >= GoldenRole.LastHiddenState) ? (role, -1, is32) : (GoldenRole.Unknown, -1, false);
    }
}
