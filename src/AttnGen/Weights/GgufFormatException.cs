using AttnGen.Gguf;

namespace AttnGen;

/// <summary>A file is not a well-formed GGUF file, or has what is not supported. The message names the file, the key or tensor, what was found, what was expected and what to do.</summary>
public sealed class GgufFormatException : WeightException
{
    internal GgufFormatException(string sourceName, GgufProblem problem)
        : base(problem.Message, sourceName, problem.Tensor, problem)
    {
    }

    internal GgufFormatException(string sourceName, string tensorName, string message)
        : base(message, sourceName, tensorName)
    {
    }
}
