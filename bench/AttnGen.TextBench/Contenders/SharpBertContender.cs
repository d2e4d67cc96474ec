using System.Reflection;
using System.Runtime.Loader;

namespace AttnGen.TextBench;

/// <summary>The pure C# BERT of curiosity-ai/sentence-transformers-sharp, from the assembly that sharp-bert.sh builds.</summary>
internal sealed class SharpBertContender : ITextContender
{
    private readonly Func<string, float[]> _encode;

    public SharpBertContender(Sources sources)
    {
        string path = Path.GetFullPath(sources.SharpBert!);
        var context = new AssemblyLoadContext("SharpBert");
        context.Resolving += (c, name) =>
            Path.Combine(Path.GetDirectoryName(path)!, name.Name + ".dll") is { } beside && File.Exists(beside) ? c.LoadFromAssemblyPath(beside) : null;
        Assembly assembly = context.LoadFromAssemblyPath(path);
        Type encoder = assembly.GetType("SentenceTransformers.Bert.Pure.SentenceEncoder", throwOnError: true)!;
        object config = assembly.GetType("SentenceTransformers.Bert.Pure.BertConfig", throwOnError: false)?.GetProperty("MiniLM")!.GetValue(null)
            ?? assembly.GetTypes().Single(t => t.Name == "BertConfig").GetProperty("MiniLM")!.GetValue(null)!;
        object instance = encoder.GetMethod("Load")!.Invoke(null, [Path.Combine(sources.Model!, "model.safetensors"), config, 256, null])!;

        // EncodeAsync answers a text that it had among the last sixteen from a cache; EncodeBase computes.
        _encode = encoder.GetMethod("EncodeBase")!.CreateDelegate<Func<string, float[]>>(instance);
    }

    public void Embed(string text, Span<float> vector) => _encode(text).CopyTo(vector);

    public void Dispose()
    {
    }
}
