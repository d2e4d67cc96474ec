using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>The tokenizer of a hub's folder as the metadata of a GGUF file, as the converter of llama.cpp writes it.</summary>
internal static class GgufFiles
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6;

    /// <summary>Of byte-level BPE.</summary>
    /// <param name="json">The folder's tokenizer.json.</param>
    /// <param name="pre">How words are cut, by llama.cpp's name.</param>
    /// <param name="begin">The token that begins texts; null: none.</param>
    public static GgufWriter Bytes(JsonElement json, string pre, string? begin)
    {
        var file = Written(json, "gpt2", begin, out _);
        file.Text("tokenizer.ggml.pre", pre);
        file.Texts("tokenizer.ggml.merges", [.. json.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge =>
            merge.ValueKind == JsonValueKind.String ? merge.GetString()! : string.Join(' ', merge.EnumerateArray().Select(half => half.GetString())))]);
        return file;
    }

    /// <summary>Of SentencePiece's BPE. The folder has merges in place of the scores: a piece's rank among them stands for its score.</summary>
    public static GgufWriter Pieces(JsonElement json, string? begin, bool spacePrefix)
    {
        var file = Written(json, "llama", begin, out var tokens);
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var merge in json.GetProperty("model").GetProperty("merges").EnumerateArray())
        {
            var whole = merge.ValueKind == JsonValueKind.String ? Joined(merge.GetString()!) : string.Concat(merge.EnumerateArray().Select(half => half.GetString()));
            ranks.TryAdd(whole, ranks.Count);
        }

        file.Float32s("tokenizer.ggml.scores", [.. tokens.Select(token => ranks.TryGetValue(token, out var rank) ? -(float)rank : -1e6f)]);
        file.Flag("tokenizer.ggml.add_space_prefix", spacePrefix);
        return file;

        static string Joined(string merge)
        {
            var space = merge.IndexOf(' ', StringComparison.Ordinal);
            return merge[..space] + merge[(space + 1)..];
        }
    }

    private static GgufWriter Written(JsonElement json, string model, string? begin, out string[] tokens)
    {
        var all = json.GetProperty("model").GetProperty("vocab").EnumerateObject().ToDictionary(token => token.Value.GetInt32(), token => (token.Name, Kind: Normal));
        if (model == "llama")
        {
            foreach (var (id, (name, _)) in all.ToArray())
                all[id] = (name, name is ['<', '0', 'x', _, _, '>'] ? Byte : name == "<unk>" ? Unknown : Normal);
        }

        foreach (var token in json.GetProperty("added_tokens").EnumerateArray())
        {
            var id = token.GetProperty("id").GetInt32();
            if (!(all.TryGetValue(id, out var known) && known.Kind == Unknown))
                all[id] = (token.GetProperty("content").GetString()!, token.GetProperty("special").GetBoolean() ? Control : UserDefined);
        }

        var count = all.Keys.Max() + 1;
        var names = tokens = [.. Enumerable.Range(0, count).Select(id => all.TryGetValue(id, out var token) ? token.Name : $"[PAD{id}]")];
        var file = new GgufWriter();
        file.Text("general.architecture", "llama");
        file.Text("tokenizer.ggml.model", model);
        file.Texts("tokenizer.ggml.tokens", names);
        file.Int32s("tokenizer.ggml.token_type", [.. Enumerable.Range(0, count).Select(id => all.TryGetValue(id, out var token) ? token.Kind : 5)]);
        if (begin is not null)
            file.UInt32("tokenizer.ggml.bos_token_id", Array.IndexOf(names, begin));
        file.Flag("tokenizer.ggml.add_bos_token", begin is not null);
        if (model == "llama")
            file.UInt32("tokenizer.ggml.unknown_token_id", Array.IndexOf(names, "<unk>"));
        return file;
    }
}
