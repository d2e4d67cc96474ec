namespace AttnGen.Tool.Tests;

/// <summary><c>verify</c> on goldens of models that write: a changed number and a case that does not fit are found, each by name.</summary>
public sealed class VerifyWritersTests
{
    private static readonly string[] s_changed =
    [
        "llama decode.logits", "llama greedy.logits", "llama leftpad.logits", "llama prefill.attentions.1", "llama prefill.hidden_states.2",
        "t5 single.cross_attentions.1", "t5 single.decoder_hidden_states.1", "t5 single.encoder_attentions.0", "t5 greedy.logits",
        "whisper single.decoder_attentions.0", "whisper single.cross_attentions.0", "whisper batch.encoder_last_hidden_state", "whisper batch.logits",
    ];

    public static TheoryData<string> Changed => [.. s_changed];

    [Theory]
    [MemberData(nameof(Changed))]
    public async Task A_changed_number_fails(string what)
    {
        var (model, array) = (what.Split(' ')[0], what.Split(' ')[1]);
        var run = (await Verify(model, golden => golden.Change(array, 5, value => value + 0.01))).Gave(1);
        var failed = run.Json().GetProperty("arrays").EnumerateArray().Where(each => each.GetProperty("verdict").GetString() == "failed");
        Assert.Equal(array, Assert.Single(failed).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("t5")]
    [InlineData("whisper")]
    public async Task A_changed_id_of_what_is_written_fails(string model)
    {
        var run = (await Verify(model, golden => golden.ChangeId("greedy.ids", 3, id => id == 1 ? 2 : 1))).Gave(1);
        var written = run.Json().GetProperty("arrays").EnumerateArray().Single(array => array.GetProperty("name").GetString() == "greedy.ids");
        Assert.Equal("failed", written.GetProperty("verdict").GetString());
        Assert.Matches("the model writes [0-9]+ where the file has [12], at 3 of [0-9]+", written.ToString());
    }

    public static TheoryData<string, string, string> Odd => new()
    {
        { "llama", "leftpad.position_ids changed", "tokens of a text have positions that follow each other" },
        { "llama", "leftpad.attention_mask removed", "there is no attention_mask" },
        { "llama", "prefill.input_ids removed", "it goes on after the text of the case" },
        { "llama", "greedy.prompt_ids removed", "there is no prompt_ids for the model to go on from" },
        { "llama", "greedy.ids removed", "there is no ids" },
        { "llama", "decode.input_ids removed", "there is no input_ids" },
        { "t5", "single.input_ids removed", "there is no input_ids" },
        { "t5", "single.decoder_input_ids removed", "there is no decoder_input_ids" },
        { "whisper", "batch.input_features removed", "there is no input_features" },
        { "whisper", "single.input_features removed", "add single.input_features" },
        { "whisper", "batch.input_features reshaped", "[B, 10, 28] is expected" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task A_case_that_does_not_fit_is_named(string model, string what, string said)
    {
        var (array, how) = (what.Split(' ')[0], what.Split(' ')[1]);
        var run = await Verify(model, golden => how switch
        {
            "removed" => golden.Remove(name => name == array),
            "changed" => golden.ChangeId(array, 17, value => value + 1),
            _ => golden.Reshape(array, 2, 28, 10),
        });
        Assert.InRange(run.ExitCode, 1, 2);
        Assert.Contains(said, run.Out);
    }

    private static async Task<ToolRun> Verify(string model, Func<GoldenWriter, GoldenWriter> change)
    {
        var folder = Shared.Require("golden", "hf", model);
        using var copy = new TestFolder();
        change(GoldenWriter.Read(Path.Combine(folder, "golden.safetensors"))).Write(copy["golden.safetensors"]);
        return await ToolRun.Of("verify", folder, "--golden", copy["golden.safetensors"], "--json");
    }
}
