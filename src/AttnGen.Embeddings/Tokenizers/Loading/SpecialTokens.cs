namespace AttnGen.Embeddings;

/// <summary>The special tokens of a folder without tokenizer.json: those that its configuration names, else the usual ones of their kind.</summary>
/// <param name="files">The folder.</param>
/// <param name="config">Its configuration.</param>
/// <param name="vocabulary">Has the ids.</param>
/// <param name="file">The vocabulary's file.</param>
internal sealed class SpecialTokens(ModelFiles files, TokenizerConfig config, PieceTable vocabulary, string file)
{
    /// <summary>A token by its role, or null if the vocabulary does not have it.</summary>
    public AddedToken? Find(string role, string usual, bool leftStrip = false)
    {
        var given = config.SpecialToken(role) ?? new AddedToken(usual, -1);
        var id = vocabulary.Find(given.Content);
        return id < 0 ? null : given with { Id = id, LeftStrip = given.LeftStrip || leftStrip };
    }

    /// <summary>A token that the vocabulary must have.</summary>
    public AddedToken Require(string role, string usual) => Find(role, usual)
        ?? throw files.Malformed(file, $"it does not have {role} ('{config.SpecialToken(role)?.Content ?? usual}')");

    /// <summary>Those that are there, each once.</summary>
    public static AddedToken[] Distinct(params IEnumerable<AddedToken?> tokens) => [.. tokens.OfType<AddedToken>().DistinctBy(token => token.Content)];
}
