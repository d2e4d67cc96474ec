using System.Text.Json;
using AttnGen.Testing;

namespace AttnGen.Tool.Tests;

/// <summary><c>attngen chat</c>, as a pipe sees it.</summary>
public sealed class ChatTests : IDisposable
{
    private const string Request = "Tell me a story about Mira and a kite.";
    private const string Question = "Who is the story about?";
    private const string Answer = "The story is about Mira.";

    private static readonly string s_teller = Path.Combine(Clone.Root, "samples", "models", "taleteller");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_gets_its_answer()
    {
        var run = (await ChatAsync($"{Request}\n\n{Question}\n")).Gave(0);
        var lines = run.Out.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("Mira had a kite.", lines[0]);
        Assert.Equal(Answer, lines[1]);
    }

    [Fact]
    public async Task Json_is_one_object_a_line_and_shows_that_nothing_is_read_twice()
    {
        var answers = (await ChatAsync($"{Request}\n{Question}\n", "--json")).Gave(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([Request, Question], answers.Select(answer => answer.GetProperty("prompt").GetString()));
        Assert.Equal((0, Answer), (answers[0].GetProperty("cachedTokens").GetInt32(), answers[1].GetProperty("text").GetString()));

        // The second prompt is the first one, its answer, and the question.
        var before = answers[0].GetProperty("inputTokens").GetInt32() + answers[0].GetProperty("outputTokens").GetInt32();
        Assert.InRange(answers[1].GetProperty("cachedTokens").GetInt32(), before - 2, before);
    }

    [Fact]
    public async Task A_saved_conversation_goes_on()
    {
        var file = _folder["kept.json"];
        (await ChatAsync($"{Request}\n/save {file}\n")).Gave(0);
        var kept = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        Assert.Equal(["user", "assistant"], kept.EnumerateArray().Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(Answer, (await ChatAsync(Question + "\n", "--open", file)).Gave(0).Out.Trim());
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public async Task Clear_undo_and_history_do_what_they_say()
    {
        var output = (await ChatAsync($"{Request}\n{Question}\n/undo\n/history\n/clear\n/history\n/quit\n{Question}\n")).Gave(0).Out;
        Assert.Equal(1, Count(output, "> "));
        Assert.Equal(1, Count(output, Answer));

        static int Count(string text, string part) => text.Split(part).Length - 1;
    }

    [Fact]
    public async Task A_message_may_have_several_lines()
    {
        var file = _folder["lines.json"];
        (await ChatAsync($"one\\\ntwo\\\nthree\n/save {file}\n")).Gave(0);
        Assert.Equal("one\ntwo\nthree", JsonDocument.Parse(File.ReadAllText(file)).RootElement[0].GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("/nope", "There is no command '/nope'")]
    [InlineData("/save", "/save needs the name of a file")]
    [InlineData("/undo", "There is no message to take back")]
    [InlineData("/save no such folder/x.json", "'no such folder/x.json' cannot be written")]
    public async Task What_is_wrong_is_said_and_a_pipe_sees_it_in_the_exit_code(string line, string sentence)
    {
        var run = await ChatAsync(line + "\n");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Sentence());
    }

    /// <summary>A message that does not fit leaves the conversation as it was.</summary>
    [Fact]
    public async Task A_message_beyond_the_window_is_refused_and_the_chat_goes_on()
    {
        var run = await ChatAsync($"{Request}\n{string.Join(' ', Enumerable.Repeat("rabbit", 700))}\n{Question}\n");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("512", run.Sentence());
        Assert.EndsWith(Answer + "\n", run.Out.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("{}", "a list of messages")]
    [InlineData("[{\"role\": \"user\"}]", "Message 1 of")]
    [InlineData("[{\"role\": \"user\", \"content\": 5}]", "Message 1 of")]
    [InlineData("[{\"role\": \"nobody\", \"content\": \"a\"}]", "Message 1 of")]
    [InlineData("[", "cannot be read as a conversation")]
    public async Task A_file_that_is_no_conversation_is_refused(string content, string sentence)
    {
        File.WriteAllText(_folder["c.json"], content);
        Assert.Contains(sentence, (await ChatAsync("", "--open", _folder["c.json"])).Gave(2).Sentence());
    }

    [Fact]
    public async Task A_model_without_a_template_is_refused()
    {
        foreach (var file in Directory.GetFiles(s_teller).Where(file => Path.GetFileName(file) is not ("tokenizer_config.json" or "README.md")))
            File.Copy(file, _folder[Path.GetFileName(file)]);
        var run = await ToolRun.WithInput("Hello\n", "chat", _folder.Path);
        Assert.Contains("has no chat template", run.Gave(1).Sentence());
    }

    private static Task<ToolRun> ChatAsync(string input, params string[] args) => ToolRun.WithInput(input, ["chat", s_teller, "--temperature", "0", .. args]);
}
