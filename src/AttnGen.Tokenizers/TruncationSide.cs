namespace AttnGen.Tokenizers;

/// <summary>Which end of a text goes that has too many tokens.</summary>
public enum TruncationSide
{
    /// <summary>The end: the first tokens are kept.</summary>
    Right,

    /// <summary>The beginning: the last tokens are kept.</summary>
    Left,
}
