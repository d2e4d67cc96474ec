using System.Globalization;

namespace AttnGen.Models.Tests;

/// <summary>Trained language models: stories260K against llama2.c and its float64 run, and the project's own taleteller against its reference.</summary>
public sealed class TrainedDecoderTests
{
    [Fact]
    public void Stories260K_writes_the_same_stories()
    {
        Shared.Require("models", "stories260K");
        var folder = Directory.CreateTempSubdirectory("attngen").FullName;
        try
        {
            StoriesFolder.Write(folder);
            using var model = (ILanguageModel)HubModel.Of(folder).Load();
            for (var number = 0; number < 4; number++)
            {
                var (prompt, ids, logits) = StoriesFolder.Case(number);
                Check(model, prompt, ids[prompt.Length..], logits, 1e-4);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Without a folder: a shape, and the names and the pairs of llama2.c as they are.</summary>
    [Fact]
    public void A_shape_of_stories260K_writes_the_same_stories()
    {
        var weights = Shared.Require("models", "stories260K", "stories260K.safetensors");
        var type = Testing.GeneratorHost.Compile("""
            using AttnGen;
            [Decoder(layers: 5, dModel: 64, heads: 8, kvHeads: 4, feedForward: 172, vocabulary: 512, maxTokens: 512, position: Position.RotaryInterleaved)]
            public sealed partial class Stories;
            """, new Testing.HostOptions()).GetType("Stories")!;
        using var model = (IDisposable)type.GetMethod("Load", [typeof(string), typeof(string), typeof(Func<string, string>)])!.Invoke(null, [weights, "", (Func<string, string>)StoriesFolder.Llama2Name])!;
        var create = type.GetMethod("CreateSequence")!.CreateDelegate<Func<int, TokenSequence>>(model);
        for (var number = 0; number < 4; number++)
        {
            var (prompt, ids, logits) = StoriesFolder.Case(number);
            Check(() => create(0), 512, prompt, ids[prompt.Length..], logits, 1e-4);
        }
    }

    [Fact]
    public void The_tale_teller_tells_the_same_tales()
    {
        using var model = (ILanguageModel)HubModel.Of(Shared.Require("assets", "taleteller")).Load();
        using var golden = SafetensorsFile.Open(Shared.Require("assets", "taleteller-golden.safetensors"));
        using var about = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Shared.Require("assets", "taleteller-golden.json")));
        foreach (var one in about.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = one.GetProperty("name").GetString() + ".logits";
            golden.TryGetShape(name, out var shape);
            var logits = new float[shape[0] * shape[1]];
            golden.Read(name, 0, logits);
            Check(model, Ints(one, "ids"), Ints(one, "greedy"), logits, 1e-4);
        }

        static int[] Ints(System.Text.Json.JsonElement one, string name) => [.. one.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
    }

    // The prompt's logits, or those of the first tokens, and what is written after it.
    private static void Check(ILanguageModel model, int[] prompt, int[] greedy, float[] expected, double tolerance) =>
        Check(() => model.CreateSequence(), model.Info.LogitsSize, prompt, greedy, expected, tolerance);

    private static void Check(Func<TokenSequence> create, int size, int[] prompt, int[] greedy, float[] expected, double tolerance)
    {
        using var sequence = create();
        int[] all = [.. prompt, .. greedy];
        var logits = new float[all.Length * size];
        sequence.Extend(prompt, logits.AsSpan(0, prompt.Length * size));
        for (var i = 0; i < greedy.Length; i++)
        {
            var row = logits.AsSpan((prompt.Length + i - 1) * size, size);
            var best = 0;
            for (var id = 1; id < size; id++)
                best = row[id] > row[best] ? id : best;
            Assert.True(greedy[i] == best, string.Create(CultureInfo.InvariantCulture, $"token {i} after the prompt is {best}, expected {greedy[i]}"));
            sequence.Extend([best], logits.AsSpan((prompt.Length + i) * size, size));
        }

        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, Math.Abs((double)logits[i] - expected[i]));
        Assert.InRange(worst, 0, tolerance);
    }
}
