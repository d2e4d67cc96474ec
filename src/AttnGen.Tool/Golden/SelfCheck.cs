using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AttnGen.Tool;

/// <summary>What can be said of a model without a golden file: on pseudo-random input it gives finite numbers, the same ones every time and on every thread, and padding changes nothing.</summary>
internal static class SelfCheck
{
    private const int MostTokens = 32;

    public static void Run(ModelRunner model, ITransformerModel loadedByOneThread, VerifyReport report, ToolConsole console, CancellationToken cancellation)
    {
        var other = new ModelRunner(loadedByOneThread);
        var rows = Inputs(model);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (finite, again, threads, loading, padding, cuts) = (new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>());
        var writes = model.Writes && SequenceRunner.HasLogits(model.Info);
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var tokens = model.Tokens(row);
            console.Progress($"{tokens} tokens …");
            var first = model.Run(row, states: true, attentions: true);
            foreach (var (name, values) in All(first))
            {
                hash.AppendData(MemoryMarshal.AsBytes<float>(values));
                if (!Array.TrueForAll(values, float.IsFinite))
                    finite.Add($"{name} of {tokens} tokens holds NaN or infinity");
            }

            Same(first, model.Run(row, states: true, attentions: true), tokens, again);
            Same(first, other.Run(row, states: true, attentions: true), tokens, loading);
            var results = new RowOutput[4];
            Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = results.Length, CancellationToken = cancellation }, i => results[i] = model.Run(row));
            foreach (var result in results)
                Same(new RowOutput { Hidden = first.Hidden, Pooled = first.Pooled, Logits = first.Logits, Embedding = first.Embedding }, result, tokens, threads);
            if (model.IsText && tokens < model.Info.MaxTokens)
                Padded(model, row, first, padding);
            if (writes)
                hash.AppendData(MemoryMarshal.AsBytes<float>(Cut(model, row, finite, cuts)));
        }

        console.EndProgress();
        Add("finite numbers", finite);
        Add("the same bits every time", again);
        Add("the same bits from 4 threads at once", threads);
        Add("the same bits however many threads load", loading);
        if (model.IsText)
            Add("padded = unpadded, bit for bit", padding);
        if (writes)
            Add("token by token = at once, bit for bit", cuts);
        report.Bits = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));

        void Add(string name, List<string> faults) =>
            report.Checks.Add(new BitCheck(name, faults.Count == 0, faults.Count == 0 ? $"{rows.Count} input{(rows.Count == 1 ? "" : "s")}" : string.Join("; ", faults.Take(3))));
    }

    private static List<RowInput> Inputs(ModelRunner model)
    {
        var info = model.Info;
        var random = new Sequence();
        if (model.IsSpeech)
            return [new RowInput { Features = [.. Enumerable.Range(0, info.AudioBins * info.AudioFrames).Select(_ => random.Unit())] }];
        if (!model.IsText)
            return [new RowInput { Pixels = [.. Enumerable.Range(0, info.ImageChannels * info.ImageHeight * info.ImageWidth).Select(_ => random.Unit())] }];
        return [.. new[] { 1, 2, 7, 16, MostTokens }.Select(tokens => Math.Min(tokens, info.MaxTokens)).Distinct().Select(tokens => new RowInput
        {
            Ids = random.Ids(info, tokens),
            TokenTypes = info.TokenTypes > 1 ? [.. Enumerable.Range(0, tokens).Select(t => t < tokens / 2 ? 0 : 1)] : [],
        })];
    }

    // A text read at once and token by token; of a model of two halves, one that looks at the row.
    private static float[] Cut(ModelRunner model, RowInput row, List<string> finite, List<string> cuts)
    {
        var info = model.Info;
        int[] ids = model.HasHalves ? [.. Enumerable.Range(1, Math.Min(7, info.DecoderMaxTokens)).Select(i => i * 7 % info.LogitsSize)] : row.Ids;
        using TokenSequence whole = Begin(), parts = Begin();
        var logits = SequenceRunner.Extend(whole, info, ids).Logits;
        if (!Array.TrueForAll(logits, float.IsFinite))
            finite.Add($"logits of a sequence of {ids.Length} tokens hold NaN or infinity");
        if (!Bits.Equal(logits, SequenceRunner.OneByOne(parts, info, ids)))
            cuts.Add($"logits of {ids.Length} tokens differ");
        return logits;

        TokenSequence Begin() => model.Language is { } language ? language.CreateSequence(ids.Length) : model.Encode(row, ids.Length);
    }

    private static void Padded(ModelRunner model, RowInput row, RowOutput alone, List<string> faults)
    {
        var tokens = row.Ids.Length;
        var longer = Math.Min(tokens + 5, model.Info.MaxTokens);
        var pad = Math.Clamp(model.Info.PadTokenId, 0, Math.Max(0, model.Info.VocabularySize - 1));
        var padded = new RowInput
        {
            Ids = [.. row.Ids, .. Enumerable.Repeat(pad, longer - tokens)],
            TokenTypes = row.TokenTypes.Length == 0 ? [] : [.. row.TokenTypes, .. new int[longer - tokens]],
            Mask = [.. Enumerable.Range(0, longer).Select(t => t < tokens)],
        };
        foreach (var form in new[] { MaskForm.Automatic, MaskForm.Flags })
        {
            foreach (var ((name, expected), (_, values)) in alone.Results().Zip(model.Run(padded, form).Results()))
            {
                if (!Bits.Equal(expected, values.AsSpan(0, expected.Length)))
                    faults.Add($"{name} of {tokens} tokens differs with {longer - tokens} more of padding");
            }
        }
    }

    private static void Same(RowOutput expected, RowOutput actual, int tokens, List<string> faults)
    {
        foreach (var ((name, a), (_, b)) in All(expected).Zip(All(actual)))
        {
            if (!Bits.Equal(a, b))
                faults.Add($"{name} of {tokens} tokens differs");
        }
    }

    private static IEnumerable<(string Name, float[] Values)> All(RowOutput output) =>
        output.Results().Append(("hidden_states", output.States)).Append(("attentions", output.Attentions));
}

/// <summary>The same pseudo-random numbers everywhere (SplitMix64).</summary>
internal sealed class Sequence(ulong seed = 20250601)
{
    private ulong _state = seed;

    /// <summary>From −1 to 1.</summary>
    public float Unit() => (int)(Next() >> 32) / 2147483648f;

    /// <summary>Token ids without the one that pads.</summary>
    public int[] Ids(ModelInfo info, int tokens)
    {
        var ids = new int[tokens];
        for (var i = 0; i < tokens; i++)
        {
            do
                ids[i] = (int)(Next() % (ulong)info.VocabularySize);
            while (ids[i] == info.PadTokenId && info.VocabularySize > 1);
        }

        return ids;
    }

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
