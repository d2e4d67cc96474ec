using System.Text;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Small tokenizers made in memory.</summary>
internal static class Tokens
{
    public static readonly string[] BertSpecials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>A BERT tokenizer of a vocab.txt.</summary>
    public static TextTokenizer Bert(string config, params string[] vocabulary) => FromFiles(
        ("vocab.txt", string.Join('\n', BertSpecials.Concat(vocabulary)) + "\n"), ("tokenizer_config.json", config));

    /// <summary>A tokenizer of files.</summary>
    public static TextTokenizer FromFiles(params (string Name, string Text)[] files) => TextTokenizer.Load(Open(files), "test");

    /// <summary>A list of modules: without one, sentence-transformers' other files do not count.</summary>
    public static (string Name, string Text) Modules { get; } = ("modules.json", """[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]""");

    public static Func<string, Stream?> Open(params (string Name, string Text)[] files) =>
        name => Array.Find(files, file => file.Name == name).Text is { } text ? new MemoryStream(Encoding.UTF8.GetBytes(text)) : null;

    /// <summary>What a text becomes, as the vocabulary writes it, special tokens around it left out.</summary>
    public static string Of(TextTokenizer tokenizer, string text)
    {
        var ids = tokenizer.Encode(text);
        Assert.Equal(ids.Length, tokenizer.Count(text));
        return string.Join(' ', ids.Select(id => tokenizer.FindToken(id)).Skip(tokenizer.SpecialTokens == 0 ? 0 : 1).SkipLast(tokenizer.SpecialTokens == 0 ? 0 : 1));
    }
}
