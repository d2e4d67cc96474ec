namespace AttnGen.Tokenizers;

/// <summary>Which characters of the text a token stands for. Special tokens around a text have an empty span.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TokenSpan(int Start, int End)
{
    /// <summary>UTF-16 units.</summary>
    public int Length => End - Start;
}
