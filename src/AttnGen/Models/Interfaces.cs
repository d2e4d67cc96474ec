namespace AttnGen;

/// <summary>A generated model: what every class with <see cref="TransformerModelAttribute"/> offers.</summary>
public interface ITransformerModel : IDisposable
{
    /// <summary>The model's description.</summary>
    ModelInfo Info { get; }
}

/// <summary>A generated model that can be loaded by code that knows its class only as a type parameter.</summary>
/// <typeparam name="TSelf">The class.</typeparam>
public interface ITransformerModel<TSelf> : ITransformerModel
    where TSelf : ITransformerModel<TSelf>
{
    /// <summary>The model's description, without loading it; null: only a loaded model has one (<see cref="ITransformerModel.Info"/>). Every generated class has it.</summary>
    static virtual ModelInfo? Description => null;

    /// <summary>Opens the folder's weights and packs them.</summary>
    /// <param name="folder">The model's folder; null: the weights embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, System.Reflection.Assembly)"/> finds the folder.</param>
    /// <param name="options">Threads and progress; null: one thread, no reports.</param>
    /// <returns>The model; its weights never change.</returns>
    /// <exception cref="WeightException">The weights are malformed, or not those that the class was compiled for.</exception>
    /// <exception cref="IOException">There is no such folder (<see cref="DirectoryNotFoundException"/>, which says where it was looked for) or no weights in it (<see cref="FileNotFoundException"/>).</exception>
    static abstract TSelf Load(string? folder = null, ModelLoadOptions? options = null);
}

/// <summary>A model that reads tokens.</summary>
public interface ITextModel : ITransformerModel
{
    /// <summary>One sequence through the encoder.</summary>
    /// <param name="tokenIds">[T] ids from 0 to the vocabulary's size − 1, special tokens included; T from 1 to <see cref="ModelInfo.MaxTokens"/>.</param>
    /// <param name="hiddenStates">[T, D] the last hidden states, row-major.</param>
    /// <param name="tokenTypes">[T] segment of each token (0 for the first text, 1 for the second); empty: all 0.</param>
    /// <param name="mask">Which tokens may be attended to; the default hides nothing.</param>
    /// <param name="trace">Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D].</param>
    /// <exception cref="ArgumentException">A length, id or type does not fit; the message names value, limit and fix.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    void Forward(ReadOnlySpan<int> tokenIds, Span<float> hiddenStates, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default, ForwardTrace trace = default);
}

/// <summary>A language model: it reads a text token by token and keeps what it has read.</summary>
public interface ILanguageModel : ITextModel
{
    /// <summary>Begins a text.</summary>
    /// <param name="capacity">Tokens that it has room for, from 1 to <see cref="ModelInfo.MaxTokens"/>, the context window; 0: the whole window.</param>
    /// <returns>The sequence; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    TokenSequence CreateSequence(int capacity = 0);
}

/// <summary>A model of two halves: an encoder reads a source, and a decoder writes a text that looks at it (translation, summaries).</summary>
public interface IEncoderDecoderModel : ITextModel
{
    /// <summary>Reads a source, and begins a text that looks at it.</summary>
    /// <param name="tokenIds">[S'] ids of the source, special tokens included; S' from 1 to <see cref="ModelInfo.MaxTokens"/>.</param>
    /// <param name="capacity">Tokens that the text has room for, from 1 to <see cref="ModelInfo.DecoderMaxTokens"/>; 0: as many as the decoder has positions.</param>
    /// <returns>The text, still empty; the caller disposes it. It begins with <see cref="ModelInfo.DecoderStartTokenId"/>.</returns>
    /// <exception cref="ArgumentException">An id or a length does not fit; the message names value, limit and fix.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    TokenSequence Encode(ReadOnlySpan<int> tokenIds, int capacity = 0);
}

/// <summary>A model that makes one vector of a sequence, by the folder's pooling or, of CLIP, by the model's own projection.</summary>
public interface ISentenceEncoder : ITextModel
{
    /// <summary>One sequence to one vector.</summary>
    /// <param name="tokenIds">[T] ids, special tokens included.</param>
    /// <param name="vector">[<see cref="ModelInfo.EmbeddingSize"/>].</param>
    /// <param name="tokenTypes">[T] segments; empty: all 0.</param>
    /// <param name="mask">Which tokens are real; hidden keys are not pooled either. Only key masks (key length, key flags) may be given.</param>
    void Embed(ReadOnlySpan<int> tokenIds, Span<float> vector, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default);
}

/// <summary>A model with a pooler: of BERT a dense layer and tanh on the first token, of CLIP the hidden state of the token that ends the text.</summary>
public interface IPooledModel : ITextModel
{
    /// <summary>One sequence to the pooler's output.</summary>
    /// <param name="tokenIds">[T] ids, special tokens included.</param>
    /// <param name="pooled">[<see cref="ModelInfo.PooledSize"/>].</param>
    /// <param name="tokenTypes">[T] segments; empty: all 0.</param>
    /// <param name="mask">Which tokens may be attended to.</param>
    void Pool(ReadOnlySpan<int> tokenIds, Span<float> pooled, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default);
}

/// <summary>A model with a trained head.</summary>
public interface ILogitsModel : ITextModel
{
    /// <summary>One sequence to the head's logits.</summary>
    /// <param name="tokenIds">[T] ids, special tokens included.</param>
    /// <param name="logits">[<see cref="ModelInfo.LogitsSize"/>], or [T, LogitsSize] where <see cref="ModelInfo.LogitsPerToken"/>.</param>
    /// <param name="tokenTypes">[T] segments; empty: all 0.</param>
    /// <param name="mask">Which tokens may be attended to.</param>
    void ComputeLogits(ReadOnlySpan<int> tokenIds, Span<float> logits, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default);
}

/// <summary>A model that hears sound.</summary>
public interface ISpeechModel : ITransformerModel
{
    /// <summary>One sound through the encoder.</summary>
    /// <param name="inputFeatures">[<see cref="ModelInfo.AudioBins"/>, <see cref="ModelInfo.AudioFrames"/>], the logarithms of a mel spectrogram as the model's preprocessor makes it.</param>
    /// <param name="hiddenStates">[T, D] the last hidden states, after the final norm; T is <see cref="ModelInfo.MaxTokens"/>.</param>
    /// <param name="trace">Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D].</param>
    void Forward(ReadOnlySpan<float> inputFeatures, Span<float> hiddenStates, ForwardTrace trace = default);
}

/// <summary>A model that writes what it hears.</summary>
public interface ISpeechToTextModel : ISpeechModel
{
    /// <summary>Hears a sound, and begins a text that says it.</summary>
    /// <param name="inputFeatures">[<see cref="ModelInfo.AudioBins"/>, <see cref="ModelInfo.AudioFrames"/>], the logarithms of a mel spectrogram as the model's preprocessor makes it.</param>
    /// <param name="capacity">Tokens that the text has room for, from 1 to <see cref="ModelInfo.DecoderMaxTokens"/>; 0: as many as the decoder has positions.</param>
    /// <returns>The text, still empty; the caller disposes it. It begins with <see cref="ModelInfo.DecoderStartTokenId"/>.</returns>
    /// <exception cref="ArgumentException">The length does not fit; the message names value, limit and fix.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    TokenSequence Encode(ReadOnlySpan<float> inputFeatures, int capacity = 0);
}

/// <summary>A model that reads an image.</summary>
public interface IImageModel : ITransformerModel
{
    /// <summary>One image through the encoder.</summary>
    /// <param name="pixels">[channels, height, width], already scaled and normalised as the model's preprocessor says.</param>
    /// <param name="hiddenStates">[T, D] the last hidden states, after the final norm if the model has one.</param>
    /// <param name="trace">Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D].</param>
    void Forward(ReadOnlySpan<float> pixels, Span<float> hiddenStates, ForwardTrace trace = default);
}

/// <summary>An image model that makes one vector of an image, in the space of the same folder's vectors of texts.</summary>
public interface IImageEncoder : IImageModel
{
    /// <summary>One image to one vector.</summary>
    /// <param name="pixels">[channels, height, width], already scaled and normalised as the model's preprocessor says.</param>
    /// <param name="vector">[<see cref="ModelInfo.EmbeddingSize"/>].</param>
    void Embed(ReadOnlySpan<float> pixels, Span<float> vector);
}

/// <summary>An image model with a pooler.</summary>
public interface IPooledImageModel : IImageModel
{
    /// <summary>One image to the pooler's output.</summary>
    /// <param name="pixels">[channels, height, width].</param>
    /// <param name="pooled">[<see cref="ModelInfo.PooledSize"/>].</param>
    void Pool(ReadOnlySpan<float> pixels, Span<float> pooled);
}

/// <summary>An image model with a trained head.</summary>
public interface IImageClassifier : IImageModel
{
    /// <summary>One image to logits.</summary>
    /// <param name="pixels">[channels, height, width].</param>
    /// <param name="logits">[<see cref="ModelInfo.LogitsSize"/>].</param>
    void ComputeLogits(ReadOnlySpan<float> pixels, Span<float> logits);
}
