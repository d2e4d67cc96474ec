using System.Numerics.Tensors;
using AttnGen;

namespace Tour;

/// <summary>
/// The trained reader: the generated encoder, and around it the few lines that are not attention.
/// Words become vectors (a row of a table), the encoder mixes them, two small heads read the answers off.
/// </summary>
internal sealed class ReaderModel : IDisposable
{
    private readonly Reader _encoder;
    private readonly float[] _embedding;
    private readonly float[] _queryWeight, _queryBias, _keyWeight, _keyBias, _senseWeight, _senseBias;

    public ReaderModel(ITensorSource weights, Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        _encoder = Reader.Load(weights, EncoderPrefix, EncoderNames);
        _embedding = Tensor(weights, "embedding.weight");
        (_queryWeight, _queryBias) = (Tensor(weights, "pointer.query.weight"), Tensor(weights, "pointer.query.bias"));
        (_keyWeight, _keyBias) = (Tensor(weights, "pointer.key.weight"), Tensor(weights, "pointer.key.bias"));
        (_senseWeight, _senseBias) = (Tensor(weights, "sense.weight"), Tensor(weights, "sense.bias"));
    }

    /// <summary>What the file puts before the encoder's names ...</summary>
    public static string EncoderPrefix => "encoder.";

    /// <summary>... except for the positions, which this model keeps beside the encoder.</summary>
    public static string EncoderNames(string name) => name == "encoder.position.weight" ? "position.weight" : name;

    public Vocabulary Vocabulary { get; }

    public Reader Encoder => _encoder;

    public void Dispose() => _encoder.Dispose();

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
        var output = new float[count * Reader.DModel];
        var attention = new float[Reader.Layers * Reader.Heads * count * count];
        var hidden = new float[(Reader.Layers + 1) * count * Reader.DModel];
        _encoder.Forward(Embed(tokens), output, default, new ForwardTrace { AttentionWeights = attention, HiddenStates = hidden });

        var pointers = new List<Pointer>();
        var senses = new List<SenseAnswer>();
        for (var t = 0; t < count; t++)
        {
            if (Vocabulary.IsPronoun(tokens[t].Word))
                pointers.Add(PointFrom(t, output));
            if (Vocabulary.SensesOf(tokens[t].Word) is { Length: > 0 } candidates)
                senses.Add(SenseOf(t, output, candidates));
        }
        return new ReadSentence(tokens, [.. pointers], [.. senses], attention, hidden);
    }

    /// <summary>Attention's own question once more, with one head: the pronoun's query against every token's key.</summary>
    private Pointer PointFrom(int token, ReadOnlySpan<float> output)
    {
        var query = Project(_queryWeight, _queryBias, Row(output, token));
        var scores = new double[output.Length / Reader.DModel];
        for (var j = 0; j < scores.Length; j++)
            scores[j] = TensorPrimitives.Dot(query, Project(_keyWeight, _keyBias, Row(output, j))) / Math.Sqrt(Reader.DModel);
        Softmax(scores);
        var best = TensorPrimitives.IndexOfMax<double>(scores);
        var bestProbability = scores[best];
        scores[best] = -1;
        var second = TensorPrimitives.IndexOfMax<double>(scores);
        return new Pointer(token, best, bestProbability, second, Math.Max(scores[second], 0));
    }

    private SenseAnswer SenseOf(int token, ReadOnlySpan<float> output, ReadOnlySpan<int> candidates)
    {
        var logits = Project(_senseWeight, _senseBias, Row(output, token));
        double[] scores = [logits[candidates[0]], logits[candidates[1]]];
        Softmax(scores);
        var best = scores[0] >= scores[1] ? 0 : 1;
        return new SenseAnswer(token, Vocabulary.Senses[candidates[best]], scores[best], Vocabulary.Senses[candidates[1 - best]]);
    }

    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> matrix, int row) => matrix.Slice(row * Reader.DModel, Reader.DModel);

    private static float[] Project(float[] weight, float[] bias, ReadOnlySpan<float> x)
    {
        var y = new float[bias.Length];
        for (var n = 0; n < y.Length; n++)
            y[n] = bias[n] + TensorPrimitives.Dot(x, weight.AsSpan(n * x.Length, x.Length));
        return y;
    }

    private static void Softmax(Span<double> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<double>(scores), scores);
        TensorPrimitives.Exp<double>(scores, scores);
        TensorPrimitives.Divide(scores, TensorPrimitives.Sum<double>(scores), scores);
    }

    private static float[] Tensor(ITensorSource source, string name)
    {
        if (!source.TryGetShape(name, out var shape))
            throw new InvalidOperationException($"{source.Name} has no tensor '{name}'.");
        var values = new float[checked((int)TensorPrimitives.Product(shape))];
        source.Read(name, 0, values);
        return values;
    }
}
