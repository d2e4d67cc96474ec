using AttnGen.Testing;
namespace AttnGen.Models.Tests;

/// <summary>A real trained model, all-MiniLM-L6-v2: from ids to vectors, against PyTorch and sentence-transformers.</summary>
public sealed class MiniLmTests
{
    private static string Folder => Shared.Require("models", "all-MiniLM-L6-v2");

    [Fact]
    public void The_class_knows_its_model()
    {
        var info = HubModel.Of(Folder).Info;
        Assert.Equal(("bert", 6, 384, 12, 512, 256, 30522), (info.ModelType, info.Layers, info.HiddenSize, info.Heads, info.MaxTokens, info.RecommendedTokens, info.VocabularySize));
        Assert.Equal((384, true, 384, 0), (info.EmbeddingSize, info.EmbeddingsAreNormalized, info.PooledSize, info.LogitsSize));
        Assert.Equal(22_713_216, info.ParameterCount);
    }

    [Fact]
    public void Embeddings_agree_with_float64()
    {
        using var golden = new Golden(Path.Combine(Folder, "golden"), "index.json");
        using var model = (ISentenceEncoder)HubModel.Of(Folder).Load();
        var vector = new float[384];
        double worst = 0, least = 1;
        foreach (var name in golden.Names.Where(name => name.EndsWith(".ids", StringComparison.Ordinal)))
        {
            var expected = golden.Doubles(name.Replace(".ids", ".embedding64", StringComparison.Ordinal));
            model.Embed([.. golden.Integers(name).Select(id => (int)id)], vector);
            double dot = 0, length = 0;
            Assert.Equal(vector.Length, expected.Length);
            for (var i = 0; i < vector.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(vector[i] - expected[i]));
                dot += vector[i] * expected[i];
                length += (double)vector[i] * vector[i];
            }

            least = Math.Min(least, dot / Math.Sqrt(length));
        }

        TestContext.Current.SendDiagnosticMessage($"largest difference {worst:E2}, least cosine {least:R}");
        Assert.True(worst <= 2e-6, $"{worst:E2}"); // a cosine of 0.999999 alone would let one number be off by a thousandth
        Assert.True(least >= 0.999999, $"{least:R}");
    }

    [Theory]
    [InlineData("t14")]
    [InlineData("t16")]
    [InlineData("t17")]
    public void Hidden_states_and_attention_agree(string text)
    {
        using var golden = new Golden(Path.Combine(Folder, "golden"), "index.json");
        using var model = (ITextModel)HubModel.Of(Folder).Load();
        int[] ids = [.. golden.Integers(text + ".ids").Select(id => (int)id)];
        var states = new float[7 * ids.Length * 384];
        var maps = new float[6 * 12 * ids.Length * ids.Length];
        var hidden = new float[ids.Length * 384];
        model.Forward(ids, hidden, trace: new ForwardTrace { HiddenStates = states, AttentionWeights = maps });
        Near(golden.Floats(text + ".hidden_states"), states, 2e-5);
        Assert.Equal(states[^hidden.Length..], hidden);
        if (golden.Has(text + ".attentions"))
            Near(golden.Floats(text + ".attentions"), maps, 1e-5);
    }

    [Fact]
    public void Eight_threads_get_the_same_bits_and_no_call_allocates()
    {
        using var golden = new Golden(Path.Combine(Folder, "golden"), "index.json");
        using var model = (ISentenceEncoder)HubModel.Of(Folder).Load();
        var texts = golden.Names.Where(name => name.EndsWith(".ids", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => golden.Integers(name).Select(id => (int)id).ToArray()).Where(ids => ids.Length < 64).ToArray();
        var alone = texts.Select(ids =>
        {
            var vector = new float[384];
            model.Embed(ids, vector);
            return vector;
        }).ToArray();
        var failures = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            var vector = new float[384];
            for (var i = 0; i < texts.Length; i++)
            {
                var text = (i + thread) % texts.Length;
                model.Embed(texts[text], vector);
                if (!vector.AsSpan().SequenceEqual(alone[text]))
                    Interlocked.Increment(ref failures);
            }
        });
        Assert.Equal(0, failures);

        var own = new float[384];
        Assert.Equal(0, Allocated.Least(() =>
        {
            foreach (var ids in texts)
                model.Embed(ids, own);
        }));
    }

    [Fact]
    public void Parallel_loading_gives_the_same_model_and_says_how_far_it_is()
    {
        var compiled = HubModel.Of(Folder);
        var reports = new List<ModelLoadProgress>();
        using var one = (ISentenceEncoder)compiled.Load();
        using var many = (ISentenceEncoder)compiled.Load(options: new ModelLoadOptions { Threads = 4, Progress = new Recorder(reports) });
        float[] a = new float[384], b = new float[384];
        one.Embed([101, 7592, 2088, 102], a);
        many.Embed([101, 7592, 2088, 102], b);
        Assert.Equal(a, b);
        Assert.Equal(reports[^1].Total, reports[^1].Done);
        Assert.Equal(reports.Select(report => report.Done).Order(), reports.Select(report => report.Done));
    }

    private static void Near(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual, (x, y) => float.IsNaN(y) ? double.PositiveInfinity : Math.Abs((double)x - y)).Max(); // Max passes over NaN
        Assert.True(worst <= tolerance, $"{worst:E2}");
    }

    private sealed class Recorder(List<ModelLoadProgress> reports) : IProgress<ModelLoadProgress>
    {
        public void Report(ModelLoadProgress value) => reports.Add(value);
    }
}
