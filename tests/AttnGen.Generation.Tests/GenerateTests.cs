using System.Text;

namespace AttnGen.Generation.Tests;

/// <summary>Texts that are written: whole, in pieces, by a callback; how they end, and what is told of them.</summary>
public sealed class GenerateTests : IDisposable
{
    private static readonly string s_question = Tales.Ask("Tell me a story about Mira and a kite.");
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxOutputTokens = 300 };
    private readonly TextGenerator _generator = Tales.Create();

    public void Dispose() => _generator.Dispose();

    [Fact]
    public void Greedy_text_is_that_of_the_likeliest_tokens_of_bare_calls()
    {
        var ids = _generator.Tokenizer.Encode(s_question, true);
        using var sequence = _generator.Model.CreateSequence();
        var logits = new float[_generator.Model.Info.LogitsSize];
        sequence.Extend(ids, logits);
        List<int> expected = [];
        while (expected.Count < 300)
        {
            var next = Array.IndexOf(logits, logits.Max());
            expected.Add(next);
            if (next == 1277)
            {
                break;
            }

            sequence.Extend([next], logits);
        }

        var text = _generator.Generate(s_question, s_greedy);
        Assert.Equal(expected, text.Ids);
        Assert.Equal(TextEnd.StopToken, text.End);
        Assert.Equal(_generator.Tokenizer.Decode(expected.ToArray(), skipSpecialTokens: true), text.Text);
        Assert.Equal((ids.Length, expected.Count), (text.InputTokens, text.OutputTokens));
        Assert.Contains("Mira", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_of_a_stream_and_of_a_callback_make_the_text()
    {
        var whole = _generator.Generate(s_question, s_greedy);
        var pieces = new List<TextPiece>();
        await foreach (var piece in _generator.StreamAsync(s_question, s_greedy))
        {
            pieces.Add(piece);
        }

        Assert.Equal(whole.Text, string.Concat(pieces));
        Assert.All(pieces[..^1], piece => Assert.Null(piece.Result));
        Assert.Equal(whole.Ids, pieces[^1].Result!.Ids);
        Assert.Equal(whole.OutputTokens, pieces[^1].OutputTokens);
        Assert.True(pieces.Count > whole.Ids.Count / (Engine.MostAhead + 1));

        var called = new StringBuilder();
        var result = _generator.Generate(s_question, text => called.Append(text), s_greedy);
        Assert.Equal(whole.Text, called.ToString());
        Assert.Equal("", result.Text);

        Assert.Equal(whole.Text, (await _generator.GenerateAsync(s_question, s_greedy)).Text);
    }

    [Fact]
    public void A_seed_gives_the_same_text_and_none_gives_another()
    {
        var options = new GenerationOptions { Temperature = 1, TopK = 0, MaxOutputTokens = 40, Seed = 5 };
        var first = _generator.Generate(s_question, options);
        Assert.Equal(first.Ids, _generator.Generate(s_question, options).Ids);
        Assert.Equal(5, first.Seed);

        // With the same bits on every machine that has fused multiply-add, the same text.
        if (Runtime.SimdLane.FusedMultiplyAdd)
        {
            Assert.Equal(SeededText, first.Text);
        }

        var free = new GenerationOptions { Temperature = 1, MaxOutputTokens = 40 };
        var (one, other) = (_generator.Generate(s_question, free), _generator.Generate(s_question, free));
        Assert.NotEqual(one.Ids, other.Ids);
        Assert.Equal(one.Ids, _generator.Generate(s_question, new GenerationOptions { Temperature = 1, MaxOutputTokens = 40, Seed = one.Seed }).Ids);
    }

    private const string SeededText =
        "This is the story of a girl named Mira. Outside it was cloudy. She got a blue kite from her grandmother. Then Mira ran all the way to the library. Then Ida came to the tower";

    [Fact]
    public void Every_end_is_told()
    {
        var whole = _generator.Generate(s_question, s_greedy);
        var cut = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, MaxOutputTokens = 7 });
        Assert.Equal(TextEnd.Length, cut.End);
        Assert.Equal(whole.Ids.Take(7), cut.Ids);

        var stop = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, StopSequences = ["never", " a "] });
        Assert.Equal(TextEnd.StopSequence, stop.End);
        Assert.Equal(whole.Text[..whole.Text.IndexOf(" a ", StringComparison.Ordinal)], stop.Text);

        var third = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, StopTokenIds = [whole.Ids[2]] });
        Assert.Equal(TextEnd.StopToken, third.End);
        Assert.Equal(whole.Ids.Take(3), third.Ids);
        Assert.Equal(_generator.Tokenizer.Decode([.. whole.Ids.Take(2)], true), third.Text);

        // The window: with a prompt of T tokens there is room for as many more as it has positions, and one that is not read.
        var full = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true });
        Assert.Equal(TextEnd.WindowFull, full.End);
        Assert.Equal(_generator.Model.Info.MaxTokens - full.InputTokens + 1, full.OutputTokens);
        int[] wide = [.. Enumerable.Repeat(5, _generator.Model.Info.MaxTokens)];
        Assert.Single(_generator.Generate(wide, new GenerationOptions { Temperature = 0 }).Ids);
    }

    /// <summary>Many tokens that are no text, or may be the beginning of a stop sequence, hold nobody up.</summary>
    [Fact]
    public async Task Tokens_without_text_do_not_stop_the_writing()
    {
        // One token forbids all others, and it is special.
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 100, IgnoreStopTokens = true, Constraint = new Always(1277) };
        Assert.Equal((100, ""), (_generator.Generate(s_question, options).OutputTokens, _generator.Generate(s_question, options).Text));
        var pieces = 0;
        await foreach (var piece in _generator.StreamAsync(s_question, options))
        {
            pieces++;
            Assert.Equal("", piece.Text);
            Assert.Equal(100, piece.Result!.OutputTokens);
        }

        Assert.Equal(1, pieces);
        var held = new GenerationOptions { Temperature = 0, MaxOutputTokens = 40, StopSequences = [new string('.', 1000)], Constraint = new Always(13) };
        Assert.Equal(_generator.Tokenizer.Decode([.. Enumerable.Repeat(13, 40)]), (await _generator.GenerateAsync(s_question, held)).Text);
    }

    private sealed class Always(int id) : TokenConstraint
    {
        public override bool MayEnd => false;

        public override void Mask(Span<float> logits)
        {
            var kept = logits[id];
            logits.Fill(float.NegativeInfinity);
            logits[id] = kept;
        }

        public override void Accept(int next) => Assert.Equal(id, next);

        public override void Reset()
        {
        }
    }

    [Fact]
    public void Special_tokens_are_part_of_the_text_if_asked_for()
    {
        var text = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true, KeepSpecialTokens = true, MaxOutputTokens = 200 });
        Assert.Contains("<|end|>", text.Text, StringComparison.Ordinal);
        Assert.Equal(_generator.Tokenizer.Decode([.. text.Ids]), text.Text);
        var without = _generator.Generate(s_question, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true, MaxOutputTokens = 200 });
        Assert.DoesNotContain("<|end|>", without.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_probabilities_are_those_of_the_models_logits()
    {
        var text = _generator.Generate(s_question, new GenerationOptions { Temperature = 0.9f, Seed = 3, MaxOutputTokens = 12, LogProbabilities = 4, RepetitionPenalty = 1.2f });
        Assert.Equal(text.Ids, text.LogProbabilities!.Select(one => one.Id));
        using var sequence = _generator.Model.CreateSequence();
        var logits = new float[_generator.Model.Info.LogitsSize];
        sequence.Extend(_generator.Tokenizer.Encode(s_question, true), logits);
        for (var i = 0; i < 12; i++)
        {
            var max = logits.Max();
            var sum = max + Math.Log(logits.Sum(logit => Math.Exp((double)logit - max)));
            var one = text.LogProbabilities![i];
            Assert.Equal(logits[one.Id] - sum, one.LogProbability, 5);
            int[] best = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).Take(4)];
            Assert.Equal(best, one.Top.Select(top => top.Id));
            Assert.Equal(best.Select(id => (float)(logits[id] - sum)), one.Top.Select(top => top.LogProbability), (a, b) => Math.Abs(a - b) < 1e-5);
            sequence.Extend([one.Id], logits);
        }

        Assert.Empty(_generator.Generate(s_question, new GenerationOptions { MaxOutputTokens = 1, LogProbabilities = 0 }).LogProbabilities!.Single().Top);
    }

    [Fact]
    public void Nothing_is_allocated_from_one_token_to_the_next()
    {
        foreach (var options in new[] { s_greedy, new GenerationOptions { Temperature = 0.8f, TopP = 0.9f, Seed = 1, MaxOutputTokens = 300, RepetitionPenalty = 1.1f, StopSequences = ["nowhere"] } })
        {
            var least = long.MaxValue;
            for (var round = 0; round < 20 && least != 0; round++)
            {
                long before = 0, last = 0;
                var pieces = 0;
                _generator.Generate(s_question, _ =>
                {
                    last = GC.GetAllocatedBytesForCurrentThread();
                    before = pieces++ == 2 ? last : before;
                }, options);
                Assert.True(pieces > 40);
                least = Math.Min(least, last - before);
            }

            Assert.Equal(0, least);
        }
    }

    [Fact]
    public void Prompts_that_do_not_fit_are_refused()
    {
        Assert.Contains("no tokens", Assert.Throws<ArgumentException>(() => _generator.Generate(ReadOnlySpan<int>.Empty)).Message, StringComparison.Ordinal);
        Assert.Contains("513 tokens, but the context window of taleteller is 512", Assert.Throws<ArgumentException>(() => _generator.Generate(new int[513])).Message, StringComparison.Ordinal);
        Assert.Contains("1280", Assert.Throws<ArgumentException>(() => _generator.Generate([1280])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => _generator.Generate((string)null!));
    }

    public static TheoryData<string, GenerationOptions> Wrong => new()
    {
        { "MaxOutputTokens is 0", new() { MaxOutputTokens = 0 } },
        { "Temperature is -1", new() { Temperature = -1 } },
        { "Temperature is NaN", new() { Temperature = float.NaN } },
        { "TopK is -1", new() { TopK = -1 } },
        { "TopP is 1.5", new() { TopP = 1.5f } },
        { "MinP is 2", new() { MinP = 2 } },
        { "RepetitionPenalty is 0", new() { RepetitionPenalty = 0 } },
        { "FrequencyPenalty is NaN", new() { FrequencyPenalty = float.NaN } },
        { "PresencePenalty is Infinity", new() { PresencePenalty = float.PositiveInfinity } },
        { "LogProbabilities is 1281", new() { LogProbabilities = 1281 } },
        { "SpeculateTokens is 32", new() { SpeculateTokens = 32 } },
        { "StopTokenIds is 1280", new() { StopTokenIds = [1280] } },
        { "StopSequences has an empty text", new() { StopSequences = ["a", ""] } },
        { "Sample is true and Temperature 0", new() { Sample = true, Temperature = 0 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Options_out_of_range_are_refused(string message, GenerationOptions options) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => _generator.Generate(s_question, options)).Message, StringComparison.Ordinal);
}
