namespace AttnGen.Generator.Planning;

// A step carries every buffer and weight that it touches: who reads the list of steps knows all that a program does.

/// <summary>A line of a program: a step, or a loop over layers.</summary>
internal abstract record Node
{
    /// <summary>The steps that it has, those of a loop once.</summary>
    public abstract IEnumerable<Step> Steps { get; }
}

/// <summary>The layers: Body runs Layers times, each time with the weights of one of the stored layers.</summary>
/// <param name="Layers">How many times.</param>
/// <param name="Varies">What differs from layer to layer.</param>
/// <param name="Body">What a layer does.</param>
internal sealed record Loop(int Layers, EquatableArray<LayerTable> Varies, EquatableArray<Step> Body) : Node
{
    /// <summary>The stack whose layers they are.</summary>
    public int Stack { get; init; }

    public override IEnumerable<Step> Steps => Body;

    /// <summary>The table that says which set a layer takes, if they do not simply take turns.</summary>
    public LayerTable? Sets => Varies.FirstOrDefault(table => table.Name == LayerTable.SetName);
}

/// <summary>A number of each layer: a local of this name and type.</summary>
internal sealed record LayerTable(string Name, string Type, EquatableArray<string> Values, string Meaning)
{
    /// <summary>The table of <see cref="Loop.Sets"/>.</summary>
    public const string SetName = "set";
}

/// <summary>A step of the program; Title is its line of the paper.</summary>
internal abstract record Step(string Title) : Node
{
    public override IEnumerable<Step> Steps => [this];

    /// <summary>Rows that it reads.</summary>
    public abstract IEnumerable<Operand> Reads { get; }

    /// <summary>Rows that it writes; what it adds to stands in both.</summary>
    public abstract IEnumerable<Operand> Writes { get; }

    /// <summary>Rows that it writes and then reads itself, and that nobody else needs.</summary>
    public virtual IEnumerable<Operand> Scratch => [];

    /// <summary>Weights that it reads.</summary>
    public virtual IEnumerable<WeightPlan> Weights => Reads.Where(operand => operand.Weight is not null).Select(operand => operand.Weight!);

    /// <summary>Kernels that it calls.</summary>
    public virtual IEnumerable<Kernel> Kernels => [];

    private protected static IEnumerable<T> Present<T>(params T?[] items)
        where T : class => items.Where(item => item is not null).Select(item => item!);
}

/// <summary>Copies rows of Width floats.</summary>
internal sealed record CopyStep(string Title, Operand From, Operand To, int Width, string Count) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [From];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>Adds rows of a weight table (positions).</summary>
internal sealed record AddTableStep(string Title, Operand To, WeightPlan Table, int Width) : Step(Title)
{
    /// <summary>Where rows go on where their sequences are, the row of position 0; null: the first row is that of the first token.</summary>
    public int? GoesOnFrom { get; init; }

    public override IEnumerable<Operand> Reads => [To];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<WeightPlan> Weights => [Table];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>To += Factor·From, rows of Width floats.</summary>
internal sealed record AddStep(string Title, Operand To, Operand From, int Width, double Factor = 1) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [To, From];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>Rows are multiplied by the number that a table has of the layer.</summary>
internal sealed record ScaleStep(string Title, Operand Rows, int Width, LayerTable By) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Rows];

    public override IEnumerable<Operand> Writes => [Rows];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>Rotations: each pair's turn from one position to the next, in radians, and what cosines and sines are multiplied by.</summary>
internal sealed record AnglesPlan(EquatableArray<double> Frequencies, double Factor);

/// <summary>To = cos and signed sin of each row's position, for every kind of rotation side by side.</summary>
internal sealed record AnglesStep(string Title, Operand To, EquatableArray<AnglesPlan> Kinds, int Dim, bool Interleaved) : Step(Title)
{
    /// <summary>Floats of one kind's cosines; its sines take as many.</summary>
    public int Half => (Dim + 15) / 16 * 16;

    public override IEnumerable<Operand> Reads => [];

    public override IEnumerable<Operand> Writes => [To];
}

/// <summary>To = To ∘ By.</summary>
internal sealed record MultiplyStep(string Title, Operand To, Operand By, int Width) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [To, By];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>To[T, N] = act(From[T, K]·W + bias), or To += that; Sums holds the unfinished sums where K takes several blocks (To itself unless it is added to).</summary>
internal sealed record ProjectStep(string Title, Operand From, WeightPlan Weight, WeightPlan? Bias, Operand To, bool AddToResult, Operand Sums, string Activation, string Count) : Step(Title)
{
    public int K => Weight.Columns;

    public int N => Weight.Rows;

    /// <summary>Steps of k of a block.</summary>
    public int KC => Blocking.K(K);

    /// <summary>Rows of a block.</summary>
    public int MC => Blocking.M(KC);

    public override IEnumerable<Operand> Reads => AddToResult ? [From, To] : [From];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Operand> Scratch => Sums == To ? [] : [Sums];

    public override IEnumerable<WeightPlan> Weights => Present(Weight, Bias);

    public override IEnumerable<Kernel> Kernels => [new ProductKernel(), new ActivationKernel(Activation), new StrideKernel(From.Stride)];
}

/// <summary>Several products of the same rows (queries, keys, values): Block rows go through all of them before the next.</summary>
internal sealed record ProjectTogetherStep(string Title, EquatableArray<ProjectStep> Parts, int Block) : Step(Title)
{
    public override IEnumerable<Operand> Reads => Parts.SelectMany(part => part.Reads);

    public override IEnumerable<Operand> Writes => Parts.SelectMany(part => part.Writes);

    public override IEnumerable<Operand> Scratch => Parts.SelectMany(part => part.Scratch);

    public override IEnumerable<WeightPlan> Weights => Parts.SelectMany(part => part.Weights);

    public override IEnumerable<Kernel> Kernels => Parts.SelectMany(part => part.Kernels);
}

/// <summary>To = norm(From), row by row; layers before FirstLayer copy instead.</summary>
internal sealed record NormStep(string Title, Operand From, Operand To, NormPlan Norm, WeightPlan Gain, WeightPlan? Shift, string Count = "T", int FirstLayer = 0) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [From];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<WeightPlan> Weights => Present(Gain, Shift);

    public override IEnumerable<Kernel> Kernels => FirstLayer > 0 ? [Norm.Kernel, new RowsKernel()] : [Norm.Kernel];
}

/// <summary>Norm of each head's vector, in place; through a padded row where a head is not a multiple of sixteen.</summary>
internal sealed record HeadNormStep(string Title, Operand Rows, int Heads, int HeadDim, NormPlan Norm, WeightPlan Gain, WeightPlan? Shift, Operand? Through, string Count) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Rows];

    public override IEnumerable<Operand> Writes => [Rows];

    public override IEnumerable<Operand> Scratch => Present(Through);

    public override IEnumerable<WeightPlan> Weights => Present(Gain, Shift);

    public override IEnumerable<Kernel> Kernels => Through is null ? [Norm.Kernel] : [Norm.Kernel, new RowsKernel()];
}

/// <summary>Rotates each head's vector by its position, in place; with Angles, by the table that it names of the layer.</summary>
/// <param name="Title">Its line of the paper.</param>
/// <param name="Rows">The vectors.</param>
/// <param name="Heads">How many a row has.</param>
/// <param name="HeadDim">Their size.</param>
/// <param name="Rotary">What rotates them: how many features, and how they are paired.</param>
/// <param name="Tables">cos and sin by position; several where layers differ in their base.</param>
/// <param name="Angles">Which of them a layer takes; null: there is one.</param>
/// <param name="IsMoved">Whether the first row may be at another position than 0, which the mask says.</param>
/// <param name="Count">Rows.</param>
internal sealed record RotaryStep(string Title, Operand Rows, int Heads, int HeadDim, RotaryOrigin Rotary, EquatableArray<WeightPlan> Tables, LayerTable? Angles, bool IsMoved, string Count) : Step(Title)
{
    /// <summary>What makes the rows of angles of the call's positions, in place of tables; Angles is then where a layer's are in a row, −1: it turns nothing.</summary>
    public AnglesStep? Computed { get; init; }

    /// <summary>Whether there are layers that turn nothing.</summary>
    public bool SkipsLayers { get; init; }

    public override IEnumerable<Operand> Reads => Present(Rows, Computed?.To);

    public override IEnumerable<Operand> Writes => [Rows];

    public override IEnumerable<WeightPlan> Weights => Tables;

    public override IEnumerable<Kernel> Kernels => [new RotaryKernel(Rotary.Interleaved)];
}

/// <summary>Keys into panels of 16 tokens (transposed), values into rows of each head; Whole names the local that says whether every value is finite.</summary>
internal sealed record SplitHeadsStep(string Title, Operand Keys, Operand Values, Operand KeyPanels, Operand ValueRows, HeadsPlan Heads, WeightPlan? BiasK, WeightPlan? BiasV, string Whole) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Keys, Values];

    public override IEnumerable<Operand> Writes => [KeyPanels, ValueRows];

    public override IEnumerable<WeightPlan> Weights => Present(BiasK, BiasV);

    public override IEnumerable<Kernel> Kernels => [new AttentionKernel()];
}

/// <summary>Keys and values to the end of their sequences' caches: keys into panels of 16 tokens (transposed), values into rows of each head.</summary>
internal sealed record KeepStep(string Title, Operand Keys, Operand Values, Operand Cache, HeadsPlan Heads) : Step(Title)
{
    /// <summary>The layer's place in the cache, in C#.</summary>
    public required string Place { get; init; }

    public override IEnumerable<Operand> Reads => [Keys, Values];

    public override IEnumerable<Operand> Writes => [Cache];

    public override IEnumerable<Kernel> Kernels => [new KeptAttentionKernel()];
}

/// <summary>To = softmax(Q·Kᵀ)·V for every head, each sequence's queries on the keys and values of its cache.</summary>
internal sealed record AttendKeptStep(
    string Title, Operand Query, Operand Cache, Operand Scores, Operand Inverse, Operand To, HeadsPlan Heads, WeightPlan? Relative, int Window, LayerTable? Windows) : Step(Title)
{
    /// <summary>The layer's place in the cache, in C#.</summary>
    public required string Place { get; init; }

    public override IEnumerable<Operand> Reads => [Query, Cache];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Operand> Scratch => [Scores, Inverse];

    public override IEnumerable<WeightPlan> Weights => Present(Relative);

    public override IEnumerable<Kernel> Kernels =>
    [
        new KeptAttentionKernel(), new WeightedSumKernel(Heads.ValueDim),
        new StrideKernel(Query.Stride), new StrideKernel(Scores.Stride), new StrideKernel(Heads.ValueStride), new StrideKernel(To.Stride),
    ];
}

/// <summary>To = softmax(Q·Kᵀ)·V for every head, each sequence's queries on the keys and values of its source.</summary>
internal sealed record AttendSourceStep(string Title, Operand Query, Operand Source, Operand Scores, Operand Inverse, Operand To, HeadsPlan Heads) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Query, Source];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Operand> Scratch => [Scores, Inverse];

    public override IEnumerable<Kernel> Kernels =>
    [
        new KeptAttentionKernel(), new WeightedSumKernel(Heads.ValueDim),
        new StrideKernel(Query.Stride), new StrideKernel(Scores.Stride), new StrideKernel(Heads.ValueStride), new StrideKernel(To.Stride),
    ];
}

/// <summary>To = softmax(Q·Kᵀ)·V for every head.</summary>
internal sealed record AttendStep(
    string Title, Operand Query, Operand KeyPanels, Operand ValueRows, Operand Scores, Operand Inverse, Operand To, HeadsPlan Heads, WeightPlan? Relative, int Window, LayerTable? Windows, string Whole) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Query, KeyPanels, ValueRows];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Operand> Scratch => [Scores, Inverse];

    public override IEnumerable<WeightPlan> Weights => Present(Relative);

    public override IEnumerable<Kernel> Kernels =>
    [
        new AttentionKernel(), new WeightedSumKernel(Heads.ValueDim),
        new StrideKernel(Query.Stride), new StrideKernel(Scores.Stride), new StrideKernel(ValueRows.Stride), new StrideKernel(To.Stride),
    ];
}

/// <summary>Hidden states before layer Layer (null: the loop's) to the caller, if asked for.</summary>
internal sealed record ShowStep(string Title, Operand From, int Width, int? Layer) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [From];

    public override IEnumerable<Operand> Writes => [];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>To = words[id] + positions[place] + types[segment]. Words lie in rows, or, where they are also the last map of a language model, in panels.</summary>
internal sealed record EmbedTokensStep(string Title, Operand To, int Width, WeightPlan Words, WeightPlan? Positions, PlacesPlan? Places, WeightPlan? Types) : Step(Title)
{
    /// <summary>What words are multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>What its method is called.</summary>
    public string Method { get; init; } = "EmbedTokens";

    /// <summary>Whether rows go on where their sequences are.</summary>
    public bool GoesOn { get; init; }

    public override IEnumerable<Operand> Reads => [];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<WeightPlan> Weights => Present(Words, Positions, Types);
}

/// <summary>Rows of a table of positions: token t takes row First + t; with PadId, padding takes row PadId and the others count those that are not padding.</summary>
internal sealed record PlacesPlan(int First, int? PadId);

/// <summary>The patches of an image as rows: [patches, channels·height·width].</summary>
internal sealed record PatchesStep(string Title, Operand To, ImagePlan Image) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [];

    public override IEnumerable<Operand> Writes => [To];
}

/// <summary>Three neighbouring frames in each row of To, channel by channel, around every Stride-th frame: of the caller's sound [channels, frames], or of rows. Outside there is silence.</summary>
internal sealed record FramesStep(string Title, Operand? From, Operand To, int Channels, int Frames, int Every) : Step(Title)
{
    public override IEnumerable<Operand> Reads => Present(From);

    public override IEnumerable<Operand> Writes => [To];
}

/// <summary>An image and its patches.</summary>
internal sealed record ImagePlan(int Channels, int Height, int Width, int PatchHeight, int PatchWidth, int PatchRows, int PatchColumns);

/// <summary>To[1, Width] = what a pooling makes of From's rows that are not masked: "Mean" or "LastToken".</summary>
internal sealed record PoolStep(string Title, string Mode, Operand From, Operand To, int Width) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [From];

    public override IEnumerable<Operand> Writes => [To];
}

/// <summary>To[1, Width] = From's row of the token that ends the text; EndId as in OutputSpec.</summary>
internal sealed record EndRowStep(string Title, Operand From, Operand To, int Width, int EndId) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [From];

    public override IEnumerable<Operand> Writes => [To];

    public override IEnumerable<Kernel> Kernels => [new RowsKernel()];
}

/// <summary>y[rows, N] = act(From·W + bias), a block of columns at a time through a buffer with padded rows; with Average, the mean of that and what y holds.</summary>
internal sealed record OutputStep(string Title, ProjectStep Project, int Block, bool Average = false) : Step(Title)
{
    /// <summary>What the result is multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>cap·tanh(x/cap) of that; 0: none.</summary>
    public double Softcap { get; init; }

    public override IEnumerable<Operand> Reads => Project.Reads;

    public override IEnumerable<Operand> Writes => [];

    public override IEnumerable<Operand> Scratch => [Project.To];

    public override IEnumerable<WeightPlan> Weights => Project.Weights;

    public override IEnumerable<Kernel> Kernels => Project.Kernels.Append(new RowsKernel());
}

/// <summary>Softmax of each row of y, Width floats.</summary>
internal sealed record SoftmaxStep(string Title, Operand Rows, int Width) : Step(Title)
{
    public override IEnumerable<Operand> Reads => [Rows];

    public override IEnumerable<Operand> Writes => [Rows];

    public override IEnumerable<Kernel> Kernels => [new SoftmaxRowKernel()];
}

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

/// <summary>What attention is compiled for: the constants of its kernels, printed once as a type argument of this name.</summary>
internal sealed record HeadsPlan(
    string Name, int Count, int KvCount, int KeyDim, int ValueDim, int QueryStride, int ValueStride, int ContextStride, int ScoreStride,
    bool LearnedKey, bool ZeroKey, double Scale, double Softcap, bool Causal, bool Windowed, bool Relative, EquatableArray<double> AlibiSlopes)
{
    /// <summary>Whether keys are kept from call to call. A query then sees what is not hidden from it and nothing else, not even as 0·∞.</summary>
    public bool IsKept { get; init; }

    /// <summary>Keys appended to the caller's.</summary>
    public int Appended => (LearnedKey ? 1 : 0) + (ZeroKey ? 1 : 0);

    /// <summary>The number of keys, appended ones included, as generated code writes it.</summary>
    public string Keys => Appended == 0 ? "S" : $"(S + {Appended})";
}
