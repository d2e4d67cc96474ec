using System.Globalization;

namespace AttnGen.Tool;

/// <summary>What an array of a golden file is.</summary>
internal enum GoldenRole
{
    Ids,
    TokenTypes,
    Mask,
    Pixels,

    /// <summary>An input that the model works out by itself; what follows from it shows in the outputs.</summary>
    OtherInput,

    LastHiddenState,
    HiddenState,
    HiddenStates,
    Attention,
    Attentions,
    Pooled,
    Logits,
    StartLogits,
    EndLogits,
    Embedding,
    Unknown,
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
        ["position_ids"] = GoldenRole.OtherInput,
        ["last_hidden_state"] = GoldenRole.LastHiddenState,
        ["hidden_states"] = GoldenRole.HiddenStates,
        ["attentions"] = GoldenRole.Attentions,
        ["pooler_output"] = GoldenRole.Pooled,
        ["logits"] = GoldenRole.Logits,
        ["start_logits"] = GoldenRole.StartLogits,
        ["end_logits"] = GoldenRole.EndLogits,
        ["embedding"] = GoldenRole.Embedding,
        ["embeddings"] = GoldenRole.Embedding,
        ["sentence_embedding"] = GoldenRole.Embedding,
    };

    /// <summary>Whether it is given to the model.</summary>
    public bool IsInput => Role is GoldenRole.Ids or GoldenRole.TokenTypes or GoldenRole.Mask or GoldenRole.Pixels or GoldenRole.OtherInput;

    /// <summary>The name of the float64 array that a "…32" stands beside, without its "64". The number of a layer is no such ending.</summary>
    public string Stem => Layer < 0 && (Name.EndsWith("32", StringComparison.Ordinal) || Name.EndsWith("64", StringComparison.Ordinal)) ? Name[..^2] : Name;

    /// <summary>Reads a name. Every name is something, if only unknown.</summary>
    public static GoldenKey Parse(string name)
    {
        if (Classify(name) is { Role: not GoldenRole.Unknown } whole)
            return new GoldenKey(name, "", whole.Role, whole.Layer, whole.Is32);
        var first = name.IndexOf('.', StringComparison.Ordinal);
        for (var dot = first; dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            // A case may have dots itself, if what follows them is known.
            if (Classify(name[(dot + 1)..]) is { Role: not GoldenRole.Unknown } key)
                return new GoldenKey(name, name[..dot], key.Role, key.Layer, key.Is32);
        }

        return new GoldenKey(name, first < 0 ? "" : name[..first], GoldenRole.Unknown, -1, false);
    }

    private static (GoldenRole Role, int Layer, bool Is32) Classify(string key)
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
