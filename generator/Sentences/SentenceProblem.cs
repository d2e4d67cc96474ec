namespace AttnGen.Sentences;

/// <summary>What kind of mistake a file has.</summary>
internal enum SentenceFault
{
    /// <summary>It is not there, or no JSON.</summary>
    File,

    /// <summary>It says what cannot be.</summary>
    Wrong,

    /// <summary>It asks for what is not supported.</summary>
    Unsupported,
}

/// <summary>Something that is wrong with one of sentence-transformers' files: a sentence that begins with the file's name.</summary>
internal sealed record SentenceProblem(SentenceFault Fault, string Message);
