using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>What config_sentence_transformers.json says: who wrote the folder, prompts, the vectors' length, a cross-encoder's activation.</summary>
internal sealed class SentenceConfig
{
    public const string File = SentenceKeys.Model;

    private const string Embedder = "SentenceTransformer", Reranker = "CrossEncoder";

    // Embeddings have them without being told, empty.
    private static readonly string[] s_known = ["query", "document"];
    private static readonly string[] s_similarities = ["cosine", "dot", "euclidean", "manhattan"];

    private SentenceConfig()
    {
    }

    /// <summary>The version by whose rules the folder is read.</summary>
    public SentenceVersion Version { get; private set; } = SentenceVersion.Newest;

    /// <summary>Whether the file names the version.</summary>
    public bool NamesVersion { get; private set; }

    /// <summary>Whether the folder is a cross-encoder's: prompts are for pairs.</summary>
    public bool IsCrossEncoder { get; private set; }

    /// <summary>Prompts by name, in the file's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Prompts { get; private set; } = [];

    /// <summary>The prompt of every text for which no other is asked; null: none.</summary>
    public string? DefaultPromptName { get; private set; }

    /// <summary>What vectors are cut to; 0: they are not.</summary>
    public int TruncateDim { get; private set; }

    /// <summary>The class that a cross-encoder's logits go through; null: the file names none.</summary>
    public string? Activation { get; private set; }

    /// <summary>Reads the file. Without one, everything is as in a folder that the newest version knows nothing of.</summary>
    public static SentenceConfig Read(Func<string, string?> open, List<SentenceProblem> problems)
    {
        var read = new SentenceConfig();
        if (KeyedObject.Parse(open, File, problems) is { } root && KeyedObject.Of(File, SentenceKeys.Model, root, problems) is { } config)
            read.Read(config, problems, isListed: open(SentenceModules.File) is not null);
        return read;
    }

    private void Read(KeyedObject config, List<SentenceProblem> problems, bool isListed)
    {
        if (config.Raw("__version__") is { } versions)
        {
            // Packages beside those of the table may stand there; only one of them has rules.
            if (versions.Kind != JsonKind.Object)
                config.Wrong("__version__", versions, "an object of packages and versions");
            else if (versions.Members.LastOrDefault(member => member.Key == "sentence_transformers") is { Key: not null, Value: var version })
            {
                SentenceKeys.Ask(SentenceKeys.Versions, "sentence_transformers");
                if (version.Kind == JsonKind.String && SentenceVersion.TryParse(version.Text, out var known))
                    (Version, NamesVersion) = (known, true);
                else
                    problems.Add(new(SentenceFault.Wrong, $"{File}: __version__: sentence_transformers is {version.Show()}, but must be a version such as \"5.3.0\""));
            }
        }

        string kind = config.Text("model_type") ?? Embedder;
        config.Only("model_type", value => value.Kind != JsonKind.String || value.Text is Embedder or Reranker, $"are '{Embedder}', '{Reranker}'");
        IsCrossEncoder = kind == Reranker;

        // Without modules.json the library makes a model of config.json alone, and reads nothing here. What a cross-encoder's file says can only be meant for it, and is followed.
        if (isListed || IsCrossEncoder)
        {
            ReadPrompts(config, problems);
            TruncateDim = config.Count("truncate_dim", orNull: true);
        }
        else
        {
            Prompts = Version.IsFrom(5, 0) ? [.. s_known.Select(name => new KeyValuePair<string, string>(name, ""))] : [];
        }

        if (config.Text("similarity_fn_name", orNull: true) is { } similarity && !s_similarities.Contains(similarity))
            config.Unsupported("similarity_fn_name", config.Raw("similarity_fn_name")!, $"are {string.Join(", ", s_similarities.Select(KeyedObject.Quote))}");
        Activation = config.Text("activation_fn", orNull: true);
    }

    // An escape such as \ud800 alone is JSON and no text.
    private static bool IsText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (char.IsSurrogate(text[i]) && !isPair)
                return false;
            i += isPair ? 1 : 0;
        }

        return true;
    }

    private void ReadPrompts(KeyedObject config, List<SentenceProblem> problems)
    {
        var prompts = new List<KeyValuePair<string, string>>();
        bool wrong = false;
        if (config.Raw("prompts") is { } given)
        {
            wrong = given.Kind != JsonKind.Object;
            if (wrong)
                config.Wrong("prompts", given, "an object of names and texts");
            foreach (var prompt in given.Members)
            {
                if (prompt.Value.Kind is not (JsonKind.String or JsonKind.Null))
                {
                    wrong = true;
                    problems.Add(new(SentenceFault.Wrong, $"{File}: prompts: {KeyedObject.Quote(prompt.Key)} is {prompt.Value.Show()}, but must be a string or null"));
                }
                else if (!IsText(prompt.Value.Text))
                {
                    wrong = true;
                    problems.Add(new(SentenceFault.Wrong, $"{File}: prompts: {KeyedObject.Quote(prompt.Key)} is no text: half of a pair of surrogates stands in it"));
                }

                prompts.RemoveAll(other => other.Key == prompt.Key); // As in Python, the last one counts.
                prompts.Add(new(prompt.Key, prompt.Value.Text));
            }
        }

        if (!IsCrossEncoder && Version.IsFrom(5, 0))
            prompts.AddRange(s_known.Where(name => !prompts.Exists(prompt => prompt.Key == name)).Select(name => new KeyValuePair<string, string>(name, "")));
        Prompts = prompts;
        DefaultPromptName = config.Text("default_prompt_name", orNull: true);
        if (DefaultPromptName is { } name && !wrong && !prompts.Exists(prompt => prompt.Key == name))
            problems.Add(new(SentenceFault.Wrong, $"{File}: default_prompt_name is {KeyedObject.Quote(name)}, but there is no such prompt; there {(prompts.Count == 0 ? "are none" : $"{(prompts.Count == 1 ? "is" : "are")} {string.Join(", ", prompts.Select(prompt => KeyedObject.Quote(prompt.Key)))}")}"));
    }
}
