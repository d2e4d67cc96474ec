using System.Text;

namespace AttnGen.Tokenizers.Tests;

/// <summary>The splitters that are written by hand against the engine of expressions, of which the goldens are the test.</summary>
public class WordSplitterTests
{
    private const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt4o = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    // Every kind of character there is, those of contractions in either case, and what is near them.
    private static readonly string[] s_characters =
    [
        "a", "s", "S", "t", "T", "r", "e", "R", "E", "v", "m", "l", "L", "d", "D", "\u017F", "\u212A", "\u0130", "\u0131", "A", "B", "\u01C5", "\u02B0", "\u4E2D", "\u05D0", "\u0301", "\u0903", "\u20DD",
        "1", "2", "\u0664", "\u00BD", "\u2163", "'", "'", "'", "\u2019", "/", ".", "-", "_", " ", " ", " ", "\t", "\n", "\n", "\r", "\u00A0", "\u3000", "\u2028", "\u0085", "\u000B", "\u200B", "\u200D", "\u0000", "\uFFFD", "\uE000",
        "\U0001F600", "\U00010348", "\U0001D400", "\U0001D7D8", "\U0001E8D0", "\U00020000", "\uD83D", "\uDE00", "\U0001F1E6", "\u00E9", "\u00C9", "\u0416", "\u0436",
    ];

    [Theory]
    [InlineData(Gpt2)]
    [InlineData(Llama3)]
    [InlineData(Qwen)]
    [InlineData(Gpt4o)]
    public void Words_are_those_of_the_expression(string expression)
    {
        var splitter = expression == Gpt2 ? WordSplitter.Gpt2 : WordSplitter.Find(expression);
        Assert.NotNull(splitter);
        var pattern = new TextPattern(expression);
        var random = new Random(5);
        for (var round = 0; round < 60_000; round++)
        {
            var builder = new StringBuilder();
            for (var i = random.Next(1, 14); i > 0; i--)
            {
                builder.Append(s_characters[random.Next(s_characters.Length)]);
            }

            var text = builder.ToString();
            for (var at = 0; at < text.Length;)
            {
                Assert.True(pattern.TryFind(text.AsSpan(at), 0, out var start, out var end));
                Assert.Equal(0, start);
                var length = splitter.Length(text.AsSpan(at));
                Assert.True(end == length, $"{Visible(text)} at {at}: {length} instead of {end}");
                at += length;
            }
        }
    }

    [Fact]
    public void Another_expression_has_no_splitter() => Assert.Null(WordSplitter.Find(Llama3.Replace("{1,3}", "{1,2}", StringComparison.Ordinal)));

    [Fact]
    public void What_seems_to_be_NFC_is_NFC()
    {
        var random = new Random(6);
        var seen = 0;
        string[] more = ["\u1100", "\u1161", "\u11A8", "\uAC00", "\uAC01", "\u0344", "\u0958", "\u2126", "\u212B", "\uF900", "\u09BE", "\u09C7", "\u3099", "\u304B", "\u304C", "\U0001109A", "\U0001D15E", "\U0002F800", "\U0001F600", "\u0E33", "\u0374"];
        for (var round = 0; round < 100_000; round++)
        {
            var builder = new StringBuilder();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                builder.Append(random.Next(3) switch
                {
                    0 => more[random.Next(more.Length)],
                    1 => s_characters[random.Next(s_characters.Length)],
                    _ => new Rune(random.Next(0xD800)).ToString(),
                });
            }

            var text = builder.ToString();
            if (Nfc.IsNormalized(text))
            {
                var to = new NormalizedText(16);
                Nfc.Normalize(text, ref to);
                Assert.True(to.Text.SequenceEqual(text) || text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'), Visible(text));
                seen++;
            }
        }

        Assert.InRange(seen, 10_000, 90_000);
        Assert.True(Nfc.IsNormalized("列车在午夜出发。Поезд уходит в полночь. 한국어 カタカナ が \U0001F600"));
        Assert.False(Nfc.IsNormalized("e\u0301"));
    }

    private static string Visible(string text) => string.Join(' ', text.Select(one => $"{(int)one:X4}"));
}
