using System.Buffers;

namespace AttnGen.Embeddings;

/// <summary>A run of characters that belong to one class, such as a name.</summary>
/// <param name="Label">The class, without <c>B-</c> or <c>I-</c>.</param>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="Score">Mean probability of its tokens' classes.</param>
public readonly record struct TextEntity(string Label, int Start, int Length, float Score)
{
    /// <summary>The run as a range of the text.</summary>
    public Range Range => Start..(Start + Length);
}

/// <summary>
/// Finds names and other runs in a text: a model that gives logits for each token. Tokens are put together as transformers' pipeline does
/// with <c>aggregation_strategy="simple"</c>: neighbours of one class, a new run at each <c>B-</c>. May be used from several threads at once.
/// </summary>
public sealed class TokenClassifier : IDisposable
{
    private readonly ILogitsModel _model;
    private readonly bool _ownsModel;
    private readonly string[] _labels;

    /// <summary>Puts a tokenizer before a model.</summary>
    /// <param name="model">The model; logits of each token.</param>
    /// <param name="tokenizer">The tokenizer of the model's folder.</param>
    /// <param name="options">How texts are classified; null: the defaults.</param>
    /// <param name="ownsModel">Whether disposing the classifier disposes the model.</param>
    /// <exception cref="ArgumentException">The model does not give logits of each token, or an option does not fit it.</exception>
    public TokenClassifier(ILogitsModel model, TextTokenizer tokenizer, TextClassifierOptions? options = null, bool ownsModel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!model.Info.LogitsPerToken)
        {
            throw new ArgumentException(
                $"A classifier of tokens needs logits of each token; {model.Info.Architecture} in '{model.Info.Folder}' gives them for the sequence. {nameof(TextClassifier)} reads those.", nameof(model));
        }

        _model = model;
        _ownsModel = ownsModel;
        _labels = LabelNames.Of(model.Info);
        Tokenizer = tokenizer;
        MaxTokens = TokenLimit.Resolve(model.Info, tokenizer, options?.MaxTokens, tokenizer.SpecialTokens, nameof(options));
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Longest text in tokens, special tokens included. What is longer is cut at the end.</summary>
    public int MaxTokens { get; }

    /// <summary>The classes, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Loads a compiled model and the tokenizer of its folder.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How texts are classified; null: the defaults.</param>
    /// <returns>A classifier that owns the model.</returns>
    public static TokenClassifier Create<TModel>(string? folder = null, TextClassifierOptions? options = null)
        where TModel : ITransformerModel<TModel>, ILogitsModel =>
        ModelWithTokenizer<TModel>.Load(folder, options?.Load, read: null, loaded => new TokenClassifier(loaded.Model, loaded.Tokenizer, options, ownsModel: true));

    /// <summary>Finds the runs of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="outside">The class of what is no run.</param>
    /// <returns>The runs in order.</returns>
    public IReadOnlyList<TextEntity> Find(string text, string outside = "O")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(outside);
        var ids = ArrayPool<int>.Shared.Rent(MaxTokens);
        var spans = ArrayPool<TokenSpan>.Shared.Rent(MaxTokens);
        var logits = ArrayPool<float>.Shared.Rent(MaxTokens * _labels.Length);
        try
        {
            var count = Tokenizer.Encode(text, ids.AsSpan(0, MaxTokens), spans.AsSpan(0, MaxTokens), out _);
            _model.ComputeLogits(ids.AsSpan(0, count), logits.AsSpan(0, count * _labels.Length));
            var special = Tokenizer.SpecialTokensBefore;
            return Group(text, spans.AsSpan(special, count - Tokenizer.SpecialTokens), logits.AsSpan(special * _labels.Length), outside);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ids);
            ArrayPool<TokenSpan>.Shared.Return(spans);
            ArrayPool<float>.Shared.Return(logits);
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

    private List<TextEntity> Group(string text, ReadOnlySpan<TokenSpan> spans, Span<float> logits, string outside)
    {
        var entities = new List<TextEntity>();
        string? open = null;
        var (start, end, sum, tokens) = (0, 0, 0.0, 0);
        for (var token = 0; token < spans.Length; token++)
        {
            var scores = logits.Slice(token * _labels.Length, _labels.Length);
            Probabilities.Softmax(scores);
            var best = IndexOfMost(scores);
            var label = _labels[best];
            var begins = label.StartsWith("B-", StringComparison.Ordinal);
            var name = begins || label.StartsWith("I-", StringComparison.Ordinal) ? label[2..] : label;
            if (open is not null && (begins || name != open))
            {
                Close();
            }

            if (open is null)
            {
                (open, start, end, sum, tokens) = (name, spans[token].Start, 0, 0, 0);
            }

            // Marks that a normaliser puts into another order may stand for what is before.
            start = Math.Min(start, spans[token].Start);
            end = Math.Max(end, spans[token].End);
            sum += scores[best];
            tokens++;
        }

        if (open is not null)
        {
            Close();
        }

        return entities;

        void Close()
        {
            // A token that is nothing but the space before a word stands for no text.
            if (open != outside && start < end)
            {
                // A byte-level token may begin with the space before the word.
                var skipped = text.AsSpan(start..end).Length - text.AsSpan(start..end).TrimStart().Length;
                entities.Add(new TextEntity(open!, start + skipped, end - start - skipped, (float)(sum / tokens)));
            }

            open = null;
        }
    }

    private static int IndexOfMost(ReadOnlySpan<float> scores)
    {
        var most = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            most = scores[i] > scores[most] ? i : most;
        }

        return most;
    }
}
