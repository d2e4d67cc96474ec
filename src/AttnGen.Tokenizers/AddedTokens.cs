using System.Buffers;
using System.Text;

namespace AttnGen.Tokenizers;

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

    /// <summary>Up to where white space has been seen to reach, from the last find that takes it.</summary>
    public int Space { get; set; }
}

/// <summary>Finds added tokens: the leftmost, of those the longest.</summary>
internal sealed class AddedTokens
{
    // Few characters are searched for by a method that the framework has compiled; of a set the JIT has to make the search first.
    private const int Few = 5;

    private readonly char[] _firsts;
    private readonly SearchValues<char>? _manyFirsts;
    private readonly Dictionary<char, AddedToken[]> _byFirst;
    private readonly AddedToken[] _all;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _all = [.. tokens.Where(token => token.Content.Length > 0)];
        _byFirst = ByFirst(_all);
        _firsts = [.. _byFirst.Keys];
        _manyFirsts = _firsts.Length > Few ? SearchValues.Create(_firsts) : null;
        IsEmpty = _all.Length == 0;
        foreach (var token in _all)
        {
            Longest = Math.Max(Longest, token.Content.Length + 2);
        }

        TakesSpaceBefore = Array.Exists(_all, token => token.LeftStrip);
    }

    public bool IsEmpty { get; }

    /// <summary>How far the text is looked at from where a token begins, but for white space; 0: there are no tokens.</summary>
    public int Longest { get; }

    /// <summary>Whether there is a token that takes the white space before it.</summary>
    public bool TakesSpaceBefore { get; }

    /// <summary>The next token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="until">Where the search ends: of tokens that begin before this one is found.</param>
    /// <param name="search">How far the search is.</param>
    /// <param name="match">The token, with the white space that it takes.</param>
    public bool TryFind(ReadOnlySpan<char> text, int until, ref AddedTokenSearch search, out AddedTokenMatch match)
    {
        var at = IsEmpty ? until : search.Next;
        for (; at < until; at++)
        {
            var step = _manyFirsts is null ? text[at..until].IndexOfAny(_firsts) : text[at..until].IndexOfAny(_manyFirsts);
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
                search.Done = token.RightStrip ? SpaceEnd(text, end, ref search) : end;
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

        search.Next = Math.Max(at, until);
        match = default;
        return false;
    }

    /// <summary>Whether a text between these two code points falls apart: no token reaches over the place, and none is found or left because of what stands on the other side.</summary>
    public bool Splits(int before, int after)
    {
        Span<char> both = stackalloc char[4];
        var length = new Rune(before).EncodeToUtf16(both);
        both = both[..(length + new Rune(after).EncodeToUtf16(both[length..]))];
        ReadOnlySpan<char> left = both[..length];
        ReadOnlySpan<char> right = both[length..];
        var (spaceBefore, spaceAfter) = (Characters.IsWhiteSpace(before), Characters.IsWhiteSpace(after));
        foreach (var token in _all)
        {
            var (begins, ends) = (token.Content.AsSpan().StartsWith(right), token.Content.AsSpan().EndsWith(left));
            if (token.Content.AsSpan().IndexOf(both) >= 0
                || (token.SingleWord && (begins || ends))
                || (token.LeftStrip && spaceBefore)
                || (token.RightStrip && spaceAfter && (spaceBefore || ends)))
            {
                return false;
            }
        }

        return true;
    }

    // Of each first character the longest tokens first, of those of one length the special ones, else in the order given.
    private static Dictionary<char, AddedToken[]> ByFirst(AddedToken[] tokens)
    {
        var lists = new Dictionary<char, List<AddedToken>>();
        foreach (var token in tokens.OrderBy(Rank))
        {
            if (!lists.TryGetValue(token.Content[0], out var list))
            {
                lists.Add(token.Content[0], list = []);
            }

            list.Add(token);
        }

        var byFirst = new Dictionary<char, AddedToken[]>(lists.Count);
        foreach (var (first, list) in lists)
        {
            byFirst.Add(first, [.. list]);
        }

        return byFirst;

        static int Rank(AddedToken token) => -(2 * token.Content.Length) - (token.Special ? 1 : 0);
    }

    /// <summary>Whether a token may begin with a code point, or with white space that it takes.</summary>
    public bool Begins(int codePoint)
    {
        var text = new Rune(codePoint).ToString();
        return Array.Exists(_all, token => token.Content.StartsWith(text, StringComparison.Ordinal)) || (TakesSpaceBefore && Characters.IsWhiteSpace(codePoint));
    }

    // White space is looked through once, however many tokens stand in it.
    private static int SpaceEnd(ReadOnlySpan<char> text, int from, ref AddedTokenSearch search)
    {
        if (from >= search.Space)
        {
            search.Space = text.Length - text[from..].TrimStart().Length;
        }

        return search.Space;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune.Value);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && Characters.IsWord(rune.Value);
}
