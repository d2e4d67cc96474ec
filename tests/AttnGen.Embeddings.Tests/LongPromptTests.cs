namespace AttnGen.Embeddings.Tests;

/// <summary>What a long text costs where it is chunked, or stands behind a prompt.</summary>
public class LongPromptTests
{
    private const int Long = 10_000_000;

    [Theory]
    [InlineData("words")]
    [InlineData("letters")]
    [InlineData("ideographs")]
    public void Long_texts_are_cut_into_parts_in_time_in_proportion(string kind)
    {
        var tokenizer = Goldens.Load("unigram-xlmr");
        LongText.CheckRatio(length => TextChunker.Split(LongText.Of(kind, length), tokenizer, 64), 8_000, 128_000, most: 100);
    }

    /// <summary>What is put behind a prompt is given back, unless it is huge; it is then not kept.</summary>
    [Fact]
    public void A_query_behind_a_prompt_is_not_kept_either()
    {
        var tokenizer = Tokens.Bert("{}", "a", "b", "query", ":");
        using var model = new FakeLogits(FakeModel.Describe(maxTokens: 64, logits: 1), _ => [1]);
        var reranker = new Reranker(model, tokenizer, new RerankerOptions { Prompt = "query : " });
        reranker.Score("a", "b");
        var ids = new int[64];
        Assert.Equal(ids[..tokenizer.EncodePair("query : a", "b", ids)], model.Calls.Last().Ids);
        var query = LongText.Of("words", Long);
        reranker.Score(query, "b");
        var before = GC.GetAllocatedBytesForCurrentThread();
        reranker.Score(query, "b");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, sizeof(char) * query.Length, 4L * query.Length);
        before = GC.GetAllocatedBytesForCurrentThread();
        reranker.Score("a", query);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Fact]
    public void A_prompt_before_a_long_text_needs_no_memory_either()
    {
        var tokenizer = Tokens.Bert("{}", "a", "b", "query", ":");
        using var model = new FakeEncoder(maxTokens: 64);
        var generator = new TextEmbeddingGenerator(model, tokenizer, new TextEmbeddingOptions { Prompt = "query : " });
        var text = LongText.Of("words", Long);
        var vector = new float[4];
        generator.Embed(text.AsSpan(0, 100_000), vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        generator.Embed(text, vector);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
        int[] expected = tokenizer.Encode("query : " + text[..5000], 64);
        Assert.Equal(expected, model.Calls.Last().Ids);
        generator.Embed(new string(' ', 100_000) + "a b", vector);
        Assert.Equal(tokenizer.Encode("query : a b"), model.Calls.Last().Ids);
    }
}
