namespace AttnGen.Generator.Models;

/// <summary>THE table of architectures: a new one is a file beside this and a row here.</summary>
internal static class ArchitectureTable
{
    public static readonly ImmutableArray<Architecture> Rows = ImmutableArray.Create(
        Bert.Row, DistilBert.Row, Roberta.Row, MpNet.Row, Albert.Row, Electra.Row, ModernBert.Row, NomicBert.Row, T5.Row, Vit.Row, Vit.Deit, Clip.Whole, Clip.Text, Clip.Image,
        Llama.Row, Gpt2.Row, Bart.Row, Whisper.Row);

    /// <summary>Known by name and kind, but without a description yet.</summary>
    public static readonly ImmutableArray<(string ModelType, ArchitectureKind Kind)> Later = ImmutableArray.Create(
        ("gemma", ArchitectureKind.Decoder), ("gemma2", ArchitectureKind.Decoder), ("gpt_neox", ArchitectureKind.Decoder), ("falcon", ArchitectureKind.Decoder),
        ("bloom", ArchitectureKind.Decoder), ("phi", ArchitectureKind.Decoder), ("phi3", ArchitectureKind.Decoder), ("opt", ArchitectureKind.Decoder),
        ("gptj", ArchitectureKind.Decoder), ("mixtral", ArchitectureKind.Decoder));

    public static Architecture? Find(string modelType) => Rows.FirstOrDefault(row => row.ModelTypes.Contains(modelType));

    /// <summary>For messages.</summary>
    public static string Supported => string.Join(", ", Rows.SelectMany(row => row.ModelTypes));
}
