using System.Numerics.Tensors;

namespace Tour;

/// <summary>Whom a pronoun means: the token it points at (itself: nobody in the text), and how sure the model is.</summary>
internal sealed record Pointer(int Token, int Target, double Probability, int Second, double SecondProbability);

/// <summary>In which of its two senses a word is used.</summary>
internal sealed record SenseAnswer(int Token, Sense Sense, double Probability, Sense Other);

/// <summary>A sentence after the model has read it: the answers, and what every head looked at.</summary>
internal sealed class ReadSentence(Token[] tokens, Pointer[] pointers, SenseAnswer[] senses, float[] attention, float[] hidden)
{
    public IReadOnlyList<Token> Tokens => tokens;

    public IReadOnlyList<Pointer> Pointers => pointers;

    public IReadOnlyList<SenseAnswer> Senses => senses;

    /// <summary>How much <paramref name="query"/> looks at each token through one head; sums to 1.</summary>
    public ReadOnlySpan<float> Looks(HeadName head, int query) =>
        attention.AsSpan((((head.Layer * Reader.Heads) + head.Head) * tokens.Length + query) * tokens.Length, tokens.Length);

    /// <summary>A token's vector on its way through the layers: 0 is what goes into the first.</summary>
    public ReadOnlySpan<float> VectorAfter(int layers, int token) =>
        hidden.AsSpan((layers * tokens.Length + token) * Reader.DModel, Reader.DModel);

    /// <summary>The last token that is this word.</summary>
    public int LastIndexOf(string word) => Array.FindLastIndex(tokens, t => t.Word == word);

    /// <summary>Cosine of the angle between two tokens' vectors after some layers: 1 is "the same direction".</summary>
    public static float Likeness(ReadSentence a, int tokenOfA, ReadSentence b, int tokenOfB, int layers) =>
        TensorPrimitives.CosineSimilarity(a.VectorAfter(layers, tokenOfA), b.VectorAfter(layers, tokenOfB));
}
