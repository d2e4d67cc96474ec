using LLama;

namespace AttnGen.Decode;

/// <summary>Everybody who can take part on a model, AttnGen first.</summary>
internal sealed class Decoders : IDisposable
{
    /// <summary>How far logits of float32 may be apart, as a part of the largest: sums in another order, through all layers.</summary>
    public const float SingleTolerance = 1e-4f;

    /// <summary>The same where keys and values are kept in 16 bits.</summary>
    public const float HalfTolerance = 3e-2f;

    /// <summary>The same of float32 where llama.cpp computes GELU: it looks it up in a table of 16-bit numbers, by a 16-bit number, whatever is asked for.</summary>
    public const float TableTolerance = 1e-3f;

    private readonly ILanguageModel _model;
    private readonly LLamaWeights _llama;

    public Decoders(ModelShape shape, ModelFiles files, PlainCDecoder.Library? plain, int threads)
    {
        _model = Models.Load(shape.Name, files.Folder);
        Weights = new PlainWeights(shape, files.Folder);
        _llama = LlamaCppDecoder.Load(files.Gguf);
        All.Add(new AttnGenDecoder(_model));
        if (plain is not null) All.Add(new PlainCDecoder(plain, shape, Weights, threads));
        foreach (LlamaCppKind kind in LlamaCppKind.Of(shape)) All.Add(new LlamaCppDecoder(_llama, kind, shape.Window, threads));
    }

    /// <summary>Who takes part; who disagrees is taken out of it.</summary>
    public List<Decoder> All { get; } = [];

    /// <summary>What the plain loop and the stream read.</summary>
    public PlainWeights Weights { get; }

    public void Dispose()
    {
        All.ForEach(decoder => decoder.Dispose());
        Weights.Dispose();
        _llama.Dispose();
        _model.Dispose();
    }
}
