namespace AttnGen.Generator.Spec;

// What was asked. THE CACHING CONTRACT: every record in this folder is compared by value, because the incremental
// pipeline skips planning and emission when the Spec did not change. Add only value types, strings and
// EquatableArray<T>; never a symbol, a syntax node, a Location or a Compilation.
// Parsing has applied the defaults (kvHeads 0 has become heads) and has refused every combination that makes no sense.

/// <summary>One annotated class: where the generated half belongs, and the shape it asks for.</summary>
/// <param name="Type">The class.</param>
/// <param name="Model">The shape, defaults applied.</param>
/// <param name="Asked">The attribute as it was written: its name and the arguments that differ from their defaults.</param>
internal sealed record TargetSpec(TypeSpec Type, ModelSpec Model, string Asked);

/// <summary>A class whose shape was refused.</summary>
internal sealed record StandInSpec(TypeSpec Type, ShapeKind Kind);

/// <summary>The partial class: its namespace ("" is the global one), the types around it from outside in, and itself.</summary>
internal sealed record TypeSpec(string Namespace, EquatableArray<TypeDeclaration> Containers, TypeDeclaration Self, string HintName)
{
    /// <summary>For messages: Namespace.Outer.Name.</summary>
    public string DisplayName => string.Join(".", Containers.Select(c => c.Name).Prepend(Namespace).Append(Self.Name).Where(s => s.Length > 0));

    /// <summary>The name under which a compilation finds the class: Namespace.Outer`1+Name.</summary>
    public string MetadataName => (Namespace.Length > 0 ? Namespace + "." : "").Replace("@", "")
        + string.Join("+", Containers.Append(Self).Select(c => c.Name.TrimStart('@') + (c.TypeParameters.Length > 0 ? "`" + Text.Of(c.TypeParameters.Count(letter => letter == ',') + 1) : "")));

    /// <summary>
    /// The class from the root, which means the same everywhere in it: a base class may hold a type of its name. Inside generic types it is its name alone, because what their
    /// type parameters are called may mean another type in the class.
    /// </summary>
    public string Reference => Containers.Any(c => c.TypeParameters.Length > 0)
        ? Self.Name
        : "global::" + string.Join(".", Containers.Select(c => c.Name).Prepend(Namespace).Append(Self.Name).Where(s => s.Length > 0));
}

/// <summary>A header to repeat: <paramref name="Keyword"/> ("class", "record", "struct", "record struct", "interface"), name (escaped with @ if it is a keyword) and type parameters ("" or "&lt;T&gt;").</summary>
internal sealed record TypeDeclaration(string Keyword, string Name, string TypeParameters);

/// <summary>A shape; one sealed record for each attribute.</summary>
internal abstract record ModelSpec;

// The numbers of these enums are those of the public ones in src/AttnGen/Attributes/Enums.cs; a test holds them equal.
internal enum PositionKind { None = 0, RotaryHalf = 1, RotaryInterleaved = 2, Alibi = 3 }
internal enum QkNormKind { None = 0, RmsNorm = 1, LayerNorm = 2 }
// An activation is the name of a member of the public enum Activation, and of a function of VectorMath: a new one needs no line here.
internal enum NormKind { LayerNorm = 0, RmsNorm = 1 }
internal enum PositionsKind { None = 0, Sinusoidal = 1, Learned = 2 }

/// <summary>The scores' options, shared by everything that attends. Scale 0 has become 1/√HeadDim; RotaryDim 0 has become HeadDim (0 when not rotary).</summary>
internal sealed record ScoreSpec(
    bool Causal, int Window, double Scale, double Softcap, PositionKind Position, int RotaryDim, double RopeTheta, QkNormKind QkNorm);

/// <summary>[Attention] and, with <paramref name="Projections"/> false, [DotProductAttention] (then DModel is Heads·HeadDim, KeyDim KvHeads·HeadDim, ValueDim KvHeads·ValueHeadDim, Bias false).</summary>
internal sealed record AttentionSpec(
    bool Projections, int DModel, int Heads, int KvHeads, int HeadDim, int ValueHeadDim, int KeyDim, int ValueDim,
    bool Bias, bool BiasKv, bool ZeroAttn, int MaxTokens, ScoreSpec Score) : ModelSpec;

/// <summary>[FeedForward].</summary>
internal sealed record FeedForwardSpec(int DModel, int Hidden, string Activation, bool Gated, bool Bias, int MaxTokens) : ModelSpec;

/// <summary>[Decoder].</summary>
internal sealed record LanguageSpec(int Layers, EncoderLayerSpec Layer, int Vocabulary, bool Tied, bool FinalNorm, PositionsKind Positions) : ModelSpec;

/// <summary>[EncoderDecoder].</summary>
internal sealed record TranslationSpec(int EncoderLayers, int DecoderLayers, EncoderLayerSpec Layer, int Vocabulary, bool Tied, bool FinalNorm, PositionsKind Positions) : ModelSpec;

/// <summary>[LayerNorm] and [RmsNorm], and the norms inside layers.</summary>
internal sealed record NormSpec(NormKind Kind, int Dim, double Epsilon, bool Bias) : ModelSpec;

/// <summary>[EncoderLayer].</summary>
internal sealed record EncoderLayerSpec(AttentionSpec Attention, FeedForwardSpec FeedForward, NormSpec Norm, bool NormFirst) : ModelSpec;

/// <summary>[Encoder].</summary>
internal sealed record EncoderSpec(int Layers, EncoderLayerSpec Layer, bool FinalNorm, PositionsKind Positions) : ModelSpec;

/// <summary>[Linear].</summary>
internal sealed record LinearSpec(int Inputs, int Outputs, bool Bias, string Activation, int MaxTokens) : ModelSpec;

/// <summary>[Softmax].</summary>
internal sealed record SoftmaxSpec(int Dim) : ModelSpec;
