namespace AttnGen.Tokenizers;

/// <summary>The beginning of a word whose end is not read yet: what of it has no tokens yet, with positions in the whole text. From pools.</summary>
internal ref struct OpenWord
{
    private readonly int _least;
    private NormalizedText _text;
    private int _from;

    /// <param name="least">Units that are worth looking for tokens that are certain.</param>
    public OpenWord(int least) => _least = least;

    /// <summary>Whether there is such a word.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether none of it has tokens yet.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether what was read last was an added token.</summary>
    public bool AfterToken { get; set; }

    /// <summary>Units that it must have before it is worth looking for tokens that are certain.</summary>
    public int Next { get; private set; }

    /// <summary>What its beginning, which has its tokens, has scored.</summary>
    public double Score { get; set; }

    /// <summary>Whether its beginning ends with an unknown part that may go on; its token is not given out yet.</summary>
    public bool IsUnknown { get; set; }

    /// <summary>Where that part stands.</summary>
    public TokenSpan Unknown { get; set; }

    /// <summary>Of a word of bytes: how many of its first character's have their tokens.</summary>
    public int Skipped { get; set; }

    /// <summary>What has no tokens yet.</summary>
    public readonly ReadOnlySpan<char> Text => _text.Text[_from..];

    /// <summary>Where its units stand in the whole text.</summary>
    public readonly ReadOnlySpan<TokenSpan> Spans => _text.Spans[_from..];

    /// <summary>Begins a word, or goes on with it.</summary>
    /// <param name="text">What follows.</param>
    /// <param name="spans">Where it stands; empty: one after the other.</param>
    /// <param name="shift">Where the positions begin.</param>
    public void Add(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, int shift)
    {
        if (!IsOpen)
        {
            if (Next == 0)
            {
                _text = new NormalizedText(2 * _least);
            }

            (IsOpen, IsWhole, IsUnknown, Score, Skipped, Next, _from) = (true, true, false, 0, 0, _least, 0);
        }
        else if (_from > 0)
        {
            _text.RemoveStart(_from);
            _from = 0;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var span = spans.IsEmpty ? new TokenSpan(i, i + 1) : spans[i];
            _text.Add(text[i], shift + span.Start, shift + span.End);
        }
    }

    /// <summary>So many units have their tokens. As much as is left must be read before it is worth looking again, so that each unit is looked at a few times only.</summary>
    public void Done(int units)
    {
        _from += units;
        IsWhole &= units == 0 && Skipped == 0;
        Next = Math.Max(2 * Text.Length, _least);
    }

    /// <summary>Takes out what lies between two units.</summary>
    public void Remove(int from, int to) => _text.Remove(_from + from, _from + to);

    /// <summary>The word has ended.</summary>
    public void Close()
    {
        IsOpen = false;
        _text.Clear();
        _from = 0;
    }

    public void Dispose()
    {
        if (Next > 0)
        {
            _text.Dispose();
            Next = 0;
        }
    }
}
