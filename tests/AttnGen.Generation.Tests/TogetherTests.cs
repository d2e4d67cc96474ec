namespace AttnGen.Generation.Tests;

/// <summary>Texts that are written at the same time: together in a pass, each as if alone.</summary>
public sealed class TogetherTests
{
    private static readonly string[] s_names = ["Mira", "Tom", "Anna", "Ben", "Lily", "Max", "Sara", "Leo"];

    private static string Question(int i) => Tales.Ask($"Tell me a story about {s_names[i]} and a {(i % 2 == 0 ? "kite" : "ball")}.");

    private static GenerationOptions Options(int i) => i % 3 == 0
        ? new() { Temperature = 0, MaxOutputTokens = 60 + i }
        : new() { Temperature = 0.9f, TopP = 0.95f, Seed = i, MaxOutputTokens = 60 + i, RepetitionPenalty = 1.1f, SpeculateTokens = i % 2 * 4 };

    private static int[][] Alone()
    {
        using var generator = Tales.Create();
        return [.. Enumerable.Range(0, s_names.Length).Select(i => generator.Generate(Question(i), Options(i)).Ids.ToArray())];
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task Each_text_is_as_if_alone(int threads, bool streams)
    {
        var expected = Alone();
        using var generator = Tales.Create(options: new TextGeneratorOptions { Threads = threads });
        var texts = await Task.WhenAll(Enumerable.Range(0, s_names.Length).Select(i => streams
            ? generator.GenerateAsync(Question(i), Options(i))
            : Task.Factory.StartNew(() => generator.Generate(Question(i), Options(i)), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(expected[i], texts[i].Ids);
        }

        Assert.Equal(0, generator.Engine.Running);
    }

    [Fact]
    public async Task Texts_that_wait_at_the_same_time_share_a_pass()
    {
        using var generator = Tales.Create();
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 100, IgnoreStopTokens = true };
        // All begin while the first one's prompt is being read.
        using var begin = new ManualResetEventSlim();
        var others = Task.Run(async () =>
        {
            begin.Wait();
            await Task.WhenAll(Enumerable.Range(1, 7).Select(i => generator.GenerateAsync(Question(i), options)));
        });
        generator.Generate(Question(0), _ => begin.Set(), new GenerationOptions { Temperature = 0, MaxOutputTokens = 400, IgnoreStopTokens = true });
        await others;
        var (passes, steps, _) = generator.Engine.Counted;
        Assert.True(steps > 7 * 100, $"{steps}");
        Assert.True(passes < steps * 3 / 4, $"{passes} passes for {steps} steps");
    }

    [Fact]
    public async Task A_reader_that_takes_its_time_stops_nobody()
    {
        using var generator = Tales.Create();
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 100, IgnoreStopTokens = true };
        await using var slow = generator.StreamAsync(Question(0), options).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        Assert.Equal(100, generator.Generate(Question(1), options).OutputTokens);
        Assert.Equal(100, (await generator.GenerateAsync(Question(2), options)).OutputTokens);

        // The slow one was taken no further ahead than its bound, and goes on.
        Assert.True(await slow.MoveNextAsync());
        Assert.InRange(slow.Current.OutputTokens, 1, 3 * Engine.MostAhead);
        while (slow.Current.Result is null)
        {
            Assert.True(await slow.MoveNextAsync());
        }

        Assert.Equal(Tales.Create().Generate(Question(0), options).Ids, slow.Current.Result.Ids);
    }

    [Fact]
    public async Task A_long_prompt_does_not_stop_those_who_write()
    {
        using var generator = Tales.Create(options: new TextGeneratorOptions { PromptPiece = 8 });
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 300, IgnoreStopTokens = true };
        await using var writer = generator.StreamAsync(Question(0), options).GetAsyncEnumerator();
        Assert.True(await writer.MoveNextAsync());
        int[] prompt = [.. Enumerable.Range(0, 400)];
        var read = generator.GenerateAsync(prompt, new GenerationOptions { Temperature = 0, MaxOutputTokens = 1 });
        while (!read.IsCompleted && writer.Current.Result is null)
        {
            Assert.True(await writer.MoveNextAsync());
        }

        await read;
        // 50 pieces, and in each of their passes the writer had a turn if it wanted one.
        Assert.True(writer.Current.OutputTokens > 10, $"{writer.Current.OutputTokens}");
    }

    [Fact]
    public async Task A_fault_of_one_text_is_its_own()
    {
        var expected = Alone();
        using var generator = Tales.Create();
        var texts = Enumerable.Range(0, 4).Select(i => generator.GenerateAsync(Question(i), Options(i))).ToArray();
        var faulty = generator.GenerateAsync(Question(5), new GenerationOptions { Constraint = new Faulty() });
        Assert.Equal("mask", (await Assert.ThrowsAsync<FormatException>(() => faulty)).Message);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(expected[i], (await texts[i]).Ids);
        }
    }

    [Fact]
    public async Task Disposing_ends_what_is_being_written()
    {
        var generator = TextGenerator.Create<TaleTeller>();
        await using var text = generator.StreamAsync(Question(0), new GenerationOptions { Temperature = 0, IgnoreStopTokens = true }).GetAsyncEnumerator();
        Assert.True(await text.MoveNextAsync());
        generator.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await text.MoveNextAsync())
            {
            }
        });
        Assert.Throws<ObjectDisposedException>(() => generator.Generate(Question(0)));
    }

    private sealed class Faulty : TokenConstraint
    {
        public override bool MayEnd => false;

        public override void Mask(Span<float> logits) => throw new FormatException("mask");

        public override void Accept(int id)
        {
        }

        public override void Reset()
        {
        }
    }
}
