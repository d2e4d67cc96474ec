namespace AttnGen.Tool.Tests;

/// <summary>A model of width 2 whose hidden state of a token is (id, place), with faults on demand.</summary>
internal sealed class FakeModel(float fault = 0, bool readsPadding = false, float embeddingFault = 0) : ISentenceEncoder
{
    public ModelInfo Info { get; } = new()
    {
        Folder = "fake",
        ModelType = "fake",
        Architecture = "Fake",
        Layers = 1,
        HiddenSize = 2,
        Heads = 1,
        MaxTokens = 8,
        ParameterCount = 0,
        WeightBytes = 0,
        Plan = "",
        VocabularySize = 100,
        EmbeddingSize = 1,
    };

    public void Forward(ReadOnlySpan<int> tokenIds, Span<float> hiddenStates, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default, ForwardTrace trace = default)
    {
        if (tokenIds.Length > Info.MaxTokens)
            throw new ArgumentException($"tokenIds has {tokenIds.Length} ids; at most {Info.MaxTokens} are allowed.", nameof(tokenIds));
        for (var t = 0; t < tokenIds.Length; t++)
            (hiddenStates[2 * t], hiddenStates[2 * t + 1]) = (tokenIds[t], t + (t == 1 ? fault : 0) + (readsPadding ? tokenIds.Length * 1e-7f : 0));
        if (!trace.HiddenStates.IsEmpty)
        {
            trace.HiddenStates.Clear();
            hiddenStates.CopyTo(trace.HiddenStates[hiddenStates.Length..]);
        }

        trace.AttentionWeights.Clear();
    }

    public void Embed(ReadOnlySpan<int> tokenIds, Span<float> vector, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default)
    {
        vector[0] = embeddingFault;
        for (var t = 0; t < tokenIds.Length; t++)
            vector[0] += (mask.Keys < 0 || t < mask.Keys) && (mask.KeyFlags.IsEmpty || mask.KeyFlags[t]) ? tokenIds[t] : 0;
    }

    public void Dispose()
    {
    }
}
