namespace AttnGen.Generation;

/// <summary>What a <see cref="JsonGrammar"/> allows beyond the schema, or less than it.</summary>
public sealed record JsonGrammarOptions
{
    /// <summary>Objects and arrays within each other, at most. System.Text.Json's readers take 64 unless they are told otherwise.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Whether one space may stand behind each comma and colon, as the model likes. There is no other white space.</summary>
    public bool AllowSpaces { get; init; } = true;

    /// <summary>The least integer where the schema has no minimum. The schemas that .NET writes do not say whether an integer was an int or a long: the default is what an int takes.</summary>
    public long IntegerMinimum { get; init; } = int.MinValue;

    /// <summary>The greatest integer where the schema has no maximum.</summary>
    public long IntegerMaximum { get; init; } = int.MaxValue;
}
