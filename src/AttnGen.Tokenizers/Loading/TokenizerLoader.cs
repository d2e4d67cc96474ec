namespace AttnGen.Tokenizers;

/// <summary>From a folder's files to the tokenizer that they describe, or to a refusal.</summary>
internal static class TokenizerLoader
{
    private delegate TextTokenizer Loader(ModelFiles files, TokenizerConfig config, string file, byte[] bytes);

    // The first that is there decides.
    private static readonly (string File, Loader Load)[] s_loaders =
    [
        (MarianLoader.File, MarianLoader.Load),
        (TokenizerJson.File, TokenizerJsonLoader.Load),
        ("vocab.txt", VocabularyTextLoader.Load),
        ("vocab.json", VocabularyAndMergesLoader.Load),
        ("sentencepiece.bpe.model", SentencePieceLoader.Load),
        ("spiece.model", SentencePieceLoader.Load),
        ("tokenizer.model", SentencePieceLoader.Load),
    ];

    /// <summary>The files that a tokenizer may be in.</summary>
    public static IEnumerable<string> Files => s_loaders.Select(one => one.File);

    /// <param name="files">The folder.</param>
    /// <param name="lower">Whether texts are put in lower case before the tokenizer's own steps, which added tokens do not go through.</param>
    public static TextTokenizer Load(ModelFiles files, bool lower = false)
    {
        var config = new TokenizerConfig(files) { Lower = lower };
        config.CheckSettings();
        foreach (var (file, load) in s_loaders)
        {
            if (files.Read(file) is { } bytes && (file != MarianLoader.File || config.IsOf(MarianLoader.Kind)))
            {
                var tokenizer = load(files, config, file, bytes);
                tokenizer.GivesTokenTypes = config.GivesTokenTypes;
                return tokenizer;
            }
        }

        throw new FileNotFoundException($"'{files.Name}' has no tokenizer: it needs one of {string.Join(", ", s_loaders.Select(one => one.File))}.");
    }
}
