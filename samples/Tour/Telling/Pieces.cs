using System.Text;
using AttnGen.Tokenizers;

namespace Tour;

/// <summary>Text to the tale teller's ids and back. Its tokenizer is a byte-level BPE: a piece is some bytes of UTF-8, each written as a letter.</summary>
internal sealed class Pieces
{
    private readonly TextTokenizer _tokenizer;
    private readonly byte[] _byteOfLetter = BytesOfLetters();
    private readonly int _tellerSpeaks;

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="openFile">Opens a file of the model's folder by its name; null where there is none.</param>
    public Pieces(Func<string, Stream?> openFile)
    {
        _tokenizer = TextTokenizer.Load(openFile, "taleteller");
        (End, _tellerSpeaks) = (Id("<|end|>"), Id("<|assistant|>"));
    }

    /// <summary>The token that ends what somebody says.</summary>
    public int End { get; }

    /// <summary>The tokenizer that the build put into this program, beside the weights.</summary>
    public static Pieces Embedded() => new(file => typeof(Pieces).Assembly.GetManifestResourceStream("AttnGen/taleteller/" + file));

    /// <summary>What the model has to read before it answers. A conversation begins with a token of its own, which the tokenizer puts first.</summary>
    public int[] Ask(string request, bool begins)
    {
        var ids = _tokenizer.Encode($"<|user|>{request.Trim()}<|end|>");
        return [.. begins ? ids : ids.AsSpan(_tokenizer.SpecialTokens), _tellerSpeaks];
    }

    /// <summary>A piece's bytes; a mark such as &lt;|end|&gt; has none. A character may be cut between two pieces, so they become text by a <see cref="Decoder"/>.</summary>
    public byte[] BytesOf(int id) => _tokenizer.FindToken(id) is { } piece && !piece.StartsWith("<|", StringComparison.Ordinal) ? [.. piece.Select(letter => _byteOfLetter[letter])] : [];

    private int Id(string token) => _tokenizer.FindId(token) ?? throw new InvalidDataException($"The tokenizer has no token {token}.");

    // GPT-2's alphabet: a printable byte is the character of the same number, the other bytes are the characters from 256 on, in order.
    private static byte[] BytesOfLetters()
    {
        var table = new byte[512];
        var next = 256;
        for (var value = 0; value < 256; value++)
            table[value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? value : next++] = (byte)value;
        return table;
    }
}
