using FastBertTokenizer;

namespace AttnGen.TextBench;

/// <summary>FastBertTokenizer.</summary>
internal sealed class FastBertTokens : ITokens
{
    private readonly BertTokenizer _tokenizer = new();
    private readonly long[] _mask = new long[OnnxRuntimeContender.MaxTokens];

    public FastBertTokens(string vocabulary)
    {
        using StreamReader reader = File.OpenText(vocabulary);
        _tokenizer.LoadVocabulary(reader, convertInputToLowercase: true);
    }

    public int Encode(string text, long[] ids) => _tokenizer.Encode(text, ids, _mask.AsSpan(0, ids.Length));
}
