using AttnGen.Embeddings;
using AttnGen.Tokenizers;

namespace AttnGen.TextBench;

#if MODEL
/// <summary>The model, compiled.</summary>
[TransformerModel(ModelAtBuild.Folder)]
public sealed partial class MiniLm;

/// <summary>AttnGen: the generated class behind AttnGen.Embeddings.</summary>
internal sealed class AttnGenContender(Sources sources) : ITextContender
{
    private readonly TextEmbeddingGenerator _generator = TextEmbeddingGenerator.Create<MiniLm>(sources.Model);

    public TextTokenizer Tokenizer => _generator.Tokenizer;

    public void Embed(string text, Span<float> vector) => _generator.Embed(text, vector);

    public void Dispose() => _generator.Dispose();
}
#endif
