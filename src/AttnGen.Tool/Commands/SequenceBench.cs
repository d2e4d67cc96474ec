using AttnGen.Runtime;

namespace AttnGen.Tool;

/// <summary>What <c>attngen bench</c> measures of a language model: how fast it reads a prompt, and how fast it goes on after it.</summary>
internal static class SequenceBench
{
    /// <summary>Where nothing else is asked for, positions go no further.</summary>
    private const int Farthest = 2048;

    private const int SourceTokens = 128;

    private static readonly int[] s_positions = [64, 512, Farthest];

    private sealed record Rate(double MedianMilliseconds, double FastestMilliseconds, double TokensPerSecond, long AllocatedBytes, int Calls);

    private sealed record Measured(int Position, Rate Prompt, Rate Token);

    /// <summary>Whether a model writes: others are measured by their forward pass.</summary>
    public static bool IsFor(ITransformerModel model) => model.Info.LogitsSize > 0 && model is ILanguageModel or IEncoderDecoderModel or ISpeechToTextModel;

    public static int Run(ITransformerModel model, CompiledModel compiled, ModelFacts facts, int[] positions, double loading, TimeSpan time, bool json, ToolConsole console, CancellationToken cancellation)
    {
        var info = model.Info;
        var plan = facts.Sequences!;
        // One token comes after the prompt.
        var last = plan.MaxTokens - 1;
        if (last < 1)
            throw new ToolException($"The model takes {plan.MaxTokens} token, and there is nothing to measure after it; give a larger --max-tokens.");
        if (positions.Length == 0)
            positions = [.. s_positions.Select(position => Math.Min(position, last)).Distinct()];
        if (Array.Find(positions, position => position > last) is var tooLong and > 0)
            throw new ToolException($"--tokens has {tooLong}, but the model takes at most {plan.MaxTokens}, and one goes on after the prompt; give numbers up to {last}.");

        var random = new Sequence();
        console.Progress("the source …");
        var (source, sourceTokens, open) = Source(model, info, random, time, cancellation);
        List<Measured> results = [];
        foreach (var position in positions)
        {
            console.Progress($"{position} tokens …");
            using var sequence = open(position + 1);
            var ids = random.Ids(info, position);
            var next = random.Ids(info, 1);
            var logits = new float[info.LogitsSize];
            var prompt = CallTimes.Take(() => sequence.Extend(ids, logits), time, cancellation, sequence.Clear);
            var token = CallTimes.Take(() => sequence.Extend(next, logits), time, cancellation, () => sequence.Rewind(position));
            results.Add(new(position, Of(prompt, position), Of(token, 1)));
        }

        console.EndProgress();
        if (json)
        {
            console.Json(new
            {
                model = compiled.Directory.Name,
                vectorBits = SimdLane.Bits,
                threads = 1,
                loadMilliseconds = loading,
                sequenceTokenBytes = plan.TokenBytes,
                source = source is null ? null : new { tokens = sourceTokens, medianMilliseconds = source.MedianMilliseconds, fastestMilliseconds = source.FastestMilliseconds, calls = source.Calls },
                results,
            });
            return ExitCode.Success;
        }

        List<(string, string)> about =
        [
            ("Model", $"{compiled.Directory.Name}: {VerifyCommand.Describe(info)}"),
            ("Measured", $"Extend on one thread, vectors of {SimdLane.Bits} bits: a prompt at once, and a token after it, each with the logits of the next"),
            ("Loading", $"{Show.Fixed(loading, 0)} ms once, on all processors: {Show.Bytes(info.WeightBytes)} opened and packed"),
            ("Sequence", $"keeps {Show.Bytes(plan.TokenBytes)} a token"),
        ];
        if (source is not null)
            about.Add(("Source", $"{Show.Count(sourceTokens)} tokens in {Show.Fixed(source.MedianMilliseconds, 3)} ms (median of {Show.Count(source.Calls)}): Encode"));
        console.Facts(about);
        console.Line();
        console.Table([">tokens", ">prompt ms", ">tokens/s", ">bytes", ">next ms", ">fastest ms", ">tokens/s", ">bytes a token", ">calls"], [.. results.Select(result => (IReadOnlyList<string>)
        [
            Show.Count(result.Position), Show.Fixed(result.Prompt.MedianMilliseconds, 3), Show.Count((long)result.Prompt.TokensPerSecond), Show.Count(result.Prompt.AllocatedBytes),
            Show.Fixed(result.Token.MedianMilliseconds, 3), Show.Fixed(result.Token.FastestMilliseconds, 3), Show.Count((long)result.Token.TokensPerSecond), Show.Count(result.Token.AllocatedBytes), Show.Count(result.Token.Calls),
        ])]);
        return ExitCode.Success;

        static Rate Of(CallTimes times, int tokens) => new(times.MedianMilliseconds, times.FastestMilliseconds, tokens / times.MedianMilliseconds * 1e3, times.AllocatedBytes, times.Calls);
    }

    // How long a source takes to be read, where there is one, and how a text is begun.
    private static (CallTimes? Times, int Tokens, Func<int, TokenSequence> Open) Source(ITransformerModel model, ModelInfo info, Sequence random, TimeSpan time, CancellationToken cancellation)
    {
        if (model is ILanguageModel language)
            return (null, 0, language.CreateSequence);
        int[] ids = model is IEncoderDecoderModel ? random.Ids(info, Math.Min(SourceTokens, info.MaxTokens)) : [];
        float[] sound = model is ISpeechToTextModel ? [.. Enumerable.Range(0, info.AudioBins * info.AudioFrames).Select(_ => random.Unit())] : [];
        using var first = Open(1);
        var times = CallTimes.Take(() => Open(1).Dispose(), time, cancellation);
        return (times, first.SourceTokens, Open);

        TokenSequence Open(int capacity) => model is IEncoderDecoderModel both ? both.Encode(ids, capacity) : ((ISpeechToTextModel)model).Encode(sound, capacity);
    }
}
