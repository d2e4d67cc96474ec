using AttnGen;

namespace Tour;

/// <summary>The trained reader that travels inside this program (model/).</summary>
internal static class EmbeddedModel
{
    public static ReaderModel Load()
    {
        using var json = Resource("reader.json");
        using var weights = OpenWeights();
        return new ReaderModel(weights, new Vocabulary(json));
    }

    public static SafetensorsFile OpenWeights() => SafetensorsFile.Open(Resource("reader.safetensors"), "reader.safetensors");

    private static Stream Resource(string name) =>
        typeof(EmbeddedModel).Assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The program was built without its resource '{name}'.");
}
