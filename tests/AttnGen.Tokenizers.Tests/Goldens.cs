using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Small tokenizers of every kind, and what the Hugging Face tokenizers make of texts; Goldens/README.md says how they were made.</summary>
internal static class Goldens
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Goldens");
    private static readonly Lazy<JsonElement[]> s_cases = new(() => [.. Json("cases.json").EnumerateArray()]);
    private static readonly Lazy<string[]> s_texts = new(() => Json("texts.json").Deserialize<string[]>()!);
    private static readonly Lazy<byte[]> s_map = new(ReadMap);

    public static TheoryData<string> Cases => [.. s_cases.Value.Select(one => one.GetProperty("name").GetString()!)];

    public static JsonElement[] All => s_cases.Value;

    public static string[] Texts => s_texts.Value;

    /// <summary>SentencePiece's character map.</summary>
    public static byte[] Map => s_map.Value;

    /// <summary>The tokenizer of a case.</summary>
    /// <param name="name">The case.</param>
    /// <param name="config">Its tokenizer_config.json.</param>
    /// <param name="change">What is other than in the case.</param>
    public static TextTokenizer Load(string name, string config = "{}", Action<JsonObject>? change = null)
    {
        var json = JsonNode.Parse(TokenizerJson(Case(name)))!.AsObject();
        change?.Invoke(json);
        return Tokens.FromFiles(("tokenizer.json", json.ToJsonString().Replace("\"MAP\"", $"\"{Convert.ToBase64String(s_map.Value)}\"", StringComparison.Ordinal)), ("tokenizer_config.json", config));
    }

    public static JsonElement Case(string name) => s_cases.Value.Single(one => one.GetProperty("name").GetString() == name);

    public static string TokenizerJson(JsonElement golden)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, golden.GetProperty("base").GetString() + ".json")))!.AsObject();
        foreach (var change in golden.GetProperty("changes").EnumerateObject())
        {
            if (change.Name == "model")
            {
                foreach (var member in change.Value.EnumerateObject())
                {
                    json["model"]![member.Name] = JsonNode.Parse(member.Value.GetRawText());
                }
            }
            else
            {
                json[change.Name] = JsonNode.Parse(change.Value.GetRawText());
            }
        }

        return json.ToJsonString().Replace("\"MAP\"", $"\"{Convert.ToBase64String(s_map.Value)}\"", StringComparison.Ordinal);
    }

    // Parts of one message may be given one after the other: normalizer_spec (3) with precompiled_charsmap (2).
    public static byte[] SentencePiece(string name)
    {
        var map = s_map.Value;
        byte[] inner = [2 << 3 | 2, .. Number(map.Length), .. map];
        return [.. File.ReadAllBytes(Path.Combine(s_folder, name + ".model")), 3 << 3 | 2, .. Number(inner.Length), .. inner];

        static byte[] Number(int value) => value < 0x80 ? [(byte)value] : [(byte)(value & 0x7F | 0x80), .. Number(value >> 7)];
    }

    private static byte[] ReadMap()
    {
        using var file = new BrotliStream(File.OpenRead(Path.Combine(s_folder, "nmt_nfkc.map.br")), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }

    public static JsonElement Json(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, file)));
        return document.RootElement.Clone();
    }
}
