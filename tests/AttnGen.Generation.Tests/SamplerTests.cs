namespace AttnGen.Generation.Tests;

/// <summary>Sampling is what transformers defines, tie by tie, and the same everywhere.</summary>
public sealed class SamplerTests
{
    private static readonly SamplingSettings s_draws = new() { Draws = true };

    /// <summary>The tokens that may be drawn: each of them comes with some number, and no other does.</summary>
    private static int[] Drawn(float[] logits, SamplingSettings settings, int draws = 4000)
    {
        var sampler = new TokenSampler(logits.Length);
        var random = new RandomSource(7);
        var found = new SortedSet<int>();
        for (var i = 0; i < draws; i++)
        {
            found.Add(sampler.Next([.. logits], null, ref random, settings));
        }

        return [.. found];
    }

    private static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    /// <summary>Zeros of both signs are equal, whatever stands first.</summary>
    [Fact]
    public void Both_zeros_are_one()
    {
        var settings = new SamplingSettings { Draws = true, TopP = 0.99f };
        Assert.Equal([0, 1, 2], Drawn([0f, -0f, -0.5f, -30], settings));
        Assert.Equal([0, 1, 2], Drawn([-0f, 0f, -0.5f, -30], settings));
    }

    [Fact]
    public void A_temperature_that_leaves_nothing_is_refused()
    {
        var random = new RandomSource(1);
        var e = Assert.Throws<InvalidOperationException>(() => new TokenSampler(3).Next([-30, -31, -35], null, ref random, new SamplingSettings { Draws = true, Temperature = 1e-38f }));
        Assert.Contains("temperature", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Greedy_takes_the_first_of_equal_maxima()
    {
        var random = new RandomSource(1);
        for (var length = 1; length < 70; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var logits = Enumerable.Repeat(-1f, length).ToArray();
                logits[at] = 2;
                logits[^1] = 2;
                Assert.Equal(at, new TokenSampler(length).Next(logits, null, ref random, new SamplingSettings()));
            }
        }

        // Zeros are equal whatever their sign.
        Assert.Equal(1, new TokenSampler(3).Next([-1, -0f, 0f], null, ref random, new SamplingSettings()));
    }

    [Fact]
    public void Top_k_keeps_what_is_as_likely_as_the_last()
    {
        float[] logits = [1, 3, 2, 2, 0, 2, -5];
        Assert.Equal([1], Drawn(logits, s_draws with { TopK = 1 }));
        Assert.Equal([1, 2, 3, 5], Drawn(logits, s_draws with { TopK = 2 }));
        Assert.Equal([1, 2, 3, 5], Drawn(logits, s_draws with { TopK = 4 }));
        Assert.Equal([0, 1, 2, 3, 5], Drawn(logits, s_draws with { TopK = 5 }));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Drawn(logits, s_draws with { TopK = 7 }, 40_000));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Drawn(logits, s_draws with { TopK = 50 }, 40_000));
        Assert.Equal([0, 1], Drawn([-0f, 0f, -1], s_draws with { TopK = 1 }));
    }

    [Fact]
    public void Top_p_keeps_the_smallest_set_that_reaches_it()
    {
        var logits = Logs(0.125, 0.5, 0.25, 0.125);
        Assert.Equal([1], Drawn(logits, s_draws with { TopP = 0 }));
        Assert.Equal([1], Drawn(logits, s_draws with { TopP = 0.4f }));
        Assert.Equal([1, 2], Drawn(logits, s_draws with { TopP = 0.6f }));
        Assert.Equal([1, 2, 3], Drawn(logits, s_draws with { TopP = 0.8f })); // of equals the earlier id goes first
        Assert.Equal([0, 1, 2, 3], Drawn(logits, s_draws with { TopP = 0.9f }));
        Assert.Equal([0, 1, 2, 3], Drawn(logits, s_draws with { TopP = 1 }));

        // Exactly reached: four equal tokens weigh 1 each.
        Assert.Equal([2, 3], Drawn([0, 0, 0, 0], s_draws with { TopP = 0.5f }));
        Assert.Equal([1, 2, 3], Drawn([0, 0, 0, 0], s_draws with { TopP = 0.75f }));
        Assert.Equal([1, 2, 3], Drawn([0, 0, 0, 0], s_draws with { TopP = 0.7f }));
        Assert.Equal([3], Drawn([0, 0, 0, 0], s_draws with { TopP = 0.25f }));
    }

    [Fact]
    public void Min_p_keeps_what_has_at_least_that_share_of_the_likeliest()
    {
        Assert.Equal([0, 1], Drawn(Logs(0.5, 0.3, 0.2), s_draws with { MinP = 0.5f }));
        Assert.Equal([0, 1, 2], Drawn(Logs(0.5, 0.3, 0.2), s_draws with { MinP = 0.3f }));
        Assert.Equal([0, 2], Drawn([0, -1, 0], s_draws with { MinP = 1 }));
    }

    [Fact]
    public void The_order_is_temperature_top_k_top_p_min_p()
    {
        // At a temperature of 2 the shares are 0.46, 0.33, 0.21 (square roots): 0.7 needs two of them, and without it one.
        var logits = Logs(0.7, 0.2, 0.1);
        Assert.Equal([0], Drawn(logits, s_draws with { TopP = 0.69f }));
        Assert.Equal([0, 1], Drawn(logits, s_draws with { TopP = 0.69f, Temperature = 2 }));

        // Top-k first, so that top-p counts shares of what it left: 0.5 of (0.5, 0.4) is 0.56 of 1.
        Assert.Equal([0], Drawn(Logs(0.5, 0.4, 0.1), s_draws with { TopK = 2, TopP = 0.55f }));
        Assert.Equal([0, 1], Drawn(Logs(0.5, 0.4, 0.1), s_draws with { TopP = 0.55f }));
    }

    [Fact]
    public void Penalties_follow_their_definitions()
    {
        var written = new WrittenTokens([0, 1], 8);
        written.Add(1);
        written.Add(2);
        written.Add(2);
        float[] logits = [4, -4, 3, 1];
        written.Penalize(logits, new SamplingSettings { RepetitionPenalty = 2, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f });
        // Prompt and text alike are divided or multiplied; only what was written counts for the others.
        Assert.Equal([2f, -8 - 0.5f - 0.25f, 1.5f - 1 - 0.25f, 1], logits);
    }

    /// <summary>The share of numbers that give a token is its probability: the bounds of each token's numbers are searched, and their distance compared.</summary>
    [Theory]
    [InlineData(40, 200)]
    [InlineData(600, 40)]
    [InlineData(3000, 6)]
    public void Probabilities_are_those_of_the_reference(int vocabulary, int rounds)
    {
        var random = new Random(vocabulary);
        for (var round = 0; round < rounds; round++)
        {
            var spread = Math.Pow(10, random.NextDouble() * 2 - 1);
            float[] logits = [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(spread * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 4))];
            for (var i = 0; i < vocabulary / 8; i++)
            {
                logits[random.Next(vocabulary)] = logits[random.Next(vocabulary)]; // ties
            }

            int[] prompt = [.. Enumerable.Range(0, 5).Select(_ => random.Next(vocabulary))];
            int[] text = [.. Enumerable.Range(0, 7).Select(_ => random.Next(vocabulary))];
            var settings = new SamplingSettings
            {
                Draws = true,
                Temperature = random.Next(3) == 0 ? 1 : (float)(0.2 + random.NextDouble() * 2),
                TopK = random.Next(2) == 0 ? 0 : random.Next(1, vocabulary),
                TopP = random.Next(2) == 0 ? 1 : (float)random.NextDouble(),
                MinP = random.Next(2) == 0 ? 0 : (float)(random.NextDouble() * 0.3),
                RepetitionPenalty = random.Next(2) == 0 ? 1 : 1.3f,
                FrequencyPenalty = random.Next(2) == 0 ? 0 : 0.4f,
                PresencePenalty = random.Next(2) == 0 ? 0 : 0.7f,
            };
            var expected = SamplerReference.Probabilities(logits, prompt, text, settings);
            var written = new WrittenTokens(prompt, 10);
            Array.ForEach(text, written.Add);
            var scores = (float[])logits.Clone();
            written.Penalize(scores, settings);
            var found = Shares(scores, settings);
            for (var i = 0; i < vocabulary; i++)
            {
                Assert.True(Math.Abs(expected[i] - found[i]) < 1e-5, $"round {round}, token {i}: {found[i]} instead of {expected[i]} of {settings}");
            }
        }
    }

    private static double[] Shares(float[] scores, SamplingSettings settings)
    {
        var shares = new double[scores.Length];
        var logits = (float[])scores.Clone();
        if (settings.Temperature != 1)
        {
            LogitMath.Divide(logits, settings.Temperature);
        }

        var set = new CandidateSet(scores.Length);
        set.Take(logits, settings.TopK);
        set.Weigh(LogitMath.Max(logits, out _));
        if (settings.TopP < 1)
        {
            set.KeepShare(settings.TopP);
        }

        if (settings.MinP > 0)
        {
            set.KeepLikely(settings.MinP);
        }

        // The least number of 0 to 1 at which the draw is beyond each token.
        var before = 0.0;
        var ids = set.Ids.ToArray();
        foreach (var id in ids)
        {
            double low = before, high = 1;
            for (var step = 0; step < 40 && low < high; step++)
            {
                var middle = (low + high) / 2;
                (low, high) = set.Draw(middle) > id ? (low, middle) : (middle, high);
            }

            shares[id] = high - before;
            before = high;
        }

        return shares;
    }

    [Fact]
    public void Random_numbers_are_those_of_the_published_generator()
    {
        // SplitMix64 from 0 begins with these (its authors' test vector); xoshiro256** of the state 1, 2, 3, 4 begins with 11520, 0, 1509978240, 1215971899390074240.
        var random = new RandomSource(0);
        ulong[] state = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC];
        ulong[] expected = new ulong[6];
        for (var i = 0; i < expected.Length; i++)
        {
            expected[i] = ulong.RotateLeft(state[1] * 5, 7) * 9;
            var t = state[1] << 17;
            state[2] ^= state[0];
            state[3] ^= state[1];
            state[1] ^= state[2];
            state[0] ^= state[3];
            state[2] ^= t;
            state[3] = ulong.RotateLeft(state[3], 45);
        }

        Assert.Equal(expected, Enumerable.Range(0, 6).Select(_ => random.Next()).ToArray());
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(random.NextDouble(), 0, 1 - 1.0 / (1L << 53));
        }
    }

    [Fact]
    public void Exponentials_have_the_same_bits_at_every_width()
    {
        var random = new Random(2);
        float[] values = [.. Enumerable.Range(0, 1003).Select(_ => (float)(random.NextDouble() * -120)), 0, float.NegativeInfinity];
        var together = new float[values.Length];
        LogitMath.Exponentials(values, 0.25f, together);
        for (var i = 0; i < values.Length; i++)
        {
            var alone = new float[1];
            LogitMath.Exponentials(values.AsSpan(i, 1), 0.25f, alone);
            Assert.Equal(BitConverter.SingleToInt32Bits(alone[0]), BitConverter.SingleToInt32Bits(together[i]));
        }
    }

    [Fact]
    public void What_no_token_can_follow_is_an_error_that_says_so()
    {
        var random = new RandomSource(1);
        Assert.Contains("No token may come", Assert.Throws<InvalidOperationException>(() => new TokenSampler(2).Next([float.NegativeInfinity, float.NegativeInfinity], null, ref random, s_draws)).Message, StringComparison.Ordinal);
        Assert.Contains("not finite", Assert.Throws<InvalidOperationException>(() => new TokenSampler(40).Next([.. Enumerable.Repeat(0f, 39), float.NaN], null, ref random, s_draws)).Message, StringComparison.Ordinal);
        Assert.Contains("not finite", Assert.Throws<InvalidOperationException>(() => new TokenSampler(2).Next([0, float.PositiveInfinity], null, ref random, new SamplingSettings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_allocated_after_the_first_draw()
    {
        var sampler = new TokenSampler(5000);
        var logits = Enumerable.Range(0, 5000).Select(i => (i * 7919 % 1000) / 100f).ToArray();
        var row = new float[5000];
        var random = new RandomSource(3);
        Assert.Equal(0, AttnGen.Testing.Allocated.Least(() =>
        {
            logits.CopyTo(row, 0);
            sampler.Next(row, null, ref random, s_draws with { TopK = 1000, TopP = 0.9f, MinP = 0.01f, Temperature = 0.8f });
        }));
    }
}
