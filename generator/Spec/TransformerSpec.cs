namespace AttnGen.Generator.Spec;

// A whole model. Names are those of the file, exactly; "{0}" in a name stands for the number of the layer.

/// <summary>Rows [FirstRow, FirstRow + n) of a tensor of TensorRows rows.</summary>
internal sealed record TensorPart(string Name, int FirstRow, int TensorRows);

/// <summary>y = x·Wᵀ + b. Each of the two may stand under several names, of which the first that the file holds is read; no name for b: there is none.</summary>
internal sealed record LinearTensors(EquatableArray<TensorPart> Weight, EquatableArray<TensorPart> Bias, int Inputs, int Outputs)
{
    /// <summary>One name each.</summary>
    public static LinearTensors Of(TensorPart weight, TensorPart? bias, int inputs, int outputs) =>
        new(new(ImmutableArray.Create(weight)), bias is null ? EquatableArray<TensorPart>.Empty : new(ImmutableArray.Create(bias)), inputs, outputs);
}

/// <summary>A norm and its tensors.</summary>
internal sealed record NormTensors(NormSpec Norm, string Weight, string? Bias);

/// <summary>What comes before the first layer.</summary>
internal abstract record InputSpec;

/// <summary>Token ids: a table of words, with positions and segments added, a norm, and a map to the layers' width.</summary>
internal sealed record TokenInputSpec(
    int Vocabulary, int Width, string Table, PositionTableSpec? Positions, TypeTableSpec? Types, NormTensors? Norm, LinearTensors? Project) : InputSpec;

/// <summary>A table of learned positions. Token t takes row FirstRow + t; with SkipsPadding, row FirstRow + (tokens before it that are not PadId), and padding takes row PadId.</summary>
internal sealed record PositionTableSpec(string Name, int Rows, int FirstRow, bool SkipsPadding, int PadId);

/// <summary>A table of segments.</summary>
internal sealed record TypeTableSpec(string Name, int Count);

/// <summary>An image in patches, with learned tokens before them and learned positions.</summary>
internal sealed record ImageInputSpec(
    int Channels, int Height, int Width, int PatchHeight, int PatchWidth, LinearTensors Patches, EquatableArray<string> Tokens, string Positions) : InputSpec
{
    public int PatchRows => Height / PatchHeight;

    public int PatchColumns => Width / PatchWidth;

    /// <summary>The sequence's length.</summary>
    public int SequenceLength => Tokens.Count + PatchRows * PatchColumns;
}

/// <summary>What attention may have between its projections: norms of each head's query and key, and a learned key and value.</summary>
internal sealed record HeadTensors(NormTensors? QueryNorm, NormTensors? KeyNorm, string? BiasK, string? BiasV);

/// <summary>Attention's tensors.</summary>
internal sealed record AttentionTensors(LinearTensors Query, LinearTensors Key, LinearTensors Value, LinearTensors Output, HeadTensors? Heads = null);

/// <summary>A feed-forward network's tensors: Out·act(In x), or, gated, Out·(act(In x) ∘ (Up x)).</summary>
internal sealed record FeedForwardTensors(LinearTensors In, LinearTensors? Up, LinearTensors Out);

/// <summary>One layer's tensors: each part with the norm before or after it.</summary>
internal sealed record LayerTensors(AttentionTensors Attention, NormTensors AttentionNorm, FeedForwardTensors FeedForward, NormTensors FeedForwardNorm);

/// <summary>T5's relative positions: a bias for each head and bucket of distances, the same in all layers.</summary>
internal sealed record RelativeBiasSpec(string Name, int Buckets, int MaxDistance);

/// <summary>The layers.</summary>
/// <param name="Layers">How many are run.</param>
/// <param name="Stored">How many the file holds; fewer than Layers: neighbouring layers share them.</param>
/// <param name="NormFirst">Pre-norm in place of post-norm.</param>
/// <param name="FirstHasNoAttentionNorm">The first layer takes its input as it is (pre-norm only).</param>
/// <param name="Attention">Sizes and scores.</param>
/// <param name="Tensors">The tensors of a layer.</param>
/// <param name="Activation">Of the feed-forward network.</param>
/// <param name="Windows">The window of each layer, 0 for none; empty: none has one.</param>
/// <param name="Thetas">The rotary base of each layer; empty: all have the score's.</param>
/// <param name="RelativeBias">Added to the scores, or null.</param>
/// <param name="FinalNorm">After the last layer, or null.</param>
/// <param name="LastStateIsNormed">Whether the last of the hidden states is shown after the final norm.</param>
internal sealed record StackSpec(
    int Layers, int Stored, bool NormFirst, bool FirstHasNoAttentionNorm, AttentionSpec Attention, LayerTensors Tensors, string Activation,
    EquatableArray<int> Windows, EquatableArray<double> Thetas, RelativeBiasSpec? RelativeBias, NormTensors? FinalNorm, bool LastStateIsNormed);

/// <summary>Which hidden states a head reads.</summary>
internal enum StatesRead { FirstToken, EveryToken, Mean }

/// <summary>A step of a head: a map with an activation, or a norm.</summary>
internal sealed record StageSpec(LinearTensors? Map, string Activation, NormTensors? Norm);

/// <summary>What is computed of the last hidden states: the stages in order. Second: a last map of the second token, averaged with the first's.</summary>
internal sealed record OutputSpec(StatesRead From, EquatableArray<StageSpec> Stages, int Size, LinearTensors? Second = null);

// The numbers are those of the public enums Pooling and Normalize.
internal enum PoolingKind { Folder = 0, Mean = 1, FirstToken = 2, Max = 3, LastToken = 4, MeanSqrtLength = 5, WeightedMean = 6 }
internal enum NormalizeKind { Folder = 0, Yes = 1, No = 2 }

/// <summary>One vector of a sequence: the poolings, by the names of their members, side by side.</summary>
internal sealed record EmbedSpec(EquatableArray<string> Modes, bool Normalize);

/// <summary>What the class says of itself beside its shape. RecommendedTokens 0: the folder says nothing. ModulesHash "": the class says itself how vectors are made.</summary>
internal sealed record ModelDescription(
    string Folder, string ModelType, string Architecture, string Task, string ProblemType, EquatableArray<string> Labels,
    int PadTokenId, bool PairsHaveTokenTypes, int RecommendedTokens, long Parameters, string ManifestHash, EquatableArray<string> Files, EquatableArray<string> Unused, string DataTypes, string ModulesHash);

/// <summary>[TransformerModel] before its folder is read.</summary>
internal sealed record RequestSpec(string Folder, int MaxTokens, PoolingKind Pooling, NormalizeKind Normalize) : ModelSpec;

/// <summary>[TransformerModel].</summary>
internal sealed record TransformerSpec(
    ModelDescription About, InputSpec Input, StackSpec Stack, int MaxTokens, OutputSpec? Pooler, OutputSpec? Head, EmbedSpec? Embed) : ModelSpec;
