using System.Numerics.Tensors;
using AttnGen;

namespace Tour;

/// <summary>
/// The trained reader: the generated encoder, and around it the few lines that are not attention.
/// Words become vectors (a row of a table), the encoder mixes them, two small heads read the answers off.
/// </summary>
internal sealed class ReaderModel : IDisposable
{
    private readonly float[] _embedding;
    private readonly Reader _encoder;
    private readonly PointerMap _pointerQuery;
    private readonly PointerMap _pointerKey;
    private readonly SenseMap _sense;

    public ReaderModel(ITensorSource weights, Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        _embedding = new float[vocabulary.Words.Count * Reader.DModel];
        weights.Read("embedding.weight", 0, _embedding);
        _encoder = Reader.Load(weights, EncoderPrefix, EncoderNames);
        _pointerQuery = PointerMap.Load(weights, "pointer.query.");
        _pointerKey = PointerMap.Load(weights, "pointer.key.");
        _sense = SenseMap.Load(weights, "sense.");
    }

    /// <summary>What the file puts before the encoder's names ...</summary>
    public static string EncoderPrefix => "encoder.";

    /// <summary>... except for the positions, which this file keeps beside the encoder.</summary>
    public static string EncoderNames(string name) => name == "encoder.position.weight" ? "position.weight" : name;

    public Vocabulary Vocabulary { get; }

    public Reader Encoder => _encoder;

    public void Dispose()
    {
        _encoder.Dispose();
        _pointerQuery.Dispose();
        _pointerKey.Dispose();
        _sense.Dispose();
    }

    /// <summary>One row of the embedding table a token, [T, 64].</summary>
    public float[] Embed(ReadOnlySpan<Token> tokens)
    {
        var x = new float[tokens.Length * Reader.DModel];
        for (var t = 0; t < tokens.Length; t++)
            _embedding.AsSpan(tokens[t].Id * Reader.DModel, Reader.DModel).CopyTo(x.AsSpan(t * Reader.DModel));
        return x;
    }

    public ReadSentence Read(Token[] tokens)
    {
        var count = tokens.Length;
        var y = new float[count * Reader.DModel];
        var attention = new float[Reader.Layers * Reader.Heads * count * count];
        var hidden = new float[(Reader.Layers + 1) * count * Reader.DModel];
        _encoder.Forward(Embed(tokens), y, default, new ForwardTrace { AttentionWeights = attention, HiddenStates = hidden });

        var queries = new float[y.Length];
        var keys = new float[y.Length];
        var senses = new float[count * Vocabulary.Senses.Count];
        _pointerQuery.Forward(y, queries);
        _pointerKey.Forward(y, keys);
        _sense.Forward(y, senses);

        var pointers = new List<Pointer>();
        var meanings = new List<SenseAnswer>();
        for (var t = 0; t < count; t++)
        {
            if (Vocabulary.IsPronoun(tokens[t].Word))
                pointers.Add(WhomMeans(t, queries, keys));
            if (Vocabulary.SensesOf(tokens[t].Word) is { Length: > 0 } candidates)
                meanings.Add(WhichSense(t, senses.AsSpan(t * Vocabulary.Senses.Count), candidates));
        }
        return new ReadSentence(tokens, [.. pointers], [.. meanings], attention, hidden);
    }

    /// <summary>Attention's own question once more, with one head: the pronoun's query against every token's key.</summary>
    private static Pointer WhomMeans(int token, float[] queries, float[] keys)
    {
        var query = queries.AsSpan(token * Reader.DModel, Reader.DModel);
        var scores = new double[keys.Length / Reader.DModel];
        for (var j = 0; j < scores.Length; j++)
            scores[j] = TensorPrimitives.Dot(query, keys.AsSpan(j * Reader.DModel, Reader.DModel)) / Math.Sqrt(Reader.DModel);
        Softmax(scores);
        var best = TensorPrimitives.IndexOfMax<double>(scores);
        var probability = scores[best];
        scores[best] = -1;
        var second = TensorPrimitives.IndexOfMax<double>(scores);
        return new Pointer(token, best, probability, second, Math.Max(scores[second], 0));
    }

    /// <summary>Of the two senses that the word can have, the one with the larger number.</summary>
    private SenseAnswer WhichSense(int token, ReadOnlySpan<float> logits, ReadOnlySpan<int> candidates)
    {
        double[] scores = [logits[candidates[0]], logits[candidates[1]]];
        Softmax(scores);
        var best = scores[0] >= scores[1] ? 0 : 1;
        return new SenseAnswer(token, Vocabulary.Senses[candidates[best]], scores[best], Vocabulary.Senses[candidates[1 - best]]);
    }

    private static void Softmax(Span<double> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<double>(scores), scores);
        TensorPrimitives.Exp<double>(scores, scores);
        TensorPrimitives.Divide(scores, TensorPrimitives.Sum<double>(scores), scores);
    }
}
