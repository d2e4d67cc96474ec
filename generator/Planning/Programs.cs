namespace AttnGen.Generator.Planning;

/// <summary>A method of the generated Program, once for every lane: what it is given beside weights, arena and capacity, and its steps.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it computes, with shapes.</param>
/// <param name="Inputs">Its parameters after weights, arena and capacity, as types and names of generated code.</param>
/// <param name="Body">Its lines.</param>
internal sealed record ProgramPlan(string Name, string Summary, EquatableArray<Parameter> Inputs, EquatableArray<Node> Body)
{
    /// <summary>Its steps, those of a layer once.</summary>
    public IEnumerable<Step> Steps => Body.SelectMany(node => node.Steps);

    /// <summary>Its weights, in the order of their use.</summary>
    public IEnumerable<WeightPlan> Weights => Steps.SelectMany(step => step.Weights).Distinct();

    /// <summary>Its buffers.</summary>
    public IEnumerable<BufferPlan> Buffers => Steps.SelectMany(step => step.Reads.Concat(step.Writes).Concat(step.Scratch)).Select(operand => operand.Buffer).Where(buffer => buffer is not null).Select(buffer => buffer!).Distinct();
}

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

/// <summary>A check of a call's arguments, in the order of the method's list.</summary>
internal abstract record Check;

/// <summary>Variable = the rows of Span, each of Width floats; at most MaxTokens where the class has a longest sequence.</summary>
internal sealed record RowsCheck(string Span, int Width, string Variable) : Check;

/// <summary>Span has Width floats, or, with Rows, so many for each of the rows that the variable Rows counts; Shape is for the message.</summary>
internal sealed record LengthCheck(string Span, string? Rows, long Width, string Shape) : Check;

/// <summary>Ids and segments; rows = the number of ids.</summary>
internal sealed record TokensCheck(int Vocabulary, int Types) : Check
{
    /// <summary>Whether the method takes segments.</summary>
    public bool HasTypes { get; init; } = true;
}

/// <summary>Pixels of an image; rows = the Tokens that it becomes.</summary>
internal sealed record PixelsCheck(int Channels, int Height, int Width, int Tokens) : Check;

/// <summary>A spectrogram; rows = the Tokens that it becomes.</summary>
internal sealed record SoundCheck(int Bins, int Frames, int Tokens) : Check;

/// <summary>From Lowest to below End; also calls of which all queries are at Blind or below, from where a window shows no key (null: there is no such place).</summary>
internal sealed record PositionRange(int Lowest, int End, int? Blind = null);

/// <summary>A mask of queries that may be anywhere among the keys, or only at some positions.</summary>
internal sealed record MaskCheck(int Heads, string Keys, PositionRange? Positions) : Check;

/// <summary>A mask of a whole model, whose queries are its keys; KeysOnly: only keys may be hidden.</summary>
internal sealed record ModelMaskCheck(int Heads, bool KeysOnly) : Check;

/// <summary>A trace: attention weights [Layers, Heads, T, Keys], or, without IsStack, [Heads, T, Keys], and hidden states [Layers + 1, T, HiddenWidth] (null: there are none), apart from result, inputs and, with HasMask, the mask.</summary>
internal sealed record TraceCheck(int Layers, bool IsStack, int Heads, int Appended, string Keys, int? HiddenWidth, bool HasMask, string Result, EquatableArray<string> Inputs) : Check;

/// <summary>How y may lie on x.</summary>
internal sealed record OverlapCheck(OverlapRule Rule) : Check;

/// <summary>Something that a method does once its arguments are checked and its memory is held.</summary>
internal abstract record Act;

/// <summary>Runs a program: an argument for each of its inputs, as the method names them (a span where the program takes a reference).</summary>
internal sealed record RunAct(string Program, EquatableArray<string> Arguments) : Act;

/// <summary>Runs a program of x and y whose rows are independent, as many at a time as the arena holds.</summary>
internal sealed record RunBlocksAct(string Program, int InputWidth, int OutputWidth) : Act;

/// <summary>sequences = one, of all rows, that keeps its keys in a place of the arena as long as the call lasts.</summary>
internal sealed record OwnCacheAct(Operand Cache) : Act;

/// <summary>To = From.</summary>
internal sealed record CopyInAct(string From, string To) : Act;

/// <summary>Result = the rows of From.</summary>
internal sealed record HandOutAct(Operand From, int Width, string Result) : Act;

/// <summary>Name = the first Length floats of Room, a place in the arena.</summary>
internal sealed record RoomAct(Operand Room, int Length, string Name) : Act;

/// <summary>A pooling of From's rows, by the name of its method, into Width floats of Result from First on; IsWhole: they are all of it.</summary>
internal sealed record PoolAct(Operand From, string Mode, int Width, int First, bool IsWhole, string Result) : Act;

/// <summary>Scales Result to length 1.</summary>
internal sealed record NormalizeAct(string Result) : Act;

/// <summary>What is said of a parameter.</summary>
internal sealed record ParameterDoc(string Name, string Text);

/// <summary>A public method of the class and of its sessions.</summary>
/// <param name="Signature">Its name and parameters.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Docs">What its parameters are.</param>
/// <param name="Checks">Of its arguments.</param>
/// <param name="Acts">What it does then.</param>
/// <param name="MayBeEmpty">Whether a call without rows does nothing.</param>
internal sealed record MethodPlan(
    Signature Signature, string Summary, EquatableArray<ParameterDoc> Docs, EquatableArray<Check> Checks, EquatableArray<Act> Acts, bool MayBeEmpty)
{
    /// <summary>What programs are given that the method does not take: its locals.</summary>
    public EquatableArray<Parameter> Defaults { get; init; } = EquatableArray<Parameter>.Empty;
}
