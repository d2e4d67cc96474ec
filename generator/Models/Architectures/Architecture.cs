using System.Globalization;
using System.Text.RegularExpressions;

namespace AttnGen.Generator.Models;

/// <summary>What kind of transformer an architecture is.</summary>
internal enum ArchitectureKind { Encoder, Decoder, EncoderDecoder }

/// <summary>A row of the table of architectures: the quirks of its published checkpoints as data, and the method that reads one.</summary>
internal sealed record Architecture
{
    /// <summary>The values of model_type.</summary>
    public required string[] ModelTypes { get; init; }

    /// <summary>Encoder, decoder or both.</summary>
    public required ArchitectureKind Kind { get; init; }

    /// <summary>Before the base model's names in files with a head.</summary>
    public required string Prefix { get; init; }

    /// <summary>A tensor that every file has, by which the prefix is found.</summary>
    public required string Probe { get; init; }

    /// <summary>The layers' prefix, with {0} for the number.</summary>
    public required string Layer { get; init; }

    /// <summary>Prefixes of what belongs to the base model's computation; a tensor under one of them must be read.</summary>
    public required string[] Body { get; init; }

    /// <summary>The same of the decoder, where both halves are read.</summary>
    public string[] DecoderBody { get; init; } = [];

    /// <summary>Names under Body that may be left unread (patterns with *).</summary>
    public string[] Unused { get; init; } = [];

    /// <summary>The map of the base model's pooler, "" if there is none. It is no head: a file may have it or not.</summary>
    public string Pooler { get; init; } = "";

    /// <summary>A part of the names of the hub's code that is this architecture ("hf_nomic_bert."), which auto_map may name; "": none may be named.</summary>
    public string HubCode { get; init; } = "";

    /// <summary>Whether its tokenizers tell the second text of a pair by token type 1.</summary>
    public bool PairsHaveTokenTypes { get; init; }

    /// <summary>Whether a head may be without tensors of its own (words by the table of words), so that config.json alone knows whether there is one.</summary>
    public bool HeadMayBeTied { get; init; }

    /// <summary>How the classes end that are the encoder of a model with a decoder; others have both, and only sentence-transformers takes the encoder out of them. Empty: the model has no decoder.</summary>
    public string[] EncoderEndings { get; init; } = [];

    /// <summary>How the classes end of which both halves are read, beside those of EncoderEndings.</summary>
    public string[] DecoderEndings { get; init; } = [];

    /// <summary>The models that such a folder holds, of which a class names one: the object of config.json that describes it, and its own model_type. Empty: the folder is one model.</summary>
    public (TowerKind Tower, string Key, string ModelType)[] Towers { get; init; } = [];

    /// <summary>Reads config.json and the tensors; null if that was not possible.</summary>
    public required Func<ModelDraft, TransformerParts?> Describe { get; init; }

    /// <summary>The number of the layer that a tensor belongs to, or null.</summary>
    public int? LayerOf(string name)
    {
        int at = Layer.IndexOf("{0}", StringComparison.Ordinal);
        if (at < 0 || !name.StartsWith(Layer.Substring(0, at), StringComparison.Ordinal))
            return null;
        int end = name.IndexOf('.', at);
        return end > at && int.TryParse(name.Substring(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : null;
    }

    public string LayerPrefix(int layer) => Layer.Replace("{0}", Text.Of(layer));

    public bool IsPooler(string name) => Pooler.Length > 0 && name.StartsWith(Pooler + ".", StringComparison.Ordinal);

    public bool IsBody(string name, bool withDecoder = false) => (withDecoder ? Body.Concat(DecoderBody) : Body).Any(body => name.StartsWith(body, StringComparison.Ordinal));

    public bool MayBeUnused(string name) => Unused.Any(pattern => Regex.IsMatch(name, "^" + Regex.Escape(pattern).Replace("\\*", ".*") + "$", RegexOptions.CultureInvariant));
}

/// <summary>What an architecture makes of a folder.</summary>
/// <param name="Input">Before the layers.</param>
/// <param name="Stack">The layers.</param>
/// <param name="LayersKey">config.json's name for their number.</param>
/// <param name="Outputs">After them.</param>
/// <param name="PadTokenId">The id that pads, −1 if there is none.</param>
internal sealed record TransformerParts(InputSpec Input, StackSpec Stack, string LayersKey, Outputs Outputs, int PadTokenId)
{
    /// <summary>The longest text where neither the class nor the folder says one and positions have no end; 0: as many as there are positions.</summary>
    public int UsualTokens { get; init; }

    /// <summary>What happens to texts longer than the layers' limit that is not supported, as the beginning of a sentence; "": nothing, they have no positions.</summary>
    public string Beyond { get; init; } = "";

    /// <summary>The decoder, of a folder with both halves.</summary>
    public DecoderSpec? Decoder { get; init; }
}

/// <summary>What is made of the last hidden states.</summary>
/// <param name="Task">What the logits are; <see cref="ModelTask"/> has the names.</param>
/// <param name="Head">The logits, or null.</param>
/// <param name="Pooler">The pooler's output, or null.</param>
/// <param name="Projection">The vector that the model itself makes of a sequence or image, or null: it is pooled as the folder says.</param>
internal sealed record Outputs(string Task, OutputSpec? Head, OutputSpec? Pooler = null, OutputSpec? Projection = null)
{
    public static Outputs None { get; } = new("", null);
}

/// <summary>One of the classes that an architecture's checkpoints come as.</summary>
/// <param name="Ending">Its name after the family's ("ForMaskedLM").</param>
/// <param name="Read">Asks for the tensors of its head.</param>
internal sealed record ModelClass(string Ending, Func<Outputs> Read);

/// <summary>The values of <c>ModelInfo.Task</c>.</summary>
internal static class ModelTask
{
    public const string LanguageModel = nameof(LanguageModel);
    public const string MaskedLanguageModel = nameof(MaskedLanguageModel);
    public const string SequenceClassification = nameof(SequenceClassification);
    public const string TokenClassification = nameof(TokenClassification);
    public const string QuestionAnswering = nameof(QuestionAnswering);
    public const string ReplacedTokenDetection = nameof(ReplacedTokenDetection);
    public const string ImageClassification = nameof(ImageClassification);

    /// <summary>Whether the logits are classes, which id2label names.</summary>
    public static bool HasLabels(string task) => task is SequenceClassification or TokenClassification or ImageClassification;
}
