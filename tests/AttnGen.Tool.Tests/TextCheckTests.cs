using System.Text.Json.Nodes;

namespace AttnGen.Tool.Tests;

/// <summary>Texts beside a golden file: every one is held against the tokenizer to its last id, or named.</summary>
public sealed class TextCheckTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly SmallModel _model;

    public TextCheckTests()
    {
        SmallFolder.Write(_folder);
        _model = new SmallModel(_folder);
        _model.WriteGolden();
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_text_must_have_every_id_and_no_more()
    {
        Assert.Equal((0, ""), _model.Verify());
        Text("red fox owl", "'t' has id 3 at 3 of 4 where the tokenizer gives id 7 at 3 of 5");
        Text("red fox owl a b a b a b", "where the tokenizer gives id 7 at 3 of 11");
        Text("red", "'t' has id 6 at 2 of 4 where the tokenizer gives id 3 at 2 of 3");
        Text("", "'t' has id 5 at 1 of 4 where the tokenizer gives id 3 at 1 of 2");
        Text("red owl", "'t' has id 6 at 2 of 4 where the tokenizer gives id 7");

        // White space at the ends is the caller's.
        Set("text", "  red fox ");
        Assert.Equal((0, ""), _model.Verify());

        void Text(string text, string said)
        {
            Set("text", text);
            Failed(said);
        }
    }

    /// <summary>The golden file's ids with something after them, or cut.</summary>
    [Theory]
    [InlineData(new long[] { 2, 5, 6, 3, 0 }, "'t' has id 0 at 4 of 5 where the tokenizer gives 4 ids")]
    [InlineData(new long[] { 2, 5, 6, 3, 3 }, "'t' has id 3 at 4 of 5 where the tokenizer gives 4 ids")]
    [InlineData(new long[] { 2, 5, 3 }, "'t' has id 3 at 2 of 3 where the tokenizer gives id 6 at 2 of 4")]
    [InlineData(new long[] { 2, 5, 6 }, "'t' has 3 ids where the tokenizer gives id 3 at 3 of 4")]
    public void Ids_of_another_length_fail(long[] ids, string said)
    {
        new GoldenWriter().Add("t.input_ids", ids, 1, ids.Length).Add("t.last_hidden_state", new double[8 * ids.Length], 1, ids.Length, 8).Write(_folder["golden.safetensors"]);
        Notes(notes =>
        {
            notes.Remove("arrays");
            ((JsonObject)notes["texts"]![0]!).Remove("ids");
        });
        Failed(said, code: null);
    }

    [Fact]
    public void A_text_of_no_case_fails()
    {
        Set("key", "gone");
        Failed("'gone' is no case of the golden file, which has no 'gone.input_ids'");
        Notes(notes => notes["texts"] = new JsonObject { ["t"] = "red fox", ["other"] = "red" });
        Failed("1 of 2 differ: 'other' is no case of the golden file");
    }

    [Fact]
    public void Ids_beside_a_text_must_be_those_of_its_case()
    {
        Set("ids", new JsonArray(2, 5, 6, 3, 0));
        Failed("the ids beside the text of 't' are others than 't.input_ids'");
    }

    [Fact]
    public void A_case_of_two_rows_is_no_text()
    {
        new GoldenWriter().Add("t.input_ids", [.. SmallFolder.RedFox, .. SmallFolder.RedFox], 2, 4).Add("t.embedding", [.. _model.Vector(), .. _model.Vector()], 2, 8).Write(_folder["golden.safetensors"]);
        Notes(notes => notes.Remove("arrays"));
        Failed("'t.input_ids' is [2, 4], more than the ids of one text");
    }

    [Fact]
    public void A_text_is_cut_where_the_notes_or_the_folder_say()
    {
        long[] cut = [2, 5, 5, 5, 3];
        new GoldenWriter().Add("t.input_ids", cut, 1, 5).Add("t.embedding", _model.Vector(cut), 1, 8).Write(_folder["golden.safetensors"]);
        Notes(notes => (notes["max_seq_length"], notes["texts"]) = (5, new JsonObject { ["t"] = "red red red red red red" }));
        Assert.Equal((0, ""), _model.Verify());
        Notes(notes => notes.Remove("max_seq_length"));
        Failed("where the tokenizer gives id 5 at 4 of 8, cut at 16");
    }

    /// <summary>What cannot be compared is said.</summary>
    [Fact]
    public void A_folder_without_a_tokenizer_skips_the_texts_and_says_so()
    {
        File.Delete(_folder["tokenizer.json"]);
        Assert.Contains("skipped: the folder has no tokenizer", _model.VerifyOutput());
        Notes(notes => notes["texts"] = new JsonArray());
        Assert.Contains("skipped: texts of golden.json is empty", _model.VerifyOutput());
        Assert.Contains("Not read        name of golden.json", _model.VerifyOutput());
    }

    /// <summary>The same with a real golden file, whose texts have their ids beside them.</summary>
    [Fact]
    public async Task A_real_index_with_one_thing_changed_fails()
    {
        var model = Shared.Require("models", "all-MiniLM-L6-v2");
        using var copy = new TestFolder().With(Path.Combine(model, "golden"), "golden.safetensors");
        foreach (var (change, said) in new (Action<JsonObject>, string)[]
        {
            (text => text["text"] = text["text"]!.GetValue<string>() + " and more", "'t14' has id 102"),
            (text => text["key"] = "t99", "'t99' is no case of the golden file"),
            (text => text.Remove("key"), "entry 14 of texts has no key"),
            (text => text["ids"]!.AsArray().Add(0), "the ids beside the text of 't14' are others"),
        })
        {
            var index = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "golden", "index.json")))!;
            change((JsonObject)index["texts"]![14]!);
            SmallFolder.Put(copy, "index.json", index);
            var run = await ToolRun.Of("verify", model, "--golden", copy["golden.safetensors"]);
            Assert.True(run.ExitCode is 1 or 2);
            Assert.Contains(said, run.Sentence());
        }
    }

    private void Set(string member, JsonNode value) => Notes(notes => notes["texts"]![0]![member] = value);

    private void Notes(Action<JsonObject> change)
    {
        var notes = JsonNode.Parse(File.ReadAllText(_folder["golden.json"]))!.AsObject();
        change(notes);
        SmallFolder.Put(_folder, "golden.json", notes);
    }

    private void Failed(string said, int? code = 1)
    {
        var (found, error) = _model.Verify();
        Assert.Equal(code ?? found, found);
        Assert.True(found is 1 or 2);
        Assert.Contains(said, error + _model.VerifyOutput());
    }
}
