namespace AttnGen.Tokenizers.Tests;

/// <summary>What follows from the reference's rules for texts that no golden has.</summary>
public class WordPieceTests
{
    private static readonly TextTokenizer s_uncased = Tokens.Bert(
        "{}", "a", "b", "e", "i", "ab", "##a", "##b", "##c", "ß", "ο", "##δ", "##ο", "##σ", "ᄀ", "##ᅡ", "中", "文", "$", "«", "—", "。", "[", "]", "mask", "##i", "\uD842\uDFB7", "İ", "fi", "ﬁ", "ab##c");

    private static readonly TextTokenizer s_cased = Tokens.Bert("{\"do_lower_case\": false}", "a", "A", "É", "##É", "E", "中", "##b");

    [Theory]
    [InlineData("a\u0000b", "ab")] // U+0000, U+FFFD and controls go
    [InlineData("a\uFFFDb", "ab")]
    [InlineData("a\u000Bb", "ab")] // vertical tab and form feed are controls, not spaces
    [InlineData("a\u000Cb", "ab")]
    [InlineData("a\u001Fb", "ab")]
    [InlineData("a\u0085b", "ab")]
    [InlineData("a\u200Bb", "ab")] // format characters
    [InlineData("a\u00ADb", "ab")]
    [InlineData("a\uFEFFb", "ab")]
    [InlineData("a\u200Db", "ab")]
    [InlineData("a\uE000b", "ab")] // private use
    [InlineData("a\uF8FFb", "ab")]
    [InlineData("a\U000F0000b", "ab")]
    [InlineData("a\tb", "a b")]
    [InlineData("a\r\nb", "a b")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("a\u1680b", "a b")]
    [InlineData("a\u2003b", "a b")]
    [InlineData("a\u2028b", "a b")]
    [InlineData("a\u2029b", "a b")]
    [InlineData("a\u202Fb", "a b")]
    [InlineData("a\u3000b", "a b")]
    [InlineData("  a  ", "a")]
    public void Controls_go_and_white_space_splits(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Fact]
    public void An_unpaired_surrogate_goes_as_U_FFFD_does()
    {
        Assert.Equal("ab", Tokens.Of(s_uncased, "a\uD800b"));
        Assert.Equal("ab", Tokens.Of(s_uncased, "a\uDC00b"));
        Assert.Equal("ab", Tokens.Of(s_uncased, "ab\uD83D"));
    }

    [Theory]
    [InlineData("\u0378", "[UNK]")] // unassigned: kept, and unknown
    [InlineData("a\u0378", "[UNK]")]
    [InlineData("É", "e")]
    [InlineData("e\u0301", "e")]
    [InlineData("e\u0301\u0302\u0327", "e")]
    [InlineData("A\u030Ab", "ab")]
    [InlineData("İ", "i")] // decomposes to I and a mark
    [InlineData("ﬁ", "ﬁ")] // compatibility is not decomposed
    [InlineData("\u1E9E", "ß")] // simple lower case, not ss
    [InlineData("ΟΔΟΣ", "ο ##δ ##ο ##σ")] // no final sigma
    [InlineData("\uAC00", "ᄀ ##ᅡ")]
    [InlineData("\u212B", "a")] // the ångström sign
    [InlineData("a\u1DF6b", "[UNK]")] // a mark since Unicode 10: the reference does not know it
    [InlineData("a\uA8E0b", "ab")] // a mark since Unicode 5.2
    public void Accents_go_and_case_is_lower(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Theory]
    [InlineData("中文", "中 文")]
    [InlineData("a中b", "a 中 b")]
    [InlineData("\uD842\uDFB7a", "\uD842\uDFB7 a")] // extension B
    [InlineData("a\U0002B820", "[UNK]")] // extension E begins at U+2B920 in the reference
    [InlineData("a\U0002B920", "a [UNK]")]
    [InlineData("a\u3042", "[UNK]")] // kana is no ideograph
    public void Ideographs_are_words(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Theory]
    [InlineData("a$b", "a $ b")] // ASCII symbols count as punctuation
    [InlineData("a«b", "a « b")]
    [InlineData("a—b", "a — b")]
    [InlineData("a。b", "a 。 b")]
    [InlineData("a€b", "[UNK]")] // other symbols do not
    [InlineData("a\u2E4Fb", "[UNK]")] // punctuation since Unicode 12: the reference does not know it
    [InlineData("a\u037Eb", "a [UNK] b")] // the Greek question mark decomposes to ;
    [InlineData("a##b", "a [UNK] [UNK] b")]
    public void Punctuation_is_a_word(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Theory]
    [InlineData("abc", "ab ##c")] // the longest piece first
    [InlineData("abab", "ab ##a ##b")]
    [InlineData("abx", "[UNK]")] // all or nothing
    [InlineData("xab", "[UNK]")]
    public void The_longest_pieces_from_the_left(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Fact]
    public void A_word_of_more_than_100_characters_is_unknown()
    {
        Assert.Equal("a" + string.Concat(Enumerable.Repeat(" ##a", 99)), Tokens.Of(s_uncased, new string('a', 100)));
        Assert.Equal("[UNK]", Tokens.Of(s_uncased, new string('a', 101)));
        Assert.Equal("a" + string.Concat(Enumerable.Repeat(" ##a", 99)), Tokens.Of(s_uncased, "\u00E1" + new string('a', 99)));
        var astral = Tokens.Bert("{}", "𝔞", "##𝔞");
        Assert.Equal(101, Tokens.Of(astral, string.Concat(Enumerable.Repeat("𝔞", 100)) + " b").Split(' ').Length);
        Assert.Equal("[UNK]", Tokens.Of(astral, string.Concat(Enumerable.Repeat("𝔞", 101))));
    }

    [Theory]
    [InlineData("a[SEP]b", "a [SEP] b")]
    [InlineData("[CLS] a [MASK]", "[CLS] a [MASK]")]
    [InlineData("[mask]", "[ mask ]")]
    [InlineData("[[MASK]]", "[ [MASK] ]")]
    [InlineData("[MAS[PAD]K]", "[ [UNK] [PAD] [UNK] ]")]
    [InlineData("[UNK]", "[UNK]")]
    public void Special_tokens_in_the_text_are_the_real_ones(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_uncased, text));

    [Theory]
    [InlineData("A a", "A a")]
    [InlineData("É", "É")]
    [InlineData("E\u0301", "[UNK]")] // nothing is composed either
    [InlineData("A中a", "A 中 a")]
    public void Cased_models_keep_case_and_accents(string text, string tokens) => Assert.Equal(tokens, Tokens.Of(s_cased, text));

    [Fact]
    public void Options_of_tokenizer_config_count()
    {
        Assert.Equal("E a", Tokens.Of(Tokens.Bert("{\"do_lower_case\": false, \"strip_accents\": true}", "E", "a"), "É á"));
        Assert.Equal("é", Tokens.Of(Tokens.Bert("{\"strip_accents\": false}", "é", "e"), "É"));
        Assert.Equal("i\u0307", Tokens.Of(Tokens.Bert("{\"strip_accents\": false}", "i", "i\u0307"), "İ"));
        Assert.Equal("中文", Tokens.Of(Tokens.Bert("{\"tokenize_chinese_chars\": false}", "中文", "中"), "中文"));
        Assert.Equal("a", Tokens.Of(Tokens.Bert("{\"unk_token\": \"a\", \"cls_token\": {\"content\": \"b\"}}", "a", "b"), "x"));
        Assert.Equal(128, Tokens.Bert("{\"model_max_length\": 128}", "a").MaxTokens);
        Assert.Equal(int.MaxValue, Tokens.Bert("{\"model_max_length\": 1000000000000000019884624838656}", "a").MaxTokens);
    }

    [Fact]
    public void A_vocabulary_may_have_carriage_returns_blank_lines_and_repetitions()
    {
        var tokenizer = Tokens.FromFiles(("vocab.txt", "\uFEFF" + string.Join("\r\n", Tokens.BertSpecials) + "\r\n\r\na\r\nb\r\na"));
        Assert.Equal([2, 8, 7, 3], tokenizer.Encode("a b")); // the empty line has an id; of two equal lines the later one counts
    }

    [Fact]
    public void MPNet_has_its_own_special_tokens()
    {
        var tokenizer = Tokens.FromFiles(
            ("vocab.txt", "<s>\n<pad>\n</s>\n<unk>\na\n[UNK]\n<mask>\n"), ("tokenizer_config.json", "{\"tokenizer_class\": \"MPNetTokenizer\"}"));
        Assert.Equal([0, 4, 5, 6, 2], tokenizer.Encode("a x  <mask>"));
        Assert.Equal(1, tokenizer.PadTokenId);
        var ids = new int[10];
        Assert.Equal(6, tokenizer.EncodePair("a", "a", ids));
        Assert.Equal([0, 4, 2, 2, 4, 2], ids[..6]);
    }

    [Fact]
    public void Spans_say_what_a_token_stands_for()
    {
        const string Text = "  Ábc中 x\u200By\U0001F600 [SEP] a";
        var ids = new int[32];
        var spans = new TokenSpan[32];
        var count = s_uncased.Encode(Text, ids, spans, out var truncated);
        Assert.False(truncated);
        Assert.Equal(
            ["", "Áb", "c", "中", "x\u200By\U0001F600", "[SEP]", "a", ""],
            Enumerable.Range(0, count).Select(i => Text[spans[i].Start..spans[i].End]));
    }

    [Fact]
    public void What_does_not_fit_is_cut_at_the_end()
    {
        var ids = new int[4];
        Assert.Equal(4, s_uncased.Encode("a b a b", ids, default, out var truncated));
        Assert.True(truncated);
        Assert.Equal(s_uncased.Encode("a b"), ids);
        Assert.Equal(4, s_uncased.Encode("a b", ids, default, out truncated));
        Assert.False(truncated);
        Assert.Equal(6, s_uncased.Count("a b a b"));
        Assert.Equal(s_uncased.Encode("a b"), s_uncased.Encode("a b a b", 4));
        Assert.Equal([2, 3], s_uncased.Encode("a [SEP] b", 2));
        Assert.Throws<ArgumentException>(() => s_uncased.Encode("a", new int[1]));
    }

    [Theory]
    [InlineData(3, 3, 10, 3, 3)]
    [InlineData(8, 3, 10, 7, 3)] // the longer one gives
    [InlineData(3, 8, 10, 3, 7)]
    [InlineData(8, 8, 10, 5, 5)]
    [InlineData(9, 8, 11, 6, 5)] // the odd one goes to the longer text
    [InlineData(8, 9, 11, 5, 6)]
    [InlineData(8, 8, 11, 5, 6)]
    [InlineData(20, 0, 11, 11, 0)]
    [InlineData(12, 12, 0, 0, 0)]
    public void Pairs_share_the_room_as_in_the_reference(int first, int second, int room, int firstShare, int secondShare)
    {
        Assert.Equal((firstShare, secondShare), TextTokenizer.Shares(first, second, room, first > second));
        Assert.Equal((firstShare, secondShare), TextTokenizer.Shares(Math.Min(first, room), Math.Min(second, room), room, first > second));
    }

    [Fact]
    public void A_pair_has_token_types()
    {
        var ids = new int[8];
        var types = new int[8];
        var count = s_uncased.EncodePair("a b", "ab", ids, types);
        Assert.Equal([2, 5, 6, 3, 9, 3], ids[..count]);
        Assert.Equal([0, 0, 0, 0, 1, 1], types[..count]);
        Assert.Equal(6, s_uncased.CountPair("a b", "ab"));
        Assert.Equal(5, s_uncased.EncodePair("a b a b", "b", ids.AsSpan(0, 5), types));
        Assert.Equal([2, 5, 3, 6, 3], ids[..5]);
    }

    [Fact]
    public void Every_character_alone_is_at_most_one_token()
    {
        var tokenizer = Tokens.Bert("{}", "a");
        for (var codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (codePoint is < 0xD800 or > 0xDFFF)
            {
                Assert.InRange(tokenizer.Count(char.ConvertFromUtf32(codePoint)), 2, 3);
            }
        }
    }
}
