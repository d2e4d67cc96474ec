namespace AttnGen.Embeddings;

/// <summary>What a reranker makes of the model's logit.</summary>
public enum ScoreActivation
{
    /// <summary>What the folder's config.json names, and without that the sigmoid, as sentence-transformers' CrossEncoder does.</summary>
    Automatic,

    /// <summary>From 0 to 1.</summary>
    Sigmoid,

    /// <summary>The logit itself.</summary>
    None,
}
