using System.Reflection;
using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AttnGen.Embeddings.Tests;

/// <summary>Text to vector with the trained model, through the class that the compiler makes of its folder.</summary>
public sealed class MiniLmTests
{
    private static readonly Lazy<Type> s_class = new(() =>
    {
        const string Source = """
            [AttnGen.TransformerModel("model")]
            public sealed partial class MiniLm;
            """;
        return GeneratorHost.Compile(Source, new HostOptions { Models = ModelText.Read("model", Reference.MiniLm) }).GetType("MiniLm")!;
    });

    private static readonly Lazy<TextEmbeddingGenerator> s_generator = new(() => Create(new TextEmbeddingOptions { Load = new ModelLoadOptions { Threads = 0 } }));

    [Fact]
    public async Task Vectors_are_those_of_the_reference()
    {
        var folder = Reference.MiniLm;
        var goldens = Reference.Doubles(Path.Combine(folder, "golden", "golden.safetensors"), ".embedding64");
        var texts = Reference.Json("models/all-MiniLM-L6-v2/golden/index.json").GetProperty("texts").EnumerateArray().ToArray();
        var generator = s_generator.Value;
        var vectors = await generator.GenerateAsync(texts.Select(text => text.GetProperty("text").GetString()!), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(26, vectors.Count);
        Assert.Equal(texts.Sum(text => text.GetProperty("n_ids").GetInt64()), vectors.Usage!.InputTokenCount);
        var direct = new float[generator.Dimensions];
        for (var i = 0; i < vectors.Count; i++)
        {
            var key = texts[i].GetProperty("key").GetString();
            Reference.Near(goldens[$"{key}.embedding64"], vectors[i].Vector.Span, key);

            Assert.Equal(texts[i].GetProperty("n_ids").GetInt32(), generator.Embed(texts[i].GetProperty("text").GetString()!, direct));
            Assert.Equal(vectors[i].Vector.ToArray(), direct);
        }
    }

    [Fact]
    public async Task The_nearest_sentences_are_those_of_the_reference()
    {
        var table = Reference.Json("models/all-MiniLM-L6-v2/golden/neighbours.json");
        var sentences = table.GetProperty("sentences").EnumerateArray().Select(one => one.GetProperty("text").GetString()!).ToArray();
        using var generator = Create(new TextEmbeddingOptions { Threads = 2 });
        var vectors = await generator.GenerateAsync(sentences, cancellationToken: TestContext.Current.CancellationToken);
        for (var i = 0; i < sentences.Length; i++)
        {
            var cosines = vectors.Select(other => Reference.Dot(vectors[i].Vector.Span, other.Vector.Span)).ToArray();
            var top3 = Enumerable.Range(0, sentences.Length).Where(j => j != i).OrderByDescending(j => cosines[j]).Take(3);
            Assert.Equal(table.GetProperty("top3")[i].EnumerateArray().Select(j => j.GetInt32()), top3);
            for (var j = 0; j < sentences.Length; j++)
            {
                Assert.Equal(table.GetProperty("cosine")[i][j].GetDouble(), cosines[j], 2e-6);
            }
        }
    }

    [Fact]
    public void One_text_allocates_nothing()
    {
        var generator = s_generator.Value;
        var vector = new float[generator.Dimensions];
        string[] texts = ["She picked up the book and put it in her bag", "", "café naïve résumé — 東京は日本 [SEP] ﬁ 👩‍👩‍👧"];
        Assert.Equal(0, Allocated.Least(() =>
        {
            foreach (var text in texts)
            {
                generator.Embed(text, vector);
            }
        }));
    }

    // A window of 256 tokens: what stands behind it costs nothing, and changes nothing.
    [Theory]
    [InlineData("words", 20_000)]
    [InlineData("ideographs", 20_000)]
    [InlineData("brackets", 20_000)]
    [InlineData("letters", 10_000_000)]
    [InlineData("spaces", 10_000_000)]
    [InlineData("marks", 10_000_000)]
    [InlineData("controls", 10_000_000)]
    public void A_text_of_ten_million_characters_costs_what_is_read_of_it(string kind, int read)
    {
        var generator = s_generator.Value;
        var vector = new float[generator.Dimensions];
        var text = LongText.Of(kind, 10_000_000);
        var tokens = generator.Embed(text.AsSpan(0, read), vector);
        var expected = vector.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(tokens, generator.Embed(text, vector));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
        Assert.Equal(expected, vector);
    }

    [Fact]
    public async Task Eight_threads_get_the_bits_of_one()
    {
        var generator = s_generator.Value;
        var texts = Enumerable.Range(0, 32).Select(i => string.Join(' ', Enumerable.Repeat("river stone cloud table", 1 + i % 5))).ToArray();
        var expected = texts.Select(generator.Embed).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, texts.Length), new ParallelOptions { MaxDegreeOfParallelism = 8 }, (i, _) =>
        {
            Assert.Equal(expected[i], generator.Embed(texts[i]));
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public async Task Calls_while_it_is_disposed_end_with_a_vector_or_say_so()
    {
        var expected = s_generator.Value.Embed("The roof leaks.");
        for (var round = 0; round < 5; round++)
        {
            var generator = Create();
            var started = 0;
            var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < 200; i++)
                {
                    Interlocked.Increment(ref started);
                    try
                    {
                        Assert.Equal(expected, generator.Embed("The roof leaks."));
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            })).ToArray();
            SpinWait.SpinUntil(() => Volatile.Read(ref started) > 20);
            generator.Dispose();
            await Task.WhenAll(calls);
            Assert.Throws<ObjectDisposedException>(() => generator.Embed("a"));
            generator.Dispose();
        }
    }

    [Fact]
    public void Metadata_and_services_say_what_it_is()
    {
        var generator = s_generator.Value;
        var metadata = ((IEmbeddingGenerator)generator).GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.Equal("attngen", metadata.ProviderName);
        Assert.Equal("model", metadata.DefaultModelId);
        Assert.Equal(384, metadata.DefaultModelDimensions);
        Assert.Equal("bert", generator.GetRequiredService<ModelInfo>().ModelType);
        Assert.Same(generator.Tokenizer, generator.GetRequiredService<TextTokenizer>());
        Assert.Equal(256, generator.MaxTokens);
    }

    [Fact]
    public void A_container_loads_it_once_and_disposes_it()
    {
        var add = typeof(AttnGenServiceCollectionExtensions).GetMethod(nameof(AttnGenServiceCollectionExtensions.AddAttnGenEmbeddings))!;
        var services = new ServiceCollection();
        add.MakeGenericMethod(s_class.Value).Invoke(null, [services, Reference.MiniLm, null]);
        IEmbeddingGenerator<string, Embedding<float>> generator;
        using (var provider = services.BuildServiceProvider())
        {
            generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            Assert.Same(generator, provider.GetRequiredService<IEmbeddingGenerator>());
            Assert.Equal(384, Assert.IsType<TextEmbeddingGenerator>(generator).Embed("a").Length);
        }

        Assert.Throws<ObjectDisposedException>(() => ((TextEmbeddingGenerator)generator).Embed("a"));
    }

    private static TextEmbeddingGenerator Create(TextEmbeddingOptions? options = null)
    {
        try
        {
            return (TextEmbeddingGenerator)typeof(TextEmbeddingGenerator).GetMethod(nameof(TextEmbeddingGenerator.Create))!
                .MakeGenericMethod(s_class.Value).Invoke(null, [Reference.MiniLm, options])!;
        }
        catch (TargetInvocationException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }
}
