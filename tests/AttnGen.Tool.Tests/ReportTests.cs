namespace AttnGen.Tool.Tests;

/// <summary>Small folders that showed faults (shared/golden/reports): what a folder says wrongly is refused as the folder's, and never is a fault of attngen.</summary>
public sealed class ReportTests
{
    [Theory]
    [InlineData("emb-absent-prompt", 1, "default_prompt_name is 'search', but there is no such prompt; there are 'query', 'document'")]
    [InlineData("emb-id-beyond", 2, "the token '<name>' with id 26, and its ids go up to 26; the model's table has 26 rows")]
    [InlineData("emb-pooler-output", 1, "method_output_name 'pooler_output' is not supported; supported is 'last_hidden_state'")]
    [InlineData("emb-pooling-absent", 1, "1_Pooling/config.json is not there")]
    public async Task A_folder_is_refused_before_any_text(string folder, int code, string expected)
    {
        var run = (await ToolRun.Of("embed", Shared.Require("golden", "reports", folder), "--text", "red fox")).Gave(code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("emb-pooling-list", "red fox", 0.1030183)]
    [InlineData("emb-only-cls", "red fox", -0.2695467)]
    [InlineData("emb-null-prompt", "red fox", 0.1030183)]
    [InlineData("emb-longest-in-processing", "a b c d e f", 0.1063578)]
    [InlineData("emb-lower-special", "red [MASK] fox", 0.2110658)]
    [InlineData("roberta-emb-space", " snow\n", 0.9118899)]
    public async Task A_folder_has_the_vectors_of_the_reference(string folder, string text, double first)
    {
        var run = (await ToolRun.Of("embed", Shared.Require("golden", "reports", folder), "--text", text)).Gave(0);
        Assert.Equal(first, double.Parse(run.Out.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), 2e-6);
    }

    [Fact]
    public async Task Inspect_refuses_it_too() =>
        Assert.Contains("1_Pooling/config.json is not there", (await ToolRun.Of("inspect", Shared.Require("golden", "reports", "emb-pooling-absent"))).Gave(1).Out, StringComparison.Ordinal);
}
