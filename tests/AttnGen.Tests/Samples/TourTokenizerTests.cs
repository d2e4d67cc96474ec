using System.Text.Json;
using Tour;

namespace AttnGen.Tests.Samples;

/// <summary>The Tour splits sentences as the training did.</summary>
public sealed class TourTokenizerTests
{
    private static readonly string s_model = Path.Combine(Repository(), "samples", "Tour", "model");
    private static readonly Vocabulary s_vocabulary = ReadVocabulary();

    [Fact]
    public void The_ids_of_all_golden_sentences_are_those_of_the_training_script()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_model, "reader-golden.json")));
        var count = 0;
        foreach (var sentence in golden.RootElement.EnumerateArray())
        {
            var ids = sentence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var text = sentence.GetProperty("text").GetString()!;
            Assert.Equal(ids, Ids(text));
            // The golden texts are lower-case with spaces around the marks; people write otherwise.
            Assert.Equal(ids, Ids(text.ToUpperInvariant().Replace(" .", ".", StringComparison.Ordinal).Replace(" ,", ",", StringComparison.Ordinal)));
            count++;
        }
        Assert.Equal(40, count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("?!")]
    public void Marks_alone_are_no_sentence(string text) => Assert.False(Tokenizer.HasWords(Tokenizer.Split(text, s_vocabulary)));

    [Theory]
    [InlineData("zyxel")]
    [InlineData("<pad>")]
    [InlineData("<mask>")]
    [InlineData("don't")]
    public void A_word_that_was_not_in_training_is_unknown(string word) =>
        Assert.Equal([Vocabulary.Unknown], Ids(word));

    [Fact]
    public void Control_characters_are_not_shown() =>
        Assert.DoesNotContain(Tokenizer.Split("a \u001b[31mred\u0007 b", s_vocabulary), t => t.Shown.Any(char.IsControl));

    private static int[] Ids(string text) => [.. Tokenizer.Split(text, s_vocabulary).Select(t => t.Id)];

    private static Vocabulary ReadVocabulary()
    {
        using var json = File.OpenRead(Path.Combine(s_model, "reader.json"));
        return new Vocabulary(json);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AttnGen.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
