using System.Text.Json.Nodes;
using AttnGen.Generator.Json;

using AttnGen.Tokenizers;

namespace AttnGen.Embeddings.Tests;

/// <summary>Whatever a file has as a name, a message about it is one line that reads as it was written.</summary>
public class ForeignTextTests
{
    private const string Hostile = "é\U0001F600\r\n\t\0\u001B[31m\u0085\u2028\u2029\u061C\u200E\u200F\u202E\u2066\u2069end";
    private const string Shown = "é\U0001F600\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDend";

    [Fact]
    public void What_breaks_a_line_or_turns_it_is_replaced()
    {
        Assert.Equal($"'{Shown}'", ForeignText.Quote(Hostile));
        Assert.Equal("a\uFFFDb\uFFFD", ForeignText.OneLine("a\uDE00b\uD83D"));
        Assert.Same("über", ForeignText.OneLine("über"));
    }

    /// <summary>Not between the halves of a pair.</summary>
    [Fact]
    public void Long_text_is_cut()
    {
        Assert.Equal(new string('a', 80), ForeignText.Short(new string('a', 80)));
        Assert.Equal(new string('a', 80) + "…", ForeignText.Short(new string('a', 81)));
        Assert.Equal(new string('a', 79) + "…", ForeignText.Short(new string('a', 79) + "\U0001F600b"));
        Assert.Equal(new string('a', 78) + "\U0001F600…", ForeignText.Short(new string('a', 78) + "\U0001F600b"));
    }

    [Theory]
    [InlineData("tokenizer.json", ".")]
    [InlineData("config_sentence_transformers.json", "has the key '")]
    [InlineData("sentence_bert_config.json", "has the key '")]
    public void A_key_of_a_file(string file, string before)
    {
        var exception = Record.Exception(() => Load(file, Hostile));
        Assert.NotNull(exception);
        Assert.IsType<NotSupportedException>(exception);
        Assert.Contains(before + Shown, exception.Message, StringComparison.Ordinal);
        CheckLine(exception.Message);
        exception = Record.Exception(() => Load(file, new string('x', 100_000)));
        Assert.InRange(exception!.Message.Length, 1, 2_000);
    }

    /// <summary>A value is shown as it is written, but not its lines.</summary>
    [Fact]
    public void A_value_of_several_lines()
    {
        var message = Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("vocab.txt", "[UNK]\na"), ("tokenizer_config.json", "{\"model_input_names\": {\r\n  \"a\": [\n    1\n  ],\n  \"\u202Eb\": 2\n}}"))).Message;
        Assert.Contains("model_input_names is { \"a\": [ 1 ], \"\uFFFDb\": 2 }, but must be", message, StringComparison.Ordinal);
        CheckLine(message);
        message = Assert.Throws<InvalidDataException>(() => Tokens.FromFiles(("vocab.txt", "[UNK]\na"), ("tokenizer_config.json", $"{{\"model_input_names\": \"{new string('x', 10_000)}\"}}"))).Message;
        Assert.InRange(message.Length, 1, 1_000);
    }

    private static void CheckLine(string message) => Assert.Equal(message, ForeignText.OneLine(message));

    private static void Load(string file, string key)
    {
        if (file == "tokenizer.json")
        {
            var model = new JsonObject { ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["vocab"] = new JsonObject { ["[UNK]"] = 0 }, [key] = 1 };
            _ = Tokens.FromFiles((file, new JsonObject { ["version"] = "1.0", ["added_tokens"] = new JsonArray(), ["model"] = model }.ToJsonString()));
            return;
        }

        var root = new JsonObject { [key] = 1 };
        _ = SentenceSettings.Read(new ModelFiles(Tokens.Open(Tokens.Modules, (file, root.ToJsonString())), "test"));
    }
}
