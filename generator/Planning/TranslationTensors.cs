namespace AttnGen.Generator.Planning;

/// <summary>The tensors of [EncoderDecoder], under the names that transformers gives BART's.</summary>
internal static class TranslationTensors
{
    private const string Words = "model.shared.weight";

    /// <summary>The words of a half, and positions if they are learned.</summary>
    public static TokenInputSpec Input(TranslationSpec s, string half)
    {
        int tokens = s.Layer.Attention.MaxTokens;
        var positions = s.Positions == PositionsKind.Learned ? new PositionTableSpec($"model.{half}.embed_positions.weight", tokens, 0, SkipsPadding: false, -1) : null;
        return new(s.Vocabulary, s.Layer.Attention.DModel, Words, positions, null, null, null);
    }

    /// <summary>The layers of the encoder.</summary>
    public static StackSpec Encoder(TranslationSpec s) => Stack(s, "encoder", s.EncoderLayers, isDecoder: false);

    /// <summary>The decoder.</summary>
    public static DecoderSpec Decoder(TranslationSpec s)
    {
        int d = s.Layer.Attention.DModel;
        var map = LinearTensors.Of(new(s.Tied ? Words : "lm_head.weight", 0, s.Vocabulary), null, d, s.Vocabulary);
        var head = new OutputSpec(StatesRead.EveryToken, new[] { new OutputStage(map, "None", null) }.ToEquatable(), s.Vocabulary);
        return new(Input(s, "decoder"), Stack(s, "decoder", s.DecoderLayers, isDecoder: true), head, -1);
    }

    private static StackSpec Stack(TranslationSpec s, string half, int layers, bool isDecoder)
    {
        var (a, f, norm) = (s.Layer.Attention, s.Layer.FeedForward, s.Layer.Norm);
        int d = a.DModel;
        string layer = $"model.{half}.layers.{{0}}.";
        // A source has no positions that a text could be near to or far from.
        var free = a with { Score = a.Score with { Causal = false, Window = 0, Position = PositionKind.None } };
        List<StageSpec> stages = [Stage(Attends("self_attn", a with { Score = a.Score with { Causal = isDecoder } }), "self_attn_layer_norm")];
        if (isDecoder)
            stages.Add(Stage(Attends("encoder_attn", free) with { ReadsSource = true }, "encoder_attn_layer_norm"));
        stages.Add(Stage(new FeedForwardPart(new(Map(f.Gated ? "fc_gate" : "fc1", d, f.Hidden), f.Gated ? Map("fc1", d, f.Hidden) : null, Map("fc2", f.Hidden, d)), f.Activation), "final_layer_norm"));
        bool rotates = a.Score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved;
        return new(layers, layers, stages.ToEquatable(), EquatableArray<LayerSpec>.Empty, s.FinalNorm ? Norm($"model.{half}.layer_norm") : null, LastStateIsNormed: true)
        {
            KeepsKeys = isDecoder,
            Angles = isDecoder && rotates ? new[] { AnglesSpec.Of(a.Score.RotaryDim, a.Score.RopeTheta) }.ToEquatable() : EquatableArray<AnglesSpec>.Empty,
        };

        StageSpec Stage(PartSpec part, string name) => StageSpec.Of(part, Norm(layer + name), s.Layer.NormFirst);

        NormTensors Norm(string name) => new(norm, name + ".weight", norm.Bias ? name + ".bias" : null);

        AttentionPart Attends(string name, AttentionSpec sizes)
        {
            HeadTensors? heads = a.Score.QkNorm == QkNormKind.None ? null : new(DecoderTensors.HeadNorm(s.Layer, $"{layer}{name}.q_norm"), DecoderTensors.HeadNorm(s.Layer, $"{layer}{name}.k_norm"), null, null);
            return new(
                sizes,
                new(
                    Map(name + ".q_proj", d, a.Heads * a.HeadDim), Map(name + ".k_proj", d, a.KvHeads * a.HeadDim), Map(name + ".v_proj", d, a.KvHeads * a.HeadDim), Map(name + ".out_proj", a.Heads * a.HeadDim, d), heads));
        }

        LinearTensors Map(string name, int inputs, int outputs) => DecoderTensors.Map(layer + name, inputs, outputs, a.Bias);
    }
}
