namespace AttnGen.Generator.Models;

/// <summary>Llama (Touvron et al. 2023, arXiv:2302.13971), Mistral (arXiv:2310.06825), Qwen 2 (arXiv:2407.10671) and Qwen 3 (arXiv:2505.09388).</summary>
internal static class Llama
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["llama", "mistral", "qwen2", "qwen3"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "embed_tokens.weight",
        Layer = "layers.{0}.",
        Body = ["embed_tokens.", "layers.", "norm."],
        Unused = ["layers.*.self_attn.rotary_emb.inv_freq"],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string type = c.Word("model_type", "llama");
        bool isQwen = type is "qwen2" or "qwen3";
        var s = DecoderParts.Sizes(
            c, isQwen ? 151936 : 32000, feedForward: type == "mistral" ? 14336 : isQwen ? 22016 : 11008, positions: type == "mistral" ? 131072 : isQwen ? 32768 : 2048,
            kvHeads: type == "mistral" ? 8 : isQwen ? 32 : 0, headDim: type == "qwen3" ? 128 : 0);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-6);
        Switch tied = c.Flag("tie_word_embeddings", false);
        Switch qkvBias = type == "qwen2" ? new Switch(true, "") : type == "mistral" ? new Switch(false, "") : c.Flag("attention_bias", false);
        Switch outBias = type is "llama" or "qwen3" ? qkvBias : new Switch(false, "");
        Switch mlpBias = type == "llama" ? c.Flag("mlp_bias", false) : new Switch(false, "");
        int said = type == "llama" ? 0 : DecoderParts.Window(c, 4096), window = type == "mistral" || isQwen && c.Flag("use_sliding_window", false) ? said : 0;
        int fullLayers = isQwen ? c.Integer("max_window_layers", 28, 0, Limits.Layers) : 0;
        var slides = isQwen ? DecoderParts.Slides(c, s, window, layer => layer >= fullLayers) : Enumerable.Repeat(window > 0, s.Layers.Size).ToList();
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions);
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        var (all, varies) = DecoderParts.Windows(slides, window, rope.Theta);
        var heads = type == "qwen3" ? new HeadTensors(m.RmsNorm(layer + "self_attn.q_norm", s.HeadDim, epsilon, n), m.RmsNorm(layer + "self_attn.k_norm", s.HeadDim, epsilon, n), null, null) : null;
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope, window: all)), DecoderParts.Projections(m, s, qkvBias, outBias, heads));
        var feedForward = DecoderParts.Gated(m, s, activation, mlpBias);
        var stages = new[]
        {
            StageSpec.Of(attention, m.RmsNorm(layer + "input_layernorm", s.Hidden, epsilon, n), normFirst: true),
            StageSpec.Of(feedForward, m.RmsNorm(layer + "post_attention_layernorm", s.Hidden, epsilon, n), normFirst: true),
        };
        var stack = DecoderParts.Stack(s, m.RmsNorm(p + "norm", s.Hidden, epsilon), stages, rope, varies);
        string family = type switch { "llama" => "Llama", "mistral" => "Mistral", "qwen2" => "Qwen2", _ => "Qwen3" };
        var outputs = DecoderParts.OfClass(m, family, "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied), more: DecoderParts.Classes(m, s));
        return DecoderParts.Model(m, s, table, stack, outputs, rope);
    }
}
