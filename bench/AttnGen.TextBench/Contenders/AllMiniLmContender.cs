using System.Reflection;
using AllMiniLmL6V2Sharp;
using AllMiniLmL6V2Sharp.Tokenizer;
using Microsoft.ML.OnnxRuntime;

namespace AttnGen.TextBench;

/// <summary>
/// The package AllMiniLmL6V2Sharp. It has no way to say how many threads ONNX Runtime may use: as it is it takes every core;
/// held to one, its session is replaced by reflection.
/// </summary>
internal sealed class AllMiniLmContender : ITextContender
{
    private readonly AllMiniLmL6V2Embedder _embedder;
    private readonly bool _oneThread;

    public AllMiniLmContender(Sources sources, bool oneThread)
    {
        _oneThread = oneThread;
        _embedder = new AllMiniLmL6V2Embedder(sources.Onnx!, new BertTokenizer(sources.Vocabulary!), truncate: true);
        if (!oneThread) return;
        FieldInfo field = typeof(AllMiniLmL6V2Embedder).GetField("_inferenceSession", BindingFlags.NonPublic | BindingFlags.Instance)
            ?? throw new InvalidOperationException("AllMiniLmL6V2Embedder has no field _inferenceSession: another version of the package?");
        ((InferenceSession)field.GetValue(_embedder)!).Dispose();
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        field.SetValue(_embedder, new InferenceSession(sources.Onnx!, options));
    }

    public string Note => _oneThread ? "its session replaced by reflection" : "as it is: ONNX Runtime takes every core";

    public void Embed(string text, Span<float> vector)
    {
        int i = 0;
        foreach (float value in _embedder.GenerateEmbedding(text)) vector[i++] = value;
    }

    public void Dispose() => _embedder.Dispose();
}
