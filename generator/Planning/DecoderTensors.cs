namespace AttnGen.Generator.Planning;

/// <summary>The tensors of [Decoder], under the names that transformers gives Llama's.</summary>
internal static class DecoderTensors
{
    private const string Layer = "model.layers.{0}.";

    /// <summary>The words, and positions if they are learned or computed.</summary>
    public static TokenInputSpec Input(LanguageSpec s)
    {
        int tokens = s.Layer.Attention.MaxTokens;
        var positions = s.Positions == PositionsKind.Learned ? new PositionTableSpec("model.embed_positions.weight", tokens, 0, SkipsPadding: false, -1) : null;
        return new(s.Vocabulary, s.Layer.Attention.DModel, "model.embed_tokens.weight", positions, null, null, null);
    }

    /// <summary>The layers.</summary>
    public static StackSpec Stack(LanguageSpec s)
    {
        var (a, f, norm) = (s.Layer.Attention, s.Layer.FeedForward, s.Layer.Norm);
        int d = a.DModel, q = a.Heads * a.HeadDim, kv = a.KvHeads * a.HeadDim;
        HeadTensors? heads = a.Score.QkNorm == QkNormKind.None ? null : new(HeadNorm(s.Layer, Layer + "self_attn.q_norm"), HeadNorm(s.Layer, Layer + "self_attn.k_norm"), null, null);
        var attention = new AttentionPart(
            a, new(Map(Layer + "self_attn.q_proj", d, q, a.Bias), Map(Layer + "self_attn.k_proj", d, kv, a.Bias), Map(Layer + "self_attn.v_proj", d, kv, a.Bias), Map(Layer + "self_attn.o_proj", q, d, a.Bias), heads));
        var feedForward = new FeedForwardPart(
            new(Map(Layer + (f.Gated ? "mlp.gate_proj" : "mlp.up_proj"), d, f.Hidden, f.Bias), f.Gated ? Map(Layer + "mlp.up_proj", d, f.Hidden, f.Bias) : null, Map(Layer + "mlp.down_proj", f.Hidden, d, f.Bias)), f.Activation);
        var stages = new[] { StageSpec.Of(attention, Norm(Layer + "input_layernorm"), s.Layer.NormFirst), StageSpec.Of(feedForward, Norm(Layer + "post_attention_layernorm"), s.Layer.NormFirst) };
        return new(s.Layers, s.Layers, stages.ToEquatable(), EquatableArray<LayerSpec>.Empty, s.FinalNorm ? Norm("model.norm") : null, LastStateIsNormed: true)
        {
            KeepsKeys = true,
            Angles = a.Score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved
                ? new[] { AnglesSpec.Of(a.Score.RotaryDim, a.Score.RopeTheta) }.ToEquatable()
                : EquatableArray<AnglesSpec>.Empty,
        };

        NormTensors Norm(string name) => new(norm, name + ".weight", norm.Bias ? name + ".bias" : null);
    }

    /// <summary>The norm of each head's query or key.</summary>
    public static NormTensors HeadNorm(EncoderLayerSpec layer, string name)
    {
        var a = layer.Attention;
        bool isLayerNorm = a.Score.QkNorm == QkNormKind.LayerNorm, biased = isLayerNorm && a.Bias;
        return new(new NormSpec(isLayerNorm ? NormKind.LayerNorm : NormKind.RmsNorm, a.HeadDim, layer.Norm.Epsilon, biased), name + ".weight", biased ? name + ".bias" : null);
    }

    /// <summary>The logits.</summary>
    public static OutputSpec Head(LanguageSpec s)
    {
        var map = LinearTensors.Of(new(s.Tied ? "model.embed_tokens.weight" : "lm_head.weight", 0, s.Vocabulary), null, s.Layer.Attention.DModel, s.Vocabulary);
        return new(StatesRead.EveryToken, new[] { new OutputStage(map, "None", null) }.ToEquatable(), s.Vocabulary);
    }

    /// <summary>A map and its bias.</summary>
    public static LinearTensors Map(string name, int inputs, int outputs, bool bias) =>
        LinearTensors.Of(new(name + ".weight", 0, outputs), bias ? new(name + ".bias", 0, outputs) : null, inputs, outputs);
}
