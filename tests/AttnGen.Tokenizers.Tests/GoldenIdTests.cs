namespace AttnGen.Tokenizers.Tests;

/// <summary>Ids against those of the Hugging Face tokenizers.</summary>
public class GoldenIdTests
{
    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt")]
    public void MiniLM_has_the_reference_ids_of_every_golden_text(string source)
    {
        var folder = SharedFiles.MiniLm;
        var tokenizer = source == "tokenizer.json"
            ? TextTokenizer.Load(folder)
            : TextTokenizer.Load(file => file is "tokenizer.json" ? null : File.Exists(Path.Combine(folder, file)) ? File.OpenRead(Path.Combine(folder, file)) : null, "MiniLM");
        var failures = new List<string>();
        var texts = 0;
        foreach (var golden in SharedFiles.Json("models/all-MiniLM-L6-v2/golden/index.json").GetProperty("texts").EnumerateArray())
        {
            texts++;
            var text = golden.GetProperty("text").GetString()!;
            var expected = golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var ids = tokenizer.Encode(text, 256);
            if (!expected.SequenceEqual(ids))
            {
                failures.Add($"{golden.GetProperty("key")} {golden.GetProperty("what")}: {string.Join(' ', ids)} instead of {string.Join(' ', expected)}");
            }

            Assert.Equal(golden.GetProperty("n_ids_without_truncation").GetInt32(), tokenizer.Count(text));
        }

        Assert.Empty(failures);
        Assert.Equal(26, texts);
    }

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.json, merges as pairs")]
    public void GPT2_has_the_reference_ids_of_every_golden_text(string source)
    {
        var tokenizer = TextTokenizer.Load(
            file => file switch
            {
                "tokenizer.json" when source.StartsWith(file, StringComparison.Ordinal) => new MemoryStream(Gpt2Files.TokenizerJson(source.EndsWith("pairs", StringComparison.Ordinal))),
                "vocab.json" => new MemoryStream(Gpt2Files.Vocabulary),
                "merges.txt" => new MemoryStream(Gpt2Files.Merges),
                "config.json" => new MemoryStream("{\"model_type\": \"gpt2\"}"u8.ToArray()),
                _ => null,
            },
            "GPT-2");
        var failures = new List<string>();
        var texts = 0;
        foreach (var golden in SharedFiles.Json("golden/tokenizers/gpt2.json").GetProperty("texts").EnumerateArray())
        {
            var text = golden.GetProperty("text").GetString()!;
            if (text.Contains("<|endoftext|>", StringComparison.Ordinal))
            {
                continue; // plain text in the goldens, a token here
            }

            texts++;
            var expected = golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var ids = tokenizer.Encode(text);
            if (!expected.SequenceEqual(ids))
            {
                failures.Add($"'{text}': {string.Join(' ', ids)} instead of {string.Join(' ', expected)}");
            }

            Assert.Equal(text, tokenizer.Decode(ids));
        }

        Assert.Empty(failures);
        Assert.True(texts >= 20, $"{texts} texts");
    }
}
