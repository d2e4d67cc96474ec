using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>SmolLM3 (Hugging Face 2025): Llama's layers, of which some turn nothing; those may have a window.</summary>
internal static class SmolLm3
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["smollm3"],
        Kind = ArchitectureKind.Decoder,
        Prefix = "model.",
        Probe = "embed_tokens.weight",
        Layer = "layers.{0}.",
        Body = ["embed_tokens.", "layers.", "norm."],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var s = DecoderParts.Sizes(c, 128256, hidden: 2048, layers: 36, heads: 16, positions: 32768, kvHeads: 4);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("rms_norm_eps", 1e-6);
        Switch tied = c.Flag("tie_word_embeddings", true), bias = c.Flag("attention_bias", false), mlpBias = c.Flag("mlp_bias", false);
        var turns = Turns(c, s);
        int said = DecoderParts.Window(c), window = c.Flag("use_sliding_window", false) ? said : 0;
        var slides = DecoderParts.Slides(c, s, window, layer => !turns[layer]);
        var rope = Rope.Read(c, s.HeadDim.Size, s.Positions, new() { Theta = 2e6 });
        if (c.HasProblems)
            return null;

        string p = m.Prefix, layer = m.Layer;
        int n = s.Layers.Size;
        string table = p + "embed_tokens.weight";
        m.Whole(table, 0, s.Vocabulary, s.Hidden);
        var attention = new AttentionPart(DecoderParts.Attention(s, DecoderParts.Score(s, rope)), DecoderParts.Projections(m, s, bias, bias));
        var stages = new[]
        {
            StageSpec.Of(attention, m.RmsNorm(layer + "input_layernorm", s.Hidden, epsilon, n), normFirst: true),
            StageSpec.Of(DecoderParts.Gated(m, s, activation, mlpBias), m.RmsNorm(layer + "post_attention_layernorm", s.Hidden, epsilon, n), normFirst: true),
        };
        var varies = turns.Select((turn, i) => new LayerSpec(slides[i] ? window : 0, rope.Theta, turn ? 0 : -1));
        var stack = DecoderParts.Stack(s, m.RmsNorm(p + "norm", s.Hidden, epsilon), stages, rope, varies);
        var outputs = DecoderParts.OfClass(m, "SmolLM3", "ForCausalLM", tied, () => DecoderParts.Language(m, s, table, tied));
        return DecoderParts.Model(m, s, table, stack, outputs, rope, pad: 128004);
    }

    /// <summary>Which layers turn queries and keys: a list of 0 and 1, or all but every so many.</summary>
    private static List<bool> Turns(ConfigReader c, DecoderSizes s)
    {
        int interval = c.Integer("no_rope_layer_interval", 4, 1, Limits.Layers);
        var layers = Enumerable.Range(0, s.Layers.Size).ToList();
        if (c["no_rope_layers"] is not { } list)
            return layers.Select(layer => (layer + 1) % interval != 0).ToList();
        if (list.Kind == JsonKind.Array && list.Items.Count >= layers.Count && list.Items.All(item => item.TryGetInteger(out long turn) && turn is 0 or 1))
            return layers.Select(layer => list.Items[layer].TryGetInteger(out long turn) && turn == 1).ToList();
        c.Wrong($"no_rope_layers is {Text.Short(list.Show())}, but must be a list of 0 and 1 (1: the layer turns), {Text.Of(layers.Count)} or more");
        return layers.Select(_ => true).ToList();
    }
}
