using AttnGen.Generator.Json;
using AttnGen.Reference;
using AttnGen.Sentences;

namespace AttnGen.Embeddings;

/// <summary>What a folder says of how a cross-encoder reads a pair, and of what becomes of its logit.</summary>
internal sealed class CrossEncoderSettings
{
    private const string File = "config.json";
    private const string OldKey = "sbert_ce_default_activation_function"; // up to 3.4

    private readonly string? _activation;
    private readonly string _name = "";

    private CrossEncoderSettings(SentenceSettings sentences) => Sentences = sentences;

    private CrossEncoderSettings(ModelFiles files, SentenceSettings sentences)
        : this(sentences)
    {
        _name = files.Name;
        var problems = new List<SentenceProblem>();
        var version = sentences.Config.Version;
        _activation = sentences.Config.Activation;
        if (KeyedObject.Parse(files.Text, File, problems) is { } config)
        {
            KeyedObject? own = config["sentence_transformers"] is { } settings ? KeyedObject.Of(SentenceKeys.CrossEncoder, SentenceKeys.CrossEncoder, settings, problems) : null;
            if (own?.Text("version") is { } text && !sentences.Config.NamesVersion && !SentenceVersion.TryParse(text, out version))
            {
                own.Report(SentenceFault.Wrong, $"version is {KeyedObject.Quote(text)}, but must be a version such as \"4.1.0\"");
            }

            if (config[OldKey] is { Kind: not JsonKind.String } other)
            {
                problems.Add(new(SentenceFault.Wrong, $"{File}: {OldKey} is {other.Show()}, but must be a string or null"));
            }

            // What 5.4 and later write goes first; a null there says nothing, a null of 4.0 to 5.3 says "the default".
            _activation ??= own?.Has("activation_fn") == true ? own.Text("activation_fn", orNull: true) : config[OldKey]?.Text;
        }

        SentenceSettings.Refuse(files, problems);
        Strips = !version.IsFrom(4, 0);
    }

    /// <summary>Without files: the newest version's rules.</summary>
    public static CrossEncoderSettings None { get; } = new(SentenceSettings.None);

    public SentenceSettings Sentences { get; }

    /// <summary>Whether white space at the ends of both texts goes.</summary>
    public bool Strips { get; }

    /// <summary>Reads a folder's files.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or says what cannot be.</exception>
    public static CrossEncoderSettings Read(ModelFiles files, SentenceSettings sentences) => new(files, sentences);

    /// <summary>What the folder does with the logit: the sigmoid where it says nothing.</summary>
    /// <exception cref="NotSupportedException">It names another function than those that are known.</exception>
    public Func<double, double> Activation() => _activation is null ? ActivationReference.Sigmoid : TorchActivation.Find(_activation) ?? throw new NotSupportedException(
        $"'{_name}' puts its scores through the activation function {KeyedObject.Quote(_activation)}, which is not supported; supported are {TorchActivation.Known}. {nameof(RerankerOptions)}.{nameof(RerankerOptions.Activation)} gives the logit itself.");
}
