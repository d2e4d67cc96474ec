namespace AttnGen.Generation.Tests;

/// <summary>What was read is kept: the next turn reads what is new, with the same bits, and memory is bounded.</summary>
public sealed class KeepingTests
{
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxOutputTokens = 60 };

    private static int[] Encode(string text) => Tales.Tokenizer.Encode(text, true);

    private static TextGenerator Fresh(TextGeneratorOptions? options = null) => Tales.Create(options: options);

    /// <summary>Ids of a text, and the logarithms of all probabilities on the way: equal only with equal bits.</summary>
    private static (int[] Ids, float[] Numbers) Trace(TextGenerator generator, int[] prompt)
    {
        var text = generator.Generate(prompt, new GenerationOptions { Temperature = 0, MaxOutputTokens = 20, LogProbabilities = 1280 });
        return ([.. text.Ids], [.. text.LogProbabilities!.SelectMany(one => one.Top.Select(top => top.LogProbability))]);
    }

    /// <summary>A short question of somebody else leaves a conversation where it is.</summary>
    [Fact]
    public void A_short_prompt_takes_over_no_other_conversation()
    {
        using var generator = Tales.Create();
        var greedy = new GenerationOptions { Temperature = 0, MaxOutputTokens = 60 };
        var first = Tales.Tokenizer.Encode(Tales.Ask("Tell me a story about Mira and a kite."), true);
        var told = generator.Generate(first, greedy);
        generator.Generate(Tales.Ask("Tell me a story about Mira and a drum."), greedy);
        int[] second = [.. first, .. told.Ids, .. Tales.Tokenizer.Encode(Tales.Ask("Who is the story about?"), false)];
        Assert.Equal(first.Length + told.OutputTokens - 1, generator.Generate(second, greedy).CachedTokens);
    }

    /// <summary>A text that outgrows its room takes what is needed where twice as much is not free.</summary>
    [Fact]
    public void A_text_grows_as_far_as_there_is_room()
    {
        var one = TaleTeller.SequenceBytes(512);
        using var generator = Tales.Create(options: new TextGeneratorOptions { MaxSequenceBytes = one, MaxSequences = 1 });
        using var free = Tales.Create();
        int[] prompt = [.. Enumerable.Range(0, 300).Select(i => 300 + i * 7 % 900)];
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 20, IgnoreStopTokens = true };
        int[] longer = [.. prompt, .. generator.Generate(prompt, options).Ids, .. prompt[..100]];
        Assert.Equal(free.Generate(longer, options).Ids, generator.Generate(longer, options).Ids);
    }

    /// <summary>Texts that begin at the same time with a loaded prefix all go on from it.</summary>
    [Fact]
    public async Task A_loaded_prefix_serves_several_texts_at_once()
    {
        using var maker = Tales.Create();
        using var file = new MemoryStream();
        int[] prefix = [.. Enumerable.Range(0, 200).Select(i => 300 + i * 11 % 900)];
        maker.SavePrefix(prefix, file);
        file.Position = 0;
        using var generator = Tales.Create();
        generator.LoadPrefix(file);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => generator.Generate([.. prefix, 400 + i, 401, 402], new GenerationOptions { Temperature = 0, MaxOutputTokens = 4 }))));
        Assert.All(results, result => Assert.Equal(200, result.CachedTokens));
    }

    [Fact]
    public void The_second_turn_reads_only_what_is_new()
    {
        using var generator = Fresh();
        var first = Tales.Ask("Tell me a story about Mira and a kite.");
        var answer = generator.Generate(first, s_greedy);
        Assert.Equal(0, answer.CachedTokens);

        // The last token was chosen and never read.
        var second = $"{first}{answer.Text}<|end|>{Tales.Ask("Who found the kite?")}";
        var prompt = Encode(second);
        var common = Encode(first).Concat(answer.Ids).Zip(prompt).TakeWhile(pair => pair.First == pair.Second).Count();
        var before = generator.Engine.Counted.Tokens;
        var next = generator.Generate(prompt, s_greedy);
        Assert.Equal(Math.Min(common, Encode(first).Length + answer.OutputTokens - 1), next.CachedTokens);
        Assert.True(next.CachedTokens > Encode(first).Length);
        Assert.Equal(prompt.Length - next.CachedTokens + next.OutputTokens - 1, generator.Engine.Counted.Tokens - before);
        using var alone = Fresh();
        Assert.Equal(alone.Generate(second, s_greedy).Ids, next.Ids);
        Assert.Equal(1, generator.Kept.Sequences);
    }

    [Fact]
    public void Whatever_is_kept_the_bits_are_the_same()
    {
        using var generator = Fresh();
        var random = new Random(4);
        int[] start = [.. Enumerable.Range(0, 90).Select(_ => random.Next(1200))];
        for (var round = 0; round < 12; round++)
        {
            // Beginnings of one text, and what follows differs: continued, gone back, copied.
            int[] prompt = [.. start.Take(random.Next(1, 90)), .. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(1200))];
            using var alone = Fresh(new TextGeneratorOptions { KeepSequences = false });
            var expected = Trace(alone, prompt);
            var found = Trace(generator, prompt);
            Assert.Equal(expected.Ids, found.Ids);
            Assert.Equal(expected.Numbers, found.Numbers);
            Assert.Equal((0, 0L), alone.Kept);
        }

        Assert.True(generator.Kept.Sequences > 1);
    }

    [Fact]
    public void Another_conversation_with_the_same_beginning_copies_it_and_both_go_on()
    {
        using var generator = Fresh();
        int[] system = [.. Enumerable.Range(0, 50).Select(i => i * 11 % 1200)];
        int[] one = [.. system, .. Enumerable.Range(0, 30)], other = [.. system, .. Enumerable.Range(300, 30)];
        generator.Generate(one, s_greedy);
        Assert.Equal(50, generator.Generate(other, s_greedy).CachedTokens);
        Assert.Equal(2, generator.Kept.Sequences);
        Assert.Equal(79, generator.Generate(one, s_greedy).CachedTokens);
        Assert.Equal(79, generator.Generate(other, s_greedy).CachedTokens);

        // A beginning that is not worth copying is read again, and nobody loses anything.
        Assert.Equal(0, generator.Generate([.. system.Take(10), 7, 8], s_greedy).CachedTokens);
        Assert.Equal(3, generator.Kept.Sequences);
        Assert.Equal(79, generator.Generate(one, s_greedy).CachedTokens);
        generator.ForgetConversations();
        Assert.Equal((0, 0L), generator.Kept);
    }

    [Fact]
    public void The_one_not_used_for_longest_goes()
    {
        using var generator = Fresh(new TextGeneratorOptions { MaxSequences = 2 });
        int[] Prompt(int start) => [.. Enumerable.Range(start, 40)];
        generator.Generate(Prompt(0), s_greedy);
        generator.Generate(Prompt(100), s_greedy);
        generator.Generate(Prompt(0), s_greedy);
        generator.Generate(Prompt(200), s_greedy);
        Assert.Equal(2, generator.Kept.Sequences);
        Assert.Equal(39, generator.Generate(Prompt(0), s_greedy).CachedTokens);
        Assert.Equal(0, generator.Generate(Prompt(100), s_greedy).CachedTokens);
    }

    [Fact]
    public void Bytes_are_bounded_and_the_bound_is_told()
    {
        var each = TaleTeller.SequenceBytes(128);
        using var generator = Fresh(new TextGeneratorOptions { MaxSequenceBytes = 2 * each });
        for (var i = 0; i < 5; i++)
        {
            generator.Generate([.. Enumerable.Range(i * 100, 60)], s_greedy);
            Assert.InRange(generator.Kept.Bytes, 1, 2 * each);
        }

        using var small = Fresh(new TextGeneratorOptions { MaxSequenceBytes = each - 1 });
        var e = Assert.Throws<InvalidOperationException>(() => small.Generate([.. Enumerable.Range(0, 60)], s_greedy));
        Assert.Contains("MaxSequenceBytes", e.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0L), small.Kept);
        Assert.Equal(5, small.Generate([1, 2], new GenerationOptions { MaxOutputTokens = 5, Temperature = 0, IgnoreStopTokens = true }).OutputTokens);
    }

    [Fact]
    public async Task Running_texts_keep_their_place_and_the_next_one_is_refused()
    {
        using var generator = Fresh(new TextGeneratorOptions { MaxSequences = 1 });
        await using var first = generator.StreamAsync(new int[] { 1, 2, 3 }, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true }).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        var e = Assert.Throws<InvalidOperationException>(() => generator.Generate([7, 8], s_greedy));
        Assert.Contains("1 are being written", e.Message, StringComparison.Ordinal);
        Assert.Contains("MaxSequences", e.Message, StringComparison.Ordinal);
        Assert.True(await first.MoveNextAsync());
        await first.DisposeAsync();
        while (generator.Engine.Running > 0)
        {
            await Task.Yield();
        }

        // The pass that the reader left may still be under way.
        for (var i = 0; ; i++)
        {
            try
            {
                generator.Generate([7, 8], s_greedy);
                break;
            }
            catch (InvalidOperationException) when (i < 1000)
            {
                await Task.Delay(5);
            }
        }
    }

    [Fact]
    public void A_prefix_is_saved_shipped_and_gone_on_from()
    {
        var story = Tales.Ask("Tell me a story about Mira and a kite.") + "This is the story of a girl named Mira. Mira had a kite.<|end|>";
        using var file = new MemoryStream();
        int tokens;
        using (var maker = Fresh())
        {
            tokens = maker.SavePrefix(story, file);
        }

        using var generator = Fresh(new TextGeneratorOptions { MaxSequences = 3 });
        file.Position = 0;
        Assert.Equal(tokens, generator.LoadPrefix(file));
        Assert.Equal(file.Length, file.Position);
        foreach (var question in new[] { "Who had the kite?", "What did Mira have?", "Who had the kite?" })
        {
            var text = generator.Generate(story + Tales.Ask(question), s_greedy);
            Assert.InRange(text.CachedTokens, tokens, int.MaxValue);
            using var alone = Fresh();
            Assert.Equal(alone.Generate(story + Tales.Ask(question), s_greedy).Ids, text.Ids);
        }

        generator.ForgetConversations();
        Assert.Equal(1, generator.Kept.Sequences);
    }

    [Fact]
    public void Prefixes_that_are_damaged_or_anothers_are_refused()
    {
        using var generator = Fresh();
        using var file = new MemoryStream();
        generator.SavePrefix("Once there was a girl.", file);
        var bytes = file.ToArray();
        Assert.Contains("AttnGenP", Assert.Throws<InvalidDataException>(() => generator.LoadPrefix(new MemoryStream(new byte[100]))).Message, StringComparison.Ordinal);
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(i < 100 ? 80 : damaged.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => generator.LoadPrefix(new MemoryStream(damaged)));
            Assert.Throws<InvalidDataException>(() => generator.LoadPrefix(new MemoryStream(bytes, 0, random.Next(bytes.Length))));
        }

        Assert.Equal((0, 0L), generator.Kept);
        Assert.Equal(6, generator.LoadPrefix(new MemoryStream(bytes)) - Encode("Once there was a girl.").Length + 6);
    }
}
