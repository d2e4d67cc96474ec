using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Generation;

// From a prompt to pieces of text.
public sealed partial class TextGenerator
{
    private int[] Encode(string prompt, GenerationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Tokenizer.Encode(prompt, options?.AddSpecialTokens ?? true);
    }

    private WritingSettings Resolve(ReadOnlySpan<int> prompt, GenerationOptions? options)
    {
        var settings = WritingSettings.Resolve(options, _folder, Model.Info.LogitsSize);
        if (prompt.IsEmpty)
        {
            throw new ArgumentException("The prompt has no tokens; give at least one character, or a token that begins a text.", nameof(prompt));
        }

        if (prompt.Length > Model.Info.MaxTokens)
        {
            throw new ArgumentException($"The prompt has {prompt.Length} tokens, but the context window of {ModelName} is {Model.Info.MaxTokens}; shorten it.", nameof(prompt));
        }

        foreach (var id in prompt)
        {
            if ((uint)id >= (uint)Model.Info.VocabularySize)
            {
                throw new ArgumentException($"The prompt has the id {id}, but ids go from 0 to {Model.Info.VocabularySize - 1}; is the tokenizer that of this model?", nameof(prompt));
            }
        }

        return settings;
    }

    private TextRun Begin(ReadOnlySpan<int> prompt, WritingSettings settings, bool isAsync)
    {
        var window = Model.Info.MaxTokens;
        var most = (int)Math.Min(settings.MaxOutputTokens ?? int.MaxValue, (long)window - prompt.Length + 1);
        var kept = _shelf.Take(prompt, most);
        try
        {
            var run = new TextRun(prompt, settings, Tokenizer, window, most, kept) { IsAsync = isAsync };
            _engine.Begin(run);
            return run;
        }
        catch
        {
            _shelf.Return(kept, default, isSound: false);
            throw;
        }
    }

    private void End(TextRun run)
    {
        if (_engine.Leave(run))
        {
            run.Release();
        }
    }

    private GeneratedText Generate(ReadOnlySpan<int> prompt, Action<ReadOnlySpan<char>> onText, StringBuilder? text, GenerationOptions? options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onText);
        var settings = Resolve(prompt, options);
        cancellation.ThrowIfCancellationRequested();
        List<TokenLogProbability>? probabilities = options?.LogProbabilities is null ? null : [];
        var run = Begin(prompt, settings, isAsync: false);
        try
        {
            using var registration = cancellation.UnsafeRegister(static state => Cancel(state!), (_engine, run));
            while (true)
            {
                _engine.Wait(run);
                Check(run, cancellation);
                if (run.Taken.Length > 0)
                {
                    onText(run.Taken);
                }

                probabilities?.AddRange(run.TakenProbabilities!);
                if (run.IsLast)
                {
                    return run.Result(text?.ToString() ?? "", probabilities);
                }
            }
        }
        finally
        {
            End(run);
        }
    }

    private async IAsyncEnumerable<TextPiece> Stream(ReadOnlyMemory<int> prompt, WritingSettings settings, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var run = Begin(prompt.Span, settings, isAsync: true);
        try
        {
            await using var registration = cancellation.UnsafeRegister(static state => Cancel(state!), (_engine, run)).ConfigureAwait(false);
            while (!run.IsLast)
            {
                await _engine.WaitAsync(run).ConfigureAwait(false);
                _engine.Take(run);
                Check(run, cancellation);
                if (run.Taken.IsEmpty && !run.IsLast && run.TakenProbabilities is not { Count: > 0 })
                {
                    continue;
                }

                yield return new TextPiece
                {
                    Text = run.Taken.ToString(),
                    InputTokens = run.PromptTokens,
                    CachedTokens = run.CachedTokens,
                    OutputTokens = run.TakenTokens,
                    LogProbabilities = run.TakenProbabilities is { } list ? [.. list] : null,
                    Result = run.IsLast ? run.Result("", null) : null,
                };
            }
        }
        finally
        {
            End(run);
        }
    }

    private static void Cancel(object state)
    {
        var (engine, run) = ((Engine, TextRun))state;
        engine.Cancel(run);
    }

    private static void Check(TextRun run, CancellationToken cancellation)
    {
        if (run.IsCancelled)
        {
            throw new OperationCanceledException("The text was cancelled.", cancellation);
        }

        if (run.Error is { } error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }
    }
}
