
namespace AttnGen.Tokenizers.Tests;

/// <summary>What goes of texts that are too long, by a plain re-statement of the reference's rule.</summary>
public class TruncationTests
{
    private const string Left = """{"truncation_side": "left"}""";

    [Theory]
    [InlineData("{}", "aaa")]
    [InlineData("{}", "a")]
    [InlineData(Left, "aaa")]
    [InlineData(Left, "a")]
    public void Every_pair_keeps_what_the_reference_keeps(string config, string word)
    {
        // Numbered words, so that one sees which are kept; those of the first text have other lengths than those of the second.
        var first = Enumerable.Range(0, 40).Select(i => $"{word}{i:00}").ToArray();
        var second = Enumerable.Range(0, 40).Select(i => $"bb{i:00}").ToArray();
        var tokenizer = Tokens.Bert(config, [.. first, .. second]);
        for (var firstCount = 0; firstCount <= 40; firstCount++)
        {
            for (var secondCount = 0; secondCount <= 40; secondCount++)
            {
                var (a, b) = (string.Join(' ', first[..firstCount]), string.Join(' ', second[..secondCount]));
                for (var limit = 3; limit <= 84; limit += firstCount is > 5 and < 38 || secondCount is > 5 and < 38 ? 7 : 1)
                {
                    var room = limit - 3;
                    var (keepFirst, keepSecond) = Reference(firstCount, secondCount, room);
                    int[] expected =
                    [
                        2, .. Kept(first[..firstCount], keepFirst).Select(one => tokenizer.FindId(one)!.Value),
                        3, .. Kept(second[..secondCount], keepSecond).Select(one => tokenizer.FindId(one)!.Value), 3,
                    ];
                    var ids = new int[limit];
                    var types = new int[limit];
                    var count = tokenizer.EncodePair(a, b, ids, types);
                    Assert.True(expected.AsSpan().SequenceEqual(ids.AsSpan(0, count)), $"{firstCount} and {secondCount} words, {limit} places: {string.Join(' ', ids.Take(count))} instead of {string.Join(' ', expected)}");
                    Assert.Equal(keepFirst + 2, types.Take(count).Count(type => type == 0));
                }
            }
        }

        string[] Kept(string[] words, int count) => config == Left ? words[^count..] : words[..count];
    }

    [Fact]
    public void The_pairs_of_the_report_are_cut_as_it_says()
    {
        foreach (var one in SharedFiles.Json("golden/reports/cases.json").EnumerateArray().Where(one => one.GetProperty("folder").GetString() == "pair-cut"))
        {
            var tokenizer = TextTokenizer.Load(Shared.Require("golden", "reports", "pair-cut"));
            var (a, b) = (tokenizer.Encode("a")[1], tokenizer.Encode("b")[1]);
            foreach (var pair in one.GetProperty("pairs").EnumerateArray())
            {
                var ids = new int[pair.GetProperty("limit").GetInt32()];
                var count = tokenizer.EncodePair(
                    string.Join(' ', Enumerable.Repeat("a", pair.GetProperty("first_words").GetInt32())), string.Join(' ', Enumerable.Repeat("b", pair.GetProperty("second_words").GetInt32())), ids);
                Assert.Equal(pair.GetProperty("expected_kept").EnumerateArray().Select(kept => kept.GetInt32()), [ids.Take(count).Count(id => id == a), ids.Take(count).Count(id => id == b)]);
            }
        }
    }

    // Far beyond the window it still counts which text is longer, whichever has more characters.
    [Theory]
    [InlineData(5000, 5001, 3, 4)]
    [InlineData(5001, 5000, 4, 3)]
    [InlineData(5000, 5000, 3, 4)]
    [InlineData(100, 90_000, 3, 4)]
    [InlineData(90_000, 100, 4, 3)]
    public void Of_two_long_texts_the_longer_one_has_the_odd_place(int firstWords, int secondWords, int first, int second)
    {
        var tokenizer = Tokens.Bert("{}", "a", "bbbbbbbbb");
        var ids = new int[10];
        foreach (var (one, other) in new[] { ("a ", "bbbbbbbbb "), ("bbbbbbbbb ", "a ") })
        {
            tokenizer.EncodePair(string.Concat(Enumerable.Repeat(one, firstWords)), string.Concat(Enumerable.Repeat(other, secondWords)), ids);
            var separator = Array.IndexOf(ids, 3);
            Assert.Equal((first, second), (separator - 1, ids.Length - separator - 2));
        }
    }

    [Theory]
    [InlineData("""{"truncation_side": "left"}""", null, TruncationSide.Left)]
    [InlineData("""{"truncation_side": "right"}""", "Left", TruncationSide.Right)]
    [InlineData("""{"truncation_side": "left"}""", "Right", TruncationSide.Left)]
    [InlineData("{}", "Left", TruncationSide.Left)]
    [InlineData("{}", "Right", TruncationSide.Right)]
    [InlineData("{}", null, TruncationSide.Right)]
    public void The_side_is_the_one_that_the_folder_names(string config, string? direction, TruncationSide side)
    {
        var tokenizer = Goldens.Load("wordpiece-uncased", config, json => json["truncation"] = direction is null ? null
            : new System.Text.Json.Nodes.JsonObject { ["direction"] = direction, ["max_length"] = 128, ["strategy"] = "LongestFirst", ["stride"] = 0 });
        Assert.Equal(side, tokenizer.TruncationSide);
        var all = tokenizer.Encode("the museum opens at nine");
        int[] expected = side == TruncationSide.Left ? [all[0], .. all[^3..]] : [.. all[..3], all[^1]];
        Assert.Equal(expected, tokenizer.Encode("the museum opens at nine", 4));
    }

    [Theory]
    [InlineData("vocab.txt", "")]
    [InlineData("vocab.json", "merges.txt")]
    public void Vocabulary_files_have_a_side_too(string file, string other)
    {
        var tokenizer = Tokens.FromFiles(
            (file, file == "vocab.txt" ? "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n" : """{"a": 0, "b": 1, "Ġ": 2, "<|endoftext|>": 3}"""), (other, ""),
            ("tokenizer_config.json", Left), ("config.json", file == "vocab.txt" ? "{}" : """{"model_type": "gpt2"}"""));
        Assert.Equal(TruncationSide.Left, tokenizer.TruncationSide);
        Assert.Equal(tokenizer.Encode(file == "vocab.txt" ? "a b" : "ab"), tokenizer.Encode(file == "vocab.txt" ? "b a b" : "bab", tokenizer.SpecialTokens + 2));
    }

    [Theory]
    [InlineData("""{"truncation_side": "middle"}""", null, "tokenizer_config.json of 'test' has truncation_side \"middle\"; accepted: \"left\" and \"right\".")]
    [InlineData("""{"truncation_side": true}""", null, "tokenizer_config.json of 'test' cannot be read: truncation_side is true, but must be a string or null.")]
    [InlineData("{}", "Middle", "tokenizer.json of 'test' has truncation.direction \"Middle\"; accepted: Left and Right.")]
    public void Another_side_is_refused(string config, string? direction, string message)
    {
        var exception = Assert.ThrowsAny<Exception>(() => Goldens.Load(
            "wordpiece-uncased", config, json => json["truncation"] = direction is null ? null : new System.Text.Json.Nodes.JsonObject { ["direction"] = direction }));
        Assert.True(exception is NotSupportedException or InvalidDataException, exception.GetType().Name);
        Assert.Equal(message, exception.Message);
    }

    // truncate_encodings of tokenizers 0.22, longest_first.
    private static (int First, int Second) Reference(int first, int second, int room)
    {
        var (shorter, longer) = (Math.Min(first, second), Math.Max(first, second));
        if (shorter + longer <= room)
        {
            return (first, second);
        }

        var keepShorter = shorter;
        var keepLonger = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (keepShorter + keepLonger > room)
        {
            keepShorter = room / 2;
            keepLonger = keepShorter + room % 2;
        }

        return first > second ? (keepLonger, keepShorter) : (keepShorter, keepLonger);
    }
}
