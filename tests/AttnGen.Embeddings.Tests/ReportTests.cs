using System.Reflection;
using System.Text.Json;

namespace AttnGen.Embeddings.Tests;

/// <summary>Small folders that showed faults (shared/golden/reports), through the classes that the compiler makes of them: the vectors and scores of the reference.</summary>
public sealed class ReportTests
{
    [Theory]
    [InlineData("ce-identity")]
    [InlineData("ce-tanh")]
    [InlineData("ce-default-prompt")]
    [InlineData("ce-no-token-types")]
    [InlineData("roberta-ce-space")]
    public void Scores(string folder)
    {
        var report = Report(folder);
        using var reranker = Create<Reranker>(folder);
        Assert.Equal(report.GetProperty("expected").GetDouble(), reranker.Score(report.GetProperty("query").GetString()!, report.GetProperty("document").GetString()!), 2e-6);
    }

    [Theory]
    [InlineData("emb-pooling-list")]
    [InlineData("emb-only-cls")]
    [InlineData("emb-null-prompt")]
    [InlineData("emb-longest-in-processing")]
    [InlineData("emb-lower-special")]
    [InlineData("roberta-emb-space")]
    public void Vectors(string folder)
    {
        var report = Report(folder);
        using var generator = Create<TextEmbeddingGenerator>(folder);
        var vector = generator.Embed(report.GetProperty("text").GetString()!);
        var expected = report.GetProperty("expected").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        Assert.Equal(expected.Length, vector.Length);
        Assert.All(expected, (number, i) => Assert.Equal(number, vector[i], 2e-6));
    }

    [Fact]
    public void A_token_beyond_the_table_is_refused_before_any_text()
    {
        var exception = Assert.Throws<InvalidDataException>(() => Create<TextEmbeddingGenerator>("emb-id-beyond"));
        Assert.Contains("the token '<name>' with id 26", exception.Message, StringComparison.Ordinal);
        Assert.Contains("26 rows", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("emb-pooling-absent", "1_Pooling/config.json is not there")]
    [InlineData("emb-absent-prompt", "default_prompt_name is 'search', but there is no such prompt; there are 'query', 'document'")]
    [InlineData("emb-pooler-output", "method_output_name 'pooler_output' is not supported")]
    public void Refusals_at_the_class(string folder, string expected)
    {
        var run = GeneratorHost.Run(Source, new HostOptions { Models = ModelText.Read("model", Shared.Require("golden", "reports", folder)) });
        Assert.Contains(run.Diagnostics, diagnostic => diagnostic.ToString().Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>A folder that is given in place of the class's own: what the class was compiled for must be what that folder says, and the rest is that folder's.</summary>
    [Theory]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "cls"}""")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "median"}""")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "mean", "include_prompt": false}""")]
    [InlineData("1_Pooling/config.json", null)]
    [InlineData("modules.json", """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]""")]
    [InlineData("modules.json", "[{")]
    [InlineData("modules.json", null)]
    public void Another_folder_that_makes_vectors_otherwise_is_refused(string file, string? text)
    {
        using var other = new Copy("emb-null-prompt", file, text);
        var exception = Assert.Throws<InvalidDataException>(() => Create<TextEmbeddingGenerator>("emb-null-prompt", other.Path));
        Assert.Contains("is not what the class Model was compiled from ('model')", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{ "pooling_mode" :"mean" }""", 20)]
    [InlineData("modules.json", """[{"type": "sentence_transformers.models.Transformer", "path": "", "name": "0", "idx": 0}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]""", 20)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 6}""", 6)]
    public void Another_folder_that_says_the_same_is_read(string file, string text, int longest)
    {
        var report = Report("emb-null-prompt");
        using var other = new Copy("emb-null-prompt", file, text);
        using var generator = Create<TextEmbeddingGenerator>("emb-null-prompt", other.Path);
        Assert.Equal(longest, generator.MaxTokens);
        Assert.Equal(report.GetProperty("expected")[0].GetDouble(), generator.Embed(report.GetProperty("text").GetString()!)[0], 2e-6);
    }

    /// <summary>A folder with one file changed, or gone.</summary>
    private sealed class Copy : IDisposable
    {
        public Copy(string folder, string file, string? text)
        {
            var from = Shared.Require("golden", "reports", folder);
            foreach (var path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(from, path));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
                File.WriteAllBytes(to, File.ReadAllBytes(path));
            }

            var changed = System.IO.Path.Combine(Path, file);
            if (text is null)
                File.Delete(changed);
            else
                File.WriteAllText(changed, text);
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("attngen-folder").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    private const string Source = """
        [AttnGen.TransformerModel("model")]
        public sealed partial class Model;
        """;

    private static JsonElement Report(string folder) => Reference.Json("golden/reports/cases.json").EnumerateArray().Single(one => one.GetProperty("folder").GetString() == folder);

    private static T Create<T>(string folder, string? given = null)
    {
        var path = Shared.Require("golden", "reports", folder);
        var type = GeneratorHost.Compile(Source, new HostOptions { Models = ModelText.Read("model", path) }).GetType("Model")!;
        try
        {
            return (T)typeof(T).GetMethod("Create")!.MakeGenericMethod(type).Invoke(null, [given ?? path, null])!;
        }
        catch (TargetInvocationException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }
}
