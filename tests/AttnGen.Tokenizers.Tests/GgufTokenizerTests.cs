using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>The tokenizer in a GGUF file gives the ids of the folder that it was made of.</summary>
public sealed class GgufTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attngen").FullName;

    public static TheoryData<string, string, string?> Published => new()
    {
        { "llama3", "llama-bpe", null }, { "llama3_1", "llama-bpe", "<|begin_of_text|>" }, { "qwen3", "qwen2", null }, { "gpt4o", "gpt-4o", null },
        { "llama2", "", "<s>" }, { "gemma3", "", "<bos>" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Where golden/chat's fetch.sh has brought the published tokenizers to this machine.</summary>
    [Theory]
    [MemberData(nameof(Published))]
    public void Published_tokenizers(string name, string pre, string? begin)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"attngen-chat-packages-{Environment.UserName}", name);
        Assert.SkipUnless(File.Exists(Path.Combine(folder, "tokenizer.json")), $"The published tokenizer is not on this machine: run golden/chat/fetch.sh with {Path.GetDirectoryName(folder)}.");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var writer = pre.Length > 0 ? GgufFiles.Bytes(json.RootElement, pre, begin) : GgufFiles.Pieces(json.RootElement, begin, spacePrefix: name == "llama2");
        var expected = TextTokenizer.Load(folder);
        var found = TextTokenizer.Load(Write(writer));
        using var texts = JsonDocument.Parse(File.ReadAllBytes(Shared.Require("golden", "chat", "texts.json")));
        foreach (var text in texts.RootElement.EnumerateArray().Select(row => row.GetProperty("text").GetString()!))
            Assert.Equal(Ids(expected, text), Ids(found, text));
    }

    /// <summary>The project's own, whose words are GPT-2's.</summary>
    [Fact]
    public void The_tale_teller()
    {
        var folder = Shared.Require("assets", "taleteller");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var expected = TextTokenizer.Load(folder);
        var path = Write(GgufFiles.Bytes(json.RootElement, "gpt-2", "<|begin|>"));
        foreach (var found in new[] { TextTokenizer.Load(path), TextTokenizer.Load(_folder) })
        {
            foreach (var text in new[] { "", "Once upon a time, there was a fox's den.", "  two  spaces\n\n3 4567 ärger <|end|> 你好", "<|begin|>x" })
                Assert.Equal(Ids(expected, text), Ids(found, text));
        }
    }

    [Fact]
    public void Stories260K()
    {
        var tokenizer = TextTokenizer.Load(Shared.Require("models", "stories260K", "stories260K.gguf"));
        using var about = JsonDocument.Parse(File.ReadAllBytes(Shared.Require("models", "stories260K", "golden", "index.json")));
        foreach (var one in about.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = [.. one.GetProperty("prompt_tokens").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(ids, Ids(tokenizer, one.GetProperty("prompt").GetString()!));
        }
    }

    /// <summary>Embedded in an assembly: a GGUF file among the resources of a model, or the tokenizer's own files.</summary>
    [Fact]
    public void Embedded()
    {
        var file = GgufTokenizerFiles.OfResources(typeof(GgufTokenizerTests).Assembly, "AttnGen/models/small.gguf/", "small");
        var other = GgufTokenizerFiles.OfResources(typeof(GgufTokenizerTests).Assembly, "AttnGen/models/other/", "other");
        Assert.Null(file("config.json"));
        using var json = Assert.IsType<MemoryStream>(file("tokenizer.json"));
        Assert.Contains("byte_fallback", System.Text.Encoding.UTF8.GetString(json.ToArray()), StringComparison.Ordinal);
        Assert.Null(other("tokenizer.json"));
        using var config = other("config.json");
        Assert.NotNull(config);
    }

    [Theory]
    [InlineData("no tokens", "tokenizer.ggml.tokens")]
    [InlineData("no scores", "tokenizer.ggml.scores")]
    [InlineData("too few scores", "1 items in tokenizer.ggml.scores, 6")]
    [InlineData("too few types", "tokenizer.ggml.token_type")]
    [InlineData("no kind", "tokenizer.ggml.model")]
    [InlineData("another kind", "tokenizer.ggml.model 'rwkv' is not supported; supported are 'gpt2' and 'llama'")]
    [InlineData("other words", "tokenizer.ggml.pre 'viking' is not supported; supported are 'bloom'")]
    [InlineData("no merges", "tokenizer.ggml.merges")]
    [InlineData("a token twice", "the token 'a' twice")]
    [InlineData("an id beyond", "tokenizer.ggml.bos_token_id")]
    public void Refused_by_name(string what, string word)
    {
        var file = new GgufWriter();
        file.Text("general.architecture", "llama");
        file.Text("tokenizer.ggml.model", "llama");
        file.Texts("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "a", what == "a token twice" ? "a" : "b", "ab"]);
        file.Float32s("tokenizer.ggml.scores", [0, 0, 0, -1, -2, -3]);
        file.Int32s("tokenizer.ggml.token_type", [2, 3, 3, 1, 1, 1]);
        switch (what)
        {
            case "no tokens":
                file.Remove("tokenizer.ggml.tokens");
                break;
            case "no scores":
                file.Remove("tokenizer.ggml.scores");
                break;
            case "too few scores":
                file.Float32s("tokenizer.ggml.scores", [0]);
                break;
            case "too few types":
                file.Int32s("tokenizer.ggml.token_type", [2]);
                break;
            case "no kind":
                file.Remove("tokenizer.ggml.model");
                break;
            case "another kind":
                file.Text("tokenizer.ggml.model", "rwkv");
                break;
            case "other words":
                file.Text("tokenizer.ggml.model", "gpt2");
                file.Text("tokenizer.ggml.pre", "viking");
                break;
            case "no merges":
                file.Text("tokenizer.ggml.model", "gpt2");
                file.Text("tokenizer.ggml.pre", "gpt-2");
                break;
            case "an id beyond":
                file.UInt32("tokenizer.ggml.bos_token_id", 6);
                break;
        }

        var path = Write(file);
        var refused = Assert.ThrowsAny<Exception>(() => TextTokenizer.Load(path));
        Assert.True(refused is InvalidDataException or NotSupportedException or FileNotFoundException, refused.ToString());
        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.Contains("model.gguf", refused.Message, StringComparison.Ordinal);
    }

    private string Write(GgufWriter writer)
    {
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, writer.ToBytes());
        return path;
    }

    private static int[] Ids(TextTokenizer tokenizer, string text) => tokenizer.Encode(text);
}
