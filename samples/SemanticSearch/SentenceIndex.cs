using AttnGen.Embeddings;

namespace SemanticSearch;

/// <summary>A sentence that was found.</summary>
internal readonly record struct Hit(string Sentence, float Cosine);

/// <summary>Sentences and their vectors, one after the other.</summary>
internal sealed class SentenceIndex
{
    private readonly TextEmbeddingGenerator _generator;
    private readonly float[] _vectors;

    private SentenceIndex(TextEmbeddingGenerator generator, IReadOnlyList<string> sentences, float[] vectors)
    {
        _generator = generator;
        Sentences = sentences;
        _vectors = vectors;
    }

    public IReadOnlyList<string> Sentences { get; }

    public static async Task<SentenceIndex> CreateAsync(TextEmbeddingGenerator generator, IReadOnlyList<string> sentences)
    {
        var embeddings = await generator.GenerateAsync(sentences);
        var vectors = new float[sentences.Count * generator.Dimensions];
        for (var i = 0; i < sentences.Count; i++)
        {
            embeddings[i].Vector.Span.CopyTo(vectors.AsSpan(i * generator.Dimensions));
        }

        return new SentenceIndex(generator, sentences, vectors);
    }

    /// <summary>The sentences next to a query in meaning, the nearest first.</summary>
    public Hit[] Search(string query, int top)
    {
        var vector = _generator.Embed(query);
        var hits = new Hit[Sentences.Count];
        for (var i = 0; i < hits.Length; i++)
        {
            // The model's vectors have length 1, so that this is the cosine.
            hits[i] = new Hit(Sentences[i], Dot(vector, _vectors.AsSpan(i * vector.Length, vector.Length)));
        }

        Array.Sort(hits, static (a, b) => b.Cosine.CompareTo(a.Cosine));
        return hits[..Math.Min(top, hits.Length)];
    }

    /// <summary>The sentences of the sample, or the lines of a file.</summary>
    public static string[] Read(string? file)
    {
        using var reader = file is null
            ? new StreamReader(typeof(SentenceIndex).Assembly.GetManifestResourceStream("sentences.txt")!)
            : new StreamReader(file);
        return reader.ReadToEnd().Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
