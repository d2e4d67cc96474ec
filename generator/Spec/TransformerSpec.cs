namespace AttnGen.Generator.Spec;

// A whole model. Names are those of the file, exactly; "{0}" in a name stands for the number of the layer.

/// <summary>Rows [FirstRow, FirstRow + n) of a tensor of TensorRows rows.</summary>
internal sealed record TensorPart(string Name, int FirstRow, int TensorRows)
{
    /// <summary>Where several maps take turns, head by head: how many rows are this one's before the next one's; 0: its rows follow each other.</summary>
    public int Group { get; init; }

    /// <summary>Rows from the start of a group to the start of the next.</summary>
    public int GroupStride { get; init; }

    /// <summary>Whether the file has it as [inputs, outputs], so that its rows are columns there.</summary>
    public bool IsTurned { get; init; }
}

/// <summary>y = x·Wᵀ + b. Each of the two may stand under several names, of which the first that the file holds is read; no name for b: there is none.</summary>
internal sealed record LinearTensors(EquatableArray<TensorPart> Weight, EquatableArray<TensorPart> Bias, int Inputs, int Outputs)
{
    /// <summary>One name each.</summary>
    public static LinearTensors Of(TensorPart weight, TensorPart? bias, int inputs, int outputs) =>
        new(new(ImmutableArray.Create(weight)), bias is null ? EquatableArray<TensorPart>.Empty : new(ImmutableArray.Create(bias)), inputs, outputs);
}

/// <summary>A norm and its tensors. Layers before FirstLayer are without it: their rows pass as they are.</summary>
internal sealed record NormTensors(NormSpec Norm, string Weight, string? Bias, int FirstLayer = 0)
{
    /// <summary>Whether the file holds the weight less 1 (Gemma).</summary>
    public bool IsLessOne { get; init; }
}

/// <summary>What comes before the first layer.</summary>
internal abstract record InputSpec;

/// <summary>Token ids: a table of words, with positions and segments added, a norm, and a map to the layers' width.</summary>
internal sealed record TokenInputSpec(
    int Vocabulary, int Width, string Table, PositionTableSpec? Positions, TypeTableSpec? Types, NormTensors? Norm, LinearTensors? Project) : InputSpec
{
    /// <summary>What words are multiplied by.</summary>
    public double Scale { get; init; } = 1;
}

/// <summary>A table of learned positions. Token t takes row FirstRow + t; with SkipsPadding, row FirstRow + (tokens before it that are not PadId), and padding takes row PadId.</summary>
internal sealed record PositionTableSpec(string Name, int Rows, int FirstRow, bool SkipsPadding, int PadId)
{
    /// <summary>Whether no file holds it: sines in the first half of a row, cosines in the second.</summary>
    public bool IsSinusoidal { get; init; }

    /// <summary>Whether positions are added after the map to the layers' width, which they have then.</summary>
    public bool AfterMap { get; init; }
}

/// <summary>A table of segments.</summary>
internal sealed record TypeTableSpec(string Name, int Count);

/// <summary>An image in patches, with learned tokens before them, learned positions, and a norm or none.</summary>
internal sealed record ImageInputSpec(
    int Channels, int Height, int Width, int PatchHeight, int PatchWidth, LinearTensors Patches, EquatableArray<string> Tokens, string Positions, NormTensors? Norm = null) : InputSpec
{
    public int PatchRows => Height / PatchHeight;

    public int PatchColumns => Width / PatchWidth;

    /// <summary>The sequence's length.</summary>
    public int SequenceLength => Tokens.Count + PatchRows * PatchColumns;
}

/// <summary>Sound as a spectrogram [bins, frames]: two convolutions over three frames each, the second of every other frame, with GELU after both, and positions.</summary>
internal sealed record AudioInputSpec(int Bins, int Frames, LinearTensors First, LinearTensors Second, string Positions) : InputSpec
{
    /// <summary>The sequence's length.</summary>
    public int SequenceLength => Frames / 2;
}

/// <summary>What attention may have between its projections: norms of each head's query and key, and a learned key and value.</summary>
internal sealed record HeadTensors(NormTensors? QueryNorm, NormTensors? KeyNorm, string? BiasK, string? BiasV);

/// <summary>Attention's tensors.</summary>
internal sealed record AttentionTensors(LinearTensors Query, LinearTensors Key, LinearTensors Value, LinearTensors Output, HeadTensors? Heads = null);

/// <summary>A feed-forward network's tensors: Out·act(In x), or, gated, Out·(act(In x) ∘ (Up x)).</summary>
internal sealed record FeedForwardTensors(LinearTensors In, LinearTensors? Up, LinearTensors Out);

/// <summary>T5's relative positions: a bias for each head and bucket of distances, the same in all layers, or, with {0} in its name, each layer's own.</summary>
internal sealed record RelativeBiasSpec(string Name, int Buckets, int MaxDistance)
{
    /// <summary>Whether all buckets are for keys behind the query (a decoder), rather than half of them.</summary>
    public bool LooksBack { get; init; }
}

/// <summary>What a branch of a layer computes of its rows.</summary>
internal abstract record PartSpec
{
    /// <summary>Its linear maps.</summary>
    public abstract IEnumerable<LinearTensors> Maps { get; }
}

/// <summary>Attention: sizes and scores, tensors, and the bias that is added to the scores, or null.</summary>
internal sealed record AttentionPart(AttentionSpec Sizes, AttentionTensors Tensors, RelativeBiasSpec? RelativeBias = null) : PartSpec
{
    /// <summary>Whether keys and values are those of a source: of another stack's last hidden states.</summary>
    public bool ReadsSource { get; init; }

    public override IEnumerable<LinearTensors> Maps => [Tensors.Query, Tensors.Key, Tensors.Value, Tensors.Output];
}

/// <summary>A feed-forward network.</summary>
internal sealed record FeedForwardPart(FeedForwardTensors Tensors, string Activation) : PartSpec
{
    public override IEnumerable<LinearTensors> Maps => Tensors.Up is { } up ? [Tensors.In, up, Tensors.Out] : [Tensors.In, Tensors.Out];
}

/// <summary>A term of a stage's sum: Scale·Inside(Part(Before(h))), where each norm may be absent.</summary>
internal sealed record BranchSpec(PartSpec Part, NormTensors? Before = null, NormTensors? Inside = null)
{
    /// <summary>What it is multiplied by before it is added.</summary>
    public double Scale { get; init; } = 1;
}

/// <summary>h' = After(h + Σ Inside(Part(Before(h)))): all branches read the same h. BERT's stages have one branch and After (post-norm), ViT's have one with Before (pre-norm).</summary>
internal sealed record StageSpec(EquatableArray<BranchSpec> Branches, NormTensors? After = null)
{
    /// <summary>A norm of h before the stage: the sum goes on from what it makes of h.</summary>
    public NormTensors? First { get; init; }

    /// <summary>One branch: h' = h + Part(norm(h)), or, post-norm, h' = norm(h + Part(h)).</summary>
    public static StageSpec Of(PartSpec part, NormTensors norm, bool normFirst) =>
        new(new(ImmutableArray.Create(new BranchSpec(part, normFirst ? norm : null))), normFirst ? null : norm);
}

/// <summary>What differs from layer to layer: the window (0: none) and the rotary base; or, of a model that keeps its keys, the angles (the number in <see cref="StackSpec.Angles"/>, −1: none).</summary>
internal sealed record LayerSpec(int Window, double Theta, int Angles = 0, double Scale = 0);

/// <summary>Rotations: each pair's turn from one position to the next, in radians, and what cosines and sines are multiplied by.</summary>
internal sealed record AnglesSpec(EquatableArray<double> Frequencies, double Factor = 1)
{
    /// <summary>Su et al. 2021 (arXiv:2104.09864): pair p turns by θ^(−2p/R).</summary>
    public static AnglesSpec Of(int dim, double theta) => new(Enumerable.Range(0, dim / 2).Select(p => Math.Pow(theta, -2.0 * p / dim)).ToEquatable());
}

/// <summary>The layers.</summary>
/// <param name="Layers">How many are run.</param>
/// <param name="Stored">How many the file holds; fewer than Layers: neighbouring layers share them.</param>
/// <param name="Stages">What a layer does, in order.</param>
/// <param name="Varies">One for each layer; empty: all are alike.</param>
/// <param name="FinalNorm">After the last layer, or null.</param>
/// <param name="LastStateIsNormed">Whether the last of the hidden states is shown after the final norm.</param>
internal sealed record StackSpec(
    int Layers, int Stored, EquatableArray<StageSpec> Stages, EquatableArray<LayerSpec> Varies, NormTensors? FinalNorm, bool LastStateIsNormed)
{
    /// <summary>Rotations that are computed with each call, for models that keep their keys; layers take the first unless <see cref="Varies"/> says which. Empty: a table is made at load.</summary>
    public EquatableArray<AnglesSpec> Angles { get; init; } = EquatableArray<AnglesSpec>.Empty;

    /// <summary>Whether keys and values are kept from call to call: a decoder.</summary>
    public bool KeepsKeys { get; init; }

    public IEnumerable<BranchSpec> Branches => Stages.SelectMany(stage => stage.Branches);

    public IEnumerable<PartSpec> Parts => Branches.Select(branch => branch.Part);

    /// <summary>Sizes and scores of the first attention.</summary>
    public AttentionSpec Attention => Parts.OfType<AttentionPart>().First().Sizes;

    /// <summary>The first feed-forward network.</summary>
    public FeedForwardPart FeedForward => Parts.OfType<FeedForwardPart>().First();

    /// <summary>The bias by relative position, or null.</summary>
    public RelativeBiasSpec? RelativeBias => Parts.OfType<AttentionPart>().Select(part => part.RelativeBias).FirstOrDefault(bias => bias is not null);

    /// <summary>All norms of a layer.</summary>
    public IEnumerable<NormTensors> Norms => Stages.SelectMany(stage => stage.Branches.SelectMany(branch => new[] { branch.Before, branch.Inside }).Append(stage.After).Append(stage.First)).Where(norm => norm is not null).Select(norm => norm!);

    /// <summary>Where the norms of a layer are, for people: "pre", "post", "pre and inner".</summary>
    public string NormPlaces => string.Join(" and ", new[]
    {
        Branches.Any(branch => branch.Before is not null) || Stages.Any(stage => stage.First is not null) ? "pre" : "",
        Branches.Any(branch => branch.Inside is not null) ? "inner" : "",
        Stages.Any(stage => stage.After is not null) ? "post" : "",
    }.Where(place => place.Length > 0));

    /// <summary>The same layers with sequences of at most so many tokens.</summary>
    public StackSpec WithMaxTokens(int maxTokens) => this with
    {
        Stages = Stages.Select(stage => stage with
        {
            Branches = stage.Branches.Select(branch => branch.Part is AttentionPart part ? branch with { Part = part with { Sizes = part.Sizes with { MaxTokens = maxTokens } } } : branch).ToEquatable(),
        }).ToEquatable(),
    };
}

/// <summary>Which hidden states a head reads.</summary>
internal enum StatesRead { FirstToken, EveryToken, Mean, EndToken, LastToken }

/// <summary>A step of a head: a map with an activation, or a norm.</summary>
internal sealed record OutputStage(LinearTensors? Map, string Activation, NormTensors? Norm);

/// <summary>What is computed of the last hidden states: the stages in order; none: the state as it is.</summary>
/// <param name="From">The states that it reads.</param>
/// <param name="Stages">The stages.</param>
/// <param name="Size">Numbers of the result.</param>
/// <param name="Second">A last map of the second token, averaged with the first's.</param>
/// <param name="EndId">The id whose first token is the EndToken; −1: the largest id of the text.</param>
internal sealed record OutputSpec(StatesRead From, EquatableArray<OutputStage> Stages, int Size, LinearTensors? Second = null, int EndId = -1)
{
    /// <summary>What the result is multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>cap·tanh(x/cap) of the scaled result; 0: none.</summary>
    public double Softcap { get; init; }
}

// The numbers are those of the public enums Pooling and Normalization.
internal enum PoolingKind { Folder = 0, Mean = 1, FirstToken = 2, Max = 3, LastToken = 4, MeanSqrtLength = 5, WeightedMean = 6 }
internal enum NormalizeKind { Folder = 0, Yes = 1, No = 2 }
internal enum TowerKind { Folder = 0, Text = 1, Image = 2 }

/// <summary>
/// One vector of a sequence: the poolings, by the names of their members, side by side, and what maps the vector after them (Dense modules); or, with Projection, what the model itself computes.
/// </summary>
internal sealed record EmbedSpec(EquatableArray<string> Modes, EquatableArray<OutputStage> Dense, bool Normalize, OutputSpec? Projection = null)
{
    /// <summary>Its length, of hidden states of a width.</summary>
    public int Size(int width) => Projection?.Size ?? (Dense.Count > 0 ? Dense[Dense.Count - 1].Map!.Outputs : width * Modes.Count);
}

/// <summary>What the class says of itself beside its shape. RecommendedTokens 0: the folder says nothing. ModulesHash: see Sentences.ModulesHash.</summary>
internal sealed record ModelDescription(
    string Folder, string ModelType, string Architecture, string Task, string ProblemType, EquatableArray<string> Labels,
    int PadTokenId, bool PairsHaveTokenTypes, int RecommendedTokens, long Parameters, string ManifestHash, EquatableArray<string> Files, EquatableArray<string> Unused, string DataTypes, string ModulesHash);

/// <summary>[TransformerModel] before its folder is read.</summary>
internal sealed record RequestSpec(string Folder, int MaxTokens, PoolingKind Pooling, NormalizeKind Normalize, TowerKind Tower = TowerKind.Folder) : ModelSpec;

/// <summary>The second stack of an encoder–decoder, which reads the first one's last hidden states.</summary>
/// <param name="Input">Its words.</param>
/// <param name="Stack">Its layers.</param>
/// <param name="Head">The logits of the next token.</param>
/// <param name="StartId">The id that its texts begin with; −1: the folder names none.</param>
internal sealed record DecoderSpec(TokenInputSpec Input, StackSpec Stack, OutputSpec Head, int StartId)
{
    /// <summary>Positions that there are.</summary>
    public int MaxTokens => Stack.Attention.MaxTokens;

    /// <summary>The same decoder of sources of at most so many tokens.</summary>
    public DecoderSpec WithSource(int maxTokens) => this with
    {
        Stack = Stack with
        {
            Stages = Stack.Stages.Select(stage => stage with
            {
                Branches = stage.Branches.Select(branch => branch.Part is AttentionPart { ReadsSource: true } part ? branch with { Part = part with { Sizes = part.Sizes with { MaxTokens = maxTokens } } } : branch).ToEquatable(),
            }).ToEquatable(),
        },
    };
}

/// <summary>[TransformerModel].</summary>
internal sealed record TransformerSpec(
    ModelDescription About, InputSpec Input, StackSpec Stack, int MaxTokens, OutputSpec? Pooler, OutputSpec? Head, EmbedSpec? Embed) : ModelSpec
{
    /// <summary>The decoder that reads what the stack makes; null: there is none.</summary>
    public DecoderSpec? Decoder { get; init; }
}
