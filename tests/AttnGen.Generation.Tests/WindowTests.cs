using System.Text;
using AttnGen.Testing;

namespace AttnGen.Generation.Tests;

/// <summary>Conversations of a model whose layers keep a ring: back to the end of the last prompt, and the same bits.</summary>
public sealed class WindowTests
{
    [Fact]
    public void The_next_turn_goes_on_from_the_end_of_the_last_prompt()
    {
        var source = Shared.Require("golden", "hf", "mistral");
        var folder = Directory.CreateTempSubdirectory("attngen").FullName;
        try
        {
            File.Copy(Path.Combine(source, "model.safetensors"), Path.Combine(folder, "model.safetensors"));
            File.WriteAllText(Path.Combine(folder, "config.json"), File.ReadAllText(Path.Combine(source, "config.json")).Replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 1024", StringComparison.Ordinal));
            var type = GeneratorHost.Compile("[AttnGen.TransformerModel(\"model\")]\npublic sealed partial class Model;\n", new HostOptions { Models = ModelText.Read("model", folder) }).GetType("Model")!;
            using var model = (ILanguageModel)type.GetMethod("Load", [typeof(string), typeof(ModelLoadOptions)])!.Invoke(null, [folder, null])!;
            using var generator = TextGenerator.Create(model, Letters(model.Info.VocabularySize));
            using var alone = TextGenerator.Create(model, Letters(model.Info.VocabularySize), options: new TextGeneratorOptions { KeepSequences = false });

            int[] first = [.. Enumerable.Range(0, 500).Select(i => (i * 13 + i / 7) % model.Info.VocabularySize)];
            var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 200, SpeculateTokens = 7 };
            var answer = generator.Generate(first, options);
            Assert.Equal(alone.Generate(first, options).Ids, answer.Ids);

            // The template leaves out what was written, and something else follows the first prompt.
            int[] second = [.. first, 3, 1, 4, 1, 5];
            var next = generator.Generate(second, options);
            Assert.Equal(500, next.CachedTokens);
            Assert.Equal(alone.Generate(second, options).Ids, next.Ids);

            // And what was written is gone on from.
            int[] third = [.. second, .. next.Ids, 2];
            var last = generator.Generate(third, options);
            Assert.Equal(second.Length + next.OutputTokens - 1, last.CachedTokens);
            Assert.Equal(alone.Generate(third, options).Ids, last.Ids);

            // Others share a beginning that the kept ones, or copies of them, can no longer go back to.
            foreach (var shared in new[] { 40, 100, 333, 480, 499 })
            {
                int[] other = [.. first[..shared], 9, 2, 6, .. first[..30]];
                Assert.Equal(alone.Generate(other, options).Ids, generator.Generate(other, options).Ids);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A tokenizer of as many words as the model has ids.
    private static Tokenizers.TextTokenizer Letters(int count)
    {
        var words = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{(char)('a' + i % 26)}{(i >= 26 ? i / 26 : "")}\":{i}"));
        var json = $$$"""{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{{{{words}}}},"merges":[]}}""";
        return Tokenizers.TextTokenizer.Load(file => file == "tokenizer.json" ? new MemoryStream(Encoding.UTF8.GetBytes(json)) : null, "letters");
    }
}
