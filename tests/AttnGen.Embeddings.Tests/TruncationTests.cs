using System.Reflection;

namespace AttnGen.Embeddings.Tests;

/// <summary>Which end of a text that is too long goes, in what reads texts.</summary>
public class TruncationTests
{
    [Fact]
    public void A_reranker_cuts_the_beginning_of_the_longer_text()
    {
        var folder = Shared.Require("golden", "reports", "ce-left");
        var expected = Reference.Json("golden/reports/cases.json").EnumerateArray().Single(one => one.GetProperty("folder").GetString() == "ce-left");
        const string Source = """
            [AttnGen.TransformerModel("model")]
            public sealed partial class CrossEncoder;
            """;
        var type = GeneratorHost.Compile(Source, new HostOptions { Models = ModelText.Read("model", folder) }).GetType("CrossEncoder")!;
        using var reranker = (Reranker)typeof(Reranker).GetMethod(nameof(Reranker.Create))!.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [folder, null], null)!;
        Assert.Equal(expected.GetProperty("expected").GetDouble(), reranker.Score(expected.GetProperty("query").GetString()!, expected.GetProperty("document").GetString()!), 2e-6);
    }
}
