namespace AttnGen.Tokenizers;

/// <summary>
/// The tokens that a folder without tokenizer.json has beside its vocabulary's pieces: the special ones, which its configuration names or are the usual
/// ones of their kind, and those that were added.
/// </summary>
internal sealed class SpecialTokens
{
    private readonly ModelFiles _files;
    private readonly TokenizerConfig _config;
    private readonly PieceTable _vocabulary;
    private readonly string _file;
    private readonly OrderedDictionary<string, AddedToken> _added = new(StringComparer.Ordinal);

    /// <summary>Reads what was added.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="vocabulary">Has the ids.</param>
    /// <param name="file">The vocabulary's file.</param>
    public SpecialTokens(ModelFiles files, TokenizerConfig config, PieceTable vocabulary, string file)
    {
        (_files, _config, _vocabulary, _file) = (files, config, vocabulary, file);
        var next = vocabulary.Count;
        foreach (var token in config.AddedTokens.Where(token => token.Content.Length > 0 && !_added.ContainsKey(token.Content)))
        {
            // The vocabulary's id; else the next one behind it, whatever the file says: so the reference.
            _added.Add(token.Content, token with { Id = vocabulary.Find(token.Content) is >= 0 and var known ? known : next++ });
        }
    }

    /// <summary>A token by its role, or null if neither the vocabulary nor what was added has it.</summary>
    public AddedToken? Find(string role, string usual, bool leftStrip = false)
    {
        var given = _config.SpecialToken(role) ?? new AddedToken(usual, -1);
        var added = _added.GetValueOrDefault(given.Content);
        var id = added?.Id ?? _vocabulary.Find(given.Content);
        return id < 0 ? null
            // Its own entry says how it is looked for.
            : added is not null && _config.DescribesAddedTokens ? added with { Special = true }
            : given with { Id = id, LeftStrip = given.LeftStrip || leftStrip };
    }

    /// <summary>A token that the vocabulary must have.</summary>
    public AddedToken Require(string role, string usual) => Find(role, usual)
        ?? throw _files.Malformed(_file, $"it does not have {role} ('{_config.SpecialToken(role)?.Content ?? usual}')");

    /// <summary>These tokens, as far as they are there, and those that were added; each once.</summary>
    public AddedToken[] With(params IEnumerable<AddedToken?> tokens) => [.. tokens.OfType<AddedToken>().Concat(_added.Values).DistinctBy(token => token.Content)];
}
