using System.Buffers;

namespace AttnGen.Embeddings;

/// <summary>A class and how probable it is.</summary>
/// <param name="Label">The class's name in the folder's <c>id2label</c>; <c>LABEL_0</c> and so on where it has none.</param>
/// <param name="Score">A probability; of a regression model, its output.</param>
public readonly record struct LabelScore(string Label, float Score);

/// <summary>
/// Texts, or pairs of texts, to classes: softmax over the logits, the sigmoid of each where the folder says
/// <c>multi_label_classification</c> or there is one class, the logits themselves where it says <c>regression</c>.
/// May be used from several threads at once.
/// </summary>
public sealed class TextClassifier : IDisposable
{
    private readonly ILogitsModel _model;
    private readonly bool _ownsModel;
    private readonly string[] _labels;

    /// <summary>Puts a tokenizer before a model.</summary>
    /// <param name="model">The model; logits of a sequence, not of each token.</param>
    /// <param name="tokenizer">The tokenizer of the model's folder.</param>
    /// <param name="options">How texts are classified; null: the defaults.</param>
    /// <param name="ownsModel">Whether disposing the classifier disposes the model.</param>
    /// <exception cref="ArgumentException">The model gives logits of each token, or an option does not fit it.</exception>
    public TextClassifier(ILogitsModel model, TextTokenizer tokenizer, TextClassifierOptions? options = null, bool ownsModel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (model.Info.LogitsPerToken)
        {
            throw new ArgumentException(
                $"A classifier of texts needs logits of a sequence; {model.Info.Architecture} in '{model.Info.Folder}' gives them for each token. {nameof(TokenClassifier)} reads those.", nameof(model));
        }

        _model = model;
        _ownsModel = ownsModel;
        _labels = LabelNames.Of(model.Info);
        Tokenizer = tokenizer;
        MaxTokens = TokenLimit.Resolve(model.Info, tokenizer, options?.MaxTokens, Math.Max(tokenizer.SpecialTokens, tokenizer.SpecialTokensOfPair), nameof(options));
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Longest text in tokens, special tokens included.</summary>
    public int MaxTokens { get; }

    /// <summary>The classes, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Loads a compiled model and the tokenizer of its folder.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How texts are classified; null: the defaults.</param>
    /// <returns>A classifier that owns the model.</returns>
    public static TextClassifier Create<TModel>(string? folder = null, TextClassifierOptions? options = null)
        where TModel : ITransformerModel<TModel>, ILogitsModel =>
        ModelWithTokenizer<TModel>.Load(folder, options?.Load, read: null, loaded => new TextClassifier(loaded.Model, loaded.Tokenizer, options, ownsModel: true));

    /// <summary>A text's classes, the most probable first.</summary>
    /// <param name="text">The text.</param>
    /// <param name="second">A second text, for models that read two, such as premise and hypothesis; null: none.</param>
    /// <returns>Every class once.</returns>
    public IReadOnlyList<LabelScore> Classify(string text, string? second = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scores = new float[_labels.Length];
        if (second is null)
        {
            Classify(text, scores);
        }
        else
        {
            ClassifyPair(text, second, scores);
        }

        var ranked = new LabelScore[scores.Length];
        var order = new int[scores.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => scores[a] != scores[b] ? scores[b].CompareTo(scores[a]) : a.CompareTo(b));
        for (var i = 0; i < order.Length; i++)
        {
            ranked[i] = new LabelScore(_labels[order[i]], scores[order[i]]);
        }

        return ranked;
    }

    /// <summary>A text's scores in the order of <see cref="Labels"/>. Nothing is allocated.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">[<see cref="Labels"/>.Count].</param>
    public void Classify(ReadOnlySpan<char> text, Span<float> scores)
    {
        var rented = ArrayPool<int>.Shared.Rent(MaxTokens);
        try
        {
            var count = Tokenizer.Encode(text, rented.AsSpan(0, MaxTokens));
            Run(rented.AsSpan(0, count), default, scores);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>The scores of two texts in the order of <see cref="Labels"/>. Nothing is allocated.</summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text.</param>
    /// <param name="scores">[<see cref="Labels"/>.Count].</param>
    public void ClassifyPair(ReadOnlySpan<char> first, ReadOnlySpan<char> second, Span<float> scores)
    {
        var rented = ArrayPool<int>.Shared.Rent(2 * MaxTokens);
        try
        {
            var types = rented.AsSpan(MaxTokens, MaxTokens);
            var count = Tokenizer.EncodePair(first, second, rented.AsSpan(0, MaxTokens), types);
            Run(rented.AsSpan(0, count), TokenTypes.For(_model.Info, Tokenizer.GivesTokenTypes, types[..count]), scores);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>Disposes the model, if the classifier owns it.</summary>
    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }

    private void Run(ReadOnlySpan<int> ids, ReadOnlySpan<int> types, Span<float> scores)
    {
        if (scores.Length != _labels.Length)
        {
            throw new ArgumentException($"scores has {scores.Length} elements; there are {_labels.Length} classes.", nameof(scores));
        }

        _model.ComputeLogits(ids, scores, types);
        switch (_model.Info.ProblemType)
        {
            case "regression":
                break;
            case "multi_label_classification":
            case not null when scores.Length == 1:
                Probabilities.Sigmoid(scores);
                break;
            default:
                Probabilities.Softmax(scores);
                break;
        }
    }
}
