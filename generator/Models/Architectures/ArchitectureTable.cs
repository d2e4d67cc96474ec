namespace AttnGen.Generator.Models;

/// <summary>THE table of architectures: a new one is a file beside this and a row here.</summary>
internal static class ArchitectureTable
{
    public static readonly ImmutableArray<Architecture> Rows = ImmutableArray.Create(
        Bert.Row, DistilBert.Row, Roberta.Row, MpNet.Row, Albert.Row, Electra.Row, ModernBert.Row, NomicBert.Row, T5.Row, Vit.Row, Vit.Deit, Clip.Whole, Clip.Text, Clip.Image,
        Llama.Row, Gpt2.Row, GptNeoX.Row, Bloom.Row, Phi.Row, Gemma.Row, Phi3.Row, Falcon.Row, Opt.Row, GptBigCode.Row,
        Olmo2.Row, Granite.Row, SmolLm3.Row, Bart.Row, Whisper.Row);

    /// <summary>Known by name and kind, but without a description yet.</summary>
    public static readonly ImmutableArray<(string ModelType, ArchitectureKind Kind)> Later = ImmutableArray.Create(
        ("gptj", ArchitectureKind.Decoder));

    public static Architecture? Find(string modelType) => Rows.FirstOrDefault(row => row.ModelTypes.Contains(modelType));

    /// <summary>For messages.</summary>
    public static string Supported => string.Join(", ", Rows.SelectMany(row => row.ModelTypes));
}
