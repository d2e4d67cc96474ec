using System.Text.Json;

namespace AttnGen.Tests;

/// <summary>shared/golden/config-zoo: published configurations, and what its index expects of each. Compiled into the tests of generator and tool.</summary>
internal static class Zoo
{
    /// <summary>must_name is prose; these are the facts of it, by case. A case that is not here must be named word for word.</summary>
    private static readonly Dictionary<string, string[]> s_facts = new()
    {
        ["rope-yarn"] = ["rope_type 'yarn'"],
        ["no-model-type"] = ["model_type is missing", "[BertModel]"],
        ["error-unknown-architecture"] = ["model_type 'mamba'", "bert, distilbert, roberta"],
        ["error-hidden-size"] = ["embeddings.word_embeddings.weight", "has shape [101,64]", "expected [101,48] from vocab_size=101, hidden_size=48"],
        ["error-fp8-weights"] = ["F8_E4M3", "encoder.layer.0.attention"],
        ["error-unknown-activation"] = ["hidden_act 'gelu_erf2'", "'gelu'", "'gelu_new'", "'relu'"],
        ["error-not-json"] = ["line ", "column "],
        ["error-zero-and-negative"] = ["num_attention_heads 0"],
    };

    /// <summary>The names of all cases; where the folder is absent one, whose test skips and says why.</summary>
    public static TheoryData<string> Names => [.. Shared.Folder is null ? ["absent"] : Cases().Select(Name)];

    /// <summary>The cases of the index.</summary>
    public static List<JsonElement> Cases()
    {
        var cases = JsonDocument.Parse(File.ReadAllText(Shared.Require("golden", "config-zoo", "index.json"))).RootElement.GetProperty("cases").EnumerateArray().ToList();
        var names = cases.Select(Name).ToHashSet();
        Assert.All(s_facts.Keys, name => Assert.Contains(name, names));
        return cases;
    }

    /// <summary>A case's folder, and what the index says of it.</summary>
    public static (string Folder, JsonElement Expected) Case(string name) =>
        (Shared.Require("golden", "config-zoo", name), Cases().Single(zoo => Name(zoo) == name));

    public static string Name(JsonElement zoo) => zoo.GetProperty("name").GetString()!;

    public static string Expect(JsonElement zoo) => zoo.GetProperty("expect").GetString()!;

    /// <summary>What a message about a refused case must say.</summary>
    public static IReadOnlyList<string> Facts(JsonElement zoo) =>
        s_facts.TryGetValue(Name(zoo), out var own) ? own : [.. zoo.GetProperty("must_name").EnumerateArray().Select(fact => fact.GetString()!)];
}
