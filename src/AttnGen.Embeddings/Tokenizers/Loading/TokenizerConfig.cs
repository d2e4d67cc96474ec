using System.Globalization;
using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>What stands beside the vocabulary: tokenizer_config.json and, where that is silent, special_tokens_map.json, added_tokens.json and config.json.</summary>
internal sealed class TokenizerConfig(ModelFiles files)
{
    private const string File = "tokenizer_config.json";
    private const string MapFile = "special_tokens_map.json";
    private const string AddedFile = "added_tokens.json";
    private const string Additional = "additional_special_tokens";
    private const string Decoder = "added_tokens_decoder";

    private readonly JsonElement _own = files.ReadJson(File);
    private JsonElement? _map;
    private List<AddedToken>? _added;

    /// <summary>The tokenizer's class as tokenizer_config.json writes it, or null.</summary>
    public string? Class => _own.String("tokenizer_class");

    /// <summary>The longest sequence; "no limit" is written as 1e30.</summary>
    public int MaxTokens =>
        _own.TryMember("model_max_length", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetDouble(out var value)
            && value is >= 1 and < int.MaxValue ? (int)value : int.MaxValue;

    /// <summary>Whether texts are put in lower case before the tokenizer's own steps: sentence_bert_config.json says so, not this folder's tokenizer.</summary>
    public bool Lower { get; init; }

    /// <summary>Whether the model is told which text of a pair a token is of.</summary>
    /// <exception cref="InvalidDataException">model_input_names is no list of names.</exception>
    public bool GivesTokenTypes => !_own.TryMember("model_input_names", out var names)
        || (names.ValueKind == JsonValueKind.Array && names.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? names.EnumerateArray().Any(name => name.ValueEquals("token_type_ids"))
            : throw files.Malformed(File, $"model_input_names is {names.Describe()}, but must be a list of names"));

    /// <summary>Which end goes of a text that is too long (truncation_side), or null.</summary>
    /// <exception cref="NotSupportedException">It is neither left nor right.</exception>
    public TruncationSide? TruncationSide => !_own.TryMember("truncation_side", out var side) ? null
        : Side(side, "left", "right") ?? throw Unsupported($"truncation_side {side.Describe()}", "\"left\" and \"right\"");

    private JsonElement Map => _map ??= files.ReadJson(MapFile);

    /// <summary>A true or false of tokenizer_config.json, or null.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public bool? Flag(string name) =>
        _own.Flag(name) ?? (_own.TryMember(name, out var other) ? throw files.Malformed(File, $"{name} is {other.Describe()}, but must be true or false") : null);

    /// <summary>A special token by its role, such as <c>pad_token</c>, without its id; or null.</summary>
    /// <exception cref="InvalidDataException">It is no token.</exception>
    public AddedToken? SpecialToken(string role) => SpecialToken(_own, File, role) ?? SpecialToken(Map, MapFile, role);

    /// <summary>
    /// The tokens that were added to the vocabulary, in the order of their ids: those of tokenizer_config.json (added_tokens_decoder) or, in older
    /// folders, of added_tokens.json; then additional_special_tokens, whose ids (−1) the vocabulary has.
    /// </summary>
    /// <exception cref="InvalidDataException">An entry has no text or no id.</exception>
    public IReadOnlyList<AddedToken> AddedTokens => _added ??= ReadAddedTokens();

    /// <summary>Whether added tokens have their options with them, special ones too.</summary>
    public bool DescribesAddedTokens => _own.TryMember(Decoder, out _);

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

    /// <summary>A side by its names; null: it is neither.</summary>
    public static TruncationSide? Side(JsonElement element, string left, string right) =>
        element.ValueKind != JsonValueKind.String ? null
            : element.ValueEquals(left) ? Embeddings.TruncationSide.Left
            : element.ValueEquals(right) ? Embeddings.TruncationSide.Right
            : null;

    /// <summary>Refuses a setting.</summary>
    public NotSupportedException Unsupported(string found, string accepted) => files.Unsupported(File, found, accepted);

    private List<AddedToken> ReadAddedTokens()
    {
        List<AddedToken> more = [.. Tokens(_own, File) is { Count: > 0 } own ? own : Tokens(Map, MapFile)];
        List<AddedToken> added = [];
        if (_own.TryMember(Decoder, out var decoder))
        {
            foreach (var entry in decoder.ValueKind == JsonValueKind.Object
                ? decoder.EnumerateObject() : throw files.Malformed(File, $"{Decoder} is {decoder.Describe()}, but must be an object of ids and tokens"))
            {
                added.Add(Token(entry.Value) is { } token && int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    ? token with { Id = id, Normalized = entry.Value.Flag("normalized") ?? false, Special = entry.Value.Flag("special") ?? false }
                    : throw files.Malformed(File, $"{Decoder} '{entry.Name}' is no id with a token's content"));
            }
        }
        else if (files.ReadJson(AddedFile) is { ValueKind: JsonValueKind.Object } map)
        {
            var special = more.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
            foreach (var entry in map.EnumerateObject())
            {
                var isSpecial = special.Contains(entry.Name);
                added.Add(map.Integer(entry.Name) is { } id and >= 0
                    ? new AddedToken(entry.Name, id, Normalized: !isSpecial, Special: isSpecial)
                    : throw files.Malformed(AddedFile, $"'{entry.Name}' has no id"));
            }
        }

        return [.. added.OrderBy(token => token.Id), .. more];
    }

    private List<AddedToken> Tokens(JsonElement element, string file) =>
        !element.TryMember(Additional, out var array) ? []
            : array.ValueKind == JsonValueKind.Array
                ? [.. array.EnumerateArray().Select(one => Token(one) ?? throw files.Malformed(file, $"{Additional} has {one.Describe()}, which is no token"))]
            : throw files.Malformed(file, $"{Additional} is {array.Describe()}, but must be a list of tokens");

    private AddedToken? SpecialToken(JsonElement element, string file, string role) =>
        !element.TryMember(role, out var token) ? null : Token(token) ?? throw files.Malformed(file, $"{role} is {token.Describe()}, which is no token");

    // Written as a string, or as an object with its options.
    private static AddedToken? Token(JsonElement token) =>
        token.ValueKind == JsonValueKind.String ? new AddedToken(token.GetString()!, -1)
            : token.TryString("content", out var content)
                ? new AddedToken(content, -1, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false)
            : null;

    private static string Without(string text, string ending) => text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;
}
