using System.Reflection;
using System.Text.Json;
using AttnGen.Testing;

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

    private const string Source = """
        [AttnGen.TransformerModel("model")]
        public sealed partial class Model;
        """;

    private static JsonElement Report(string folder) => Reference.Json("golden/reports/cases.json").EnumerateArray().Single(one => one.GetProperty("folder").GetString() == folder);

    private static T Create<T>(string folder)
    {
        var path = Shared.Require("golden", "reports", folder);
        var type = GeneratorHost.Compile(Source, new HostOptions { Models = ModelText.Read("model", path) }).GetType("Model")!;
        try
        {
            return (T)typeof(T).GetMethod("Create")!.MakeGenericMethod(type).Invoke(null, [path, null])!;
        }
        catch (TargetInvocationException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }
}
