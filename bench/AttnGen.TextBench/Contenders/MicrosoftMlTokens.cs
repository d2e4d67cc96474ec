using Microsoft.ML.Tokenizers;

namespace AttnGen.TextBench;

/// <summary>Microsoft.ML.Tokenizers.</summary>
internal sealed class MicrosoftMlTokens(string vocabulary) : ITokens
{
    private readonly BertTokenizer _tokenizer = BertTokenizer.Create(vocabulary, new BertOptions { RemoveNonSpacingMarks = true });

    public int Encode(string text, long[] ids)
    {
        IReadOnlyList<int> found = _tokenizer.EncodeToIds(text, ids.Length, out _, out _);
        for (int i = 0; i < found.Count; i++) ids[i] = found[i];
        return found.Count;
    }
}
