namespace AttnGen.TextBench;

/// <summary>Somebody who makes a vector of a text, on one thread unless <see cref="Note"/> says otherwise.</summary>
internal interface ITextContender : IDisposable
{
    void Embed(string text, Span<float> vector);

    /// <summary>What a reader of the table should know.</summary>
    string Note => "";
}

/// <summary>Where the files are. What a contender brings itself, it does not take from here.</summary>
internal sealed record Sources(string? Model, string? Onnx, string? Vocabulary, string? SharpBert);
