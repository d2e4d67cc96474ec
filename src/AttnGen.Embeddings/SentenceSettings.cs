using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>What sentence-transformers' files say of a folder.</summary>
internal sealed class SentenceSettings
{
    private const string File = "config_sentence_transformers.json";

    // Older versions of sentence-transformers named the file after the architecture; the first that is there counts.
    private static readonly string[] s_files =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
    ];

    private SentenceSettings(ModelFiles files)
    {
        var config = files.ReadJson(File);
        if (config.TryMember("prompts", out var prompts) && prompts.ValueKind == JsonValueKind.Object)
        {
            foreach (var prompt in prompts.EnumerateObject())
            {
                if (prompt.Value.ValueKind == JsonValueKind.String)
                {
                    Prompts[prompt.Name] = prompt.Value.GetString()!;
                }
            }
        }

        DefaultPromptName = config.String("default_prompt_name");
        Lower = s_files.Select(files.ReadJson).FirstOrDefault(json => json.ValueKind == JsonValueKind.Object).Flag("do_lower_case") ?? false;
    }

    private SentenceSettings()
    {
    }

    public static SentenceSettings None { get; } = new();

    public Dictionary<string, string> Prompts { get; } = new(StringComparer.Ordinal);

    public string? DefaultPromptName { get; }

    /// <summary>Whether texts are put in lower case before the tokenizer sees them.</summary>
    public bool Lower { get; }

    public static SentenceSettings Read(ModelFiles files) => new(files);

    /// <summary>Whether config.json tells sentence-transformers' CrossEncoder to leave the logits as they are.</summary>
    public static bool NamesIdentity(ModelFiles files)
    {
        var config = files.ReadJson("config.json");
        config.TryMember("sentence_transformers", out var settings);
        var name = settings.String("activation_fn") ?? config.String("sbert_ce_default_activation_function");
        return name?.EndsWith("Identity", StringComparison.Ordinal) ?? false;
    }

    /// <summary>A prompt by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="parameter">The caller's parameter that it is of.</param>
    public string Prompt(string name, string parameter) => Prompts.TryGetValue(name, out var prompt)
        ? prompt
        : throw new ArgumentException(
            $"There is no prompt '{name}'; {File} has {(Prompts.Count == 0 ? "none" : string.Join(", ", Prompts.Keys.Order(StringComparer.Ordinal)))}.", parameter);
}
