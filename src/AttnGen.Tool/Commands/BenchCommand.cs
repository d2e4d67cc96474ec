using System.Diagnostics;
using AttnGen.Runtime;

namespace AttnGen.Tool;

/// <summary><c>attngen bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly int[] s_lengths = [16, 128];

    private sealed record Measured(int Tokens, double MedianMilliseconds, double FastestMilliseconds, double TokensPerSecond, double GigaflopsPerSecond, long AllocatedBytes, int Calls);

    public static int Run(ModelRequest request, int[] lengths, double seconds, bool json, ToolConsole console, CancellationToken cancellation)
    {
        if (!double.IsFinite(seconds) || seconds is <= 0 or > 3600)
            throw new ToolException("--seconds is out of range; give a number above 0 and up to 3600.");
        var compiled = CompiledModel.Create(request, console, cancellation);
        var (facts, _) = ModelFacts.Read(compiled.Directory, request);
        var begin = Stopwatch.GetTimestamp();
        using var model = compiled.Load(console, cancellation);
        var loading = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        var info = compiled.Info;
        if (SequenceBench.IsFor(model))
            return SequenceBench.Run(model, compiled, facts!, lengths, loading, TimeSpan.FromSeconds(seconds), json, console, cancellation);
        if (model is IImageModel)
            lengths = [info.MaxTokens];
        else if (lengths.Length == 0)
            lengths = [.. s_lengths.Select(length => Math.Min(length, info.MaxTokens)).Distinct()];
        if (Array.Find(lengths, length => length > info.MaxTokens) is var tooLong and > 0)
            throw new ToolException($"--tokens has {tooLong}, but the model takes at most {info.MaxTokens}; give smaller numbers.");

        List<Measured> results = [];
        foreach (var tokens in lengths)
        {
            console.Progress($"{tokens} tokens …");
            results.Add(Measure(model, info, tokens, facts!.Operations(tokens), TimeSpan.FromSeconds(seconds), cancellation));
        }

        console.EndProgress();
        if (json)
        {
            console.Json(new { model = compiled.Directory.Name, vectorBits = SimdLane.Bits, threads = 1, loadMilliseconds = loading, results });
            return ExitCode.Success;
        }

        console.Facts([("Model", $"{compiled.Directory.Name}: {VerifyCommand.Describe(info)}"), ("Measured", $"Forward on one thread, vectors of {SimdLane.Bits} bits"), ("Loading", $"{Show.Fixed(loading, 0)} ms once, on all processors: {Show.Bytes(info.WeightBytes)} opened and packed")]);
        console.Line();
        console.Table([">tokens", ">median ms", ">fastest ms", ">tokens/s", ">GFLOP/s", ">bytes a call", ">calls"], [.. results.Select(result => (IReadOnlyList<string>)
        [
            Show.Count(result.Tokens), Show.Fixed(result.MedianMilliseconds, 3), Show.Fixed(result.FastestMilliseconds, 3), Show.Count((long)result.TokensPerSecond),
            Show.Fixed(result.GigaflopsPerSecond, 1), Show.Count(result.AllocatedBytes), Show.Count(result.Calls),
        ])]);
        return ExitCode.Success;
    }

    private static Measured Measure(ITransformerModel model, ModelInfo info, int tokens, double operations, TimeSpan time, CancellationToken cancellation)
    {
        var random = new Sequence();
        var ids = model is ITextModel ? random.Ids(info, tokens) : [];
        float[] pixels = model is IImageModel ? [.. Enumerable.Range(0, info.ImageChannels * info.ImageHeight * info.ImageWidth).Select(_ => random.Unit())] : [];
        var hidden = new float[tokens * info.HiddenSize];

        var times = CallTimes.Take(Call, time, cancellation);
        return new Measured(tokens, times.MedianMilliseconds, times.FastestMilliseconds, tokens / times.MedianMilliseconds * 1e3, operations / times.MedianMilliseconds / 1e6, times.AllocatedBytes, times.Calls);

        void Call()
        {
            if (model is ITextModel text)
                text.Forward(ids, hidden);
            else
                ((IImageModel)model).Forward(pixels, hidden);
        }
    }
}
