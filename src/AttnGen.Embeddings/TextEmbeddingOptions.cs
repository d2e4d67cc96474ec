namespace AttnGen.Embeddings;

/// <summary>
/// How texts become vectors. The defaults are what the version of sentence-transformers does that wrote the folder (config_sentence_transformers.json
/// names it); where the folder does not say, what version 6.0 does.
/// </summary>
public sealed class TextEmbeddingOptions
{
    /// <summary>Longest text in tokens, special tokens included; null: what the folder recommends. Never more than the model takes.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether longer texts are cut at the end; false: they are refused with an exception that names the text and its count.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Whether vectors get length 1; null: as the model's folder says. A model that already normalises cannot be told not to.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Length of the vectors, for models trained so that a vector may be cut (Matryoshka); null: the folder's truncate_dim, or all of it. What is cut gets length 1 again if the whole had it; but cut by truncate_dim, as sentence-transformers does it, it does not.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Threads that work on one call with several texts; 0: one for each processor. The vectors are the same.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What is put before each text, such as <c>"query: "</c>; null: see <see cref="PromptName"/>.</summary>
    public string? Prompt { get; init; }

    /// <summary>A prompt of the folder's config_sentence_transformers.json, such as <c>query</c>; null: the file's default_prompt_name, if it has one. Give this or <see cref="Prompt"/>.</summary>
    public string? PromptName { get; init; }

    /// <summary>What <see cref="Microsoft.Extensions.AI.EmbeddingGeneratorMetadata"/> calls the model; null: the folder's name.</summary>
    public string? ModelName { get; init; }

    /// <summary>Reports progress after each text of a call; null reports nothing. It may be called from any of the threads, one call at a time.</summary>
    public IProgress<EmbeddingProgress>? Progress { get; init; }

    /// <summary>How the model is loaded.</summary>
    public ModelLoadOptions? Load { get; init; }
}
