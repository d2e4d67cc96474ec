namespace AttnGen.Generation;

/// <summary>What holds for all texts of a <see cref="TextGenerator"/>.</summary>
public sealed class TextGeneratorOptions
{
    /// <summary>Whether the folder's generation_config.json is followed where a call does not say otherwise; false: only the tokens that end a text are read from it.</summary>
    public bool FollowFolder { get; init; } = true;

    /// <summary>Most conversations whose keys and values are kept, those that are being written included. The one not used for longest goes first.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Most bytes that their keys and values take together; null: no other limit than <see cref="MaxSequences"/>.</summary>
    public long? MaxSequenceBytes { get; init; }

    /// <summary>Whether what was read is kept after a text, so that the next one that begins the same way goes on from there.</summary>
    public bool KeepSequences { get; init; } = true;

    /// <summary>Passes over the weights that may run at the same time, each on one thread; 0: one for each processor. The texts are the same.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Tokens of a prompt that are read at a time; between them, cancellation is looked at, and other texts go on.</summary>
    public int PromptPiece { get; init; } = 64;

    /// <summary>What <see cref="Microsoft.Extensions.AI.ChatClientMetadata"/> calls the model; null: the folder's name.</summary>
    public string? ModelName { get; init; }

    /// <summary>How the model is loaded.</summary>
    public ModelLoadOptions? Load { get; init; }

    internal void Check(string parameter)
    {
        Range(MaxSequences >= 1, nameof(MaxSequences), MaxSequences, "at least 1");
        Range(MaxSequenceBytes is null or >= 1, nameof(MaxSequenceBytes), MaxSequenceBytes, "at least 1, or null");
        Range(Threads >= 0, nameof(Threads), Threads, "at least 0 (0: one for each processor)");
        Range(PromptPiece >= 1, nameof(PromptPiece), PromptPiece, "at least 1");

        void Range(bool holds, string name, long? value, string range)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(parameter, value, $"{name} is {value}, but must be {range}.");
            }
        }
    }
}
