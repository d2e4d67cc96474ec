namespace AttnGen.Embeddings;

/// <summary>How many tokens a model is given at most.</summary>
internal static class TokenLimit
{
    /// <param name="info">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="asked">What the user asked for; null: what the folder says.</param>
    /// <param name="specialTokens">Tokens that there are without any text.</param>
    /// <param name="parameter">The caller's parameter that <paramref name="asked"/> is of.</param>
    /// <param name="folders">What the folder says that is read now, which may be another than the class was compiled from; 0: nothing.</param>
    /// <exception cref="InvalidDataException">The folder's limit has no room for the special tokens.</exception>
    public static int Resolve(ModelInfo info, TextTokenizer tokenizer, int? asked, int specialTokens, string parameter, int folders = 0)
    {
        CheckIds(info, tokenizer, what => new ArgumentException(what, nameof(tokenizer)));
        var least = Math.Max(specialTokens, 1);
        if (asked is { } limit)
        {
            return limit >= least && limit <= info.MaxTokens
                ? limit
                : throw new ArgumentOutOfRangeException(parameter, limit, $"MaxTokens is from {least} to {info.MaxTokens}, the model's own.");
        }

        // As sentence-transformers: max_seq_length decides; without it, the smaller of what the model and the tokenizer take.
        var recommended = folders > 0 ? Math.Min(folders, info.MaxTokens) : info.RecommendedTokens;
        // Of a smaller limit than the special tokens the reference makes none: its tokenizer subtracts them, and the difference wraps around.
        var most = recommended > 0 ? recommended : Math.Min(info.MaxTokens, tokenizer.MaxTokens);
        return most >= least
            ? most
            : throw new InvalidDataException(
                $"{(most == info.MaxTokens ? $"The model takes {most} token{(most == 1 ? "" : "s")}" : $"{(recommended > 0 ? "max_seq_length (sentence_bert_config.json)" : "model_max_length (tokenizer_config.json)")} is {most}")}, but {least} are there without any text, the special tokens; give a limit of {least} or more there, or set MaxTokens.");
    }

    /// <summary>Refuses a tokenizer that has a token which the model has no row for: it would fail at the first text with it, and a batch with that text.</summary>
    /// <param name="info">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="refusal">Makes the exception.</param>
    public static void CheckIds(ModelInfo info, TextTokenizer tokenizer, Func<string, Exception> refusal)
    {
        if (info.VocabularySize > 0 && tokenizer.FindBeyond(info.VocabularySize) is { } beyond)
        {
            throw refusal(
                $"the tokenizer has the token '{beyond.Token}' with id {beyond.Id}, and its ids go up to {beyond.Last}; the model's table has {info.VocabularySize} rows, for ids below {info.VocabularySize}. A token was added and the model not resized, or the two are not of one folder.");
        }
    }
}
