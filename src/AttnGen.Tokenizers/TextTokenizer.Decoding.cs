using System.Text;

namespace AttnGen.Tokenizers;

// Ids to text.
public abstract partial class TextTokenizer
{
    private readonly TextDecoding _decoding;
    private TokenTable? _tokens;

    /// <summary>The largest id plus one: how many logits a model of this vocabulary has at least.</summary>
    public int VocabularySize => Tokens.Last + 1;

    private TokenTable Tokens => _tokens ??= new TokenTable(List, _added);

    /// <summary>The text of ids: the same as the Hugging Face tokenizers library gives.</summary>
    /// <param name="ids">The ids. Those that the vocabulary does not have are left out.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <returns>The text; U+FFFD stands for bytes that are no UTF-8.</returns>
    /// <exception cref="NotSupportedException">tokenizer.json has a decoder that is not known; the message names it.</exception>
    /// <exception cref="InvalidDataException">The decoder of tokenizer.json is malformed.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false) => CreateDecoder(skipSpecialTokens).Whole(ids).ToString();

    /// <summary>Ids to text as they come.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <returns>The decoder, for one text after the other.</returns>
    /// <exception cref="NotSupportedException">tokenizer.json has a decoder that is not known; the message names it.</exception>
    /// <exception cref="InvalidDataException">The decoder of tokenizer.json is malformed.</exception>
    public TextDecoder CreateDecoder(bool skipSpecialTokens = false) => new(Tokens, _decoding, skipSpecialTokens);

    /// <summary>Whether an id is a special token, such as the one that ends a text.</summary>
    /// <param name="id">The id.</param>
    public bool IsSpecial(int id) => Tokens.IsSpecial(id);

    /// <summary>The UTF-8 that a token stands for in the middle of a text. A token of bytes may stand for a part of a character.</summary>
    /// <param name="id">The id.</param>
    /// <param name="bytes">Room for the bytes.</param>
    /// <param name="written">How many bytes there are.</param>
    /// <returns>Whether it stands for text: special tokens and ids that the vocabulary does not have do not.</returns>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    /// <exception cref="NotSupportedException">tokenizer.json has a decoder that is not known; the message names it.</exception>
    public bool TryGetBytes(int id, Span<byte> bytes, out int written)
    {
        _decoding.Check();
        written = 0;
        if (Tokens.IsSpecial(id) || !Tokens.TryFind(id, out var token))
        {
            return false;
        }

        var scratch = t_scratch ??= new MiddleScratch();
        _decoding.Middle(token, ref scratch.Text, ref scratch.Between, scratch.Bytes);
        written = scratch.Bytes.Length > 0 ? scratch.Bytes.Length : Encoding.UTF8.GetByteCount(scratch.Text.Text);
        if (written > bytes.Length)
        {
            throw new ArgumentException(FormattableString.Invariant($"bytes has room for {bytes.Length}; the token {id} has {written} bytes."), nameof(bytes));
        }

        if (scratch.Bytes.Length > 0)
        {
            scratch.Bytes.Bytes.CopyTo(bytes);
        }
        else
        {
            Encoding.UTF8.GetBytes(scratch.Text.Text, bytes);
        }

        return true;
    }

    [ThreadStatic]
    private static MiddleScratch? t_scratch;

    private sealed class MiddleScratch
    {
        public TextBuffer Text = new();
        public TextBuffer Between = new();
        public readonly ByteBuffer Bytes = new();
    }
}
