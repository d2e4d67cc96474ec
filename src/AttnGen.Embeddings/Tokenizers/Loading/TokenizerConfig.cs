using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>What stands beside the vocabulary: tokenizer_config.json and, where that is silent, special_tokens_map.json and config.json.</summary>
internal sealed class TokenizerConfig(ModelFiles files)
{
    private const string File = "tokenizer_config.json";

    private readonly JsonElement _own = files.ReadJson(File);
    private JsonElement? _map;

    /// <summary>The tokenizer's class as tokenizer_config.json writes it, or null.</summary>
    public string? Class => _own.String("tokenizer_class");

    /// <summary>The longest sequence; "no limit" is written as 1e30.</summary>
    public int MaxTokens =>
        _own.TryMember("model_max_length", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetDouble(out var value)
            && value is >= 1 and < int.MaxValue ? (int)value : int.MaxValue;

    private JsonElement Map => _map ??= files.ReadJson("special_tokens_map.json");

    /// <summary>A true or false of tokenizer_config.json, or null.</summary>
    public bool? Flag(string name) => _own.Flag(name);

    /// <summary>A special token by its role, such as <c>pad_token</c>, without its id; or null.</summary>
    public AddedToken? SpecialToken(string role) => SpecialToken(_own, role) ?? SpecialToken(Map, role);

    /// <summary>Which of some kinds of tokenizer the folder's is. A vocabulary does not say so itself.</summary>
    /// <param name="vocabulary">The vocabulary's file.</param>
    /// <param name="accepted">The kinds; any other is refused.</param>
    /// <param name="usual">The kind where the folder names none; null: it has to name one.</param>
    public string Kind(string vocabulary, string[] accepted, string? usual = null)
    {
        var model = files.ReadJson("config.json");
        var name = Class ?? model.String("tokenizer_class");
        var kind = (name is null ? model.String("model_type") : Without(Without(name, "Fast"), "Tokenizer")) ?? usual;
        var plain = kind?.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Array.Find(accepted, one => one.Equals(plain, StringComparison.OrdinalIgnoreCase))
            ?? throw files.Unsupported(
                File, $"the tokenizer '{kind ?? "(none)"}' with {vocabulary} and no {TokenizerJson.File}", $"{string.Join(", ", accepted)}; others need {TokenizerJson.File}");
    }

    /// <summary>Refuses a setting.</summary>
    public NotSupportedException Unsupported(string found, string accepted) => files.Unsupported(File, found, accepted);

    // Written as a string, or as an object with its options.
    private static AddedToken? SpecialToken(JsonElement element, string role)
    {
        if (element.TryString(role, out var text))
        {
            return new AddedToken(text, -1);
        }

        return element.TryMember(role, out var token) && token.TryString("content", out var content)
            ? new AddedToken(content, -1, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false)
            : null;
    }

    private static string Without(string text, string ending) => text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;
}
