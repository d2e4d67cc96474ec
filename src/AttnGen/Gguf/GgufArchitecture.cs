namespace AttnGen.Gguf;

/// <summary>How the converter of llama.cpp changes a tensor of a hub's folder; reading undoes it.</summary>
internal enum GgufTurn
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Rows of queries: what is in two halves of a head becomes pairs of neighbours.</summary>
    QueryPairs,

    /// <summary>The same of keys.</summary>
    KeyPairs,

    /// <summary>Queries, keys and values that take turns head by head become all queries, all keys, all values.</summary>
    InTurn,

    /// <summary>A matrix [inputs, outputs] becomes [outputs, inputs].</summary>
    Transposed,

    /// <summary>1 is added.</summary>
    PlusOne,
}

/// <summary>A tensor's two names, without ".weight" and ".bias"; {0} stands for a layer's number.</summary>
/// <param name="own">In a GGUF file.</param>
/// <param name="hub">In a hub's folder.</param>
/// <param name="turn">What the converter does to it.</param>
internal sealed class GgufName(string own, string hub, GgufTurn turn = GgufTurn.None)
{
    public string Own { get; } = own;

    public string Hub { get; } = hub;

    public GgufTurn Turn { get; } = turn;
}

/// <summary>
/// An architecture of GGUF: what a hub's folder of the same model calls tensors and settings. Everything after that goes the way of the folder.
/// A new one is a row of <see cref="Rows"/>, in a file of its own.
/// </summary>
internal sealed class GgufArchitecture
{
    /// <summary>All rows.</summary>
    public static readonly GgufArchitecture[] Rows = GgufLlama.Rows.Concat(GgufGemma.Rows)
        .Concat([GgufGpt2.Gpt2, GgufGpt2.StarCoder, GgufGptNeoX.Row, GgufPhi.Phi2, GgufPhi.Phi3, GgufFalcon.Row, GgufBloom.Row]).ToArray(); // spreading arrays would need a package in the build task

    /// <param name="name">The value of general.architecture.</param>
    /// <param name="modelType">The model_type of config.json.</param>
    /// <param name="className">The class of transformers.</param>
    /// <param name="names">The tensors.</param>
    /// <param name="configure">Writes config.json.</param>
    public GgufArchitecture(string name, string modelType, string className, GgufName[] names, Action<GgufConfig> configure)
    {
        Name = name;
        ModelType = modelType;
        ClassName = className;
        Names = names;
        Configure = configure;
    }

    public string Name { get; }

    public string ModelType { get; }

    public string ClassName { get; }

    public GgufName[] Names { get; }

    public Action<GgufConfig> Configure { get; }

    /// <summary>A tensor that some files have in place of several, whose rows it holds one after the other; null: there is none.</summary>
    public (string Own, string[] Parts)? Fused { get; set; }

    /// <summary>The names of files that have others; null: all have the same.</summary>
    public Func<GgufHeader, GgufName[]?>? Other { get; set; }

    /// <summary>Tensors that are settings: they say how positions turn.</summary>
    public static readonly string[] Settings = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"];

    /// <summary>Tensors of every layer that old converters wrote and nobody reads: what the positions say already.</summary>
    public const string Ignored = "attn_rot_embd";

    /// <summary>The row of a file's architecture.</summary>
    /// <exception cref="GgufProblem">It is not named, or none that is known.</exception>
    public static GgufArchitecture Of(GgufHeader header)
    {
        string name = header.Text("general.architecture") ?? throw header.Missing("general.architecture, which says what the weights are");
        return Array.Find(Rows, row => row.Name == name)
            ?? throw header.Unsupported($"general.architecture {Generator.Json.ForeignText.Quote(name)} is not supported; supported are {string.Join(", ", Rows.Select(row => row.Name).OrderBy(row => row, StringComparer.Ordinal))}");
    }
}
