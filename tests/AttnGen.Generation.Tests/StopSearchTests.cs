using System.Text;

namespace AttnGen.Generation.Tests;

/// <summary>Stop sequences are found wherever pieces are cut.</summary>
public sealed class StopSearchTests
{
    private static (string Text, bool Stopped) Run(string[] stops, IEnumerable<string> pieces)
    {
        var search = new StopSearch(stops);
        var result = new CharBuffer();
        foreach (var piece in pieces)
        {
            if (search.Append(piece, result))
            {
                return (result.Text.ToString(), true);
            }
        }

        search.End(result);
        return (result.Text.ToString(), false);
    }

    [Theory]
    [InlineData("one two three", "two", "one ", true)]
    [InlineData("one twtwo three", "two", "one tw", true)]
    [InlineData("aaab", "aab", "a", true)]
    [InlineData("ababac", "abac", "ab", true)]
    [InlineData("ends in tw", "two", "ends in tw", false)]
    [InlineData("abcd", "abcd|bc", "a", true)] // the first to end
    [InlineData("xabc", "bc|abc", "x", true)] // of those that end together the longest
    [InlineData("", "a", "", false)]
    [InlineData("a😀b", "😀", "a", true)]
    public void A_stop_sequence_ends_the_text_however_it_is_cut(string text, string stops, string expected, bool stopped)
    {
        for (var size = 1; size <= text.Length + 1; size++)
        {
            var pieces = text.Chunk(size).Select(piece => new string(piece));
            Assert.Equal((expected, stopped), Run(stops.Split('|'), pieces));
        }
    }

    [Fact]
    public void What_cannot_begin_a_stop_sequence_is_not_held_back()
    {
        var search = new StopSearch(["###", "END"]);
        var result = new CharBuffer();
        var seen = new StringBuilder();
        foreach (var (piece, expected) in new[] { ("abc", "abc"), ("#", ""), ("#", ""), ("x", "##x"), ("E", ""), ("N", ""), ("E", "EN"), ("!", "E!") })
        {
            result.Clear();
            Assert.False(search.Append(piece, result));
            Assert.Equal(expected, result.Text.ToString());
            seen.Append(result.Text);
        }

        Assert.Equal("abc##xENE!", seen.ToString());
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var search = new StopSearch(["stop", "sto"]);
        var result = new CharBuffer();
        Assert.Equal(0, AttnGen.Testing.Allocated.Least(() =>
        {
            result.Clear();
            search.Append("st st s st sst xxx", result);
        }));
    }
}
