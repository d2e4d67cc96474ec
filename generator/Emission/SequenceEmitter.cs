using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what a decoder offers beside its methods: sequences, and the class through which they reach its programs.</summary>
internal static class SequenceEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    public static void Write(SourceWriter w, ModelPlan plan, SequencesPlan s)
    {
        w.Line($"/// <summary>Begins a text: a sequence that keeps its tokens' keys and values, {s.TokenBytes(plan.Layers)} bytes each. Memory is touched only as it fills.</summary>");
        w.Line("/// <param name=\"capacity\">Tokens that it has room for, 1 to <see cref=\"MaxTokens\"/>, the context window; 0: the whole window.</param>");
        w.Line("/// <returns>The sequence; the caller disposes it.</returns>");
        w.Line("/// <exception cref=\"global::System.ArgumentOutOfRangeException\">The capacity is out of range.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model has been disposed.</exception>");
        w.Line($"public global::AttnGen.TokenSequence {Signatures.CreateSequence.Declaration} => new global::AttnGen.TokenSequence(_decoder, capacity);");
        w.Line();
        w.Line($"/// <summary>Bytes of a sequence's cache: {s.TokenBytes(plan.Layers)} for each token, rounded up to a multiple of 32 tokens, and 64 more.</summary>");
        w.Line("/// <param name=\"capacity\">Tokens that it has room for, 1 to <see cref=\"MaxTokens\"/>; 0: the whole window.</param>");
        w.Line($"public static long {Signatures.SequenceBytes.Declaration} => Decoder.Shape.Bytes(capacity);");
        w.Line();
        w.Line("// What sequences call.");
        using (w.Open($"private sealed class Decoder({Rt}AlignedBlock weights) : {Rt}SequenceModel(weights, Shape, typeof({plan.Type.Reference}))"))
        {
            var (heads, states) = (s.Heads, s.States.Buffer!);
            w.Line($"internal static {Rt}SequenceSizes Shape {{ get; }} = new {Rt}SequenceSizes");
            w.Line("{");
            w.Line($"    Vocabulary = {s.Vocabulary}, MaxTokens = {plan.MaxTokens}, Layers = {plan.Layers}, Heads = {heads.Count}, Width = {s.Width},");
            w.Line($"    KvHeads = {heads.KvCount}, KeyDim = {heads.KeyDim}, ValueStride = {heads.ValueStride},");
            w.Line($"    RowFloats = {plan.TokenFloats}L, FixedFloats = {plan.FixedFloats}L,");
            w.Line($"    StatesRow = {states.TokenOffset}, StatesFixed = {states.FixedOffset}, StatesStride = {s.States.Stride}, HasLogits = {(s.HasLogits ? "true" : "false")},");
            w.Line("};");
            w.Line();
            w.Line($"protected override void Run(in {Rt}SessionMemory.Hold hold, global::System.ReadOnlySpan<int> tokenIds, global::System.ReadOnlySpan<{Rt}CacheSlice> sequences, in global::AttnGen.ForwardTrace trace) =>");
            w.Line($"    global::{FileHead.Namespace}.Program.Forward(hold, tokenIds, sequences, tokenIds.Length, sequences[0].Keys, default, trace);");
            w.Line();
            w.Line($"protected override void Logits(in {Rt}SessionMemory.Hold hold, int rows, global::System.Span<float> logits) =>");
            w.Line(s.HasLogits
                ? $"    global::{FileHead.Namespace}.Program.ComputeLogits(hold, ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(logits), rows, default);"
                : "    throw new global::System.NotSupportedException();");
        }

        w.Line();
    }
}
