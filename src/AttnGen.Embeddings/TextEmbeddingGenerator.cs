using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AttnGen.Runtime;
using Microsoft.Extensions.AI;

namespace AttnGen.Embeddings;

/// <summary>
/// Texts to vectors: a tokenizer and a compiled model behind <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. May be used from
/// several threads at once.
/// </summary>
public sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int MostOnStack = 512;

    private readonly ISentenceEncoder _model;
    private readonly SentenceSettings _settings;
    private readonly TextEmbeddingOptions _options;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly bool _ownsModel;
    private readonly bool _normalize;
    private readonly string _prompt;

    /// <summary>Puts a tokenizer before a model. What the folder says besides (prompts, lower case) is not read; <see cref="Create{TModel}"/> reads it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The tokenizer of the model's folder.</param>
    /// <param name="options">How texts become vectors; null: the defaults.</param>
    /// <param name="ownsModel">Whether disposing the generator disposes the model.</param>
    /// <exception cref="ArgumentException">An option does not fit the model, or the tokenizer has tokens that the model does not have.</exception>
    public TextEmbeddingGenerator(ISentenceEncoder model, TextTokenizer tokenizer, TextEmbeddingOptions? options = null, bool ownsModel = false)
        : this(model, tokenizer, SentenceSettings.None, options, ownsModel)
    {
    }

    internal TextEmbeddingGenerator(ISentenceEncoder model, TextTokenizer tokenizer, SentenceSettings settings, TextEmbeddingOptions? options, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _options = options ?? new TextEmbeddingOptions();
        _model = model;
        Tokenizer = tokenizer;
        _settings = settings;
        _ownsModel = ownsModel;
        MaxTokens = TokenLimit.Resolve(model.Info, tokenizer, _options.MaxTokens, tokenizer.SpecialTokens, nameof(options), settings.Input.MaxTokens);
        var folders = settings.Config is { TruncateDim: > 0 and var cut, IsCrossEncoder: false } ? Math.Min(cut, model.Info.EmbeddingSize) : model.Info.EmbeddingSize;
        Dimensions = CheckDimensions(_options.Dimensions, nameof(options)) ?? folders;
        Workers.Check(_options.Threads, nameof(TextEmbeddingOptions), nameof(options));
        _normalize = _options.Normalize ?? false;
        _prompt = settings.Prompt(_options.Prompt, _options.PromptName, ofPairs: false, nameof(options));
        CheckRoom(_prompt, isFolders: _options is { Prompt: null, PromptName: null }, nameof(options));
        _metadata = new EmbeddingGeneratorMetadata(
            "attngen", defaultModelId: _options.ModelName ?? Path.GetFileName(model.Info.Folder.TrimEnd('/', '\\')), defaultModelDimensions: Dimensions);
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Longest text in tokens, special tokens included.</summary>
    public int MaxTokens { get; }

    /// <summary>Length of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Loads a compiled model and the tokenizer of its folder.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds it.</param>
    /// <param name="options">How texts become vectors; null: the defaults.</param>
    /// <returns>A generator that owns the model.</returns>
    public static TextEmbeddingGenerator Create<TModel>(string? folder = null, TextEmbeddingOptions? options = null)
        where TModel : ITransformerModel<TModel>, ISentenceEncoder =>
        ModelWithTokenizer<TModel>.Load(folder, options?.Load, SentenceSettings.Read, loaded => new TextEmbeddingGenerator(loaded.Model, loaded.Tokenizer, loaded.Settings, options, ownsModel: true));

    /// <summary>One text to its vector, on this thread. Nothing is allocated.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vector">[<see cref="Dimensions"/>].</param>
    /// <returns>Tokens that the model read, special tokens included.</returns>
    /// <exception cref="ArgumentException">The vector's length is another, or the text is too long and may not be cut.</exception>
    public int Embed(ReadOnlySpan<char> text, Span<float> vector)
    {
        if (vector.Length != Dimensions)
        {
            throw new ArgumentException($"vector has {vector.Length} elements; a vector of this generator has {Dimensions}.", nameof(vector));
        }

        int[]? rented = null;
        var ids = MaxTokens <= MostOnStack ? stackalloc int[MostOnStack] : (rented = ArrayPool<int>.Shared.Rent(MaxTokens));
        try
        {
            var count = Tokenize(text, _prompt, ids[..MaxTokens], index: 0, nameof(text));
            Embed(ids[..count], vector, _options.Dimensions is not null);
            return count;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<int>.Shared.Return(rented);
            }
        }
    }

    /// <summary>One text to a vector of its own.</summary>
    /// <param name="text">The text.</param>
    /// <returns>[<see cref="Dimensions"/>].</returns>
    public float[] Embed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var vector = new float[Dimensions];
        Embed(text, vector);
        return vector;
    }

    /// <summary>Texts to vectors, in their order, on other threads than this one. Texts are taken longest first; cancellation is looked at between them.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Dimensions; in AdditionalProperties, <c>prompt</c> or <c>prompt_name</c>. Null: those of the generator.</param>
    /// <param name="cancellationToken">Stops between two texts.</param>
    /// <returns>The vectors, and in Usage how many tokens were read.</returns>
    /// <exception cref="ArgumentException">A text is null, or too long and may not be cut; or an option does not fit: a prompt that is no string, an unknown name, both at once, or one that leaves no room for a text.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = values as IReadOnlyList<string> ?? [.. values];
        var dimensions = CheckDimensions(options?.Dimensions, nameof(options)) ?? Dimensions;
        var prompt = CallPrompt(options, nameof(options));
        var isAsked = (options?.Dimensions ?? _options.Dimensions) is not null;
        return Task.Run(() => Generate(texts, dimensions, isAsked, prompt, cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(ModelInfo) ? _model.Info
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_model) ? _model
            : serviceType.IsInstanceOfType(Tokenizer) ? Tokenizer
            : null;
    }

    /// <summary>Disposes the model, if the generator owns it.</summary>
    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(IReadOnlyList<string> values, int dimensions, bool isAsked, string prompt, CancellationToken cancellation)
    {
        var batch = new TokenBatch(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var text = values[i] ?? throw new ArgumentException($"Text {i} is null.", nameof(values));
            batch.Add(Tokenize(text, prompt, batch.Room(MaxTokens), i, nameof(values)));
        }

        var vectors = new float[values.Count][];
        var done = 0;
        var progressLock = new Lock();
        batch.ForEach(_options.Threads, (index, ids) =>
        {
            var vector = new float[dimensions];
            Embed(ids, vector, isAsked);
            vectors[index] = vector;
            if (_options.Progress is { } progress)
            {
                lock (progressLock)
                {
                    progress.Report(new EmbeddingProgress(++done, values.Count));
                }
            }
        }, cancellation);

        var created = DateTimeOffset.UtcNow;
        return new GeneratedEmbeddings<Embedding<float>>(
            vectors.Select(vector => new Embedding<float>(vector) { ModelId = _metadata.DefaultModelId, CreatedAt = created }))
        {
            Usage = new UsageDetails { InputTokenCount = batch.TokenCount, TotalTokenCount = batch.TokenCount },
        };
    }

    private void Embed(ReadOnlySpan<int> ids, Span<float> vector, bool isAsked)
    {
        var size = _model.Info.EmbeddingSize;
        if (vector.Length == size)
        {
            _model.Embed(ids, vector);
            if (_normalize && !_model.Info.EmbeddingsAreNormalized)
            {
                Pools.Normalize(vector);
            }

            return;
        }

        var rented = ArrayPool<float>.Shared.Rent(size);
        var whole = rented.AsSpan(0, size);
        _model.Embed(ids, whole);
        whole[..vector.Length].CopyTo(vector);
        ArrayPool<float>.Shared.Return(rented);
        // The folder's own cut leaves the rest as it is; one that was asked for gives length 1 if the whole had it.
        if (_options.Normalize ?? (isAsked && _model.Info.EmbeddingsAreNormalized))
        {
            Pools.Normalize(vector);
        }
    }

    private int Tokenize(ReadOnlySpan<char> text, string prompt, Span<int> ids, int index, string parameter)
    {
        // As sentence-transformers does: prompt and text are one string; in folders of older versions white space around it goes, and it gets lower case.
        if (prompt.Length == 0 && !_settings.LowersText)
        {
            return Tokenize(_settings.Strips ? TextTrim.Of(text) : text, ids, index, parameter, out _);
        }

        // Of a long text as much is put behind the prompt as is read of it; where that was too little, more.
        for (var length = 24L * ids.Length + 2048; length < text.Length && _options.Truncate && Tokenizer.TruncationSide == TruncationSide.Right; length *= 8)
        {
            if (TokenizeWhole(text[..(int)length], prompt, ids, index, parameter, out var readAll) is var count && !readAll)
            {
                return count;
            }
        }

        return TokenizeWhole(text, prompt, ids, index, parameter, out _);
    }

    private int TokenizeWhole(ReadOnlySpan<char> text, string prompt, Span<int> ids, int index, string parameter, out bool readAll)
    {
        using var whole = Scratch.Join(prompt, text);
        var trimmed = _settings.Strips ? TextTrim.Of(whole.Text) : whole.Text;
        return Tokenize(_settings.LowersText ? TextLower.Of(trimmed) : trimmed, ids, index, parameter, out readAll);
    }

    private int Tokenize(ReadOnlySpan<char> text, Span<int> ids, int index, string parameter, out bool readAll)
    {
        var count = Tokenizer.Encode(text, ids, default, out var truncated, out readAll);
        return !truncated || _options.Truncate
            ? count
            : throw new ArgumentException(
                $"Text {index} has {Tokenizer.Count(text)} tokens; the limit is {ids.Length}. Shorten it, split it with {nameof(TextChunker)}, or let it be cut ({nameof(TextEmbeddingOptions.Truncate)}).", parameter);
    }

    private string CallPrompt(EmbeddingGenerationOptions? options, string parameter)
    {
        if (options?.AdditionalProperties is not { } properties)
        {
            return _prompt;
        }

        var text = Property("prompt");
        var name = Property("prompt_name");
        if (text is null && name is null)
        {
            return _prompt;
        }

        var prompt = _settings.Prompt(text, name, ofPairs: false, parameter);
        CheckRoom(prompt, isFolders: false, parameter);
        return prompt;

        // A null asks for nothing, as in Python.
        string? Property(string key) => !properties.TryGetValue(key, out var value) ? null : value switch
        {
            null => null,
            string known => known,
            JsonElement { ValueKind: JsonValueKind.Null } => null,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
            _ => throw new ArgumentException($"AdditionalProperties has {key} of type {value.GetType().Name}; give a string.", parameter),
        };
    }

    private void CheckRoom(string prompt, bool isFolders, string parameter)
    {
        if (prompt.Length > 0)
        {
            SentenceSettings.CheckRoom(prompt, Tokenizer.Count(prompt), MaxTokens, isFolders, parameter);
        }
    }

    [return: NotNullIfNotNull(nameof(dimensions))]
    private int? CheckDimensions(int? dimensions, string parameter) =>
        dimensions is null || (dimensions >= 1 && dimensions <= _model.Info.EmbeddingSize)
            ? dimensions
            : throw new ArgumentOutOfRangeException(parameter, dimensions, $"Dimensions is from 1 to {_model.Info.EmbeddingSize}, the model's own.");
}
