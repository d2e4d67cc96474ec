namespace AttnGen.Generator.Planning;

// What was decided. Pure data, equatable like the Spec; Emission prints it and computes nothing.

/// <summary>A region of a session's arena: PerToken floats for each token of capacity, and Fixed ones.</summary>
/// <remarks>It starts at capacity·TokenOffset + FixedOffset floats. Capacity is a multiple of 32, every other number of 16: all regions are 64-byte aligned.</remarks>
internal sealed record BufferPlan(string Name, string Shape, int PerToken, int Fixed, int TokenOffset, int FixedOffset);

internal enum WeightForm
{
    /// <summary>[N/16][K][16]: panels of 16 output columns, the layout that the micro-kernels stream.</summary>
    Panels,

    /// <summary>A vector, padded with zeros to a multiple of 32.</summary>
    Vector,

    /// <summary>Rows, each padded with zeros to a stride.</summary>
    Rows,

    /// <summary>cos and signed sin of every position, computed at load.</summary>
    Rotary,

    /// <summary>Sinusoidal positions, computed at load.</summary>
    Sinusoid,

    /// <summary>[H][distances]: a bias for each head and distance of key and query, spread out at load from a table of buckets.</summary>
    Relative,
}

/// <summary>A packed weight, under its name in generated code, at Offset (inside its layer when PerLayer). The first of Choices that the file holds is read.</summary>
internal sealed record WeightPlan(
    string Name, WeightForm Form, EquatableArray<TensorPart> Choices, int Rows, int Columns, int Stride, long Offset, bool PerLayer)
{
    /// <summary>The base of a rotary table.</summary>
    public double Theta { get; init; }

    /// <summary>The first layer that has it; layers before hold zeros in its place.</summary>
    public int FirstLayer { get; init; }

    /// <summary>Whether it is read from the file (the others are zeros or computed at load).</summary>
    public bool IsTensor => Choices.Count > 0;

    /// <summary>Whether {0} in its tensor's names stands for the number of the layer.</summary>
    public bool IsNumbered => Choices.Items.Any(tensor => tensor.Name.Contains("{0}"));

    /// <summary>Whether a tensor is taken in part.</summary>
    public bool TakesPartOf(TensorPart tensor) => tensor.TensorRows != (Form == WeightForm.Vector ? Columns : Rows);

    /// <summary>Its shape as it lies in memory.</summary>
    public string Shape => Form switch
    {
        WeightForm.Panels => $"[{(Rows + Blocking.Panel - 1) / Blocking.Panel}][{Columns}][{Blocking.Panel}]",
        WeightForm.Vector => $"[{Columns}]{(IsTensor ? "" : " zeros")}",
        _ => $"[{Rows}, {Stride}]",
    };
}

/// <summary>A place in memory: a buffer, an argument ("x", "y", "query" …), and the distance of its rows in floats.</summary>
internal sealed record Operand(string Name, int Stride);

/// <summary>A step of the program; Title is its line of the paper.</summary>
internal abstract record Step(string Title);

/// <summary>Copies rows of Width floats.</summary>
internal sealed record CopyStep(string Title, Operand From, Operand To, int Width, string Count) : Step(Title);

/// <summary>Adds rows of a weight table (positions).</summary>
internal sealed record AddTableStep(string Title, Operand To, WeightPlan Table, int Width) : Step(Title);

/// <summary>To[T, N] = act(From[T, K]·W + bias), or To += that; Sums is the buffer for the unfinished sums of the latter where K takes several blocks.</summary>
internal sealed record ProjectStep(
    string Title, Operand From, WeightPlan Weight, WeightPlan? Bias, Operand To, bool AddToResult, string? Sums, string Activation, int K, int N, string Count) : Step(Title)
{
    /// <summary>Steps of k of a block.</summary>
    public int KC => Blocking.K(K);

    /// <summary>Rows of a block.</summary>
    public int MC => Blocking.M(KC);
}

/// <summary>Several products of the same rows (queries, keys, values): Block rows go through all of them before the next.</summary>
internal sealed record ProjectTogetherStep(string Title, EquatableArray<ProjectStep> Parts, int Block) : Step(Title);

/// <summary>To += From, rows of Width floats.</summary>
internal sealed record AddStep(string Title, Operand To, Operand From, int Width) : Step(Title);

/// <summary>To = norm(From), row by row; layers before FirstLayer copy instead.</summary>
internal sealed record NormStep(string Title, Operand From, Operand To, NormPlan Norm, WeightPlan Gain, WeightPlan? Shift, string Count = "T", int FirstLayer = 0) : Step(Title);

/// <summary>Norm of each head's vector, in place.</summary>
internal sealed record HeadNormStep(string Title, Operand Rows, int Heads, int HeadDim, NormPlan Norm, WeightPlan Gain, WeightPlan? Shift, string Count) : Step(Title);

/// <summary>Rotates each head's vector by its position, in place; with TableVaries, by the table of the layer.</summary>
internal sealed record RotaryStep(string Title, Operand Rows, int Heads, int HeadDim, int RotaryDim, bool Interleaved, WeightPlan Table, bool IsQuery, string Count, bool TableVaries = false) : Step(Title);

/// <summary>Keys into panels of 16 tokens (transposed), values into rows of each head.</summary>
internal sealed record SplitHeadsStep(string Title, Operand Keys, Operand Values, AttentionPlan Attention) : Step(Title);

/// <summary>softmax(Q·Kᵀ)·V for every head.</summary>
internal sealed record AttendStep(string Title, Operand Query, Operand To, AttentionPlan Attention) : Step(Title);

/// <summary>To = To ∘ By.</summary>
internal sealed record MultiplyStep(string Title, Operand To, Operand By, int Width) : Step(Title);

/// <summary>To = words[id] + positions[place] + types[segment]. Words lie in rows, or, where they are also the last map of a language model, in panels.</summary>
internal sealed record EmbedTokensStep(
    string Title, Operand To, int Width, WeightPlan Words, WeightPlan? Positions, PositionTableSpec? Places, WeightPlan? Types) : Step(Title);

/// <summary>The patches of an image as rows: [patches, channels·height·width].</summary>
internal sealed record PatchesStep(string Title, Operand To, ImageInputSpec Image) : Step(Title);

/// <summary>Names row Row of a buffer.</summary>
internal sealed record AliasStep(string Title, string Name, Operand Of, int Row) : Step(Title);

/// <summary>To[1, Width] = the mean of From's rows that are not masked.</summary>
internal sealed record MeanStep(string Title, Operand From, Operand To, int Width) : Step(Title);

/// <summary>y[rows, N] = act(From·W + bias), a block of columns at a time through a buffer with padded rows; with Average, the mean of that and what y holds.</summary>
internal sealed record OutputStep(string Title, ProjectStep Project, int Block, bool Average = false) : Step(Title);

/// <summary>Softmax of each row.</summary>
internal sealed record SoftmaxStep(string Title) : Step(Title);

/// <summary>A norm: its kernel and ε.</summary>
internal sealed record NormPlan(NormKernel Kernel, double Epsilon)
{
    /// <summary>A sum of squares below this one may have lost squares that single precision takes for 0, or a part of them: 2^−100.</summary>
    private const double SmallestSquares = 7.888609052210118e-31;

    public NormKind Kind => Kernel.Kind;

    public int Dim => Kernel.Dim;

    /// <summary>The least sum of squares that is taken as it is: where ε is so small that what is lost would show beside it, not 0.</summary>
    public double LeastSquares => Epsilon < 1e-24 ? SmallestSquares : 0;
}

/// <summary>Columns [Start, Start + Width) of a value head; the first Stored of them are real.</summary>
internal sealed record ValueChunk(int Start, int Width, int Stored)
{
    /// <summary>A value head's columns: vectors of 16 in pairs, then one of 16, 8 or 4 that covers the rest.</summary>
    public static IReadOnlyList<ValueChunk> Of(int columns)
    {
        List<ValueChunk> chunks = [];
        for (int start = 0; start < columns;)
        {
            int left = columns - start;
            int take = left >= 32 ? 32 : left > 8 ? 16 : left > 4 ? 8 : 4;
            chunks.Add(new ValueChunk(start, take, Math.Min(take, left)));
            start += take;
        }

        return chunks;
    }
}

/// <summary>The attention core.</summary>
internal sealed record AttentionPlan(
    int Heads, int KvHeads, int HeadDim, int ValueHeadDim, int ValueStride,
    int QueryStride, int ContextStride, int ScoreStride, bool BiasKv, bool ZeroAttn, ScoreSpec Score,
    WeightPlan? BiasK, WeightPlan? BiasV, EquatableArray<double> AlibiSlopes)
{
    /// <summary>The bias by relative position, or null.</summary>
    public WeightPlan? Relative { get; init; }

    /// <summary>The window of each layer (0: none) where they differ, so that it is an argument and not a constant; otherwise empty.</summary>
    public EquatableArray<int> Windows { get; init; } = EquatableArray<int>.Empty;

    public bool WindowVaries => Windows.Count > 0;

    /// <summary>Keys appended to the caller's.</summary>
    public int Extra => (BiasKv ? 1 : 0) + (ZeroAttn ? 1 : 0);

    /// <summary>The number of keys, appended ones included, as generated code writes it.</summary>
    public string Keys => Extra == 0 ? "S" : $"(S + {Extra})";
}

/// <summary>A public constant.</summary>
internal sealed record ConstantPlan(string Name, long Value, string Summary);

/// <summary>How input and output of a call may share memory.</summary>
internal enum OverlapRule
{
    /// <summary>In any way: the input has been read before the output is written.</summary>
    Any,

    /// <summary>The output may be the input itself, or lie apart from it.</summary>
    SameOrApart,

    /// <summary>Not at all.</summary>
    Apart,
}

/// <summary>A pooling of the hidden states, by the name of its method, into a vector from First on.</summary>
internal sealed record PoolPlan(string Mode, int First);

/// <summary>A public method of a whole model.</summary>
/// <param name="Signature">Its name, which is also that of the program's method where Steps has any, and its parameters: the input, the result, the rest.</param>
/// <param name="Width">Numbers of the result; of each token if PerToken.</param>
/// <param name="PerToken">Whether each token has a result.</param>
/// <param name="Summary">What it does.</param>
internal sealed record MethodPlan(Signature Signature, int Width, bool PerToken, string Summary)
{
    public ResultKind Kind => Signature.Kind;

    public string Name => Signature.Name;

    /// <summary>The parameter that takes the result.</summary>
    public string Result => Signature.Parameters[1].Name;

    public bool IsTraced => Signature.Has("trace");

    /// <summary>The poolings whose results, side by side, are the vector.</summary>
    public EquatableArray<PoolPlan> Pools { get; init; } = EquatableArray<PoolPlan>.Empty;

    /// <summary>Whether the vector is scaled to length 1.</summary>
    public bool Normalize { get; init; }

    /// <summary>From the last hidden states to the result.</summary>
    public EquatableArray<Step> Steps { get; init; } = EquatableArray<Step>.Empty;

    /// <summary>The buffers that the steps use.</summary>
    public EquatableArray<BufferPlan> Buffers { get; init; } = EquatableArray<BufferPlan>.Empty;

    /// <summary>The weights that the steps use.</summary>
    public EquatableArray<WeightPlan> Weights { get; init; } = EquatableArray<WeightPlan>.Empty;

    /// <summary>The result's shape, in brackets.</summary>
    public string Shape => $"[{(PerToken ? "T, " : "")}{Width}]";
}

/// <summary>Where the hidden states are, before each layer and after the last; LastIsNormed: the last is shown after the final norm.</summary>
internal sealed record HiddenPlan(BufferPlan Buffer, bool LastIsNormed);

/// <summary>What a whole model has beside its layers.</summary>
/// <param name="Spec">What was asked.</param>
/// <param name="Rotary">Where the rotary table of each layer starts among the weights; empty: all layers share one, or none has one.</param>
/// <param name="Methods">What the class offers.</param>
internal sealed record TransformerPlan(TransformerSpec Spec, EquatableArray<long> Rotary, EquatableArray<MethodPlan> Methods);

/// <summary>Everything that Emission prints for one class.</summary>
internal sealed record ModelPlan(
    TypeSpec Type,
    string Summary,
    CallForm Form,
    int Layers,
    int MaxTokens,
    int InputWidth,
    int KeyWidth,
    int ValueWidth,
    int OutputWidth,
    AttentionPlan? Attention,
    EquatableArray<ConstantPlan> Constants,
    EquatableArray<WeightPlan> Weights,
    long LayerFloats,
    long SharedFloats,
    long Parameters,
    EquatableArray<BufferPlan> Buffers,
    int TokenFloats,
    int FixedFloats,
    EquatableArray<Step> Before,
    EquatableArray<Step> Layer,
    EquatableArray<Step> After,
    EquatableArray<Kernel> Kernels,
    string Asked,
    int LargestIl)
{
    /// <summary>How y may lie on x.</summary>
    public OverlapRule Overlap { get; init; }

    /// <summary>
    /// Where queries may stand among the keys: from Lowest to below End. Scores that count positions know so many to either side (rotary tables, ALiBi's float32); from
    /// further below, causal attention or a window sees nothing, wherever it is. Null: anywhere.
    /// </summary>
    public (int Lowest, int End)? QueryPositions
    {
        get
        {
            var score = Attention!.Score;
            if (score.Position == PositionKind.None)
                return null;
            int end = score.Position == PositionKind.Alibi ? Limits.AlibiPositions : MaxTokens;
            return (score.Causal || (score.Window > 0 && score.Window <= end) ? int.MinValue : 1 - end, end);
        }
    }

    /// <summary>The hidden states that a caller may ask for, or null.</summary>
    public HiddenPlan? Hidden { get; init; }

    /// <summary>A whole model's other parts, or null.</summary>
    public TransformerPlan? Model { get; init; }

    /// <summary>Whether the layers run in a loop, where "layer" is the number.</summary>
    public bool InLoop => Layers > 1 || Model is not null;

    /// <summary>Layers whose weights are stored.</summary>
    public int StoredLayers => Model?.Spec.Stack.Stored ?? Layers;

    /// <summary>The set of weights that each layer takes; empty: each has its own.</summary>
    public EquatableArray<int> LayerSets { get; init; } = EquatableArray<int>.Empty;

    /// <summary>Floats of all weights: the shared ones first, then layer after layer.</summary>
    public long WeightFloats => SharedFloats + LayerFloats * StoredLayers;
}
