using System.ComponentModel;

namespace AttnGen;

/// <summary>A model's description, known without loading it. Sizes that do not apply are 0.</summary>
public sealed class ModelInfo
{
    /// <summary>The folder, as the project includes it; of an absolute path its last part.</summary>
    public required string Folder { get; init; }

    /// <summary>config.json's <c>model_type</c>, such as <c>bert</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>config.json's <c>architectures[0]</c>, such as <c>BertForSequenceClassification</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Layers, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of a hidden state, D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Longest sequence of a call.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Number of trained parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of the packed weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>What was asked and what was decided: the header of the generated file.</summary>
    public required string Plan { get; init; }

    /// <summary>Ids are below this.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Segments are below this; 0: the model has none, and what is given is ignored.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Whether the second text of a pair is told by token type 1; false: the model has no segments, or was trained with 0 for both texts (RoBERTa and its kin).</summary>
    public bool PairsHaveTokenTypes { get; init; }

    /// <summary>The id that pads; −1: none.</summary>
    public int PadTokenId { get; init; } = -1;

    /// <summary>Longest text in tokens that the folder recommends (max_seq_length of sentence_bert_config.json), at most <see cref="MaxTokens"/>; 0: the folder says nothing.</summary>
    public int RecommendedTokens { get; init; }

    /// <summary>A number of what modules.json and the configurations that it names mean, by which another folder's are told to differ, and which of it the class says itself; empty: nothing of them counts.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public string ModulesHash { get; init; } = "";

    /// <summary>Layers of the decoder of an encoder–decoder.</summary>
    public int DecoderLayers { get; init; }

    /// <summary>Attention heads of the decoder of an encoder–decoder.</summary>
    public int DecoderHeads { get; init; }

    /// <summary>Longest text that the decoder of an encoder–decoder writes, its start included.</summary>
    public int DecoderMaxTokens { get; init; }

    /// <summary>The id that texts of an encoder–decoder begin with; −1: the folder names none.</summary>
    public int DecoderStartTokenId { get; init; } = -1;

    /// <summary>Length of <see cref="ISentenceEncoder.Embed"/>'s vector.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>Whether <see cref="ISentenceEncoder.Embed"/> gives vectors of length 1.</summary>
    public bool EmbeddingsAreNormalized { get; init; }

    /// <summary>Length of the pooler's output.</summary>
    public int PooledSize { get; init; }

    /// <summary>Logits of a sequence, or of each token.</summary>
    public int LogitsSize { get; init; }

    /// <summary>Whether there are logits for each token.</summary>
    public bool LogitsPerToken { get; init; }

    /// <summary>What the logits are: <c>SequenceClassification</c>, <c>TokenClassification</c>, <c>MaskedLanguageModel</c>, <c>QuestionAnswering</c>, <c>ReplacedTokenDetection</c>, <c>ImageClassification</c>, or empty.</summary>
    public string Task { get; init; } = "";

    /// <summary>config.json's <c>problem_type</c> (<c>single_label_classification</c>, <c>multi_label_classification</c>, <c>regression</c>), or empty.</summary>
    public string ProblemType { get; init; } = "";

    /// <summary>Names of the classes, from <c>id2label</c>; empty if there are none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Frequencies of a frame of sound.</summary>
    public int AudioBins { get; init; }

    /// <summary>Frames of sound that a call takes.</summary>
    public int AudioFrames { get; init; }

    /// <summary>An image's channels.</summary>
    public int ImageChannels { get; init; }

    /// <summary>An image's height.</summary>
    public int ImageHeight { get; init; }

    /// <summary>An image's width.</summary>
    public int ImageWidth { get; init; }
}
