using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what a decoder offers beside its methods: sequences, and the class through which they reach its programs.</summary>
internal static class SequenceEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";
    private const string Slices = $"global::System.ReadOnlySpan<{Rt}CacheSlice> sequences";

    public static void Write(SourceWriter w, ModelPlan plan, SequencesPlan s)
    {
        string window = s.Source is null ? "MaxTokens" : "DecoderMaxTokens";
        if (s.Source is null)
        {
            w.Line($"/// <summary>Begins a text: a sequence that keeps its tokens' keys and values, {s.TokenBytes} bytes each. Memory is touched only as it fills.</summary>");
            Capacity(w, window);
            w.Line($"public global::AttnGen.TokenSequence {Signatures.CreateSequence.Declaration} => new global::AttnGen.TokenSequence(_decoder, capacity);");
            w.Line();
            Bytes(w, s, window, "");
            w.Line($"public static long {Signatures.SequenceBytes.Declaration} => Decoder.Shape.Bytes(capacity);");
        }
        else
        {
            string source = s.ReadsSound ? "sound" : "source";
            string begins = s.ReadsSound ? "Hears a sound, and begins a text that says it" : "Reads a source, and begins a text that looks at it";
            w.Line($"/// <summary>{begins}: a sequence that keeps the keys and values of both, {s.SourceBytes} bytes for each token of the {source} and {s.TokenBytes} for each of the text.</summary>");
            w.Line(s.ReadsSound
                ? "/// <param name=\"inputFeatures\">[AudioBins, AudioFrames], the logarithms of a mel spectrogram as the model's preprocessor makes it.</param>"
                : "/// <param name=\"tokenIds\">[S'] ids of the source, special tokens included; S' from 1 to <see cref=\"MaxTokens\"/>.</param>");
            Capacity(w, window);
            w.Line($"/// <exception cref=\"global::System.ArgumentException\">{(s.ReadsSound ? "The" : "An id or a")} length does not fit; the message names value, limit and fix.</exception>");
            using (w.Open($"public global::AttnGen.TokenSequence {(s.ReadsSound ? Signatures.EncodeSound : Signatures.Encode).Declaration}"))
            {
                w.Line(s.ReadsSound
                    ? $"{Rt}Check.Length(inputFeatures.Length, (long)AudioBins * AudioFrames, \"inputFeatures\", \"[AudioBins, AudioFrames]\");"
                    : $"{Rt}Check.Tokens(tokenIds, default, MaxTokens, VocabularySize, 0);");
                w.Line($"return _decoder.Encode({(s.ReadsSound ? "default, inputFeatures, MaxTokens" : "tokenIds, default, tokenIds.Length")}, capacity);");
            }

            w.Line();
            Bytes(w, s, window, $", and {s.SourceBytes} for each token of the source");
            w.Line("/// <param name=\"source\">Tokens of the source.</param>");
            w.Line($"public static long {Signatures.SourceSequenceBytes.Declaration} => Decoder.Shape.Bytes(capacity, source);");
        }

        w.Line();
        Decoder(w, plan, s);
    }

    private static void Capacity(SourceWriter w, string window)
    {
        w.Line($"/// <param name=\"capacity\">Tokens that the text has room for, 1 to <see cref=\"{window}\"/>, the context window; 0: the whole window.</param>");
        w.Line("/// <returns>The sequence; the caller disposes it.</returns>");
        w.Line("/// <exception cref=\"global::System.ArgumentOutOfRangeException\">The capacity is out of range.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model has been disposed.</exception>");
    }

    private static void Bytes(SourceWriter w, SequencesPlan s, string window, string more)
    {
        w.Line($"/// <summary>Bytes of a sequence's cache: {s.TokenBytes} for each token{more}, rounded up to a multiple of 32 tokens, and 64 more{(s.Window > 0 ? "; less of a long text, of whose tokens layers that slide keep the last ones" : "")}.</summary>");
        w.Line($"/// <param name=\"capacity\">Tokens that it has room for, 1 to <see cref=\"{window}\"/>; 0: the whole window.</param>");
    }

    private static void Decoder(SourceWriter w, ModelPlan plan, SequencesPlan s)
    {
        w.Line("// What sequences call.");
        using (w.Open($"private sealed class Decoder({Rt}AlignedBlock weights) : {Rt}SequenceModel(weights, Shape, typeof({plan.Type.Reference}))"))
        {
            var (heads, states) = (s.Heads, s.States.Buffer!);
            w.Line($"internal static {Rt}SequenceSizes Shape {{ get; }} = new {Rt}SequenceSizes");
            w.Line("{");
            w.Line($"    Vocabulary = {s.Vocabulary}, MaxTokens = {s.MaxTokens}, Layers = {s.Layers}, Heads = {heads.Count}, Width = {s.Width},");
            w.Line($"    KvHeads = {heads.KvCount}, KeyDim = {heads.KeyDim}, ValueStride = {heads.ValueStride},");
            if (s.Window > 0)
                w.Line($"    Window = {s.Window}, Slides = new bool[] {{ {string.Join(", ", s.Slides.Select(slides => slides ? "true" : "false"))} }},");
            if (s.Source is { } source)
                w.Line($"    SourceHeads = {source.Count}, SourceKvHeads = {source.KvCount}, SourceKeyDim = {source.KeyDim}, SourceValueStride = {source.ValueStride},");
            w.Line($"    RowFloats = {plan.TokenFloats}L, FixedFloats = {plan.FixedFloats}L,");
            w.Line($"    StatesRow = {states.TokenOffset}, StatesFixed = {states.FixedOffset}, StatesStride = {s.States.Stride}, HasLogits = {(s.HasLogits ? "true" : "false")},");
            w.Line("};");
            w.Line();
            if (s.Source is not null)
            {
                using (w.Open($"protected override void RunSource(in {Rt}SessionMemory.Hold hold, global::System.ReadOnlySpan<int> tokenIds, global::System.ReadOnlySpan<float> inputFeatures, int rows, {Slices})"))
                {
                    string given = s.ReadsSound ? "ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(inputFeatures)" : s.HasSegments ? "tokenIds, default" : "tokenIds";
                    w.Line($"global::{FileHead.Namespace}.Program.Forward(hold, {given}, rows, rows, default, default);");
                    w.Line($"global::{FileHead.Namespace}.Program.KeepSource(hold, sequences, rows);");
                }

                w.Line();
            }

            w.Line($"protected override void Run(in {Rt}SessionMemory.Hold hold, global::System.ReadOnlySpan<int> tokenIds, {Slices}, in global::AttnGen.ForwardTrace trace) =>");
            w.Line($"    global::{FileHead.Namespace}.Program.{s.Program}(hold, tokenIds, sequences, tokenIds.Length, sequences[0].Keys, default, trace);");
            w.Line();
            w.Line($"protected override void Logits(in {Rt}SessionMemory.Hold hold, int rows, global::System.Span<float> logits) =>");
            w.Line(s.HasLogits
                ? $"    global::{FileHead.Namespace}.Program.ComputeLogits(hold, ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(logits), rows, default);"
                : "    throw new global::System.NotSupportedException();");
        }

        w.Line();
    }
}
