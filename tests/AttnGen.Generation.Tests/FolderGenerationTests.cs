using System.Text;
using AttnGen.Tokenizers;

namespace AttnGen.Generation.Tests;

/// <summary>What a folder says of writing is followed as transformers does, or refused by name.</summary>
public sealed class FolderGenerationTests
{
    private static FolderGeneration Read(string? generation, string? config = null, string? tokenizer = null, bool follow = true) => FolderGeneration.Read(
        new ModelFiles(
            file => (file switch { "generation_config.json" => generation, "config.json" => config, "tokenizer_config.json" => tokenizer, _ => null }) is { } text ? new MemoryStream(Encoding.UTF8.GetBytes(text)) : null, "fake"),
        Tales.Tokenizer,
        follow);

    [Fact]
    public void Tokens_that_end_a_text_come_from_each_file()
    {
        Assert.Equal([7], Read("""{"eos_token_id": 7}""", """{"eos_token_id": 8}""").StopIds);
        Assert.Equal([7, 9], Read("""{"eos_token_id": [9, 7]}""").StopIds);
        Assert.Equal([8], Read("""{"eos_token_id": null}""", """{"eos_token_id": 8}""").StopIds);
        Assert.Equal([5, 6], Read(null, """{"text_config": {"eos_token_id": [5, 6]}}""").StopIds);
        Assert.Equal([8, 1277], Read(null, """{"eos_token_id": 8}""", """{"eos_token": "<|end|>"}""").StopIds);
        Assert.Equal([1277], Read(null, null, """{"eos_token": {"content": "<|end|>"}}""").StopIds);
        Assert.Empty(Read(null, "{}", """{"eos_token": "<|nobody|>"}""").StopIds);
        Assert.Equal([7], Read("""{"eos_token_id": 7, "typical_p": 0.5}""", follow: false).StopIds);
    }

    [Fact]
    public void Settings_are_followed_where_a_call_is_silent()
    {
        var folder = Read("""{"do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.05, "max_new_tokens": 99, "transformers_version": "4.51.0", "bos_token_id": 3}""");
        var settings = WritingSettings.Resolve(null, folder, 1280);
        Assert.Equal(new SamplingSettings { Draws = true, Temperature = 0.6f, TopK = 20, TopP = 0.95f, MinP = 0.05f, RepetitionPenalty = 1.05f }, settings.Sampling);
        Assert.Equal(99, settings.MaxOutputTokens);

        var options = new GenerationOptions { Temperature = 0.9f, TopK = 0, TopP = 1, MinP = 0, RepetitionPenalty = 1, MaxOutputTokens = 5 };
        settings = WritingSettings.Resolve(options, folder, 1280);
        Assert.Equal(new SamplingSettings { Draws = true, Temperature = 0.9f }, settings.Sampling);
        Assert.Equal(5, settings.MaxOutputTokens);

        // Penalties hold for the likeliest token, too.
        settings = WritingSettings.Resolve(new GenerationOptions { Temperature = 0 }, folder, 1280);
        Assert.False(settings.Sampling.Draws);
        Assert.Equal(1.05f, settings.Sampling.RepetitionPenalty);
        Assert.False(WritingSettings.Resolve(new GenerationOptions { Sample = false }, folder, 1280).Sampling.Draws);
    }

    [Fact]
    public void Whether_tokens_are_drawn_is_decided_as_documented()
    {
        static bool Draws(FolderGeneration folder, GenerationOptions? options = null) => WritingSettings.Resolve(options, folder, 1280).Sampling.Draws;
        Assert.False(Draws(FolderGeneration.None));
        Assert.False(Draws(Read("""{"temperature": 0.5, "top_p": 0.5}""")));
        Assert.True(Draws(Read("""{"do_sample": true}""")));
        Assert.True(Draws(FolderGeneration.None, new() { Temperature = 0.1f }));
        Assert.True(Draws(FolderGeneration.None, new() { TopK = 5 }));
        Assert.True(Draws(FolderGeneration.None, new() { TopP = 0.5f }));
        Assert.True(Draws(FolderGeneration.None, new() { MinP = 0.5f }));
        Assert.False(Draws(FolderGeneration.None, new() { Seed = 1 }));
        Assert.True(Draws(FolderGeneration.None, new() { Sample = true }));
        Assert.Equal(50, WritingSettings.Resolve(new() { Sample = true }, FolderGeneration.None, 1280).Sampling.TopK); // transformers' default
    }

    [Theory]
    [InlineData("typical_p", "0.5", true)]
    [InlineData("typical_p", "1.0", false)]
    [InlineData("num_beams", "4", true)]
    [InlineData("num_beams", "1", false)]
    [InlineData("no_repeat_ngram_size", "3", true)]
    [InlineData("no_repeat_ngram_size", "0", false)]
    [InlineData("suppress_tokens", "[1, 2]", true)]
    [InlineData("suppress_tokens", "[]", false)]
    [InlineData("forced_eos_token_id", "2", true)]
    [InlineData("forced_eos_token_id", "null", false)]
    [InlineData("token_healing", "true", true)]
    [InlineData("token_healing", "false", false)]
    [InlineData("guidance_scale", "1.5", true)]
    [InlineData("watermarking_config", "{}", true)]
    [InlineData("max_length", "4096", false)]
    public void What_would_give_another_text_is_refused_by_name(string key, string value, bool refused)
    {
        var file = $$"""{"{{key}}": {{value}}}""";
        if (!refused)
        {
            Read(file);
            return;
        }

        var e = Assert.Throws<NotSupportedException>(() => Read(file));
        Assert.Contains(key, e.Message, StringComparison.Ordinal);
        Assert.Contains("FollowFolder", e.Message, StringComparison.Ordinal);
        Read(file, follow: false);
    }

    [Theory]
    [InlineData("""{"temperature": -1}""", "temperature is -1")]
    [InlineData("""{"top_k": 1.5}""", "top_k is 1.5")]
    [InlineData("""{"top_p": "x"}""", "top_p is \"x\"")]
    [InlineData("""{"do_sample": 1}""", "do_sample is 1")]
    [InlineData("""{"eos_token_id": "x"}""", "eos_token_id has \"x\"")]
    [InlineData("""{"max_new_tokens": 0}""", "max_new_tokens is 0")]
    public void Malformed_values_are_told(string file, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_embedded_folder_is_followed()
    {
        // do_sample at a temperature of 0.3 and top_k 0, as samples/models/taleteller says.
        using var generator = TextGenerator.Create<TaleTeller>();
        var question = Tales.Ask("Tell me a story about Mira and a kite.");
        Assert.Equal([1277], generator.StopTokenIds);
        Assert.Equal(
            generator.Generate(question, new GenerationOptions { Seed = 3, Temperature = 0.3f, TopK = 0 }).Ids,
            generator.Generate(question, new GenerationOptions { Seed = 3 }).Ids);
        using var deaf = TextGenerator.Create<TaleTeller>(options: new TextGeneratorOptions { FollowFolder = false });
        Assert.Equal(generator.Generate(question, new GenerationOptions { Temperature = 0 }).Ids, deaf.Generate(question).Ids);
    }
}
