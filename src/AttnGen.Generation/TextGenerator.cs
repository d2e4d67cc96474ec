using System.Text;
using AttnGen.Tokenizers;

namespace AttnGen.Generation;

/// <summary>
/// Writes texts: a tokenizer, a compiled language model, and the choice of tokens. May be used from several threads at once; texts that are written at the same time go through the weights together.
/// </summary>
public sealed partial class TextGenerator : IDisposable
{
    private readonly Engine _engine;
    private readonly SequenceShelf _shelf;
    private readonly FolderGeneration _folder;
    private readonly bool _ownsModel;

    private TextGenerator(ILanguageModel model, TextTokenizer tokenizer, IChatTemplate? template, FolderGeneration folder, TextGeneratorOptions? options, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new TextGeneratorOptions();
        options.Check(nameof(options));
        if (model.Info.LogitsSize == 0)
        {
            throw new ArgumentException($"{model.Info.Folder} has no language model's head, so it writes nothing; give a folder of a ...ForCausalLM.", nameof(model));
        }

        if (tokenizer.FindBeyond(model.Info.VocabularySize) is { } beyond)
        {
            throw new ArgumentException(
                $"The tokenizer has the token '{beyond.Token}' with id {beyond.Id}, but the model's ids are below {model.Info.VocabularySize}; is the tokenizer that of this model?", nameof(tokenizer));
        }

        Model = model;
        Tokenizer = tokenizer;
        ChatTemplate = template ?? model as IChatTemplate;
        ModelName = options.ModelName ?? Path.GetFileName(model.Info.Folder.TrimEnd('/', '\\'));
        _folder = folder;
        _ownsModel = ownsModel;
        _engine = new Engine(model.Info.LogitsSize, options);
        _shelf = new SequenceShelf(model, options);
    }

    /// <summary>The model.</summary>
    public ILanguageModel Model { get; }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>How the model writes a conversation down; null: its folder has no chat template.</summary>
    public IChatTemplate? ChatTemplate { get; }

    /// <summary>What the model is called.</summary>
    public string ModelName { get; }

    /// <summary>Tokens that end a text, by the folder's files.</summary>
    public IReadOnlyList<int> StopTokenIds => _folder.StopIds;

    /// <summary>Conversations whose keys and values are kept, those that are being written and prefixes that were loaded included, and the bytes that these take.</summary>
    public (int Sequences, long Bytes) Kept => (_shelf.Count, _shelf.Bytes);

    internal Engine Engine => _engine;

    /// <summary>Writes on after a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The text, without the prompt.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or longer than the context window, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The bound on memory is reached by other texts that are being written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public GeneratedText Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        return Generate(Encode(prompt, options), piece => text.Append(piece), text, options, cancellationToken);
    }

    /// <summary>The same, after a prompt of tokens.</summary>
    /// <param name="promptIds">The prompt's tokens, special ones included.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The text, without the prompt.</returns>
    public GeneratedText Generate(ReadOnlySpan<int> promptIds, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        return Generate(promptIds, piece => text.Append(piece), text, options, cancellationToken);
    }

    /// <summary>Writes on after a prompt, and hands out the text piece by piece. Nothing is allocated from one token to the next.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="onText">Gets each piece, on this thread: whole characters, valid until it returns. Other texts do not wait for it.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>What was written, without the text.</returns>
    public GeneratedText Generate(string prompt, Action<ReadOnlySpan<char>> onText, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate(Encode(prompt, options), onText, text: null, options, cancellationToken);

    /// <summary>The same, after a prompt of tokens.</summary>
    /// <param name="promptIds">The prompt's tokens, special ones included.</param>
    /// <param name="onText">Gets each piece, on this thread.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>What was written, without the text.</returns>
    public GeneratedText Generate(ReadOnlySpan<int> promptIds, Action<ReadOnlySpan<char>> onText, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate(promptIds, onText, text: null, options, cancellationToken);

    /// <summary>Writes on after a prompt on a thread of the pool.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The text, without the prompt.</returns>
    public Task<GeneratedText> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(Encode(prompt, options), options, cancellationToken);

    /// <summary>The same, after a prompt of tokens.</summary>
    /// <param name="promptIds">The prompt's tokens, special ones included.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The text, without the prompt.</returns>
    public async Task<GeneratedText> GenerateAsync(ReadOnlyMemory<int> promptIds, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        List<TokenLogProbability> probabilities = [];
        await foreach (var piece in StreamAsync(promptIds, options, cancellationToken).ConfigureAwait(false))
        {
            text.Append(piece.Text);
            probabilities.AddRange(piece.LogProbabilities ?? []);
            if (piece.Result is { } result)
            {
                return result.With(text.ToString(), options?.LogProbabilities is null ? null : probabilities);
            }
        }

        throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>Writes on after a prompt, and gives the text piece by piece. Leaving the loop stops the writing.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The pieces; the last one has the result.</returns>
    public IAsyncEnumerable<TextPiece> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Encode(prompt, options), options, cancellationToken);

    /// <summary>The same, after a prompt of tokens.</summary>
    /// <param name="promptIds">The prompt's tokens, special ones included.</param>
    /// <param name="options">How; null: as the model's folder says.</param>
    /// <param name="cancellationToken">Stops before the next token, or the next piece of a long prompt.</param>
    /// <returns>The pieces; the last one has the result.</returns>
    public IAsyncEnumerable<TextPiece> StreamAsync(ReadOnlyMemory<int> promptIds, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var settings = Resolve(promptIds.Span, options); // at once, not when the first piece is asked for
        return Stream(promptIds, settings, cancellationToken);
    }

    /// <summary>Forgets the conversations that are kept and not being written. Prefixes that were loaded stay.</summary>
    public void ForgetConversations() => _shelf.Clear();

    /// <summary>Frees what is kept, and disposes the model, if the generator owns it.</summary>
    public void Dispose()
    {
        _shelf.Dispose();
        if (_ownsModel)
        {
            Model.Dispose();
        }
    }
}
