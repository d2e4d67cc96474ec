namespace AttnGen.Decode;

[TransformerModel("models/stories260k")]
internal sealed partial class Stories260K;

[TransformerModel("models/15m")]
internal sealed partial class Random15M;

[TransformerModel("models/135m")]
internal sealed partial class Random135M;

[TransformerModel("models/gpt2")]
internal sealed partial class RandomGpt2;

/// <summary>From a name of <see cref="DecodeOptions.Models"/> to the class.</summary>
internal static class Models
{
    /// <summary>Opens a model of a folder with weights.</summary>
    public static ILanguageModel Load(string name, string folder) => name switch
    {
        "stories260k" => Stories260K.Load(folder),
        "15m" => Random15M.Load(folder),
        "135m" => Random135M.Load(folder),
        "gpt2" => RandomGpt2.Load(folder),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such model."),
    };
}
