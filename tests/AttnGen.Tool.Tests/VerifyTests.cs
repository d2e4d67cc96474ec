using System.Text.Json;

namespace AttnGen.Tool.Tests;

/// <summary><c>verify</c> on the models whose goldens were made elsewhere, and on the zoo of configurations.</summary>
public sealed class VerifyTests
{
    private static readonly string[] s_writers =
    [
        "gpt2", "llama", "llama-rope-llama3", "qwen2", "qwen3", "mistral", "gemma2", "gpt_neox", "bloom", "phi", "t5", "t5-gated", "bart", "marian", "whisper",
    ];

    public static TheoryData<string> Models =>
    [
        "golden/hf/bert", "golden/hf/distilbert", "golden/hf/roberta", "golden/hf/mpnet", "golden/hf/albert", "golden/hf/modernbert", "golden/hf/bert-cross-encoder", "golden/hf/vit", "models/all-MiniLM-L6-v2",
        .. s_writers.Select(name => "golden/hf/" + name),
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Every_array_of_a_golden_is_compared_and_agrees(string model)
    {
        var folder = Shared.Require(model.Split('/'));
        var run = (await ToolRun.Of("verify", folder, "--json")).Gave(0);
        var report = run.Json();
        Assert.True(report.GetProperty("passed").GetBoolean());
        var writes = s_writers.Contains(model.Split('/')[^1]);
        var golden = GoldenWriter.Read(report.GetProperty("golden").GetString()!);
        var outputs = golden.Names.Where(name => !GoldenKey.Parse(name, writes).IsInput).ToHashSet();
        foreach (var array in report.GetProperty("arrays").EnumerateArray())
        {
            var name = array.GetProperty("name").GetString()!;
            if (writes && name.EndsWith(".position_ids", StringComparison.Ordinal))
            {
                Assert.Equal("skipped", array.GetProperty("verdict").GetString());
                continue;
            }

            Assert.True(outputs.Remove(name), name);
            if (array.GetProperty("verdict").GetString() == "skipped")
            {
                Assert.EndsWith("32", name);
                continue;
            }

            Assert.Equal("ok", array.GetProperty("verdict").GetString());
            Assert.True(array.GetProperty("compared").GetInt64() > 0);
            Assert.InRange(array.GetProperty("maxAbsError").GetDouble(), 0, array.GetProperty("tolerance").GetDouble());
        }

        Assert.Empty(outputs);
        Assert.All(report.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("holds").GetBoolean()));
        if (writes)
            Assert.InRange(report.GetProperty("checks").GetArrayLength(), 1, 100);
        else
            Assert.Equal(model switch { "golden/hf/vit" => 0, "models/all-MiniLM-L6-v2" => 2, _ => 1 }, report.GetProperty("checks").GetArrayLength());
    }

    [Fact]
    public async Task The_text_for_people_says_errors_and_verdict()
    {
        var folder = Shared.Require("golden", "hf", "bert");
        var run = (await ToolRun.Of("verify", folder, "--golden", Path.Combine(folder, "golden.safetensors"))).Gave(0);
        Assert.Contains("single.hidden_states.3", run.Out);
        Assert.Contains("padded = unpadded, bit for bit  ok (3 rows)", run.Out);
        Assert.Contains("Passed: 11 arrays", run.Out);
    }

    [Fact]
    public async Task Texts_beside_a_golden_are_tokenized()
    {
        var folder = Shared.Require("models", "all-MiniLM-L6-v2");
        using var copy = new TestFolder();
        new GoldenWriter().Add("hello.input_ids", [101, 7592, 2088, 102], 1, 4).Add("hello.embedding", GoldenFile.Open(Path.Combine(folder, "golden", "golden.safetensors")).Floats("t00.embedding64"), 384)
            .Write(copy["g.safetensors"]);
        foreach (var (text, holds) in new[] { ("Hello world", true), ("Hello there", false) })
        {
            File.WriteAllText(copy["g.json"], JsonSerializer.Serialize(new { texts = new Dictionary<string, string> { ["hello"] = text } }));
            var check = (await ToolRun.Of("verify", folder, "--golden", copy["g.safetensors"], "--json")).Gave(1).Json().GetProperty("checks")[0];
            Assert.Equal(holds, check.GetProperty("holds").GetBoolean());
            Assert.Contains(holds ? "1 text" : "id 2088 at 2", check.GetProperty("detail").GetString());
        }
    }

    /// <summary>What lies beside golden files is named for what it is, with the command to run.</summary>
    [Fact]
    public async Task The_JSON_beside_goldens_is_no_golden()
    {
        var bert = Shared.Require("golden", "hf", "bert");
        var miniLm = Shared.Require("models", "all-MiniLM-L6-v2");
        using var own = new TestFolder().With(bert, "config.json", "model.safetensors");
        await Refused(bert, Shared.Require("golden", "hf", "index.json"), "is an index of the 23 folders beside it", $"for each, which finds the golden file in the folder: attngen verify {bert}");
        await Refused(own.Path, Shared.Require("golden", "hf", "index.json"), $"attngen verify {Shared.Require("golden", "hf", "albert")}");
        await Refused(bert, Path.Combine(bert, "golden.json"), "holds the notes on a golden file", $"--golden {Path.Combine(bert, "golden.safetensors")}");
        await Refused(miniLm, Path.Combine(miniLm, "golden", "index.json"), $"--golden {Path.Combine(miniLm, "golden", "golden.safetensors")}");
        File.WriteAllText(own["some"], "[1, 2, 3]");
        await Refused(bert, own["some"], "is JSON, and a golden file is a safetensors file", "tools/make_golden.py");
        File.WriteAllText(own["some"], "{\0\0");
        await Refused(bert, own["some"], "safetensors");

        async Task Refused(string model, string golden, params string[] said)
        {
            var sentence = (await ToolRun.Of("verify", model, "--golden", golden)).Gave(2).Sentence();
            Assert.All(said, part => Assert.Contains(part, sentence));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_older_keys_of_a_configuration_give_the_same(bool inPlace)
    {
        var folder = Shared.Require("golden", "hf", "modernbert");
        if (!inPlace)
        {
            (await ToolRun.Of("verify", folder, "--config", "config.v4.json")).Gave(0);
            return;
        }

        using var copy = new TestFolder().With(folder, "model.safetensors", "golden.safetensors", "golden.json");
        File.Copy(Path.Combine(folder, "config.v4.json"), copy["config.json"]);
        (await ToolRun.Of("verify", copy.Path)).Gave(0);
    }

    [Fact]
    public async Task Shards_and_other_names_of_cases_give_the_same()
    {
        var folder = Shared.Require("golden", "hf", "bert-cross-encoder");
        using var copy = new TestFolder().With(folder, "config.json");
        var weights = GoldenWriter.Read(Path.Combine(folder, "model.safetensors"));
        var names = weights.Names.ToList();
        string Shard(string name) => names.IndexOf(name) % 2 == 0 ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors";
        foreach (var group in names.GroupBy(Shard))
            weights.Where(name => Shard(name) == group.Key).Write(copy[group.Key]);
        File.WriteAllText(copy["model.safetensors.index.json"], JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = names.ToDictionary(name => name, Shard) }));
        GoldenWriter.Read(Path.Combine(folder, "golden.safetensors"))
            .Rename(name => name.Replace("single.", "A pair, 2 texts.", StringComparison.Ordinal).Replace("batch.", "x.", StringComparison.Ordinal))
            .Write(copy["other.safetensors"]);
        File.Copy(Path.Combine(folder, "golden.json"), copy["golden.json"]);
        var report = (await ToolRun.Of("verify", copy.Path, "--golden", copy["other.safetensors"], "--json")).Gave(0).Json();
        Assert.Equal(9, report.GetProperty("arrays").GetArrayLength());

        File.Delete(copy["model-00002-of-00002.safetensors"]);
        Assert.Contains("model-00002-of-00002.safetensors", (await ToolRun.Of("verify", copy.Path)).Gave(1).Error);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public async Task Narrow_weights_run_and_a_golden_of_wider_ones_shows_the_difference(string type)
    {
        var folder = Shared.Require("golden", "hf", "roberta");
        using var copy = new TestFolder().With(folder, "config.json");
        var weights = GoldenWriter.Read(Path.Combine(folder, "model.safetensors"));
        foreach (var name in weights.Names.Where(name => weights.Type(name) == "F32").ToList())
            weights.Narrow(name, type);
        weights.Write(copy["model.safetensors"]);
        Assert.Contains("against itself", (await ToolRun.Of("verify", copy.Path)).Gave(0).Out);
        Assert.Contains("does not agree", (await ToolRun.Of("verify", copy.Path, "--golden", Path.Combine(folder, "golden.safetensors"))).Gave(1).Sentence());
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("vit")]
    public async Task Without_a_golden_the_model_is_checked_against_itself(string name)
    {
        using var copy = new TestFolder().With(Shared.Require("golden", "hf", name), "config.json", "model.safetensors");
        var run = (await ToolRun.Of("verify", copy.Path, "--json")).Gave(0).Json();
        Assert.Matches("^[0-9a-f]{16}$", run.GetProperty("bits").GetString());
        Assert.True(run.GetProperty("checks").GetArrayLength() >= 4);
    }

    [Theory]
    [MemberData(nameof(Zoo.Names), MemberType = typeof(Zoo))]
    public async Task The_zoo_is_accepted_or_refused_usefully(string name)
    {
        var (folder, zoo) = Zoo.Case(name);
        ToolRun verify = await ToolRun.Of("verify", folder), inspect = await ToolRun.Of("inspect", folder);
        switch (Zoo.Expect(zoo))
        {
            case "error":
                Assert.Equal((1, 1), (verify.ExitCode, inspect.ExitCode));
                var facts = Zoo.Facts(zoo);
                Assert.All(facts, fact => Assert.Contains(fact, verify.Error));
                Assert.All(facts, fact => Assert.Contains(fact, inspect.All));
                Assert.All(verify.Error.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("attngen: ATTN", line));
                inspect.Sentence();
                break;
            case "ok":
            case "ok-or-error" when zoo.GetProperty("name").GetString() == "rope-yarn": // computed as published
                inspect.Gave(0);
                Assert.Contains("accepted, but there is nothing to run", verify.Gave(2).Error);
                break;
            default:
                Assert.Equal((1, 1), (verify.ExitCode, inspect.ExitCode));
                break;
        }
    }
}
