using System.Text.Json;
using AttnGen.Testing;

namespace AttnGen.Tool.Tests;

/// <summary><c>attngen generate</c>.</summary>
public sealed class GenerateTests : IDisposable
{
    private const string Prompt = "Once there was a girl named Mira.";

    private static readonly string s_teller = Path.Combine(Clone.Root, "samples", "models", "taleteller");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_text_goes_on_and_ends()
    {
        var run = (await ToolRun.Of("generate", s_teller, "--prompt", Prompt, "--temperature", "0")).Gave(0);
        Assert.StartsWith(" Mira had a little rabbit.", run.Out);
        Assert.EndsWith(".\n", run.Out.ReplaceLineEndings("\n"));
        Assert.DoesNotContain("<|end|>", run.Out);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_text_and_json_has_the_counts()
    {
        string[] line = ["generate", s_teller, "-p", Prompt, "-p", "A dog", "--seed", "9", "--temperature", "1.5", "-n", "12", "--json"];
        var (first, second) = ((await ToolRun.Of(line)).Gave(0).Json(), (await ToolRun.Of(line)).Gave(0).Json());
        Assert.Equal("taleteller", first.GetProperty("model").GetString());
        var texts = first.GetProperty("texts").EnumerateArray().ToList();
        Assert.Equal(2, texts.Count);
        Assert.Equal(texts.Select(Text), second.GetProperty("texts").EnumerateArray().Select(Text));
        Assert.Equal((9L, 12, "length"), (texts[0].GetProperty("seed").GetInt64(), texts[0].GetProperty("outputTokens").GetInt32(), texts[0].GetProperty("end").GetString()));
        Assert.Equal(Prompt, texts[0].GetProperty("prompt").GetString());

        static string? Text(JsonElement text) => text.GetProperty("text").GetString();
    }

    [Fact]
    public async Task A_prompt_comes_from_a_file_or_a_pipe_without_its_last_line_break()
    {
        File.WriteAllText(_folder["prompt.txt"], Prompt + "\n");
        string[] more = ["--temperature", "0", "--tokens", "8"];
        var given = (await ToolRun.Of(["generate", s_teller, "--prompt", Prompt, .. more])).Gave(0);
        Assert.Equal(given.Out, (await ToolRun.Of(["generate", s_teller, "--file", _folder["prompt.txt"], .. more])).Gave(0).Out);
        Assert.Equal(given.Out, (await ToolRun.WithInput(Prompt + "\r\n", ["generate", s_teller, "--file", "-", .. more])).Gave(0).Out);
    }

    [Fact]
    public async Task A_stop_text_ends_it_and_is_not_part_of_it()
    {
        var run = (await ToolRun.Of("generate", s_teller, "-p", Prompt, "--temperature", "0", "--stop", "rabbit", "--json")).Gave(0).Json().GetProperty("texts")[0];
        Assert.Equal((" Mira had a little ", "stopSequence"), (run.GetProperty("text").GetString(), run.GetProperty("end").GetString()));
    }

    [Theory]
    [InlineData("There is no text to go on with", 2)]
    [InlineData("A prompt is empty", 2, "--prompt", "")]
    [InlineData("--temperature is -1; give 0 or more", 2, "-p", "a", "--temperature", "-1")]
    [InlineData("--top-p is 0; give more than 0, and 1 at most", 2, "-p", "a", "--top-p", "0")]
    [InlineData("--min-p is 2; give 0 to 1", 2, "-p", "a", "--min-p", "2")]
    [InlineData("--top-k is -3; give 0 or more", 2, "-p", "a", "--top-k", "-3")]
    [InlineData("--tokens is 0; give 1 or more", 2, "-p", "a", "--tokens", "0")]
    [InlineData("--repetition-penalty is 0; give more than 0", 2, "-p", "a", "--repetition-penalty", "0")]
    [InlineData("--speculate is -1; give 0 or more", 2, "-p", "a", "--speculate", "-1")]
    [InlineData("--stop is an empty text", 2, "-p", "a", "--stop", "")]
    [InlineData("'no such file' cannot be read", 2, "--file", "no such file")]
    public async Task What_is_wrong_is_said(string sentence, int code, params string[] args) =>
        Assert.Contains(sentence, (await ToolRun.Of(["generate", s_teller, .. args])).Gave(code).Sentence());

    [Fact]
    public async Task A_prompt_beyond_the_window_is_refused_with_both_numbers()
    {
        var sentence = (await ToolRun.Of("generate", s_teller, "-p", string.Join(' ', Enumerable.Repeat("rabbit", 700)))).Gave(2).Sentence();
        Assert.Contains("512", sentence);
    }

    [Fact]
    public async Task A_folder_that_writes_nothing_is_refused() =>
        Assert.Contains("writes no text", (await ToolRun.Of("generate", Path.Combine(Clone.Root, "samples", "models", "tiny-search"), "-p", "a")).Gave(1).Sentence());
}
