namespace AttnGen.Generator.Spec;

/// <summary>A member of the generated half.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Overloads">For a method, the parameter types of each overload, as Roslyn's fully qualified names; null for anything else.</param>
internal sealed record GeneratedMember(string Name, EquatableArray<string>? Overloads = null);

/// <summary>
/// THE table of the names that the generated half of a class declares (its methods are those of <see cref="Signatures"/>). Parsing refuses a class that has one already (ATTN0009);
/// emission may declare no other, and a test holds the emitted code against this table.
/// </summary>
internal static class GeneratedMembers
{
    private static readonly string[] s_plan = ["GeneratedPlan", "ParameterCount", "WeightBytes"];
    private static readonly string[] s_sessions = [.. s_plan, "Session", "s_weights", "_weights", "_sessions"];
    private static readonly string[] s_tokens = [.. s_sessions, "MaxTokens"];
    private static readonly string[] s_heads = ["DModel", "Heads", "KvHeads", "HeadDim", "ValueHeadDim", "KeyDim", "ValueDim"];

    private static readonly ImmutableArray<ImmutableArray<GeneratedMember>> s_members =
        Enum.GetValues(typeof(ShapeKind)).Cast<ShapeKind>().Select(kind => Names(kind).Select(name => new GeneratedMember(name)).Concat(Merge(Methods(kind))).ToImmutableArray()).ToImmutableArray();

    /// <summary>What the generated half of a class with this attribute declares.</summary>
    public static ImmutableArray<GeneratedMember> Of(ShapeKind kind) => s_members[(int)kind];

    private static IEnumerable<string> Names(ShapeKind kind) => kind switch
    {
        ShapeKind.Attention or ShapeKind.DotProductAttention => [.. s_tokens, .. s_heads],
        ShapeKind.FeedForward => [.. s_tokens, "DModel", "Hidden"],
        ShapeKind.EncoderLayer => [.. s_tokens, .. s_heads, "FeedForward"],
        ShapeKind.Encoder => [.. s_tokens, .. s_heads, "FeedForward", "Layers"],
        ShapeKind.Decoder => [.. s_tokens, .. s_heads, "FeedForward", "Layers", "VocabularySize", "Decoder", "_decoder"],
        ShapeKind.EncoderDecoder => [.. s_tokens, .. s_heads, "FeedForward", "EncoderLayers", "DecoderLayers", "DecoderMaxTokens", "LogitsSize", "VocabularySize", "Decoder", "_decoder"],
        ShapeKind.Linear => [.. s_tokens, "Inputs", "Outputs"],
        ShapeKind.Softmax => [.. s_plan, "Dim"],
        ShapeKind.TransformerModel => [.. s_tokens, "Info", "Description", "Decoder", "_decoder", "DecoderLayers", "DecoderMaxTokens", "AudioBins", "AudioFrames",
            "Layers", "DModel", "Heads", "HeadDim", "FeedForward", "VocabularySize", "EmbeddingSize", "PooledSize", "LogitsSize", "ImageChannels", "ImageHeight", "ImageWidth"],
        ShapeKind.LayerNorm or ShapeKind.RmsNorm => [.. s_sessions, "Dim"],
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static IEnumerable<GeneratedMember> Methods(ShapeKind kind)
    {
        foreach (var signature in Signatures.Of(kind))
            yield return Method(signature.Name, signature.Types);
        if (kind == ShapeKind.Softmax)
            yield break;
        yield return Method("Dispose", "");
        yield return Method("CreateSession", ""); // What the generated half calls: another of the user's would be the better match.
        yield return Method("Rent", kind is ShapeKind.TransformerModel or ShapeKind.Decoder or ShapeKind.EncoderDecoder ? ["", "int"] : [""]);
    }

    private static GeneratedMember Method(string name, params string[] overloads) => new(name, overloads.ToEquatable());

    /// <summary>One entry a name, with all overloads.</summary>
    private static IEnumerable<GeneratedMember> Merge(IEnumerable<GeneratedMember> methods) =>
        methods
            .GroupBy(method => method.Name, StringComparer.Ordinal)
            .Select(group => new GeneratedMember(group.Key, group.SelectMany(method => method.Overloads!.Value).Distinct().ToEquatable()));
}
