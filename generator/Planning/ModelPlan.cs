namespace AttnGen.Generator.Planning;

// What was decided. Pure data, equatable like the Spec; Emission prints it and computes nothing.

/// <summary>A public constant.</summary>
internal sealed record ConstantPlan(string Name, long Value, string Summary);

/// <summary>A member of <c>ModelInfo</c> and its value in C#.</summary>
internal sealed record FactPlan(string Name, string Value);

/// <summary>How sessions are made.</summary>
internal enum SessionKind
{
    /// <summary>There are none: the method is static.</summary>
    None,

    /// <summary>For a longest sequence that the caller chooses.</summary>
    Chosen,

    /// <summary>For the one length that there is (an image).</summary>
    Fixed,

    /// <summary>For blocks of rows that are independent.</summary>
    Blocks,
}

/// <summary>Where the weights of a whole model are.</summary>
/// <param name="Folder">The folder that the class names.</param>
/// <param name="Files">Its files of weights.</param>
/// <param name="Hash">Of names, types and shapes; "": unseen.</param>
internal sealed record FolderPlan(string Folder, EquatableArray<string> Files, string Hash)
{
    /// <summary>Whether the model is a GGUF file.</summary>
    public bool IsGguf => Files.Count == 1 && Files[0].EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a whole model says of itself, and where it is.</summary>
/// <param name="Place">Where its weights are.</param>
/// <param name="Facts">The members of its <c>ModelInfo</c>.</param>
/// <param name="Read">What was read in the folder, line by line, for people.</param>
internal sealed record WholeModelPlan(FolderPlan Place, EquatableArray<FactPlan> Facts, EquatableArray<string> Read);

/// <summary>What sequences keep: of each layer and token KvHeads keys of KeyDim floats and values of ValueStride.</summary>
/// <param name="Vocabulary">Ids are below this.</param>
/// <param name="Heads">Of the attention.</param>
/// <param name="States">Where the last hidden states are.</param>
/// <param name="Width">Their width.</param>
/// <param name="HasLogits">Whether there is a head.</param>
internal sealed record SequencesPlan(int Vocabulary, HeadsPlan Heads, Operand States, int Width, bool HasLogits)
{
    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Positions that there are.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>The program that extends sequences.</summary>
    public required string Program { get; init; }

    /// <summary>Of the attention to a source; null: there is none.</summary>
    public HeadsPlan? Source { get; init; }

    /// <summary>Whether the program that reads a source takes segments.</summary>
    public bool HasSegments { get; init; } = true;

    /// <summary>Whether the source is sound.</summary>
    public bool ReadsSound { get; init; }

    /// <summary>What the class has for them.</summary>
    public ImmutableArray<Signature> Signatures => Source is null ? Spec.Signatures.Sequences : ReadsSound ? Spec.Signatures.SoundSequences : Spec.Signatures.SourceSequences;

    /// <summary>The widest window of the layers that slide; 0: none does.</summary>
    public int Window { get; init; }

    /// <summary>Which layers slide.</summary>
    public EquatableArray<bool> Slides { get; init; } = EquatableArray<bool>.Empty;

    /// <summary>Bytes of a token in all layers.</summary>
    public long TokenBytes => 4L * Layers * Heads.KvCount * (Heads.KeyDim + Heads.ValueStride);

    /// <summary>Bytes of a source's token in all layers.</summary>
    public long SourceBytes => Source is null ? 0 : 4L * Layers * Source.KvCount * (Source.KeyDim + Source.ValueStride);
}

/// <summary>All the weights: one table, the shared ones first, then layer after layer.</summary>
internal sealed record WeightsPlan(EquatableArray<WeightPlan> Items, long SharedBytes, long LayerBytes, int StoredLayers, long Parameters)
{
    /// <summary>Bytes of a layer of the second stack, which come after the first one's.</summary>
    public long SecondLayerBytes { get; init; }

    /// <summary>Layers of the second stack.</summary>
    public int SecondLayers { get; init; }

    public long Bytes => SharedBytes + LayerBytes * StoredLayers + SecondLayerBytes * SecondLayers;

    /// <summary>Where a stack's layers start, what each takes, and how many are stored.</summary>
    public (long First, long Bytes, int Layers) Of(int stack) =>
        stack == 0 ? (SharedBytes, LayerBytes, StoredLayers) : (SharedBytes + LayerBytes * StoredLayers, SecondLayerBytes, SecondLayers);
}

/// <summary>Everything that Emission prints for one class.</summary>
/// <param name="Type">The class.</param>
/// <param name="Asked">The attribute as it was written.</param>
/// <param name="Summary">What it is, in a line.</param>
/// <param name="Layers">How many layers it runs.</param>
/// <param name="MaxTokens">The longest sequence; 0: rows are independent.</param>
/// <param name="Sessions">How sessions are made.</param>
/// <param name="Constants">Its public constants.</param>
/// <param name="Scores">What is said of its scores, or "".</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Buffers">A session's arena.</param>
/// <param name="TokenFloats">Floats of the arena for each token.</param>
/// <param name="FixedFloats">Further floats of the arena.</param>
/// <param name="Programs">What computes.</param>
/// <param name="Methods">What the class offers.</param>
/// <param name="Kernels">What it needs of the project's kernel file.</param>
/// <param name="LargestIl">Bytes of IL of the largest method.</param>
/// <param name="Model">What a whole model has beside that, or null.</param>
internal sealed record ModelPlan(
    TypeSpec Type,
    string Asked,
    string Summary,
    int Layers,
    int MaxTokens,
    SessionKind Sessions,
    EquatableArray<ConstantPlan> Constants,
    string Scores,
    WeightsPlan Weights,
    EquatableArray<BufferPlan> Buffers,
    int TokenFloats,
    int FixedFloats,
    EquatableArray<ProgramPlan> Programs,
    EquatableArray<MethodPlan> Methods,
    EquatableArray<Kernel> Kernels,
    int LargestIl,
    WholeModelPlan? Model)
{
    /// <summary>The heads of its attentions.</summary>
    public IEnumerable<HeadsPlan> Heads => Programs.SelectMany(program => program.Steps)
        .Select(step => step is AttendStep attend ? attend.Heads : step is AttendKeptStep kept ? kept.Heads : step is AttendSourceStep source ? source.Heads : null).Where(heads => heads is not null).Select(heads => heads!).Distinct();

    /// <summary>What a decoder's sequences need; null: it is none.</summary>
    public SequencesPlan? Sequences { get; init; }
}
