using System.Text.Json.Nodes;

namespace AttnGen.Tool.Tests;

/// <summary>Whatever a folder has wrong is exit code 1 or 2 with a sentence, never 3, which is a fault of the tool.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What the compiler reads: every value of every file by each other kind. ToolRun refuses exit code 3.</summary>
    [Theory]
    [InlineData("config.json")]
    [InlineData("1_Pooling/config.json")]
    [InlineData("modules.json")]
    [InlineData("sentence_bert_config.json")]
    public async Task A_value_of_another_kind_in_what_the_compiler_reads(string file)
    {
        SmallFolder.Write(_folder);
        var json = File.ReadAllText(_folder[file]);
        var accepted = new List<string>();
        var refused = 0;
        foreach (var (what, text) in SmallFolder.Mutations(json))
        {
            File.WriteAllText(_folder[file], text);
            var run = await ToolRun.Of("inspect", _folder.Path);
            if (run.ExitCode == 0)
                accepted.Add(text);
            else
            {
                Assert.True(run.Sentence().Length > 0, what);
                refused++;
            }
        }

        Assert.True(refused > 0, "nothing was refused");

        // And some of those that are accepted run to the end, or are refused later.
        var random = new Random(file.Length);
        for (var i = 0; i < 4 && accepted.Count > 0; i++)
        {
            File.WriteAllText(_folder[file], accepted[random.Next(accepted.Count)]);
            await ToolRun.Of("embed", _folder.Path, "--text", "red fox");
        }
    }

    /// <summary>What the library reads, with the class that the folder had before.</summary>
    [Theory]
    [InlineData("sentence_bert_config.json")]
    [InlineData("config_sentence_transformers.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("added_tokens.json")]
    public void A_value_of_another_kind_in_what_the_library_reads(string file)
    {
        SmallFolder.Write(_folder);
        if (file is "added_tokens.json" or "special_tokens_map.json")
        {
            // Read only where there is no tokenizer.json.
            File.Delete(_folder["tokenizer.json"]);
            File.WriteAllLines(_folder["vocab.txt"], SmallFolder.Words);
        }

        using var small = new SmallModel(_folder);
        Assert.Equal((0, ""), small.Embed());
        var json = File.ReadAllText(_folder[file]);
        var refused = 0;
        foreach (var (what, text) in SmallFolder.Mutations(json))
        {
            File.WriteAllText(_folder[file], text);
            var (code, error) = small.Embed();
            Assert.True(code is 0 or 1 or 2, $"{file}: {what}: exit code {code}\n{error}");
            refused += code == 0 ? 0 : 1;
        }

        Assert.True(refused > 0, "nothing was refused");
    }

    [Fact]
    public void Files_cut_off_anywhere()
    {
        SmallFolder.Write(_folder);
        using var small = new SmallModel(_folder);
        var random = new Random(5);
        foreach (var file in SmallFolder.JsonFiles.Append("model.safetensors"))
        {
            var whole = File.ReadAllBytes(_folder[file]);
            for (var i = 0; i < 40; i++)
            {
                File.WriteAllBytes(_folder[file], whole[..random.Next(i < 20 ? Math.Min(200, whole.Length) : whole.Length)]);
                var (code, error) = SmallModel.Guarded(console => InspectCommand.Run(new ModelRequest(_folder.Path), json: false, console));
                Assert.True(code is 0 or 1 or 2, $"{file}: inspect: {error}");
                (code, error) = small.Embed(load: file == "model.safetensors");
                Assert.True(code is 0 or 1 or 2, $"{file}: embed: {error}");
            }

            File.WriteAllBytes(_folder[file], whole);
        }

        Assert.Equal((0, ""), small.Embed());
    }

    [Fact]
    public void A_value_of_another_kind_in_the_notes_of_a_golden_file()
    {
        SmallFolder.Write(_folder);
        using var small = new SmallModel(_folder);
        small.WriteGolden();
        Assert.Equal((0, ""), small.Verify());
        var json = File.ReadAllText(_folder["golden.json"]);
        var refused = 0;
        foreach (var (what, text) in SmallFolder.Mutations(json))
        {
            File.WriteAllText(_folder["golden.json"], text);
            var (code, error) = small.Verify();
            Assert.True(code is 0 or 1 or 2, $"{what}: exit code {code}\n{error}");
            refused += code == 0 ? 0 : 1;
        }

        Assert.True(refused > 100, $"{refused} refused");
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("embed", "--text", "a")]
    [InlineData("verify")]
    [InlineData("bench", "--seconds", "0.01")]
    [InlineData("emit", "--out", "OUT")]
    public async Task Folders_that_hold_nothing_of_use(string command, params string[] options)
    {
        string[] After(string folder) => [command, folder, .. options.Select(option => option == "OUT" ? _folder["out"] : option)];
        Directory.CreateDirectory(_folder["empty"]);
        await Refused("empty");
        Directory.CreateDirectory(_folder["a folder for a file/config.json"]);
        await Refused("a folder for a file");
        Directory.CreateDirectory(_folder["weights are a folder/model.safetensors"]);
        File.WriteAllText(_folder["weights are a folder/config.json"], "{}");
        await Refused("weights are a folder");
        File.WriteAllText(_folder["empty/model.safetensors"], "");
        await Refused("empty");
        File.WriteAllText(_folder["empty/config.json"], "");
        await Refused("empty");

        async Task Refused(string folder)
        {
            var run = await ToolRun.Of(After(_folder[folder]));
            Assert.True(run.ExitCode is 1 or 2, $"{folder}: exit code {run.ExitCode}");
            Assert.StartsWith("attngen: ", run.Error);
        }
    }

    [Fact]
    public async Task Malformed_weights()
    {
        SmallFolder.Write(_folder);
        var feed = NewTests.WriteFeed(_folder["feed"], "0.3.0");
        foreach (var file in Directory.GetFiles(Shared.Require("golden", "safetensors-hostile"), "*.safetensors"))
        {
            File.Delete(_folder["model.safetensors"]);
            File.Copy(file, _folder["model.safetensors"]);
            File.SetAttributes(_folder["model.safetensors"], FileAttributes.Normal);
            foreach (var args in new string[][] { ["inspect", _folder.Path], ["embed", _folder.Path, "--text", "a"], ["verify", _folder.Path], ["new", _folder["Project"], "--model", _folder.Path, "--feed", feed] })
                Assert.True((await ToolRun.Of(args)).ExitCode is 1 or 2, $"{args[0]} of {file}");
        }
    }

    /// <summary>Folders that showed faults, and the zoo of configurations.</summary>
    [Theory]
    [InlineData("reports")]
    [InlineData("config-zoo")]
    public async Task Folders_of_the_reference_data(string kind)
    {
        var folders = 0;
        var feed = NewTests.WriteFeed(_folder["feed"], "0.3.0");
        foreach (var config in Directory.GetFiles(Shared.Require("golden", kind), "config.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var folder = Path.GetDirectoryName(config)!;
            if (Path.GetFileName(folder).EndsWith("_Pooling", StringComparison.Ordinal))
                continue;
            folders++;
            await ToolRun.Of("inspect", folder);
            await ToolRun.Of("new", _folder[$"P{Directory.GetDirectories(_folder.Path).Length}"], "--model", folder, "--feed", feed);
            foreach (var text in kind == "reports" ? new[] { "red <name> fox" } : ["a"])
                await ToolRun.Of("embed", folder, "--text", text);
        }

        Assert.True(folders > 15, $"{folders} folders");
    }

    /// <summary>The prompt that a folder names and does not have: its own words.</summary>
    [Fact]
    public async Task A_prompt_that_is_not_there_is_the_folders_fault()
    {
        SmallFolder.Write(_folder);
        SmallFolder.Put(_folder, "config_sentence_transformers.json", new JsonObject { ["prompts"] = new JsonObject { ["query"] = "a : " }, ["default_prompt_name"] = "search" });
        var run = await ToolRun.Of("embed", _folder.Path, "--text", "red fox");
        Assert.True(run.ExitCode is 1 or 2);
        Assert.Contains("search", run.Sentence());
        Assert.Contains("query", run.Sentence());
    }

    [Fact]
    public async Task A_token_beyond_the_models_table_is_the_folders_fault()
    {
        SmallFolder.Write(_folder);
        var tokenizer = JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!;
        tokenizer["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 12, ["content"] = "<name>", ["special"] = false, ["normalized"] = false });
        SmallFolder.Put(_folder, "tokenizer.json", tokenizer);
        var run = await ToolRun.Of("embed", _folder.Path, "--text", "red <name> fox");
        Assert.True(run.ExitCode is 1 or 2);
        Assert.Contains("12", run.Sentence());
    }
}
