using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using AttnGen.Probe;
using AttnGen.Runtime;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>Small models of every architecture in child processes: on each vector width, and between pages that may not be touched.</summary>
public sealed class LaneTests : IDisposable
{
    private const string DumpVariable = "ATTNGEN_TEST_DUMP";

    private readonly string _folder = Directory.CreateTempSubdirectory("attngen").FullName;

    public LaneTests()
    {
        for (var i = 0; i < SmallModels.All.Count; i++)
        {
            var (config, manifest) = SmallModels.All[i];
            File.WriteAllBytes(Path.Combine(_folder, $"{i}.dll"), GeneratorHost.Emit(HubModel.Source("model", SmallModels.Arguments(config)), new HostOptions { Models = CompilationTests.Files("model", config, manifest) }));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_vector_width_gives_the_same_bits_and_touches_nothing_outside()
    {
        var widest = SimdLane.Bits;
        var expected = await Child(widest);
        Assert.True(expected.Length > 10_000);
        foreach (var bits in new[] { 512, 256, 128 }.Where(bits => bits < widest))
            Assert.Equal(expected, await Child(bits));

        // Once more, with weights, arenas and sessions between pages whose touch ends the process.
        foreach (var bits in new[] { 512, 256, 128 }.Where(bits => GuardedMemory.Supported && bits <= widest))
            Assert.Equal(expected, await Child(bits, guard: true));
    }

    /// <summary>A child process of the test above writes the bits of every result to a file and ends, before it would look for tests.</summary>
    [ModuleInitializer]
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(DumpVariable) is not { } path)
            return;
        try
        {
            Dump(path);
            Environment.Exit(0);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            Environment.Exit(1);
        }
    }

    private static void Dump(string path)
    {
        var guard = Environment.GetEnvironmentVariable("ATTNGEN_TEST_GUARD");
        using var file = File.Create(path);
        file.WriteByte((byte)(SimdLane.Bits / 128)); // the lane that ran, first of all
        for (var i = 0; i < SmallModels.All.Count; i++)
        {
            var manifest = SmallModels.All[i].Manifest;
            var type = new AssemblyLoadContext("model" + i).LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(path)!, $"{i}.dll")).GetType("Model")!;
            var weights = new TensorDictionary();
            foreach (var (name, (shape, values)) in WeightFile.Random(manifest))
                weights.Add(name, shape, values);
            byte[]? first = null;
            foreach (var atEnd in guard is null ? (bool[])[true] : [true, false])
            {
                if (guard is not null)
                    AlignedBlock.ThreadAllocator = new GuardedBlocks(atEnd);
                using var model = (ITransformerModel)type.GetMethod("Load", [typeof(ITensorSource), typeof(ModelLoadOptions)])!.Invoke(null, [weights, null])!;
                using var results = new MemoryStream();
                Run(model, results);
                first ??= results.ToArray();
                if (!first.AsSpan().SequenceEqual(results.ToArray()))
                    throw new InvalidOperationException($"Model {i} gives other bits where its memory begins at a page than where it ends at one.");
            }

            file.Write(first);
        }
    }

    // A text of a source, in pieces of all sizes, with all that can be shown.
    private static void Written(Func<TokenSequence> encode, ModelInfo info, Stream file)
    {
        using var sequence = encode();
        for (int step = 1; sequence.Position < info.DecoderMaxTokens; step++)
        {
            step = Math.Min(step, info.DecoderMaxTokens - sequence.Position);
            int[] ids = [.. Enumerable.Range(sequence.Position, step).Select(i => i * 5 % info.LogitsSize)];
            var logits = new float[step * info.LogitsSize];
            var maps = new float[info.DecoderLayers * info.DecoderHeads * step * sequence.SourceTokens];
            sequence.Extend(ids, logits, new ForwardTrace { SourceWeights = maps });
            file.Write(MemoryMarshal.AsBytes(logits.AsSpan()));
            file.Write(MemoryMarshal.AsBytes(maps.AsSpan()));
        }

        sequence.Rewind(sequence.Position / 2);
        using var fork = sequence.Fork();
        using var saved = new MemoryStream();
        fork.Save(saved);
        file.Write(saved.ToArray());
    }

    // Texts of every length, in pieces of all sizes, alone and together.
    private static void Sequences(ILanguageModel model, Stream file)
    {
        var info = model.Info;
        var size = info.LogitsPerToken ? info.LogitsSize : 0;
        for (var tokens = 1; tokens <= info.MaxTokens; tokens++)
        {
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => (i * 7 + tokens) % info.VocabularySize)];
            using var sequence = model.CreateSequence(tokens);
            using var second = model.CreateSequence(tokens);
            var logits = new float[tokens * size];
            for (int done = 0, step = 1; done < tokens; done += step, step++)
            {
                step = Math.Min(step, tokens - done);
                sequence.Extend(ids.AsSpan(done, step), logits.AsSpan(done * size, step * size));
            }

            file.Write(MemoryMarshal.AsBytes(logits.AsSpan()));
            sequence.Rewind(tokens - 1);
            var together = new float[2 * size];
            TokenSequence.Extend([sequence, second], [1, tokens], [ids[^1], .. ids], together);
            file.Write(MemoryMarshal.AsBytes(together.AsSpan()));
            using var fork = second.Fork();
            using var saved = new MemoryStream();
            fork.Save(saved);
            file.Write(saved.ToArray());
        }
    }

    private static void Run(ITransformerModel model, Stream file)
    {
        var info = model.Info;
        if (model is IImageModel image)
        {
            float[] pixels = [.. Enumerable.Range(0, info.ImageChannels * info.ImageHeight * info.ImageWidth).Select(i => (i * 37 % 101 - 50) / 50f)];
            var hidden = new float[info.MaxTokens * info.HiddenSize];
            var states = new float[(info.Layers + 1) * hidden.Length];
            image.Forward(pixels, hidden, new ForwardTrace { HiddenStates = states, AttentionWeights = new float[info.Layers * info.Heads * info.MaxTokens * info.MaxTokens] });
            Write(hidden);
            Write(states);
            if (model is IImageClassifier classifier)
            {
                var logits = new float[info.LogitsSize];
                classifier.ComputeLogits(pixels, logits);
                Write(logits);
            }

            if (model is IPooledImageModel pool)
            {
                var pooled = new float[info.PooledSize];
                pool.Pool(pixels, pooled);
                Write(pooled);
            }

            if (model is IImageEncoder encode)
            {
                var vector = new float[info.EmbeddingSize];
                encode.Embed(pixels, vector);
                Write(vector);
            }

            return;
        }

        if (model is ISpeechToTextModel hears)
        {
            float[] sound = [.. Enumerable.Range(0, info.AudioBins * info.AudioFrames).Select(i => (i * 37 % 101 - 50) / 50f)];
            var heard = new float[info.MaxTokens * info.HiddenSize];
            hears.Forward(sound, heard, new ForwardTrace { AttentionWeights = new float[info.Layers * info.Heads * info.MaxTokens * info.MaxTokens] });
            Write(heard);
            Written(() => hears.Encode(sound), info, file);
            return;
        }

        if (model is IEncoderDecoderModel reads)
        {
            for (var tokens = 1; tokens <= info.MaxTokens; tokens++)
                Written(() => reads.Encode([.. Enumerable.Range(0, tokens).Select(i => (i * 7 + tokens) % info.VocabularySize)]), info, file);
        }

        if (model is ILanguageModel language)
            Sequences(language, file);
        var text = (ITextModel)model;
        for (var tokens = 1; tokens <= info.MaxTokens; tokens++)
        {
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => (i * 7 + tokens) % info.VocabularySize)];
            int[] types = info.TokenTypes > 1 ? [.. ids.Select((_, i) => i * 2 / tokens % info.TokenTypes)] : [];
            bool[] keep = [.. ids.Select((_, i) => i % 3 != 1)];
            var hidden = new float[tokens * info.HiddenSize];
            var states = new float[(info.Layers + 1) * hidden.Length];
            var maps = new float[info.Layers * info.Heads * tokens * tokens];
            text.Forward(ids, hidden, types, trace: new ForwardTrace { HiddenStates = states, AttentionWeights = maps });
            Write(hidden);
            Write(states);
            Write(maps);
            text.Forward(ids, hidden, types, AttentionMask.KeyLength((tokens + 1) / 2));
            Write(hidden);
            text.Forward(ids, hidden, types, default(AttentionMask).WithKeepKeys(keep));
            Write(hidden);
            if (model is ISentenceEncoder encoder)
            {
                var vector = new float[info.EmbeddingSize];
                encoder.Embed(ids, vector, types, default(AttentionMask).WithKeepKeys(keep));
                Write(vector);
            }

            if (model is IPooledModel pooler)
            {
                var pooled = new float[info.PooledSize];
                pooler.Pool(ids, pooled, types);
                Write(pooled);
            }

            if (model is ILogitsModel head)
            {
                var logits = new float[info.LogitsPerToken ? tokens * info.LogitsSize : info.LogitsSize];
                head.ComputeLogits(ids, logits, types);
                Write(logits);
            }
        }

        void Write(float[] values) => file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private async Task<byte[]> Child(int bits, bool guard = false)
    {
        var path = Path.Combine(_folder, $"{bits}{guard}.bin");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(LaneTests).Assembly.Location);
        start.Environment[DumpVariable] = path;
        start.Environment[SimdLane.VariableName] = bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (guard)
            start.Environment["ATTNGEN_TEST_GUARD"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {await output}{await error}");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(bits / 128, bytes[0]);
        return bytes[1..];
    }
}
