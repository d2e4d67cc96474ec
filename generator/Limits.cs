namespace AttnGen.Generator;

/// <summary>The largest values that an attribute may ask for. Beyond them lie typing errors, and sizes that no buffer holds.</summary>
internal static class Limits
{
    /// <summary>dModel, feedForward, inputs, outputs, keyDim, valueDim.</summary>
    public const int Width = 65_536;

    /// <summary>heads and kvHeads.</summary>
    public const int Heads = 1_024;

    /// <summary>headDim and valueHeadDim.</summary>
    public const int HeadDim = 1_024;

    /// <summary>layers.</summary>
    public const int Layers = 1_024;

    /// <summary>vocabulary.</summary>
    public const int Vocabulary = 1 << 24;

    /// <summary>maxTokens and window.</summary>
    public const int Tokens = 1_048_576;

    /// <summary>Positions that ALiBi counts, to either side: the whole numbers that float32 tells apart.</summary>
    public const int AlibiPositions = 1 << 24;

    /// <summary>Tokens of a model with a bias by relative position, of which each distance has an entry in a table.</summary>
    public const int RelativeTokens = 65_536;

    /// <summary>dim, the length of a row of a bare norm or softmax.</summary>
    public const int RowLength = 1_048_576;

    /// <summary>Floats of one weight matrix: 4 GiB.</summary>
    public const long MatrixFloats = 1L << 30;

    /// <summary>Floats of a model: 256 GiB.</summary>
    public const long ModelFloats = 1L << 36;

    /// <summary>Floats of one activation buffer [maxTokens, width]: what a span can hold.</summary>
    public const long SpanFloats = int.MaxValue;
}
