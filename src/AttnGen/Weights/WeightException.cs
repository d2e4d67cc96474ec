namespace AttnGen;

/// <summary>Weights could not be loaded: the file is broken (<see cref="SafetensorsFormatException"/>) or is not this model's (<see cref="WeightMismatchException"/>).</summary>
public abstract class WeightException : Exception
{
    private protected WeightException(string message, string sourceName, string? tensorName, Exception? inner = null)
        : base(message, inner)
    {
        SourceName = sourceName;
        TensorName = tensorName;
    }

    /// <summary>The file, or whatever <see cref="ITensorSource.Name"/> calls the source.</summary>
    public string SourceName { get; }

    /// <summary>The tensor in question; null if the failure concerns the source as a whole.</summary>
    public string? TensorName { get; }
}

/// <summary>A file is not a well-formed safetensors file. The message names the file, the tensor, what was found, what was expected and what to do.</summary>
public sealed class SafetensorsFormatException : WeightException
{
    private const string Again = "fetch the file again, or write it again with the safetensors library";

    /// <param name="sourceName">The file.</param>
    /// <param name="tensorName">The tensor in question, or null.</param>
    /// <param name="message">What is wrong; what to do is put behind it.</param>
    /// <param name="inner">What the system threw.</param>
    /// <param name="fix">What to do.</param>
    internal SafetensorsFormatException(string sourceName, string? tensorName, string message, Exception? inner = null, string fix = Again)
        : base($"{message.TrimEnd('.')}; {fix}.", sourceName, tensorName, inner)
    {
    }
}

/// <summary>A source has no tensor of a name, or one of another shape or type than the model needs. The message names the source, the tensor, what was found, what was expected and what to do.</summary>
public sealed class WeightMismatchException : WeightException
{
    internal WeightMismatchException(string sourceName, string? tensorName, string message)
        : base(message, sourceName, tensorName)
    {
    }
}
