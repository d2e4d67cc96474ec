using AttnGen.Tokenizers;

namespace Tour;

/// <summary>Text to the tale teller's ids and back.</summary>
internal sealed class Pieces
{
    private readonly TextTokenizer _tokenizer;
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
    public int[] Ask(string request, bool begins) => [.. _tokenizer.Encode($"<|user|>{request.Trim()}<|end|>", addSpecialTokens: begins), _tellerSpeaks];

    /// <summary>Tokens to text as they come: a character may be cut between two of them. A mark such as &lt;|end|&gt; is no text.</summary>
    public TextDecoder Decoder() => _tokenizer.CreateDecoder(skipSpecialTokens: true);

    /// <summary>Whether a token is a mark such as &lt;|end|&gt;.</summary>
    public bool IsMark(int id) => _tokenizer.IsSpecial(id);

    /// <summary>The text of tokens.</summary>
    public string Text(ReadOnlySpan<int> ids) => _tokenizer.Decode(ids, skipSpecialTokens: true);

    private int Id(string token) => _tokenizer.FindId(token) ?? throw new InvalidDataException($"The tokenizer has no token {token}.");
}
