using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers;

/// <summary>How texts fall into words before byte-level BPE, by the name that a GGUF file has for it (tokenizer.ggml.pre). A new name is a row.</summary>
/// <param name="Names">The names.</param>
/// <param name="Expressions">Where a text is cut, one after the other.</param>
internal sealed record GgufSplits(string[] Names, params string[] Expressions)
{
    private const string Gpt2 = PreTokenizerReader.Gpt2Expression;
    private const string Punctuation = @"[\p{P}\$\+<=>\^~\|]+";
    private const string Endings = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Rest = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string OtherRest = @" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", Before = @"[^\r\n\p{L}\p{N}]?";

    private static readonly GgufSplits[] s_rows =
    [
        new(["gpt-2", "phi-2", "mpt", "olmo", "jais", "roberta-bpe", "gigachat"], Gpt2),
        new(["llama-bpe", "llama3", "llama-v3"], $@"{Endings}|{Before}\p{{L}}+|\p{{N}}{{1,3}}|{Rest}") { WholeWords = true, Begins = true },
        new(["dbrx", "smaug-bpe"], $@"{Endings}|{Before}\p{{L}}+|\p{{N}}{{1,3}}|{Rest}"),
        new(["qwen2", "deepseek-r1-qwen"], $@"{Endings}|{Before}\p{{L}}+|\p{{N}}|{Rest}") { Composes = true },
        new(["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"], @"\p{N}", Gpt2),
        new(["gpt-4o", "llama4"], $@"{Before}{Upper}*{Lower}+{Endings}?|{Before}{Upper}+{Lower}*{Endings}?|\p{{N}}{{1,3}}|{OtherRest}"),
        new(["tekken"], $@"{Before}{Upper}*{Lower}+|{Before}{Upper}+{Lower}*|\p{{N}}|{OtherRest}") { WholeWords = true, Begins = true },
        new(["falcon"], @"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"),
        new(["bloom", "poro-chat", "gpt3-finnish"], @" ?[^(\s|.,!?…。，、।۔،)]+"),
        new(["default"], Punctuation, Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"),
    ];

    /// <summary>Whether a word that is in the vocabulary is one token, whatever the merges say.</summary>
    public bool WholeWords { get; init; }

    /// <summary>Whether the first token stands before each text, where the file does not say.</summary>
    public bool Begins { get; init; }

    /// <summary>Whether texts are composed first (NFC).</summary>
    public bool Composes { get; init; }

    /// <summary>The names, for messages.</summary>
    public static string Known => string.Join(", ", s_rows.SelectMany(row => row.Names).Order(StringComparer.Ordinal).Select(name => $"'{name}'"));

    public static GgufSplits? Find(string name) => Array.Find(s_rows, row => row.Names.Contains(name));

    /// <summary>The steps as tokenizer.json has them.</summary>
    public IEnumerable<JsonObject> Steps() => Expressions.Select(expression => new JsonObject
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = expression },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    });
}
