namespace AttnGen.Embeddings;

/// <summary>What a reranker makes of the model's logit.</summary>
public enum ScoreActivation
{
    /// <summary>
    /// What the folder names (config_sentence_transformers.json, or config.json in folders up to 5.3), and without that the sigmoid, as
    /// sentence-transformers' CrossEncoder does. A function that is not known is refused when the reranker is made.
    /// </summary>
    Automatic,

    /// <summary>From 0 to 1.</summary>
    Sigmoid,

    /// <summary>The logit itself.</summary>
    None,
}
