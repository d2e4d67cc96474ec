using System.Buffers;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>A token that is looked for in the text before anything else is done with it.</summary>
/// <param name="Content">The text.</param>
/// <param name="Id">Its id.</param>
/// <param name="SingleWord">Only where no letter, digit or mark touches it.</param>
/// <param name="LeftStrip">Takes white space before it.</param>
/// <param name="RightStrip">Takes white space after it.</param>
/// <param name="Normalized">Looked for in the normalised text.</param>
/// <param name="Special">A special token.</param>
internal sealed record AddedToken(
    string Content, int Id, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false, bool Normalized = false, bool Special = true);

/// <summary>One find of <see cref="AddedTokens"/>: the text from Before to Start is what stands before it.</summary>
internal readonly record struct AddedTokenMatch(int Id, int Before, int Start, int End);

/// <summary>How far a search is.</summary>
internal record struct AddedTokenSearch
{
    /// <summary>Where the last find ends, with the white space that it took.</summary>
    public int Done { get; set; }

    /// <summary>Where the search goes on: after the last find's own text.</summary>
    public int Next { get; set; }
}

/// <summary>Finds added tokens: the leftmost, of those the longest.</summary>
internal sealed class AddedTokens
{
    private readonly SearchValues<char> _firsts;
    private readonly Dictionary<char, AddedToken[]> _byFirst;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        var all = tokens.Where(token => token.Content.Length > 0).ToArray();
        _byFirst = all.GroupBy(token => token.Content[0]).ToDictionary(
            group => group.Key,
            group => group.OrderByDescending(token => token.Content.Length).ThenByDescending(token => token.Special).ToArray());
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
        IsEmpty = all.Length == 0;
    }

    public bool IsEmpty { get; }

    /// <summary>The next token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="search">How far the search is.</param>
    /// <param name="match">The token, with the white space that it takes.</param>
    public bool TryFind(ReadOnlySpan<char> text, ref AddedTokenSearch search, out AddedTokenMatch match)
    {
        for (var at = IsEmpty ? text.Length : search.Next; at < text.Length; at++)
        {
            var step = text[at..].IndexOfAny(_firsts);
            if (step < 0)
            {
                break;
            }

            at += step;
            foreach (var token in _byFirst[text[at]])
            {
                if (!text[at..].StartsWith(token.Content))
                {
                    continue;
                }

                var end = at + token.Content.Length;
                if (token.SingleWord && (EndsWithWord(text[..at]) || StartsWithWord(text[end..])))
                {
                    // The match is spent, as in a search that does not overlap.
                    at = end - 1;
                    break;
                }

                var before = search.Done;
                var start = !token.LeftStrip ? at : at > before ? before + text[before..at].TrimEnd().Length : before;
                search.Next = end;
                search.Done = token.RightStrip ? text.Length - text[end..].TrimStart().Length : end;
                if (start >= search.Done)
                {
                    // The token before this one took all of it.
                    at = end - 1;
                    break;
                }

                match = new AddedTokenMatch(token.Id, before, start, search.Done);
                return true;
            }
        }

        search.Next = text.Length;
        match = default;
        return false;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune.Value);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune.Value);
}
