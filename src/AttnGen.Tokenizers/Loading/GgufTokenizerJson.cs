using System.Text.Json.Nodes;
using AttnGen.Gguf;
using ForeignText = AttnGen.Generator.Json.ForeignText;

namespace AttnGen.Tokenizers;

/// <summary>A GGUF file's tokenizer as tokenizer.json.</summary>
internal sealed class GgufTokenizerJson(GgufHeader header, Stream stream, GgufTokens tokens)
{
    private const string Whole = "tokenizer.huggingface.json";
    private const string TypesKey = "tokenizer.ggml.token_type";
    private const string MergesKey = "tokenizer.ggml.merges";
    private const string ScoresKey = "tokenizer.ggml.scores";
    private const string Space = "\u2581";

    // The kinds of tokens that are looked for in texts as they are.
    private const int Control = 3;
    private const int UserDefined = 4;

    private readonly List<double> _types = header[TypesKey] is null ? [] : header.Numbers(stream, TypesKey);

    /// <summary>Makes it.</summary>
    /// <exception cref="GgufProblem">Something is missing, or not supported.</exception>
    public byte[] Make()
    {
        if (header.Text(Whole) is { } whole)
        {
            return System.Text.Encoding.UTF8.GetBytes(whole);
        }

        if (_types.Count != 0 && _types.Count != tokens.Tokens.Count)
        {
            throw Malformed($"{_types.Count} items in {TypesKey}", $"{tokens.Tokens.Count}, as many as in {GgufTokens.TokensKey},");
        }

        var kind = header.Text("tokenizer.ggml.model") ?? throw header.Missing("tokenizer.ggml.model, which says what its tokenizer is");
        var json = kind switch
        {
            "gpt2" => Bytes(),
            "llama" => Pieces(),
            _ => throw header.Unsupported($"tokenizer.ggml.model {ForeignText.Quote(kind)} is not supported; supported are 'gpt2' and 'llama'"),
        };
        json["added_tokens"] = Added();
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private JsonObject Bytes()
    {
        var pre = header.Text("tokenizer.ggml.pre") ?? "default";
        var splits = GgufSplits.Find(pre)
            ?? throw header.Unsupported($"tokenizer.ggml.pre {ForeignText.Quote(pre)} is not supported; supported are {GgufSplits.Known}");
        var merges = header[MergesKey] is null ? throw header.Missing($"{MergesKey}, which tokenizer.ggml.model 'gpt2' needs") : header.Strings(stream, MergesKey);
        var steps = new JsonArray();
        foreach (var step in splits.Steps())
        {
            steps.Add((JsonNode)step);
        }

        steps.Add((JsonNode)new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false });
        return new JsonObject
        {
            ["version"] = "1.0",
            ["normalizer"] = splits.Composes ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = steps },
            ["post_processor"] = Template(beginsByDefault: splits.Begins),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = false,
                ["ignore_merges"] = splits.WholeWords,
                ["vocab"] = Vocabulary(),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    // SentencePiece's BPE: the merges follow from the pieces' scores.
    private JsonObject Pieces()
    {
        if (header[ScoresKey] is null)
        {
            throw header.Missing($"{ScoresKey}, which tokenizer.ggml.model 'llama' needs");
        }

        var scores = header.Numbers(stream, ScoresKey);
        if (scores.Count != tokens.Tokens.Count)
        {
            throw Malformed($"{scores.Count} items in {ScoresKey}", $"{tokens.Tokens.Count}, as many as in {GgufTokens.TokensKey},");
        }

        var replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = Space };
        bool hasPrefix = tokens.Flag("add_space_prefix") ?? true;
        var unknown = tokens.Id("unk_token");
        return new JsonObject
        {
            ["version"] = "1.0",
            ["normalizer"] = !hasPrefix ? replace : new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = Space }, replace) },
            ["post_processor"] = Template(beginsByDefault: true),
            ["decoder"] = Decoder(hasPrefix),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = true,
                ["fuse_unk"] = true,
                ["unk_token"] = unknown >= 0 ? tokens.Tokens[unknown] : null,
                ["vocab"] = Vocabulary(),
                ["merges"] = new JsonArray([.. Merges(scores).Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
            },
        };
    }

    // As transformers derives them: each way to cut a piece in two, the best scores first.
    private IEnumerable<(string Left, string Right)> Merges(List<double> scores)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Tokens.Count; id++)
        {
            ids.TryAdd(tokens.Tokens[id], id);
        }

        var merges = new List<(string Left, string Right, double Score)>();
        for (var id = 0; id < tokens.Tokens.Count; id++)
        {
            var piece = tokens.Tokens[id];
            var cuts = new List<(int Left, int Right)>();
            for (var at = 1; at < piece.Length; at++)
            {
                if (ids.TryGetValue(piece[..at], out var left) && ids.TryGetValue(piece[at..], out var right))
                {
                    cuts.Add((left, right));
                }
            }

            cuts.Sort();
            merges.AddRange(cuts.Select(cut => (tokens.Tokens[cut.Left], tokens.Tokens[cut.Right], scores[id])));
        }

        return merges.OrderByDescending(merge => merge.Score).Select(merge => (merge.Left, merge.Right));
    }

    private static JsonObject Decoder(bool hasPrefix)
    {
        var steps = new JsonArray(
            new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = Space }, ["content"] = " " },
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" });
        if (hasPrefix)
        {
            steps.Add((JsonNode)new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        }

        return new JsonObject { ["type"] = "Sequence", ["decoders"] = steps };
    }

    private JsonObject Vocabulary()
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < tokens.Tokens.Count; id++)
        {
            if (!vocabulary.TryAdd(tokens.Tokens[id], id))
            {
                throw Malformed($"the token {ForeignText.Quote(tokens.Tokens[id])} twice in {GgufTokens.TokensKey}", "each once");
            }
        }

        return vocabulary;
    }

    private JsonArray Added()
    {
        var added = new JsonArray();
        for (var id = 0; id < _types.Count; id++)
        {
            if (_types[id] is Control or UserDefined)
            {
                added.Add((JsonNode)new JsonObject
                {
                    ["id"] = id,
                    ["content"] = tokens.Tokens[id],
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = _types[id] == Control,
                });
            }
        }

        return added;
    }

    // The tokens around a text.
    private JsonObject? Template(bool beginsByDefault)
    {
        var used = new JsonObject();
        var begin = Token("add_bos_token", "bos_token", beginsByDefault);
        var end = Token("add_eos_token", "eos_token", otherwise: false);
        if (begin is null && end is null)
        {
            return null;
        }

        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = Parts(["A"]), ["pair"] = Parts(["A", "B"]), ["special_tokens"] = used };

        string? Token(string flag, string role, bool otherwise)
        {
            var id = tokens.Id(role);
            if (!(tokens.Flag(flag) ?? otherwise) || id < 0)
            {
                return null;
            }

            var token = tokens.Tokens[id];
            used[token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
            return token;
        }

        JsonArray Parts(string[] texts)
        {
            var parts = new JsonArray();
            for (var i = 0; i < texts.Length; i++)
            {
                Special(parts, begin, i);
                parts.Add((JsonNode)new JsonObject { ["Sequence"] = new JsonObject { ["id"] = texts[i], ["type_id"] = i } });
                Special(parts, end, i);
            }

            return parts;
        }

        static void Special(JsonArray parts, string? token, int type)
        {
            if (token is not null)
            {
                parts.Add((JsonNode)new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } });
            }
        }
    }

    private GgufProblem Malformed(string found, string expected) => new($"{header.File} has {found}, {expected} is expected; fetch the file again, or write it again with the converter of llama.cpp.");
}
