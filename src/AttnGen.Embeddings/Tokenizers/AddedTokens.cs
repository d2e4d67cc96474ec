using System.Buffers;
using System.Globalization;
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

/// <summary>One find of <see cref="AddedTokens"/>.</summary>
internal readonly record struct AddedTokenMatch(int Id, int Start, int End);

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
            group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
        IsEmpty = all.Length == 0;
    }

    public bool IsEmpty { get; }

    /// <summary>The next token from a position on.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">Where what was found before ends.</param>
    /// <param name="match">The token, with the white space that it takes.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, out AddedTokenMatch match)
    {
        for (var at = from; at < text.Length; at++)
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

                match = new AddedTokenMatch(
                    token.Id,
                    token.LeftStrip ? from + text[from..at].TrimEnd().Length : at,
                    token.RightStrip ? text.Length - text[end..].TrimStart().Length : end);
                return true;
            }
        }

        match = default;
        return false;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    // \w of the reference's expressions: alphabetic (letters in circles and squares are), marks, decimal digits, connectors, joiners.
    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.LetterNumber or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
