namespace AttnGen.Generator.Spec;

/// <summary>A member of the generated half.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Overloads">For a method, the parameter types of each overload, as Roslyn's fully qualified names; null for anything else.</param>
internal sealed record GeneratedMember(string Name, EquatableArray<string>? Overloads = null);

/// <summary>
/// THE table of the names that the generated half of a class declares. Parsing refuses a class that has one already (ATTN0009);
/// emission may declare no other, and a test holds the emitted code against this table.
/// </summary>
internal static class GeneratedMembers
{
    private const string Input = "global::System.ReadOnlySpan<float>";
    private const string Output = "global::System.Span<float>";
    private const string Mask = "global::AttnGen.AttentionMask";
    private const string Trace = "global::AttnGen.ForwardTrace";
    private const string Ids = "global::System.ReadOnlySpan<int>";
    private const string LoadOptions = "global::AttnGen.ModelLoadOptions";
    private const string Naming = "string,global::System.Func<string, string>";

    private static readonly GeneratedMember[] s_plan = Names("GeneratedPlan", "ParameterCount", "WeightBytes");

    private static readonly GeneratedMember[] s_weights =
    [
        Method("Load", "string," + Naming, "global::System.IO.Stream," + Naming, "global::AttnGen.ITensorSource," + Naming),
        Method("Dispose", ""),
        .. Names("_weights"),
    ];

    private static readonly GeneratedMember[] s_sessions =
    [
        .. Names("Session", "_sessions"),
        Method("CreateSession", "", "int"),
        Method("Dispose", ""),
    ];

    private static readonly GeneratedMember[] s_tokens = [.. Names("MaxTokens"), Method("WorkspaceBytes", "int")];

    private static readonly GeneratedMember[] s_heads = Names("DModel", "Heads", "KvHeads", "HeadDim", "ValueHeadDim", "KeyDim", "ValueDim");

    private static readonly GeneratedMember s_forward = Method("Forward", $"{Input},{Output}");
    private static readonly GeneratedMember s_forwardMasked = Method("Forward", $"{Input},{Output},{Mask},{Trace}");
    private static readonly GeneratedMember s_forwardCross = Method("Forward", $"{Input},{Input},{Input},{Output},{Mask},{Trace}");

    private static readonly ImmutableArray<ImmutableArray<GeneratedMember>> s_members =
        Enum.GetValues(typeof(ShapeKind)).Cast<ShapeKind>().Select(kind => Merge(List(kind))).ToImmutableArray();

    /// <summary>What the generated half of a class with this attribute declares.</summary>
    public static ImmutableArray<GeneratedMember> Of(ShapeKind kind) => s_members[(int)kind];

    private static IEnumerable<GeneratedMember> List(ShapeKind kind) => kind switch
    {
        ShapeKind.Attention => [.. s_plan, .. s_weights, .. s_sessions, .. s_tokens, .. s_heads, s_forwardMasked, s_forwardCross],
        ShapeKind.DotProductAttention => [.. s_plan, .. s_weights, // Load only with qkNorm, which has weights
            .. s_sessions, .. s_tokens, .. s_heads, .. Names("_weights"), s_forwardCross],
        ShapeKind.FeedForward => [.. s_plan, .. s_weights, .. s_sessions, .. s_tokens, .. Names("DModel", "Hidden"), s_forward],
        ShapeKind.EncoderLayer => [.. s_plan, .. s_weights, .. s_sessions, .. s_tokens, .. s_heads, .. Names("FeedForward"), s_forwardMasked],
        ShapeKind.Encoder => [.. s_plan, .. s_weights, .. s_sessions, .. s_tokens, .. s_heads, .. Names("FeedForward", "Layers"), s_forwardMasked],
        ShapeKind.Linear => [.. s_plan, .. s_weights, .. s_sessions, .. s_tokens, .. Names("Inputs", "Outputs"), s_forward],
        ShapeKind.Softmax => [.. s_plan, .. Names("Dim"), s_forward],
        ShapeKind.TransformerModel => [.. s_plan, .. Names("_weights", "s_tensors", "Info", "Description"), Method("Rent", "", "int"), .. s_sessions, .. s_tokens,
            .. Names("Layers", "DModel", "Heads", "HeadDim", "FeedForward", "VocabularySize", "EmbeddingSize", "PooledSize", "LogitsSize", "ImageChannels", "ImageHeight", "ImageWidth"),
            Method("Load", "string," + LoadOptions, "global::System.IO.Stream," + LoadOptions, "global::AttnGen.ITensorSource," + LoadOptions),
            Method("Forward", $"{Ids},{Output},{Ids},{Mask},{Trace}", $"{Input},{Output},{Trace}"),
            Method("Embed", $"{Ids},{Output},{Ids},{Mask}"),
            Method("Pool", $"{Ids},{Output},{Ids},{Mask}", $"{Input},{Output}"),
            Method("Logits", $"{Ids},{Output},{Ids},{Mask}", $"{Input},{Output}")],
        ShapeKind.LayerNorm or ShapeKind.RmsNorm => [.. s_plan, .. s_weights, .. s_sessions, .. Names("Dim"), s_forward],
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static GeneratedMember[] Names(params string[] names) => names.Select(name => new GeneratedMember(name)).ToArray();

    private static GeneratedMember Method(string name, params string[] overloads) => new(name, overloads.ToEquatable());

    /// <summary>One entry a name, with all overloads.</summary>
    private static ImmutableArray<GeneratedMember> Merge(IEnumerable<GeneratedMember> members) =>
        members
            .GroupBy(member => member.Name, StringComparer.Ordinal)
            .Select(group => group.First().Overloads is null
                ? group.First()
                : new GeneratedMember(group.Key, group.SelectMany(member => member.Overloads!.Value).Distinct().ToEquatable()))
            .ToImmutableArray();
}
