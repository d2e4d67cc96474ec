using System.Globalization;
using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>What stands beside the vocabulary: tokenizer_config.json and, where that is silent, special_tokens_map.json, added_tokens.json and config.json.</summary>
internal sealed class TokenizerConfig(ModelFiles files)
{
    public const string File = "tokenizer_config.json";
    public const string MapFile = "special_tokens_map.json";
    private const string AddedFile = "added_tokens.json";
    private const string Additional = "additional_special_tokens";
    private const string Extra = "extra_special_tokens";
    private const string Decoder = "added_tokens_decoder";
    private const string ModelFile = "config.json";
    private const string Tokenizer = "Tokenizer";

    // Classes without a form in the library tokenizers: the reference reads their own files and leaves tokenizer.json alone.
    private static readonly string[] s_withoutJson =
    [
        "BertJapanese", "Bertweet", "Phobert", "Bartpho", "BioGpt", "ByT5", "Canine", "CpmAnt", "CTRL", "ErnieM", "Esm", "Flaubert", "FSMT", "Jukebox", "Luke", "MLuke", "M2M100", "Marian",
        "Mgpstr", "PLBart", "ProphetNet", "SpeechT5", "Tapas", "TransfoXL", "Vits", "Wav2Vec2CTC", "XLM", "XLMProphetNet", "BertGeneration",
    ];

    private readonly JsonElement _own = Checked(files, File, TokenizerKeys.Config);
    private JsonElement? _map;
    private JsonElement? _model;
    private List<AddedToken>? _described;
    private List<AddedToken>? _more;
    private List<AddedToken>? _added;

    /// <summary>The tokenizer's class as tokenizer_config.json writes it, or null.</summary>
    public string? Class => _own.String(Key("tokenizer_class"));

    /// <summary>The longest sequence; "no limit" is written as 1e30.</summary>
    /// <exception cref="InvalidDataException">It is no number of at least 1.</exception>
    public int MaxTokens
    {
        get
        {
            // The older name counts where the newer one is absent; null there is no limit.
            var name = _own.ValueKind == JsonValueKind.Object && _own.TryGetProperty("model_max_length", out _) ? "model_max_length" : "max_len";
            return !_own.TryMember(Key(name), out var length) ? int.MaxValue
                : length.TryGetDouble(out var value) && value >= 1 ? value < int.MaxValue ? (int)value : int.MaxValue
                : throw files.Malformed(File, $"{name} is {length.Describe()}, but must be at least 1");
        }
    }

    /// <summary>Whether texts are put in lower case before the tokenizer's own steps: sentence_bert_config.json says so, not this folder's tokenizer.</summary>
    public bool Lower { get; init; }

    /// <summary>Whether the model is told which text of a pair a token is of.</summary>
    /// <exception cref="InvalidDataException">model_input_names is no list of names.</exception>
    public bool GivesTokenTypes => !_own.TryMember(Key("model_input_names"), out var names)
        || (names.ValueKind == JsonValueKind.Array && names.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? names.EnumerateArray().Any(name => name.ValueEquals("token_type_ids"))
            : throw files.Malformed(File, $"model_input_names is {names.Describe()}, but must be a list of names"));

    /// <summary>Which end goes of a text that is too long (truncation_side), or null.</summary>
    /// <exception cref="NotSupportedException">It is neither left nor right.</exception>
    public TruncationSide? TruncationSide => !_own.TryMember(Key("truncation_side"), out var side) ? null
        : Side(side, "left", "right") ?? throw Unsupported($"truncation_side {side.Describe()}", "\"left\" and \"right\"");

    private JsonElement Map => _map ??= Checked(files, MapFile, TokenizerKeys.Map);

    /// <summary>A true or false of tokenizer_config.json, or null.</summary>
    public bool? Flag(string name) => _own.Flag(Key(name));

    /// <summary>A number of tokenizer_config.json, or null.</summary>
    public int? Integer(string name) => _own.Integer(Key(name));

    /// <summary>Refuses settings that would give other ids with every kind of tokenizer.</summary>
    public void CheckSettings()
    {
        if (Flag("split_special_tokens") == true)
        {
            throw Unsupported("split_special_tokens true", "false");
        }

        if (_own.TryMember(Key("auto_map"), out var map) && map.EnumerateObject().Any())
        {
            throw Unsupported($"auto_map, which names code of the folder's own ({map.Describe()})", "no auto_map");
        }
    }

    /// <summary>Refuses what would give other ids beside a tokenizer.json.</summary>
    /// <param name="file">The file's name.</param>
    public void CheckBeside(string file)
    {
        if (Class is { } name && name.EndsWith(Tokenizer, StringComparison.Ordinal) && Array.IndexOf(s_withoutJson, name[..^Tokenizer.Length]) >= 0)
        {
            throw Unsupported($"the tokenizer_class '{name}', which the reference does not read from {file}", "classes that it does");
        }
    }

    /// <summary>Refuses a wish for other special tokens around a text than the template has: versions of the reference differ in which of the two they go by.</summary>
    /// <param name="template">The template.</param>
    /// <param name="idOf">The id of a token, −1: there is none.</param>
    public void CheckTemplate(SpecialTemplate template, Func<string?, int> idOf)
    {
        Check("add_bos_token", "bos_token", template.Single[0]);
        Check("add_eos_token", "eos_token", template.Single[^1]);

        void Check(string key, string role, TemplatePart part)
        {
            if (Flag(key) is { } wanted && idOf(SpecialToken(role)?.Content) is >= 0 and var id && part.Id == id != wanted)
            {
                throw Unsupported($"{key} {(wanted ? "true" : "false")}, but the post_processor of {TokenizerJson.File} puts {(wanted ? "no" : "the")} {role} there", wanted ? "false" : "true");
            }
        }
    }

    /// <summary>A special token by its role, such as <c>pad_token</c>, without its id; or null.</summary>
    /// <exception cref="InvalidDataException">It is no token.</exception>
    public AddedToken? SpecialToken(string role) => SpecialToken(_own, File, role) ?? SpecialToken(Map, MapFile, role);

    /// <summary>
    /// The tokens that were added to the vocabulary, in the order of their ids: those of tokenizer_config.json (added_tokens_decoder) or, in older
    /// folders, of added_tokens.json; then additional_special_tokens, whose ids (−1) the vocabulary has.
    /// </summary>
    /// <exception cref="InvalidDataException">An entry has no text or no id.</exception>
    public IReadOnlyList<AddedToken> AddedTokens => _added ??= ReadAddedTokens();

    /// <summary>The tokens of added_tokens_decoder, in the order of their ids.</summary>
    public IReadOnlyList<AddedToken> DescribedTokens => _described ??= ReadDescribedTokens();

    /// <summary>The special tokens that have a role, and those that are only named; without their ids.</summary>
    public IEnumerable<AddedToken> NamedTokens => TokenizerKeys.Roles.Select(SpecialToken).OfType<AddedToken>().Concat(MoreTokens);

    private List<AddedToken> MoreTokens => _more ??= ReadMoreTokens();

    /// <summary>Whether added tokens have their options with them, special ones too.</summary>
    public bool DescribesAddedTokens => _own.TryMember(Decoder, out _);

    /// <summary>Which of some kinds of tokenizer the folder's is. A vocabulary does not say so itself.</summary>
    /// <param name="vocabulary">The vocabulary's file.</param>
    /// <param name="accepted">The kinds; any other is refused.</param>
    /// <param name="usual">The kind where the folder names none; null: it has to name one.</param>
    public string Kind(string vocabulary, string[] accepted, string? usual = null)
    {
        var kind = NamedKind() ?? usual;
        var plain = kind?.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Array.Find(accepted, one => one.Equals(plain, StringComparison.OrdinalIgnoreCase))
            ?? throw files.Unsupported(
                File, $"the tokenizer '{kind ?? "(none)"}' with {vocabulary} and no {TokenizerJson.File}", $"{string.Join(", ", accepted)}; others need {TokenizerJson.File}");
    }

    /// <summary>Whether the folder names a kind of tokenizer.</summary>
    public bool IsOf(string kind) => kind.Equals(NamedKind(), StringComparison.OrdinalIgnoreCase);

    /// <summary>A side by its names; null: it is neither.</summary>
    public static TruncationSide? Side(JsonElement element, string left, string right) =>
        element.ValueKind != JsonValueKind.String ? null
            : element.ValueEquals(left) ? Tokenizers.TruncationSide.Left
            : element.ValueEquals(right) ? Tokenizers.TruncationSide.Right
            : null;

    /// <summary>Refuses a setting.</summary>
    public NotSupportedException Unsupported(string found, string accepted) => files.Unsupported(File, found, accepted);

    private string? NamedKind()
    {
        var model = _model ??= files.ReadJson(ModelFile);
        var name = Class ?? Text(model, "tokenizer_class");
        return name is null ? Text(model, "model_type") : Without(Without(name, "Fast"), Tokenizer);
    }

    private List<AddedToken> ReadAddedTokens()
    {
        var more = MoreTokens;
        List<AddedToken> added = [.. DescribedTokens];
        if (!DescribesAddedTokens && files.ReadJson(AddedFile) is { ValueKind: JsonValueKind.Object } map)
        {
            var special = more.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
            TokenizerKeys.Added.Check(files, AddedFile, "", map);
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

    private List<AddedToken> ReadDescribedTokens()
    {
        List<AddedToken> described = [];
        if (_own.TryMember(Key(Decoder), out var decoder))
        {
            foreach (var entry in decoder.EnumerateObject())
            {
                described.Add(Token(entry.Value, File, $"{Decoder} {entry.Name}.") is { } token && int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    ? token with { Id = id, Normalized = entry.Value.Flag("normalized") ?? false, Special = entry.Value.Flag("special") ?? false }
                    : throw files.Malformed(File, $"{Decoder} '{entry.Name}' is no id with a token's content"));
            }
        }

        return [.. described.OrderBy(token => token.Id)];
    }

    // A list, or from transformers 4.47 on an object that names a role for each.
    private List<AddedToken> ReadMoreTokens()
    {
        List<AddedToken> own = [.. Tokens(_own, File, Key(Additional)), .. Tokens(_own, File, Key(Extra))];
        return own.Count > 0 ? own : Tokens(Map, MapFile, Additional);
    }

    private List<AddedToken> Tokens(JsonElement element, string file, string name) =>
        !element.TryMember(name, out var all) ? []
            : [.. (all.ValueKind == JsonValueKind.Array ? all.EnumerateArray() : all.EnumerateObject().Select(one => one.Value))
                .Select(one => Token(one, file, name + ".") ?? throw files.Malformed(file, $"{name} has {one.Describe()}, which is no token"))];

    private AddedToken? SpecialToken(JsonElement element, string file, string role) =>
        !element.TryMember(Key(role), out var token) ? null : Token(token, file, role + ".") ?? throw files.Malformed(file, $"{role} is {token.Describe()}, which is no token");

    // Written as a string, or as an object with its options.
    private AddedToken? Token(JsonElement token, string file, string where)
    {
        if (token.ValueKind == JsonValueKind.String)
        {
            return new AddedToken(token.GetString()!, -1);
        }

        TokenizerKeys.TokenObject.Check(files, file, where, token);
        return token.TryString("content", out var content)
            ? new AddedToken(content, -1, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false)
            : null;
    }

    // A key of config.json that is text.
    private string? Text(JsonElement model, string name) =>
        model.String(name) ?? (model.TryMember(name, out var other) ? throw files.Malformed(ModelFile, $"{name} is {other.Describe()}, but must be a string") : null);

    private static JsonElement Checked(ModelFiles files, string file, KeyTable table)
    {
        var root = files.ReadJson(file);
        table.Check(files, file, "", root, unknown: _ => { }); // attngen inspect lists them
        return root;
    }

    // What is read has a row in the table of keys.
    private static string Key(string name) => TokenizerKeys.Config.Require(name);

    private static string Without(string text, string ending) => text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;
}
