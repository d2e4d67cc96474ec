namespace AttnGen.Tool.Tests;

/// <summary>The commands with a GGUF file in the place of a folder.</summary>
public sealed class GgufTests
{
    private static string Stories => Shared.Require("models", "stories260K", "stories260K.gguf");

    [Fact]
    public async Task Inspect()
    {
        var text = (await ToolRun.Of("inspect", Stories)).Gave(0).Out;
        Assert.Contains("llama (LlamaForCausalLM)", text);
        Assert.Contains("stories260K.gguf (1.1 MiB; F32)", text);
        var json = (await ToolRun.Of("inspect", Stories, "--json")).Gave(0).Json();
        Assert.Equal(new FileInfo(Stories).Length, json.GetProperty("weightFileBytes").GetInt64());
    }

    [Fact]
    public async Task Verify()
    {
        var text = (await ToolRun.Of("verify", Stories)).Gave(0).Out;
        Assert.Contains("token by token = at once, bit for bit", text);
    }

    [Fact]
    public async Task What_is_wrong_is_told_in_a_sentence()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["model.gguf"], "no model");
        Assert.Contains("model.gguf is no GGUF file: it has 8 bytes", (await ToolRun.Of("inspect", folder["model.gguf"])).Gave(1).Sentence());
        Assert.Contains("There is no file '", (await ToolRun.Of("inspect", folder["gone.gguf"])).Gave(2).Sentence());
        Assert.Contains("--config is for folders", (await ToolRun.Of("inspect", Stories, "--config", "config.json")).Gave(2).Sentence());
    }
}
