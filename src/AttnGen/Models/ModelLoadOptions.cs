namespace AttnGen;

/// <summary>How weights are loaded.</summary>
public sealed class ModelLoadOptions
{
    /// <summary>Threads that pack weights, from 1 on; 0: one for each processor. A negative number is refused when the model is loaded. The result is the same.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Reports progress after each tensor; null reports nothing. It may be called from any of the threads, one call at a time.</summary>
    public IProgress<ModelLoadProgress>? Progress { get; init; }

    /// <summary>Stops loading; nothing stays behind.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>How far loading is.</summary>
/// <param name="Tensor">The tensor that was just packed.</param>
/// <param name="Done">Numbers packed so far.</param>
/// <param name="Total">Numbers of the model.</param>
public readonly record struct ModelLoadProgress(string Tensor, long Done, long Total);
