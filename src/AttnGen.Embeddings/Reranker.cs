using System.Buffers;
using AttnGen.Reference;

namespace AttnGen.Embeddings;

/// <summary>A document and how well it answers a query.</summary>
/// <param name="Index">The document's place in the list that was given.</param>
/// <param name="Score">More is better.</param>
public readonly record struct RankedDocument(int Index, float Score);

/// <summary>Scores documents against a query by reading both together: a cross-encoder with one logit. May be used from several threads at once.</summary>
public sealed class Reranker : IDisposable
{
    private readonly ILogitsModel _model;
    private readonly RerankerOptions _options;
    private readonly bool _ownsModel;
    private readonly Func<double, double> _activation;
    private readonly CrossEncoderSettings _settings;
    private readonly bool _tokenTypes;
    private readonly string _prompt;

    /// <summary>Puts a tokenizer before a model. What the folder says besides (prompts, what becomes of the logit) is not read; <see cref="Create{TModel}"/> reads it.</summary>
    /// <param name="model">The model; one logit a sequence.</param>
    /// <param name="tokenizer">The tokenizer of the model's folder.</param>
    /// <param name="options">How documents are scored; null: the defaults.</param>
    /// <param name="ownsModel">Whether disposing the reranker disposes the model.</param>
    /// <exception cref="ArgumentException">The model does not give one logit, or an option does not fit it.</exception>
    public Reranker(ILogitsModel model, TextTokenizer tokenizer, RerankerOptions? options = null, bool ownsModel = false)
        : this(model, tokenizer, CrossEncoderSettings.None, options, ownsModel)
    {
    }

    internal Reranker(ILogitsModel model, TextTokenizer tokenizer, CrossEncoderSettings settings, RerankerOptions? options, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _options = options ?? new RerankerOptions();
        if (model.Info.LogitsPerToken || model.Info.LogitsSize != 1)
        {
            throw new ArgumentException(
                $"A reranker needs a model with one logit a sequence; {model.Info.Architecture} in '{model.Info.Folder}' gives {model.Info.LogitsSize}{(model.Info.LogitsPerToken ? " a token" : "")}. {nameof(TextClassifier)} reads the others.", nameof(model));
        }

        Workers.Check(_options.Threads, nameof(RerankerOptions), nameof(options));
        _model = model;
        _ownsModel = ownsModel;
        _settings = settings;
        _activation = _options.Activation switch
        {
            ScoreActivation.Automatic => settings.Activation(),
            ScoreActivation.Sigmoid => ActivationReference.Sigmoid,
            ScoreActivation.None => static logit => logit,
            _ => throw new ArgumentOutOfRangeException(nameof(options), _options.Activation, $"Activation is {nameof(ScoreActivation.Automatic)}, {nameof(ScoreActivation.Sigmoid)} or {nameof(ScoreActivation.None)}."),
        };
        _tokenTypes = settings.Sentences.Input.TokenTypes ?? tokenizer.GivesTokenTypes;
        _prompt = settings.Sentences.Prompt(_options.Prompt, _options.PromptName, ofPairs: true, nameof(options));
        Tokenizer = tokenizer;
        MaxTokens = TokenLimit.Resolve(model.Info, tokenizer, _options.MaxTokens, tokenizer.SpecialTokensOfPair, nameof(options), settings.Sentences.Input.MaxTokens);
        SentenceSettings.CheckRoom(_prompt, tokenizer.CountPair(_prompt, ""), MaxTokens, _options is { Prompt: null, PromptName: null }, nameof(options));
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Longest pair in tokens, special tokens included.</summary>
    public int MaxTokens { get; }

    /// <summary>Loads a compiled model and the tokenizer of its folder.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How documents are scored; null: the defaults.</param>
    /// <returns>A reranker that owns the model.</returns>
    public static Reranker Create<TModel>(string? folder = null, RerankerOptions? options = null)
        where TModel : ITransformerModel<TModel>, ILogitsModel =>
        ModelWithTokenizer<TModel>.Load(
            folder, options?.Load, SentenceSettings.Read, loaded => new Reranker(loaded.Model, loaded.Tokenizer, CrossEncoderSettings.Read(loaded.Files, loaded.Settings), options, ownsModel: true));

    /// <summary>Scores one document. Nothing is allocated.</summary>
    /// <param name="query">The query.</param>
    /// <param name="document">The document.</param>
    /// <returns>More is better.</returns>
    public float Score(ReadOnlySpan<char> query, ReadOnlySpan<char> document)
    {
        var rented = ArrayPool<int>.Shared.Rent(2 * MaxTokens);
        try
        {
            var types = rented.AsSpan(MaxTokens, MaxTokens);
            var count = Encode(query, document, rented.AsSpan(0, MaxTokens), types);
            var logit = 0f;
            _model.ComputeLogits(rented.AsSpan(0, count), new Span<float>(ref logit), TokenTypes.For(_model.Info, _tokenTypes, types[..count]));
            return (float)_activation(logit);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>Scores documents and puts the best first; equal ones stay in their order.</summary>
    /// <param name="query">The query.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="top">How many are wanted.</param>
    /// <param name="cancellationToken">Stops between two documents.</param>
    /// <returns>The best documents, best first.</returns>
    public IReadOnlyList<RankedDocument> Rank(
        string query, IReadOnlyList<string> documents, int top = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        var ranked = new RankedDocument[documents.Count];
        for (var i = 0; i < ranked.Length; i++)
        {
            _ = documents[i] ?? throw new ArgumentException($"Document {i} is null.", nameof(documents));
        }

        Workers.Run(ranked.Length, _options.Threads, i => ranked[i] = new RankedDocument(i, Score(query, documents[i])), cancellationToken);
        Array.Sort(ranked, static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
        return top >= ranked.Length ? ranked : ranked[..top];
    }

    private int Encode(ReadOnlySpan<char> query, ReadOnlySpan<char> document, Span<int> ids, Span<int> types)
    {
        document = _settings.Strips ? TextTrim.Of(document) : document;
        if (_prompt.Length == 0)
        {
            return Tokenizer.EncodePair(_settings.Strips ? TextTrim.Of(query) : query, document, ids, types);
        }

        using var whole = Scratch.Join(_prompt, query);
        return Tokenizer.EncodePair(_settings.Strips ? TextTrim.Of(whole.Text) : whole.Text, document, ids, types);
    }

    /// <summary>Disposes the model, if the reranker owns it.</summary>
    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }
}
