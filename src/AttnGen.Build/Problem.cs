namespace AttnGen.Build;

/// <summary>What is wrong with a model folder: one sentence that goes into the manifest, so that the compiler can show it at the attribute.</summary>
internal sealed class ProblemException(string sentence) : Exception(sentence)
{
    /// <summary>Whether the files are sound, and have what is not supported.</summary>
    public bool IsUnsupported { get; set; }
}
