using AttnGen.Generator.Json;
using AttnGen.Sentences;

namespace AttnGen.Embeddings;

/// <summary>What sentence-transformers' files say of how a folder's texts are read. (What they say of the model, the compiler has read.)</summary>
internal sealed class SentenceSettings
{
    private SentenceSettings(SentenceConfig config, SentenceInput input)
    {
        Config = config;
        Input = input;
    }

    /// <summary>Without files: the newest version's rules.</summary>
    public static SentenceSettings None { get; } = new(SentenceConfig.Read(static _ => null, []), SentenceInput.Read(static _ => null, SentenceVersion.Newest, []));

    public SentenceConfig Config { get; }

    public SentenceInput Input { get; }

    /// <summary>Whether the tokenizer puts texts in lower case before its other steps. Older versions do that to the whole text, special tokens too.</summary>
    public bool LowersInTokenizer => Input.Lower && Config.Version.IsFrom54;

    /// <summary>Whether a text that becomes a vector is put in lower case before the tokenizer sees it.</summary>
    public bool LowersText => Input.Lower && !Config.Version.IsFrom54;

    /// <summary>Whether white space at the ends of a text that becomes a vector goes.</summary>
    public bool Strips => !Config.Version.IsFrom54;

    /// <summary>Reads a folder's files.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or says what cannot be.</exception>
    /// <exception cref="NotSupportedException">A file asks for what is not supported.</exception>
    public static SentenceSettings Read(ModelFiles files)
    {
        var problems = new List<SentenceProblem>();
        var config = SentenceConfig.Read(files.Text, problems);
        var input = SentenceInput.Read(files.Text, config.Version, problems);
        Refuse(files, problems);
        return new SentenceSettings(config, input);
    }

    /// <summary>Throws what is wrong with a folder's files.</summary>
    public static void Refuse(ModelFiles files, IReadOnlyList<SentenceProblem> problems)
    {
        if (problems is [var first, ..])
        {
            var message = ForeignText.OneLine($"'{files.Name}': {first.Message}.");
            throw first.Fault == SentenceFault.Unsupported ? new NotSupportedException(message) : new InvalidDataException(message);
        }
    }

    /// <summary>The prompt that an option names, or that the folder has for every text.</summary>
    /// <param name="prompt">A prompt as it is; null: none.</param>
    /// <param name="name">A prompt's name; null: none.</param>
    /// <param name="ofPairs">Whether it is for pairs of texts: prompts belong to the kind of model that the folder names.</param>
    /// <param name="parameter">The caller's parameter that both are of.</param>
    public string Prompt(string? prompt, string? name, bool ofPairs, string parameter)
    {
        if (prompt is not null && name is not null)
        {
            throw new ArgumentException($"Both a prompt and the prompt name '{name}' are given, and one text goes before a text; give one of them.", parameter);
        }

        var known = Config.IsCrossEncoder == ofPairs ? Config.Prompts : [];
        return prompt ?? ((name ?? (Config.IsCrossEncoder == ofPairs ? Config.DefaultPromptName : null)) is { } wanted
            ? known.FirstOrDefault(one => one.Key == wanted) is { Key: not null, Value: var text }
                ? text
                : throw new ArgumentException(
                    $"There is no prompt '{wanted}'; {SentenceConfig.File} has {(known.Count == 0 ? "none" : string.Join(", ", known.Select(one => one.Key).Order(StringComparer.Ordinal)))}.", parameter)
            : "");
    }

    /// <summary>Refuses a prompt that leaves no room for a text.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="tokens">How many tokens there are with it, and without any text.</param>
    /// <param name="limit">How many there may be.</param>
    /// <param name="isFolders">Whether it is the folder's default prompt, which no option chose.</param>
    /// <param name="parameter">The caller's parameter that it is of.</param>
    public static void CheckRoom(string prompt, int tokens, int limit, bool isFolders, string parameter)
    {
        if (prompt.Length > 0 && tokens >= limit)
        {
            var message = $"The prompt {KeyedObject.Quote(prompt)} has {tokens} tokens with the special ones, and a text may have {limit} (MaxTokens): nothing of a text would be read; take a shorter prompt, or more tokens.";
            throw isFolders ? new InvalidDataException($"{SentenceConfig.File}: default_prompt_name: {message}") : new ArgumentException(message, parameter);
        }
    }
}
