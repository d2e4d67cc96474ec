using System.IO.Compression;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using AttnGen.Runtime;
using AttnGen.Testing;
using AttnGen.Tool;
using Microsoft.CodeAnalysis;
using ModelText = AttnGen.Testing.ModelText;

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

/// <summary>A folder of the archive, its class, and what the generator had to say against it.</summary>
internal sealed record PublishedFolder(string Path, Func<string?, ModelLoadOptions?, ITransformerModel>? Class, IReadOnlyList<string> Problems)
{
    public ITransformerModel Load() => Class!(Path, null);
}

/// <summary>The archive's folders in a temporary place, all of them compiled at once.</summary>
public sealed class PublishedFolders : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("attngen-");
    private readonly Dictionary<string, PublishedFolder> _folders = [];

    public PublishedFolders()
    {
        using (var archive = Open())
            archive.ExtractToDirectory(_root.FullName);
        var models = Names.SelectMany(name => ModelText.Read(name, Path.Combine(_root.FullName, name))).ToList();
        var sources = Names.Select(name => (name, $"[AttnGen.TransformerModel(\"{name}\"{Tower(name)})] public sealed partial class {ClassOf(name)};"));
        var options = new HostOptions { Models = models };
        GeneratorHost.CreateDriver(options).RunGeneratorsAndUpdateCompilation(GeneratorHost.CreateCompilation(sources, options), out var output, out var diagnostics);
        using var image = new MemoryStream();
        var emitted = output.Emit(image);
        if (!emitted.Success)
            throw new CompilationFailedException(GeneratorHost.Describe(emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error), output));
        image.Position = 0;
        var assembly = new AssemblyLoadContext("published", isCollectible: true).LoadFromStream(image);
        foreach (var name in Names)
        {
            List<string> problems = [.. diagnostics.Where(d => d.Location.GetLineSpan().Path == name).Select(d => d.ToString())];
            var load = assembly.GetType(ClassOf(name))!.GetMethod("Load", BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(ModelLoadOptions)]);
            _folders[name] = new(Path.Combine(_root.FullName, name), problems.Count > 0 ? null : load!.CreateDelegate<Func<string?, ModelLoadOptions?, ITransformerModel>>(), problems);
        }
    }

    internal static IReadOnlyList<string> Names { get; } = Read();

    public void Dispose() => _root.Delete(recursive: true);

    internal PublishedFolder Of(string name) => _folders[name];

    /// <summary>Which of a folder's two models its golden file is of.</summary>
    private string Tower(string name)
    {
        using var notes = JsonDocument.Parse(File.ReadAllText(Path.Combine(_root.FullName, name, "golden.json")));
        return notes.RootElement.TryGetProperty("tower", out var tower) ? $", tower: AttnGen.Tower.{tower.GetString()}" : "";
    }

    private static string ClassOf(string name) => "M" + name.Replace('-', '_');

    private static ZipArchive Open() => new(typeof(PublishedFolders).Assembly.GetManifestResourceStream("models.zip")!);

    private static List<string> Read()
    {
        using var archive = Open();
        return [.. archive.Entries.Select(entry => entry.FullName.Split('/')[0]).Distinct()];
    }
}
