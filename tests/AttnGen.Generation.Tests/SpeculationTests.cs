namespace AttnGen.Generation.Tests;

/// <summary>Guessing ahead changes no token.</summary>
public sealed class SpeculationTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 1, 2 }, new[] { 3, 4, 1, 2 })]
    [InlineData(new[] { 7, 1, 2, 3, 9, 1, 2, 5, 1, 2 }, new[] { 5, 1, 2 })] // the last place
    [InlineData(new[] { 5, 1, 2, 8, 5, 1, 2, 9, 4, 1, 2, 6, 5, 1, 2 }, new[] { 9, 4, 1, 2 })] // more tokens are better than a later place
    [InlineData(new[] { 1, 2, 3, 4 }, new int[0])]
    [InlineData(new[] { 3, 3, 3 }, new[] { 3 })]
    [InlineData(new[] { 3 }, new int[0])]
    public void Guesses_are_what_followed_before(int[] ids, int[] expected)
    {
        var guesses = new int[4];
        Assert.Equal(expected, guesses[..GuessAhead.From(ids, guesses)]);
    }

    [Fact]
    public void Ids_are_those_of_plain_writing()
    {
        using var generator = Tales.Create();
        var guessed = 0;
        var stories = new[] { "Mira and a kite", "Tom and a ball" };
        foreach (var story in stories)
        {
            var question = Tales.Ask($"Tell me a story about {story}.");
            foreach (var tokens in new[] { 1, 3, 8, 31 })
            {
                for (var seed = 0; seed < 6; seed++)
                {
                    GenerationOptions Options(int speculate) => new()
                    {
                        Temperature = seed == 0 ? 0 : 0.6f,
                        TopP = seed % 2 == 0 ? 1 : 0.9f,
                        Seed = seed,
                        RepetitionPenalty = seed == 3 ? 1.1f : 1,
                        FrequencyPenalty = seed == 4 ? 0.1f : 0,
                        MaxOutputTokens = 150,
                        StopSequences = seed == 5 ? [" found "] : null,
                        IgnoreStopTokens = seed == 0,
                        SpeculateTokens = speculate,
                        LogProbabilities = 1,
                    };
                    var plain = generator.Generate(question, Options(0));
                    var ahead = generator.Generate(question, Options(tokens));
                    Assert.Equal(plain.Ids, ahead.Ids);
                    Assert.Equal(plain.Text, ahead.Text);
                    Assert.Equal(plain.End, ahead.End);
                    Assert.Equal(plain.LogProbabilities!.Select(one => one.LogProbability), ahead.LogProbabilities!.Select(one => one.LogProbability));
                    Assert.Equal(0, plain.GuessedTokens);
                    guessed += ahead.GuessedTokens;
                }
            }
        }

        Assert.True(guessed > 200, $"{guessed}");
    }

    [Fact]
    public void Guesses_save_passes_where_a_text_repeats()
    {
        using var generator = Tales.Create(options: new TextGeneratorOptions { KeepSequences = false });
        var question = Tales.Ask("Tell me a story about Mira and a kite.");
        GenerationOptions Options(int speculate) => new() { Temperature = 0, MaxOutputTokens = 300, IgnoreStopTokens = true, SpeculateTokens = speculate };
        var before = generator.Engine.Counted.Passes;
        generator.Generate(question, Options(0));
        var plain = generator.Engine.Counted.Passes - before;
        var text = generator.Generate(question, Options(8));
        var ahead = generator.Engine.Counted.Passes - before - plain;
        Assert.Equal(plain - text.GuessedTokens, ahead);
        Assert.True(ahead < plain, $"{ahead} of {plain}");
    }

    [Fact]
    public void Guesses_go_up_to_the_last_place_of_the_window()
    {
        using var generator = Tales.Create();
        int[] prompt = [.. Enumerable.Range(0, 480).Select(i => i % 7)];
        var options = new GenerationOptions { Temperature = 0, IgnoreStopTokens = true };
        var plain = generator.Generate(prompt, options);
        var ahead = generator.Generate(prompt, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true, SpeculateTokens = 31 });
        Assert.Equal(plain.Ids, ahead.Ids);
        Assert.Equal(TextEnd.WindowFull, ahead.End);
    }
}
