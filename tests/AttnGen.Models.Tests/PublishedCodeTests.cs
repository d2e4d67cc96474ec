using System.Text.Json;
using AttnGen.Runtime;
using AttnGen.Tool;

namespace AttnGen.Models.Tests;

/// <summary>
/// The folders of Reference/models.zip, made by an implementation that follows the published code and shares nothing with the generator (tools/reference):
/// every array as <c>attngen verify</c> compares it.
/// </summary>
public sealed class PublishedCodeTests(PublishedFolders folders) : IClassFixture<PublishedFolders>
{
    private static readonly string[] s_endings =
    [
        "Model", "ForMaskedLM", "ForPreTraining", "ForNextSentencePrediction", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering",
        "ForImageClassification", "ForImageClassificationWithTeacher", "EncoderModel",
        "TextModel", "TextModelWithProjection", "VisionModel", "VisionModelWithProjection",
    ];

    public static TheoryData<string> Names => [.. PublishedFolders.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_array_agrees(string name)
    {
        var folder = folders.Of(name);
        Assert.True(folder.Problems.Count == 0, $"{name} is refused: {string.Join("; ", folder.Problems)}");
        Verify(name, folder);
    }

    /// <summary>Every array of a folder's golden file, as attngen verify compares it.</summary>
    internal static void Verify(string name, PublishedFolder folder)
    {
        using var model = folder.Load();
        var golden = GoldenFile.Open(Path.Combine(folder.Path, "golden.safetensors"));
        var report = new VerifyReport { Model = name, ModelType = model.Info.ModelType, Golden = golden.Path, VectorBits = SimdLane.Bits };
        GoldenVerifier.Run(new ModelRunner(model), golden, GoldenNotes.Beside(golden.Path), report, new ToolConsole(TextWriter.Null, TextWriter.Null), TestContext.Current.CancellationToken);
        var off = report.Arrays.Where(array => array.Verdict != Verdict.Ok).Select(array => $"{array.Name}: {array.Verdict}, off by {array.MaxAbsError:E1} of {array.MaxAbs:E1}; {array.Note}");
        Assert.True(report.Passed, $"{(report.Passed ? "" : report.Failure())}\n{string.Join('\n', off)}");
        Assert.Empty(off);
        Assert.Equal(golden.Names.Count(array => !GoldenKey.Parse(array).IsInput), report.Arrays.Count);
        Assert.All(report.Arrays, array => Assert.True(array is { Compared: > 0, MaxAbs: > 0, Tolerance: < 1e-3 }, $"{array.Name}: {array.Compared} numbers up to {array.MaxAbs}, {array.Tolerance} is allowed"));
    }

    /// <summary>What is compared does not shrink unseen.</summary>
    [Fact]
    public void Every_class_and_every_activation_is_there()
    {
        Assert.True(PublishedFolders.Names.Count >= 70, $"There are {PublishedFolders.Names.Count} folders.");
        var missing = new HashSet<string>();
        foreach (var (family, endings) in new[] { ("Bert", "0123456"), ("DistilBert", "01456"), ("Roberta", "01456"), ("XLMRoberta", "04"), ("Camembert", "16"), ("MPNet", "01456"), ("Albert", "012456"), ("Electra", "012456"), ("ModernBert", "01456"), ("ViT", "07"), ("DeiT", "078"), ("NomicBert", "012456"), ("CLIP", "0abcd"), ("T5", "59"), ("MT5", "59"), ("UMT5", "59") })
            missing.UnionWith(endings.Select(ending => family + s_endings[ending - (ending >= 'a' ? 'a' - 10 : '0')]));
        HashSet<string> activations = [.. "gelu gelu_python gelu_new gelu_fast gelu_pytorch_tanh gelu_accurate quick_gelu relu silu swish sigmoid tanh linear".Split(' ')];
        foreach (var name in PublishedFolders.Names)
        {
            using var notes = JsonDocument.Parse(File.ReadAllText(Path.Combine(folders.Of(name).Path, "golden.json")));
            missing.Remove(notes.RootElement.GetProperty("class").GetString()!);
            using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folders.Of(name).Path, "config.json")));
            foreach (var key in new[] { "hidden_act", "activation", "hidden_activation", "classifier_activation" })
                activations.Remove(config.RootElement.TryGetProperty(key, out var value) ? value.GetString()! : "");
        }

        Assert.Empty(missing);
        Assert.Empty(activations);
    }
}
