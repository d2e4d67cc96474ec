namespace AttnGen.Embeddings;

/// <summary>How documents are scored.</summary>
public sealed class RerankerOptions
{
    /// <summary>Longest pair in tokens, special tokens included; null: what the folder recommends. What does not fit is cut from the longer text first.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>What becomes of the logit. The order of documents is the same.</summary>
    public ScoreActivation Activation { get; init; }

    /// <summary>What is put before each query, such as an instruction; null: see <see cref="PromptName"/>.</summary>
    public string? Prompt { get; init; }

    /// <summary>A prompt of the folder's config_sentence_transformers.json; null: the file's default_prompt_name, if it has one and is a cross-encoder's. Give this or <see cref="Prompt"/>.</summary>
    public string? PromptName { get; init; }

    /// <summary>Threads that work on the documents of one call; 0: one for each processor. The scores are the same.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How the model is loaded.</summary>
    public ModelLoadOptions? Load { get; init; }
}
