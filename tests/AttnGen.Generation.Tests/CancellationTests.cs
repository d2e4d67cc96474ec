namespace AttnGen.Generation.Tests;

/// <summary>Cancelling, and how much of a prompt is read.</summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly string s_question = Tales.Ask("Tell me a story about Mira and a kite.");
    private readonly TextGenerator _generator = Tales.Create(options: new TextGeneratorOptions { PromptPiece = 16 });

    public void Dispose() => _generator.Dispose();

    private sealed class Heard(Action<PromptProgress> action) : IProgress<PromptProgress>
    {
        public void Report(PromptProgress value) => action(value);
    }

    [Fact]
    public void A_text_ends_with_the_token_at_which_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var pieces = 0;
        Assert.Throws<OperationCanceledException>(() => _generator.Generate(s_question, _ =>
        {
            if (++pieces == 5)
            {
                cancel.Cancel();
            }
        }, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true }, cancel.Token));
        Assert.Equal(5, pieces);

        // The same without a word of what was before.
        var text = _generator.Generate(s_question, new GenerationOptions { Temperature = 0 });
        using var fresh = Tales.Create();
        Assert.Equal(fresh.Generate(s_question, new GenerationOptions { Temperature = 0 }).Ids, text.Ids);
    }

    [Fact]
    public async Task A_stream_ends_within_a_token_of_cancelling_or_leaving()
    {
        using var cancel = new CancellationTokenSource();
        var passes = 0L;
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var piece in _generator.StreamAsync(s_question, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true }, cancel.Token))
            {
                passes = _generator.Engine.Counted.Passes;
                await cancel.CancelAsync();
            }
        });
        Assert.InRange(_generator.Engine.Counted.Passes, 1, passes + 1 + Engine.MostAhead); // those that were ahead of the reader

        await foreach (var piece in _generator.StreamAsync(s_question, new GenerationOptions { Temperature = 0, IgnoreStopTokens = true }))
        {
            break;
        }

        var after = _generator.Engine.Counted.Passes;
        await Task.Delay(50);
        Assert.InRange(_generator.Engine.Counted.Passes, after, after + 1);
        Assert.Equal(0, _generator.Engine.Running);
    }

    [Fact]
    public void A_long_prompt_is_read_in_pieces_and_can_be_cancelled_between_them()
    {
        int[] prompt = [.. Enumerable.Range(0, 100).Select(i => i * 7 % 1200)];
        List<PromptProgress> heard = [];
        var options = new GenerationOptions { Temperature = 0, MaxOutputTokens = 2, Progress = new Heard(heard.Add) };
        var text = _generator.Generate(prompt, options);
        Assert.Equal([16, 32, 48, 64, 80, 96, 100], heard.Select(progress => progress.Done));
        Assert.All(heard, progress => Assert.Equal(100, progress.Total));

        using var whole = Tales.Create(options: new TextGeneratorOptions { PromptPiece = 512 });
        Assert.Equal(whole.Generate(prompt, new GenerationOptions { Temperature = 0, MaxOutputTokens = 2 }).Ids, text.Ids);

        _generator.ForgetConversations();
        using var cancel = new CancellationTokenSource();
        var last = 0;
        Assert.Throws<OperationCanceledException>(() => _generator.Generate(prompt, new GenerationOptions
        {
            Progress = new Heard(progress =>
            {
                last = progress.Done;
                if (last == 48)
                {
                    cancel.Cancel();
                }
            }),
        }, cancel.Token));
        Assert.Equal(48, last);

        // What was read is not read again.
        Assert.Equal(48, _generator.Generate(prompt, options).CachedTokens);
    }

    [Fact]
    public void A_cancelled_token_stops_before_anything_is_read()
    {
        var before = _generator.Engine.Counted.Passes;
        Assert.Throws<OperationCanceledException>(() => _generator.Generate(s_question, null, new CancellationToken(true)));
        Assert.Equal(before, _generator.Engine.Counted.Passes);
    }

    [Fact]
    public void An_exception_of_the_callback_ends_the_text_and_reaches_the_caller()
    {
        Assert.Throws<FormatException>(() => _generator.Generate(s_question, _ => throw new FormatException()));
        Assert.Equal(0, _generator.Engine.Running);
        Assert.NotEmpty(_generator.Generate(s_question, new GenerationOptions { MaxOutputTokens = 3 }).Text);
    }
}
