using AttnGen.Tokenizers;

namespace AttnGen.Embeddings.Tests;

public class TextChunkerTests
{
    private static readonly TextTokenizer s_tokenizer = Tokens.Bert("{}", "a", "b", "##a", "##b", "中", ".");

    [Fact]
    public void Parts_end_at_white_space_and_overlap_by_whole_words()
    {
        const string Text = " a b\n ab a. b  a ";
        string[] Parts(int maxTokens, int overlap) => [.. TextChunker.Split(Text, s_tokenizer, maxTokens, overlap).Select(chunk => Text[chunk.Range])];
        Assert.Equal(["a b\n ab a. b  a"], Parts(10, 0));
        Assert.Equal(["a b\n ab", "a. b  a"], Parts(6, 0));
        Assert.Equal(["a b\n ab", "ab a.", "a. b  a"], Parts(6, 2));
        Assert.Equal(["a b\n ab", "ab a.", "a. b  a"], Parts(6, 3));
        Assert.Empty(TextChunker.Split(" \n", s_tokenizer, 6));
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(5, 1)]
    [InlineData(9, 3)]
    [InlineData(40, 20)]
    public void Every_word_is_in_a_part_and_every_part_fits(int maxTokens, int overlap)
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => (string[])["a", "b", "a", "中", " ", "  ", "\n", "."]).Select(one => one[random.Next(one.Length)]));
            Check(text, s_tokenizer, maxTokens, overlap);
        }
    }

    [Fact]
    public void A_text_without_spaces_is_cut_between_characters()
    {
        Check(string.Concat(Enumerable.Repeat("中", 1000)), s_tokenizer, 32, 8);
        Check(string.Concat(Enumerable.Repeat("👩‍👩‍👧a.", 300)), s_tokenizer, 16, 0);
        Check(string.Concat(Enumerable.Repeat(".", 500)), s_tokenizer, 16, 4);
    }

    [Fact]
    public void Byte_level_texts_fit_too()
    {
        var tokenizer = TextTokenizer.Load(
            file => file switch { "vocab.json" => new MemoryStream(Gpt2Files.Vocabulary), "merges.txt" => new MemoryStream(Gpt2Files.Merges), "config.json" => new MemoryStream("{\"model_type\": \"gpt2\"}"u8.ToArray()), _ => null }, "GPT-2");
        const string Text = "The transformer replaced recurrence\n\n with attention: every position looks at every other position, 東京は日本の首都です and so_on_without_any_space_at_all_for_a_while.";
        foreach (var maxTokens in new[] { 4, 7, 12, 100 })
        {
            Check(Text, tokenizer, maxTokens, maxTokens / 3);
        }
    }

    [Fact]
    public void A_pair_of_surrogates_is_not_cut()
    {
        // 4 bytes and 2 bytes, one text element.
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(value => BpeTokenizer.ByteCharacter(value).ToString(), value => value);
        var tokenizer = Tokens.FromFiles(("vocab.json", System.Text.Json.JsonSerializer.Serialize(vocabulary)), ("merges.txt", ""), ("config.json", "{\"model_type\": \"gpt2\"}"));
        foreach (var maxTokens in new[] { 4, 5, 6, 9 })
        {
            Check("👍\u0301", tokenizer, maxTokens, 0);
            Check("a👍\u0301👍🏽 👩‍👩‍👧‍👦b", tokenizer, maxTokens, 1);
        }
    }

    [Fact]
    public void Room_and_overlap_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TextChunker.Split("a", s_tokenizer, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => TextChunker.Split("a", s_tokenizer, 6, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => TextChunker.Split("a", s_tokenizer, 6, -1));
    }

    public static TheoryData<string> Cases => Goldens.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Long_texts_are_cut_into_parts_that_fit(string name)
    {
        var tokenizer = Goldens.Load(name);
        var random = new Random(3);
        for (var round = 0; round < 8; round++)
        {
            var text = string.Join(random.Next(3) == 0 ? "" : " ", Enumerable.Range(0, random.Next(1, 40)).Select(_ => Goldens.Texts[random.Next(Goldens.Texts.Length)]));
            Check(text, tokenizer, 60, random.Next(2) * 15);
        }
    }

    private static void Check(string text, TextTokenizer tokenizer, int maxTokens, int overlap)
    {
        var covered = 0;
        var previous = -1;
        foreach (var chunk in TextChunker.Split(text, tokenizer, maxTokens, overlap))
        {
            Assert.True(chunk.Start > previous, $"'{text}': the part at {chunk.Start} does not go on");
            Assert.True(chunk.Start <= covered || string.IsNullOrWhiteSpace(text[covered..chunk.Start]), $"'{text}': {covered} to {chunk.Start} is in no part");
            Assert.True(chunk.Start + chunk.Length >= covered);
            Assert.Equal(tokenizer.Count(text.AsSpan(chunk.Range)), chunk.Tokens);
            Assert.InRange(chunk.Tokens, 1, maxTokens);
            Assert.False(chunk.Start > 0 && char.IsLowSurrogate(text[chunk.Start]) && char.IsHighSurrogate(text[chunk.Start - 1]), $"'{text}' is cut within a character");
            previous = chunk.Start;
            covered = chunk.Start + chunk.Length;
        }

        Assert.True(string.IsNullOrWhiteSpace(text[covered..]));
    }
}
