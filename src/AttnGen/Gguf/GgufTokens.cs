namespace AttnGen.Gguf;

/// <summary>What a GGUF file says of its tokens that have a role, and of the conversation's template.</summary>
/// <param name="header">The file's header.</param>
/// <param name="tokens">The tokens in the order of their ids.</param>
internal sealed class GgufTokens(GgufHeader header, List<string> tokens)
{
    private const string Prefix = "tokenizer.ggml.";
    private const string TemplateKey = "tokenizer.chat_template";

    private static readonly (string Role, string Key)[] s_roles =
    [
        ("bos_token", "bos_token_id"), ("eos_token", "eos_token_id"), ("unk_token", "unknown_token_id"), ("pad_token", "padding_token_id"), ("mask_token", "mask_token_id"),
        ("sep_token", "seperator_token_id"), // so the format spells it
    ];

    /// <summary>The key of the tokens.</summary>
    public const string TokensKey = Prefix + "tokens";

    /// <summary>The tokens in the order of their ids.</summary>
    public List<string> Tokens { get; } = tokens;

    /// <summary>The template; null: there is none.</summary>
    public string? Template => header.Text(TemplateKey);

    /// <summary>Reads them; null: the file has no tokens.</summary>
    public static GgufTokens? Read(GgufHeader header, Stream stream) => header[TokensKey] is null ? null : new GgufTokens(header, header.Strings(stream, TokensKey));

    /// <summary>The id that has a role; −1: none has.</summary>
    /// <exception cref="GgufProblem">It is none of a token.</exception>
    public int Id(string role)
    {
        string key = Prefix + s_roles.First(one => one.Role == role).Key;
        if (header[key] is not { } value)
            return -1;
        if (!value.IsInteger)
            throw header.Wrong(key, value, "an id");
        return value.Kind == GgufKind.UInt32 && value.Integer == uint.MaxValue ? -1 // None, as llama.cpp writes it.
            : value.Integer >= 0 && value.Integer < Tokens.Count ? (int)value.Integer : throw header.Wrong(key, value, $"an id below {Tokens.Count}, the number of {TokensKey},");
    }

    /// <summary>A flag of the tokenizer; null: the file does not say.</summary>
    public bool? Flag(string name)
    {
        string key = Prefix + name;
        return header[key] is not { } value ? null : value.Kind == GgufKind.Bool ? value.Number != 0 : throw header.Wrong(key, value, "true or false");
    }

    /// <summary>What stands in tokenizer_config.json of a hub's folder.</summary>
    /// <param name="withTemplate">Whether the template is among it.</param>
    public string Config(bool withTemplate)
    {
        List<(string, string)> members = [("tokenizer_class", GgufJson.Quoted("PreTrainedTokenizerFast"))];
        foreach (var (role, _) in s_roles)
        {
            if (Id(role) is >= 0 and var id)
                members.Add((role, GgufJson.Quoted(Tokens[id])));
        }

        if (withTemplate && Template is { } template)
            members.Add(("chat_template", GgufJson.Quoted(template)));
        return GgufJson.Object(members);
    }
}
