namespace AttnGen.Tokenizers;

/// <summary>
/// Token ids to text, one after the other: each call gives the text that is certain now. The pieces together are what <see cref="TextTokenizer.Decode"/>
/// makes of all ids; none ends within a character. Nothing is allocated for a token once the buffers have grown. For one thread at a time.
/// </summary>
/// <remarks>
/// What waits is a character whose bytes are not all there, with byte fallback a run of byte tokens up to the next other token (its bytes count only if
/// they are UTF-8 together), and what a decoder may still leave out at the end.
/// </remarks>
public sealed class TextDecoder
{
    private readonly TokenTable _tokens;
    private readonly bool _skipSpecialTokens;
    private readonly DecodedText _text = new();
    private readonly DecodeStage _first;

    internal TextDecoder(TokenTable tokens, TextDecoding decoding, bool skipSpecialTokens)
    {
        _tokens = tokens;
        _skipSpecialTokens = skipSpecialTokens;
        _first = decoding.Open(_text);
    }

    /// <summary>The text that is certain with one more token; empty if there is none yet, or the id stands for none.</summary>
    /// <param name="id">The token. An id that the vocabulary does not have is left out.</param>
    /// <returns>The text, valid until the next call.</returns>
    public ReadOnlySpan<char> Append(int id)
    {
        _text.Buffer.Clear();
        Take(id);
        return _text.Buffer.Text;
    }

    /// <summary>The rest of the text. After that the decoder begins anew.</summary>
    /// <returns>What was still waiting, with U+FFFD for characters that are not complete; valid until the next call.</returns>
    public ReadOnlySpan<char> End()
    {
        _text.Buffer.Clear();
        _first.EndText();
        return _text.Buffer.Text;
    }

    /// <summary>Forgets what is waiting and begins anew.</summary>
    public void Reset() => _first.Reset();

    /// <summary>The whole text of ids.</summary>
    internal ReadOnlySpan<char> Whole(ReadOnlySpan<int> ids)
    {
        _first.Reset();
        foreach (var id in ids)
        {
            Take(id);
        }

        _first.EndText();
        return _text.Buffer.Text;
    }

    private void Take(int id)
    {
        if (_tokens.TryFind(id, out var token) && !(_skipSpecialTokens && _tokens.IsSpecial(id)))
        {
            _first.Token(token);
        }
    }
}
