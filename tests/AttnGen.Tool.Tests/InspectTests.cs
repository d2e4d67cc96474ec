namespace AttnGen.Tool.Tests;

/// <summary>What <c>inspect</c> says of keys that nothing reads, and of folders that are something else than a transformer's.</summary>
public sealed class InspectTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_that_nothing_reads_are_listed()
    {
        File.WriteAllText(_folder["config.json"], """{"model_type": "bert", "architectures": ["BertModel"], "hidden_dropout": 0.1, "my_key": {}}""");
        File.WriteAllText(_folder["tokenizer_config.json"], """{"do_lower_case": true, "do_lowercase": true}""");
        var text = (await ToolRun.Of("inspect", _folder.Path)).Gave(0).Out;
        Assert.Contains("config.json: 'hidden_dropout', 'my_key' are keys that bert does not have; they have no effect", text);
        Assert.Contains("tokenizer_config.json: 'do_lowercase' is a key that is not known; it has no effect", text);
        var notes = (await ToolRun.Of("inspect", _folder.Path, "--json")).Gave(0).Json().GetProperty("notes");
        Assert.Equal(2, notes.GetArrayLength());
        Assert.Equal("ATTN0046", notes[0].GetProperty("id").GetString());

        // Of a folder that is refused, too: a slip may be why.
        File.WriteAllText(_folder["config.json"], """{"model_type": "bert", "hidden_size": 50, "num_atention_heads": 10}""");
        var refused = await ToolRun.Of("inspect", _folder.Path);
        Assert.Contains("hidden_size 50 is not a multiple of num_attention_heads 12", refused.Gave(1).Sentence());
        Assert.Contains("'num_atention_heads' is a key that bert does not have", refused.Out);
    }

    [Theory]
    [InlineData("llama", "a token sees those before it", "CreateSequence; Logits", "Sequence  ")]
    [InlineData("gemma2", "layers see the last 5 tokens")]
    [InlineData("t5", "relative bias", "Encode → a sequence with logits [", "a token of the source", "which begin with 0")]
    [InlineData("whisper", "28 frames, 14 tokens", "Encode → a sequence with logits [113]", "a token of the source")]
    public async Task What_writes_says_what_a_sequence_keeps(string model, params string[] said)
    {
        var folder = Shared.Require("golden", "hf", model);
        var text = (await ToolRun.Of("inspect", folder)).Gave(0).Out;
        Assert.All(said, part => Assert.Contains(part, text));
        var json = (await ToolRun.Of("inspect", folder, "--json")).Gave(0).Json();
        Assert.True(json.GetProperty("sequenceTokenBytes").GetInt64() > 0);

        // Without a golden, it is held against itself.
        using var copy = new TestFolder().With(folder, "config.json", "model.safetensors");
        Assert.Contains("token by token = at once, bit for bit", (await ToolRun.Of("verify", copy.Path)).Gave(0).Out);
    }

    [Theory]
    [InlineData("adapter_config.json", "{}", "it is an adapter of PEFT, not the model that it changes; load both in Python, call peft's merge_and_unload()")]
    [InlineData("model.Q8_0.gguf", "x", "model.Q8_0.gguf is no GGUF file: it has 1 bytes")]
    [InlineData("pytorch_model.bin", "x", "there is no config.json")]
    [InlineData("modules.json", """[{"type": "sentence_transformers.models.Router", "path": ""}]""", "modules.json begins with 'Router', which is not supported")]
    [InlineData("modules.json", """[{"type": "sentence_transformers.models.StaticEmbedding", "path": "0_StaticEmbedding"}]""", "a table of one vector for each token and no transformer")]
    public async Task A_folder_of_something_else_is_told_what_it_is(string file, string text, string expected)
    {
        File.WriteAllText(_folder[file], text);
        Assert.Contains(expected, (await ToolRun.Of("inspect", _folder.Path)).Gave(1).Sentence());
    }
}
