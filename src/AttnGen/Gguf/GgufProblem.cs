namespace AttnGen.Gguf;

/// <summary>What is wrong with a GGUF file, in one sentence that names the file and the key or tensor in question.</summary>
/// <param name="message">The sentence.</param>
/// <param name="tensor">The tensor in question, or null.</param>
/// <param name="isUnsupported">Whether the file is sound, and has what is not supported.</param>
internal sealed class GgufProblem(string message, string? tensor = null, bool isUnsupported = false) : Exception(message)
{
    public string? Tensor { get; } = tensor;

    public bool IsUnsupported { get; } = isUnsupported;
}
