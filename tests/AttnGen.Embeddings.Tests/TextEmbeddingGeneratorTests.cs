using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;

namespace AttnGen.Embeddings.Tests;

public class TextEmbeddingGeneratorTests
{
    private static readonly TextTokenizer s_tokenizer = Tokens.Bert("{}", "a", "b", "c", "q", ":");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task Vectors_come_in_the_order_of_the_texts(int threads)
    {
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Threads = threads });
        var texts = Enumerable.Range(0, 40).Select(i => string.Concat(Enumerable.Repeat("a b ", i % 6)) + (i % 2 == 0 ? "c" : "a")).ToArray();
        var vectors = await generator.GenerateAsync(texts, cancellationToken: Cancellation);
        Assert.Equal(texts.Select(text => (float)s_tokenizer.Encode(text).Sum()), vectors.Select(vector => vector.Vector.Span[0]));
        Assert.Equal(texts.Sum(text => s_tokenizer.Count(text)), vectors.Usage!.InputTokenCount);
        Assert.Equal("fake", vectors[0].ModelId);
    }

    [Fact]
    public async Task The_longest_texts_go_first()
    {
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, s_tokenizer);
        await generator.GenerateAsync(["a", "a b c", "", "a b"], cancellationToken: Cancellation);
        Assert.Equal([5, 4, 3, 2], model.Calls.Select(call => call.Ids.Length));
    }

    [Fact]
    public async Task No_texts_are_no_vectors()
    {
        using var model = new FakeEncoder();
        var vectors = await new TextEmbeddingGenerator(model, s_tokenizer).GenerateAsync([], cancellationToken: Cancellation);
        Assert.Empty(vectors);
        Assert.Equal(0, vectors.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Long_texts_are_cut_or_refused()
    {
        using var model = new FakeEncoder(maxTokens: 16, recommended: 5);
        var cutting = new TextEmbeddingGenerator(model, s_tokenizer);
        Assert.Equal(5, cutting.MaxTokens);
        Assert.Equal(5f, cutting.Embed("a b c a b c a b c")[1]);

        var refusing = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Truncate = false, MaxTokens = 6 });
        Assert.Equal(6f, refusing.Embed("a b c a")[1]);
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => refusing.GenerateAsync(["a", "a b c a b c"], cancellationToken: Cancellation));
        Assert.Contains("Text 1 has 8 tokens; the limit is 6.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_is_the_folders_the_models_or_the_tokenizers()
    {
        using var model = new FakeEncoder(maxTokens: 16);
        Assert.Equal(16, new TextEmbeddingGenerator(model, s_tokenizer).MaxTokens);
        Assert.Equal(8, new TextEmbeddingGenerator(model, Tokens.Bert("{\"model_max_length\": 8}", "a")).MaxTokens);
        using var explicitly = new FakeEncoder(maxTokens: 16, recommended: 16);
        Assert.Equal(16, new TextEmbeddingGenerator(explicitly, Tokens.Bert("{\"model_max_length\": 8}", "a")).MaxTokens); // what the folder says wins over the tokenizer, though it be the model's own
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 17 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 1 }));
    }

    [Fact]
    public async Task Dimensions_cut_and_normalise_again()
    {
        using var model = new FakeEncoder(normalized: true);
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Dimensions = 2 });
        Assert.Equal(2, generator.Dimensions);
        Assert.Equal(2, generator.GetRequiredService<EmbeddingGeneratorMetadata>().DefaultModelDimensions);
        var cut = generator.Embed("a"); // 10 and 3 before
        Assert.Equal(2, cut.Length);
        Assert.Equal(10 / Math.Sqrt(109), cut[0], 1e-6);
        Assert.Equal(3 / Math.Sqrt(109), cut[1], 1e-6);

        var asked = await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 3 }, Cancellation);
        Assert.Equal(3, asked[0].Vector.Length);
        Assert.Equal(2 / Math.Sqrt(113), asked[0].Vector.Span[2], 1e-6);

        var raw = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Dimensions = 2, Normalize = false });
        Assert.Equal([10, 3], raw.Embed("a"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => raw.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 5 }, Cancellation));
    }

    [Fact]
    public void Vectors_are_normalised_when_asked()
    {
        using var model = new FakeEncoder();
        Assert.Equal([10, 3, 2, 3], new TextEmbeddingGenerator(model, s_tokenizer).Embed("a"));
        var vector = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Normalize = true }).Embed("a");
        Assert.Equal(1, vector.Sum(x => (double)x * x), 1e-6);
        Assert.Equal(10 / Math.Sqrt(122), vector[0], 1e-6);
    }

    /// <summary>A limit below the special tokens: transformers' tokenizer subtracts them, gets a number below 0 that it takes for a huge one, and cuts nothing. So it is no limit that could be followed.</summary>
    [Theory]
    [InlineData(16, 1, "{}", "max_seq_length (sentence_bert_config.json) is 1, but 2 are there without any text")]
    [InlineData(16, 0, "{\"model_max_length\": 1}", "model_max_length (tokenizer_config.json) is 1, but 2 are there")]
    [InlineData(1, 0, "{}", "The model takes 1 token, but 2 are there")]
    [InlineData(16, 2, "{}", null)]
    [InlineData(16, 0, "{\"model_max_length\": 2}", null)]
    [InlineData(2, 0, "{}", null)]
    public void A_limit_below_the_special_tokens_is_refused(int most, int recommended, string config, string? expected)
    {
        using var model = new FakeEncoder(maxTokens: most, recommended: recommended);
        var tokenizer = Tokens.Bert(config, "a");
        if (expected is null)
        {
            Assert.Equal(2, new TextEmbeddingGenerator(model, tokenizer).MaxTokens);
            return;
        }

        Assert.StartsWith(expected, Assert.Throws<InvalidDataException>(() => new TextEmbeddingGenerator(model, tokenizer)).Message, StringComparison.Ordinal);
        if (most > 1)
            Assert.Equal(3, new TextEmbeddingGenerator(model, tokenizer, new TextEmbeddingOptions { MaxTokens = 3 }).MaxTokens);
    }

    /// <summary>The same of a folder that is read when the program runs, and of pairs, which have a token more.</summary>
    [Fact]
    public void A_folders_limit_below_the_special_tokens_is_refused()
    {
        using var model = new FakeEncoder(recommended: 8);
        var tokenizer = Tokens.Bert("{}", "a");
        var settings = SentenceSettings.Read(new ModelFiles(Tokens.Open(Tokens.Modules, ("sentence_bert_config.json", "{\"max_seq_length\": 1}")), "test"));
        Assert.Contains("max_seq_length (sentence_bert_config.json) is 1", Assert.Throws<InvalidDataException>(() => new TextEmbeddingGenerator(model, tokenizer, settings, null, false)).Message, StringComparison.Ordinal);
        using var logits = new FakeLogits(FakeModel.Describe(maxTokens: 2, logits: 1), _ => [0]);
        Assert.Contains("takes 2 tokens, but 3 are there", Assert.Throws<InvalidDataException>(() => new Reranker(logits, tokenizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_stand_before_the_text()
    {
        using var model = new FakeEncoder();
        var files = new ModelFiles(Tokens.Open(Tokens.Modules, ("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"q: \", \"passage\": \"c: \"}, \"default_prompt_name\": null}")), "test");
        var settings = SentenceSettings.Read(files);
        int[] Ids(string text) => s_tokenizer.Encode(text);

        new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Prompt = "b " }).Embed(" a ");
        new TextEmbeddingGenerator(model, s_tokenizer, settings, new TextEmbeddingOptions { PromptName = "query" }, false).Embed("a");
        var plain = new TextEmbeddingGenerator(model, s_tokenizer, settings, null, false);
        plain.Embed("a");
        await plain.GenerateAsync(["a"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["prompt_name"] = "passage" } }, Cancellation);
        await plain.GenerateAsync(["a"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["prompt"] = "b" } }, Cancellation);
        Assert.Equal([Ids("b a"), Ids("q: a"), Ids("a"), Ids("c: a"), Ids("ba")], model.Calls.Select(call => call.Ids));

        var exception = Assert.Throws<ArgumentException>(() => new TextEmbeddingGenerator(model, s_tokenizer, settings, new TextEmbeddingOptions { PromptName = "no" }, false));
        Assert.Contains("passage, query", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Cancellation_stops_between_texts(int threads)
    {
        using var source = new CancellationTokenSource();
        using var model = new FakeEncoder { Before = _ => source.Cancel() };
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Threads = threads });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(Enumerable.Repeat("a", 100), cancellationToken: source.Token));
        Assert.InRange(model.Calls.Count, 1, threads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_failure_is_thrown_as_it_is(int threads)
    {
        using var model = new FakeEncoder { Before = ids => throw new InvalidOperationException($"{ids.Length}") };
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Threads = threads });
        await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync(Enumerable.Repeat("a", 20), cancellationToken: Cancellation));
        Assert.InRange(model.Calls.Count, 1, threads);
    }

    [Fact]
    public async Task Progress_is_told_of_every_text()
    {
        var reports = new List<EmbeddingProgress>();
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Threads = 2, Progress = new Sink(reports) });
        await generator.GenerateAsync(["a", "b", "c"], cancellationToken: Cancellation);
        Assert.Equal([new(1, 3), new(2, 3), new(3, 3)], reports);
    }

    [Fact]
    public async Task Mistakes_are_named()
    {
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, s_tokenizer);
        Assert.Contains("Text 1", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a", null!], cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("4", Assert.Throws<ArgumentException>(() => generator.Embed("a", new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Dimensions = 0 }));
        Assert.Contains("TextEmbeddingOptions.Threads is -1; give 0 (one thread for each processor) or a number from 1 on.", Assert.Throws<ArgumentOutOfRangeException>(() => new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { Threads = -1 })).Message, StringComparison.Ordinal);
        using var logits = new FakeLogits(FakeModel.Describe(logits: 1), _ => [0]);
        Assert.Contains("RerankerOptions.Threads is -2; give 0", Assert.Throws<ArgumentOutOfRangeException>(() => new Reranker(logits, s_tokenizer, new RerankerOptions { Threads = -2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_disposed_by_its_owner_alone()
    {
        using var model = new FakeEncoder();
        new TextEmbeddingGenerator(model, s_tokenizer).Dispose();
        Assert.False(model.Disposed);
        new TextEmbeddingGenerator(model, s_tokenizer, ownsModel: true).Dispose();
        Assert.True(model.Disposed);
    }

    [Fact]
    public void Services_are_found_by_type()
    {
        using var model = new FakeEncoder();
        var generator = new TextEmbeddingGenerator(model, s_tokenizer, new TextEmbeddingOptions { ModelName = "mine" });
        Assert.Same(model, generator.GetService(typeof(ISentenceEncoder)));
        Assert.Same(generator, generator.GetService(typeof(IEmbeddingGenerator<string, Embedding<float>>)));
        Assert.Equal("mine", ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId);
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(ModelInfo), "key"));
    }

    private sealed class Sink(List<EmbeddingProgress> reports) : IProgress<EmbeddingProgress>
    {
        public void Report(EmbeddingProgress value) => reports.Add(value);
    }
}
