namespace AttnGen.Tokenizers;

/// <summary>A part of a text without added tokens in it. How far it reaches is looked for only as far as somebody asks.</summary>
internal ref struct PlainText
{
    private readonly AddedTokens _tokens;
    private AddedTokenSearch _search;
    private AddedTokenMatch _match;

    /// <param name="text">The whole text.</param>
    /// <param name="tokens">What ends the part.</param>
    /// <param name="search">How far the text is read.</param>
    /// <param name="goesOn">Whether a part without added tokens stands before it, too.</param>
    public PlainText(ReadOnlySpan<char> text, AddedTokens tokens, AddedTokenSearch search, bool goesOn)
    {
        GoesOn = goesOn;
        Text = text;
        _tokens = tokens;
        _search = search;
        Start = End = search.Done;
    }

    /// <summary>The whole text.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Whether the part is the rest of a longer one.</summary>
    public bool GoesOn { get; }

    /// <summary>Where the part begins.</summary>
    public int Start { get; }

    /// <summary>Up to here it reaches for sure.</summary>
    public int End { get; private set; }

    /// <summary>Whether it ends there.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether it was looked at where the text ends, so that another end might give other tokens.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Looks further: afterwards the part reaches up to a place, or its end is known.</summary>
    public void Extend(int to)
    {
        for (var until = to; !IsWhole && End < to; until = (int)Math.Min(2L * until + 16, Text.Length))
        {
            until = Math.Min(until, Text.Length);
            ReachedEnd |= until >= Text.Length - _tokens.Longest;
            if (_tokens.TryFind(Text, until, ref _search, out _match))
            {
                (End, IsWhole) = (_match.Start, true);
                ReachedEnd |= _match.End == Text.Length;
            }
            else if (until == Text.Length)
            {
                (End, IsWhole) = (until, true);
            }
            else
            {
                // White space may belong to a token that follows it.
                End = _tokens.TakesSpaceBefore ? Start + Text[Start..until].TrimEnd().Length : until;
                if (End > Start && char.IsLowSurrogate(Text[End]) && char.IsHighSurrogate(Text[End - 1]))
                {
                    End--;
                }
            }
        }
    }

    /// <summary>The token that ends the part; false: the text ends.</summary>
    /// <param name="match">The token.</param>
    /// <param name="search">How far the text is read.</param>
    public bool TryEnd(out AddedTokenMatch match, out AddedTokenSearch search)
    {
        Extend(int.MaxValue);
        (match, search) = (_match, _search);
        return _match.End > 0;
    }
}
