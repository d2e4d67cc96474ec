namespace AttnGen.Generator.Models;

/// <summary>Gemma (arXiv:2403.08295), Gemma 2 (arXiv:2408.00118) and the texts of Gemma 3 (arXiv:2503.19786): norms by 1 + w, words times the root of the width.</summary>
internal static class Gemma
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["gemma", "gemma2", "gemma3_text"],
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
        string type = c.Word("model_type", "gemma");
        bool isFirst = type == "gemma", isThird = type == "gemma3_text";
        var s = isFirst
            ? DecoderParts.Sizes(c, 256000, 3072, 28, 16, 24576, 8192, kvHeads: 16, headDim: 256)
            : DecoderParts.Sizes(c, isThird ? 262208 : 256000, 2304, 26, 8, 9216, isThird ? 131072 : 8192, kvHeads: 4, headDim: 256);
        string activation = c.Activation(isFirst && c["hidden_activation"] is null ? "hidden_act" : "hidden_activation", "gelu_pytorch_tanh");
        if (isFirst && c["hidden_activation"] is not null && !c.HasProblems && c.Activation("hidden_act", "gelu_pytorch_tanh") != activation)
            c.Unsupported($"hidden_activation '{Text.Short(c.Word("hidden_activation", ""))}' is not supported beside hidden_act '{Text.Short(c.Word("hidden_act", "gelu_pytorch_tanh"))}'; supported is the same activation: versions of transformers differ in which of the two they go by");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-6);
        Switch tied = c.Flag("tie_word_embeddings", true), bias = c.Flag("attention_bias", false), bidirectional = c.Flag("use_bidirectional_attention", false);
        if (bidirectional && !isThird)
            c.Unsupported("use_bidirectional_attention true is not supported; supported is false");
        double scalar = isFirst ? 0 : c.Number("query_pre_attn_scalar", 256);
        double cap = isFirst ? 0 : Cap(c, "attn_logit_softcapping", isThird ? 0 : 50), lastCap = isFirst ? 0 : Cap(c, "final_logit_softcapping", isThird ? 0 : 30);
        int window = isFirst ? 0 : DecoderParts.Window(c, 4096);
        int pattern = isThird ? c.Integer(c.Either("sliding_window_pattern", "_sliding_window_pattern"), 6, 1, Limits.Layers) : 2;
        var slides = isFirst ? [.. Enumerable.Repeat(false, s.Layers.Size)] : DecoderParts.Slides(c, s, window, layer => (layer + 1) % pattern != 0);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions, new() { Theta = isThird ? 1e6 : 10000, Layers = isThird ? "full_attention" : "" });
        var near = isThird ? Rope.Read(c, s.HeadDim.Size, s.Positions, new() { ThetaKey = "rope_local_base_freq", Layers = "sliding_attention", OnlyOwn = true }) : rope;
        if (bidirectional && !c.HasProblems && (rope.IsScaled || near.IsScaled))
            c.Unsupported("use_bidirectional_attention true beside a rope_type other than 'default' is not supported; supported is 'default' in rope_scaling and rope_parameters");
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        NormTensors Norm(string name, Dim width, int layers) => m.RmsNorm(name, width, epsilon, layers) with { IsLessOne = true };
        NormTensors OfLayer(string name) => Norm(layer + name, s.Hidden, n);
        var heads = isThird ? new HeadTensors(Norm(layer + "self_attn.q_norm", s.HeadDim, n), Norm(layer + "self_attn.k_norm", s.HeadDim, n), null, null) : null;
        // A window of an encoder reaches half of it to each side.
        int reach = bidirectional ? window / 2 + 1 : window;
        var score = DecoderParts.Score(s, rope, scale: isFirst ? 0 : 1 / Math.Sqrt(scalar), softcap: cap) with { Causal = !bidirectional };
        var attention = new AttentionPart(DecoderParts.Attention(s, score), DecoderParts.Projections(m, s, bias, bias, heads));
        var feedForward = DecoderParts.Gated(m, s, activation, false);
        var stages = isFirst
            ? new[] { DecoderParts.Together(new BranchSpec(attention, OfLayer("input_layernorm"))), DecoderParts.Together(new BranchSpec(feedForward, OfLayer("post_attention_layernorm"))) }
            : [
                DecoderParts.Together(new BranchSpec(attention, OfLayer("input_layernorm"), OfLayer("post_attention_layernorm"))),
                DecoderParts.Together(new BranchSpec(feedForward, OfLayer("pre_feedforward_layernorm"), OfLayer("post_feedforward_layernorm")))];
        var varies = slides.Any(slide => slide)
            ? slides.Select(slide => new LayerSpec(slide ? reach : 0, slide ? near.Theta : rope.Theta, slide && isThird && !bidirectional ? 1 : 0))
            : null;
        var stack = DecoderParts.Stack(s, Norm(p + "norm", s.Hidden, 0), stages, bidirectional ? null : rope, varies);
        stack = bidirectional ? stack with { KeepsKeys = false } : isThird && varies is not null ? stack with { Angles = new[] { rope.Angles, near.Angles }.ToEquatable() } : stack;
        Outputs Language() => DecoderParts.Language(m, s, table, tied, softcap: lastCap);
        string family = type switch { "gemma" => "Gemma", "gemma2" => "Gemma2", _ => "Gemma3" };
        var outputs = bidirectional ? EncoderParts.OfClass(m, family, new ModelClass("TextModel", () => Outputs.None))
            : DecoderParts.OfClass(m, family, "ForCausalLM", tied, Language, model: isThird ? "TextModel" : "Model");
        return DecoderParts.Model(m, s, table, stack, outputs, rope, scale: Math.Sqrt(s.Hidden.Size), pad: 0);
    }

    /// <summary>cap·tanh(x/cap); null: none.</summary>
    private static double Cap(ConfigReader c, string key, double fallback) => c.IsNull(key) ? 0 : c[key] is null ? fallback : c.Number(key, fallback);
}
