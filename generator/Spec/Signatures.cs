namespace AttnGen.Generator.Spec;

/// <summary>What a method hands out: a shape's y, or, of a whole model, hidden states or something that is made of them.</summary>
internal enum ResultKind { Rows, HiddenStates, Vector, Pooled, Logits }

/// <summary>A parameter of a generated method.</summary>
/// <param name="Type">Its type, as Roslyn's fully qualified name.</param>
/// <param name="Name">Its name.</param>
/// <param name="Default">What it is where it is left out, in C#; null: it must be given.</param>
internal sealed record Parameter(string Type, string Name, string? Default = null)
{
    /// <summary>As it is declared.</summary>
    public string Declaration => Default is null ? $"{Type} {Name}" : $"{Type}{(Default == "null" ? "?" : "")} {Name} = {Default}";
}

/// <summary>A method of the generated half.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Kind">What it hands out.</param>
/// <param name="Interface">The library's interface that has it, "" if none has.</param>
internal sealed record Signature(string Name, EquatableArray<Parameter> Parameters, ResultKind Kind = ResultKind.Rows, string Interface = "")
{
    /// <summary>As it is declared, without what stands before its name.</summary>
    public string Declaration => $"{Name}({string.Join(", ", Parameters.Select(parameter => parameter.Declaration))})";

    /// <summary>As a method of the same parameters calls it.</summary>
    public string Call => $"{Name}({string.Join(", ", Parameters.Select(parameter => parameter.Name))})";

    /// <summary>What tells it from other overloads.</summary>
    public string Types => string.Join(",", Parameters.Select(parameter => parameter.Type));

    /// <summary>The parameter that takes the result: the second, or, of several inputs, the one after them.</summary>
    public string Result => Parameters.First(parameter => parameter.Type == Signatures.Output).Name;

    public bool Has(string parameter) => Parameters.Any(own => own.Name == parameter);
}

/// <summary>
/// THE table of the methods that the generated half of a class offers: what Parsing holds against the user's own names, what the emitters print and
/// what a refused class's stand-in has are made of it, and a test holds the library's interfaces against it.
/// </summary>
internal static class Signatures
{
    private const string Floats = "global::System.ReadOnlySpan<float>";
    private const string Ids = "global::System.ReadOnlySpan<int>";

    /// <summary>The type of a result.</summary>
    public const string Output = "global::System.Span<float>";

    private static readonly Parameter s_x = new(Floats, "x");
    private static readonly Parameter s_tokenIds = new(Ids, "tokenIds");
    private static readonly Parameter s_tokenTypes = new(Ids, "tokenTypes", "default");
    private static readonly Parameter s_pixels = new(Floats, "pixels");
    private static readonly Parameter s_inputFeatures = new(Floats, "inputFeatures");
    private static readonly Parameter s_mask = new("global::AttnGen.AttentionMask", "mask", "default");
    private static readonly Parameter s_trace = new("global::AttnGen.ForwardTrace", "trace", "default");
    private static readonly Parameter s_capacity = new("int", "capacity", "0");
    private static readonly Parameter s_maxTokens = new("int", "maxTokens", "MaxTokens");

    /// <summary>y of each row of x.</summary>
    public static Signature Rows { get; } = Method("Forward", s_x, Result("y"));

    /// <summary>One sequence.</summary>
    public static Signature Self { get; } = Method("Forward", s_x, Result("y"), s_mask, s_trace);

    /// <summary>Queries to keys and values.</summary>
    public static Signature Cross { get; } = Method("Forward", new(Floats, "query"), new(Floats, "key"), new(Floats, "value"), Result("y"), s_mask, s_trace);

    /// <summary>Hidden states of a source.</summary>
    public static Signature SourceStates { get; } = Method("Forward", s_tokenIds, Result("hiddenStates"), s_mask, s_trace);

    /// <summary>Logits of every token of a text.</summary>
    public static Signature TextLogits { get; } = Method("ComputeLogits", s_tokenIds, Result("logits"), s_trace);

    /// <summary>What a whole model that reads token ids may have.</summary>
    public static ImmutableArray<Signature> Tokens { get; } = ImmutableArray.Create(
        Method("Forward", s_tokenIds, Result("hiddenStates"), s_tokenTypes, s_mask, s_trace) with { Kind = ResultKind.HiddenStates, Interface = "ITextModel" },
        Method("Embed", s_tokenIds, Result("vector"), s_tokenTypes, s_mask) with { Kind = ResultKind.Vector, Interface = "ISentenceEncoder" },
        Method("Pool", s_tokenIds, Result("pooled"), s_tokenTypes, s_mask) with { Kind = ResultKind.Pooled, Interface = "IPooledModel" },
        Method("ComputeLogits", s_tokenIds, Result("logits"), s_tokenTypes, s_mask) with { Kind = ResultKind.Logits, Interface = "ILogitsModel" });

    /// <summary>What a whole model that reads an image may have.</summary>
    public static ImmutableArray<Signature> Image { get; } = ImmutableArray.Create(
        Method("Forward", s_pixels, Result("hiddenStates"), s_trace) with { Kind = ResultKind.HiddenStates, Interface = "IImageModel" },
        Method("Embed", s_pixels, Result("vector")) with { Kind = ResultKind.Vector, Interface = "IImageEncoder" },
        Method("Pool", s_pixels, Result("pooled")) with { Kind = ResultKind.Pooled, Interface = "IPooledImageModel" },
        Method("ComputeLogits", s_pixels, Result("logits")) with { Kind = ResultKind.Logits, Interface = "IImageClassifier" });

    /// <summary>What a whole model that reads sound has.</summary>
    public static ImmutableArray<Signature> Sound { get; } = ImmutableArray.Create(
        Method("Forward", s_inputFeatures, Result("hiddenStates"), s_trace) with { Kind = ResultKind.HiddenStates, Interface = "ISpeechModel" });

    /// <summary>Bytes of a session's memory; of classes whose sessions have a longest sequence.</summary>
    public static Signature WorkspaceBytes { get; } = Method("WorkspaceBytes", s_maxTokens);

    /// <summary>A session for a longest sequence that its maker chooses.</summary>
    public static Signature CreateSession { get; } = Method("CreateSession", s_maxTokens);

    /// <summary>A session where there is nothing to choose: of rows that are independent, or of an image, whose length is fixed.</summary>
    public static Signature CreateFixedSession { get; } = Method("CreateSession");

    /// <summary>A text that a decoder reads or writes.</summary>
    public static Signature CreateSequence { get; } = Method("CreateSequence", s_capacity) with { Interface = "ILanguageModel" };

    /// <summary>Bytes of its cache.</summary>
    public static Signature SequenceBytes { get; } = Method("SequenceBytes", s_capacity);

    /// <summary>A source that an encoder–decoder reads, and the text that it writes of it.</summary>
    public static Signature Encode { get; } = Method("Encode", s_tokenIds, s_capacity) with { Interface = "IEncoderDecoderModel" };

    /// <summary>The same of sound.</summary>
    public static Signature EncodeSound { get; } = Method("Encode", s_inputFeatures, s_capacity) with { Interface = "ISpeechToTextModel" };

    /// <summary>Bytes of the cache of both.</summary>
    public static Signature SourceSequenceBytes { get; } = Method("SequenceBytes", new("int", "capacity"), new("int", "source"));

    /// <summary>What a decoder has for its sequences.</summary>
    public static ImmutableArray<Signature> Sequences { get; } = ImmutableArray.Create(CreateSequence, SequenceBytes);

    /// <summary>What an encoder–decoder has for them.</summary>
    public static ImmutableArray<Signature> SourceSequences { get; } = ImmutableArray.Create(Encode, SourceSequenceBytes);

    /// <summary>What one of sound has.</summary>
    public static ImmutableArray<Signature> SoundSequences { get; } = ImmutableArray.Create(EncodeSound, SourceSequenceBytes);

    /// <summary>From a file, a stream and named tensors, in this order.</summary>
    public static ImmutableArray<Signature> Load { get; } = Loads(
        new("string", "path"), new("string", "prefix", "\"\""), new("global::System.Func<string, string>", "rename", "null"));

    /// <summary>The same for a whole model, whose file is its folder.</summary>
    public static ImmutableArray<Signature> LoadModel { get; } = Loads(
        new("string", "folder", "null"), new Parameter("global::AttnGen.ModelLoadOptions", "options", "null"));

    /// <summary>What computes in a class with this attribute, on the class and on its Session; of a whole model, what it may have: its folder decides.</summary>
    public static ImmutableArray<Signature> Calls(ShapeKind kind) => kind switch
    {
        ShapeKind.FeedForward or ShapeKind.Linear or ShapeKind.LayerNorm or ShapeKind.RmsNorm or ShapeKind.Softmax => ImmutableArray.Create(Rows),
        ShapeKind.EncoderLayer or ShapeKind.Encoder => ImmutableArray.Create(Self),
        ShapeKind.Attention => ImmutableArray.Create(Self, Cross),
        ShapeKind.Decoder => ImmutableArray.Create(TextLogits),
        ShapeKind.EncoderDecoder => ImmutableArray.Create(SourceStates),
        ShapeKind.DotProductAttention => ImmutableArray.Create(Cross),
        ShapeKind.TransformerModel => Tokens.AddRange(Image).AddRange(Sound),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>All methods of the table that a class with this attribute may have.</summary>
    public static IEnumerable<Signature> Of(ShapeKind kind)
    {
        bool isModel = kind == ShapeKind.TransformerModel, hasLength = kind is not (ShapeKind.Softmax or ShapeKind.LayerNorm or ShapeKind.RmsNorm);
        if (kind != ShapeKind.Softmax)
        {
            foreach (var load in isModel ? LoadModel : Load)
                yield return load;
            if (hasLength)
                yield return CreateSession;
            if (isModel || !hasLength)
                yield return CreateFixedSession;
            if (hasLength)
                yield return WorkspaceBytes;
            if (kind is ShapeKind.Decoder or ShapeKind.EncoderDecoder)
            {
                foreach (var sequence in kind == ShapeKind.Decoder ? Sequences : SourceSequences)
                    yield return sequence;
            }

            if (isModel)
            {
                foreach (var sequence in Sequences.Concat(SourceSequences).Append(EncodeSound))
                    yield return sequence;
            }
        }

        foreach (var call in Calls(kind))
            yield return call;
    }

    private static Parameter Result(string name) => new(Output, name);

    private static Signature Method(string name, params Parameter[] parameters) => new(name, parameters.ToEquatable());

    private static ImmutableArray<Signature> Loads(Parameter file, params Parameter[] options) => ImmutableArray.Create(
        Method("Load", [file, .. options]),
        Method("Load", [new("global::System.IO.Stream", "stream"), .. options]),
        Method("Load", [new("global::AttnGen.ITensorSource", "source"), .. options]));
}
