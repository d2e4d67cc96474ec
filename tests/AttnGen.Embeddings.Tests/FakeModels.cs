using System.Collections.Concurrent;

namespace AttnGen.Embeddings.Tests;

/// <summary>A model that notes what it is asked, and answers with what a function says.</summary>
internal class FakeModel(ModelInfo info) : ITextModel
{
    public ConcurrentQueue<(int[] Ids, int[] Types)> Calls { get; } = [];

    public bool Disposed { get; private set; }

    public ModelInfo Info => info;

    public void Forward(ReadOnlySpan<int> tokenIds, Span<float> hiddenStates, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default, ForwardTrace trace = default) =>
        throw new NotSupportedException();

    public void Dispose() => Disposed = true;

    public static ModelInfo Describe(
        int maxTokens = 16, int recommended = 0, int embedding = 0, bool normalized = false, int logits = 0, bool perToken = false, string problem = "", string[]? labels = null, bool pairTypes = true, int vocabulary = 0) => new()
        {
            Folder = "models/fake",
            ModelType = "bert",
            Architecture = "BertFake",
            Layers = 1,
            HiddenSize = 4,
            Heads = 1,
            MaxTokens = maxTokens,
            RecommendedTokens = recommended,
            ParameterCount = 0,
            WeightBytes = 0,
            Plan = "",
            VocabularySize = vocabulary,
            PairsHaveTokenTypes = pairTypes,
            EmbeddingSize = embedding,
            EmbeddingsAreNormalized = normalized,
            LogitsSize = logits,
            LogitsPerToken = perToken,
            ProblemType = problem,
            Labels = labels ?? [],
        };
}

/// <summary>A vector of a text: its sum of ids, its length, and 2 and 3.</summary>
internal sealed class FakeEncoder(int maxTokens = 16, int recommended = 0, bool normalized = false) : FakeModel(Describe(maxTokens, recommended, embedding: 4, normalized)), ISentenceEncoder
{
    public Action<int[]>? Before { get; init; }

    public void Embed(ReadOnlySpan<int> tokenIds, Span<float> vector, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default)
    {
        Calls.Enqueue((tokenIds.ToArray(), tokenTypes.ToArray()));
        Before?.Invoke(tokenIds.ToArray());
        var sum = 0;
        foreach (var id in tokenIds)
        {
            sum += id;
        }

        Assert.Equal(4, vector.Length);
        (vector[0], vector[1], vector[2], vector[3]) = (sum, tokenIds.Length, 2, 3);
    }
}

internal sealed class FakeLogits(ModelInfo info, Func<int[], float[]> logits) : FakeModel(info), ILogitsModel
{
    public void ComputeLogits(ReadOnlySpan<int> tokenIds, Span<float> result, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default)
    {
        Calls.Enqueue((tokenIds.ToArray(), tokenTypes.ToArray()));
        logits(tokenIds.ToArray()).CopyTo(result);
    }
}
