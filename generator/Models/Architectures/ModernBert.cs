using AttnGen.Generator.Json;
using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>ModernBERT (Warner et al. 2024, arXiv:2412.13663): pre-norm, rotary positions, gated feed-forward networks, and local attention in two layers of three.</summary>
internal static class ModernBert
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["modernbert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "model.",
        Probe = "embeddings.tok_embeddings.weight",
        Layer = "layers.{0}.",
        Body = ["embeddings.", "layers.", "final_norm."],
        Unused = ["layers.*.rotary_emb.inv_freq"],
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var d = c.Size("hidden_size", 768);
        var layers = c.Size("num_hidden_layers", 22, maximum: Limits.Layers);
        var heads = c.Heads("num_attention_heads", 12, d, "hidden_size");
        var f = c.Size("intermediate_size", 1152);
        double epsilon = c.Epsilon("norm_eps", 1e-5);
        string activation = c.Activation("hidden_activation", "gelu");
        Switch normBias = c.Flag("norm_bias", false), attentionBias = c.Flag("attention_bias", false), mlpBias = c.Flag("mlp_bias", false);
        var vocabulary = c.Vocabulary(50368);
        int tokens = c.Integer("max_position_embeddings", 8192, 1, Limits.Tokens);
        int pad = c.PadToken(Math.Min(50283, vocabulary.Size - 1), vocabulary);
        int local = c.Integer("local_attention", 128, 1, Limits.Tokens);
        c.MustBeHeadDim(d, heads);
        if (c["sliding_window"] is not null && c.Integer("sliding_window", local / 2, 1, Limits.Tokens) is var half && half != local / 2)
            c.Unsupported($"sliding_window {Text.Of(half)} is not supported beside local_attention {Text.Of(local)}; supported is {Text.Of(local / 2)}: versions of transformers differ in which of the two they go by");
        var (isLocal, globalTheta, localTheta) = Rope(c, layers.Size);
        if (!c.HasProblems && d.Size / heads.Size % 2 != 0)
            c.Wrong($"hidden_size {d.Size} with num_attention_heads {heads.Size} makes heads of {d.Size / heads.Size}, but rotary positions turn pairs of features");

        string p = m.Prefix;
        m.Whole(p + "embeddings.tok_embeddings.weight", 0, vocabulary, d);
        var input = new TokenInputSpec(vocabulary.Size, d.Size, p + "embeddings.tok_embeddings.weight", null, null, m.Norm(p + "embeddings.norm", d, epsilon, normBias), null);
        string layer = m.Layer;
        int n = layers.Size;
        LinearTensors Qkv(int part) => m.MapRows(layer + "attn.Wqkv", d, d, part * d.Size, 3 * d, attentionBias, n);
        LinearTensors Wi(int part) => m.MapRows(layer + "mlp.Wi", d, f, part * f.Size, 2 * f, mlpBias, n);
        var sizes = new EncoderSizes(layers, d, heads, f, activation, epsilon);
        var attention = new AttentionPart(
            Attention(sizes, tokens, PositionKind.RotaryHalf, globalTheta), new(Qkv(0), Qkv(1), Qkv(2), m.Map(layer + "attn.Wo", d, d, attentionBias, n)));
        var attentionNorm = m.Norm(layer + "attn_norm", d, epsilon, normBias, n, skippedLayers: 1);
        var feedForward = new FeedForwardPart(new(Wi(0), Wi(1), m.Map(layer + "mlp.Wo", f, d, mlpBias, n)), activation);
        var feedForwardNorm = m.Norm(layer + "mlp_norm", d, epsilon, normBias, n);
        var stack = new StackSpec(
            n, n, new[] { StageSpec.Of(attention, attentionNorm, normFirst: true), StageSpec.Of(feedForward, feedForwardNorm, normFirst: true) }.ToEquatable(),
            isLocal.Any(l => l) ? isLocal.Select(l => new LayerSpec(l ? local / 2 + 1 : 0, l ? localTheta : globalTheta)).ToEquatable() : EquatableArray<LayerSpec>.Empty,
            m.Norm(p + "final_norm", d, epsilon, normBias), LastStateIsNormed: true);

        var classifierBias = c.Flag("classifier_bias", false);
        string classifierActivation = c.Activation("classifier_activation", "gelu");
        OutputStage[] Prediction() => [Map(m.Map("head.dense", d, d, classifierBias), classifierActivation), Norm(m.Norm("head.norm", d, epsilon, normBias))];
        OutputSpec Words()
        {
            var map = c.Flag("decoder_bias", true) is { On: false } unbiased
                ? c.Flag("tie_word_embeddings", true) ? LinearTensors.Of(new(input.Table, 0, vocabulary.Size), null, d.Size, vocabulary.Size) : m.Map("decoder", d, vocabulary, unbiased)
                : Vocabulary(m, input.Table, vocabulary, d, "decoder", "decoder.bias");
            return Head(StatesRead.EveryToken, vocabulary.Size, [.. Prediction(), Map(map)]);
        }

        OutputSpec Classes(StatesRead from, Dim classes) => Head(from, classes.Size, [.. Prediction(), Map(m.Map("classifier", d, classes))]);
        var outputs = OfClass(
            m, "ModernBert",
            new("Model", () => Outputs.None),
            new("ForMaskedLM", () => new(ModelTask.MaskedLanguageModel, Words())),
            new("ForSequenceClassification", () => new(ModelTask.SequenceClassification, Classes(c.Choice("classifier_pooling", "cls", "cls", "mean") == "mean" ? StatesRead.Mean : StatesRead.FirstToken, Labels(c)))),
            new("ForTokenClassification", () => new(ModelTask.TokenClassification, Classes(StatesRead.EveryToken, Labels(c)))),
            new("ForQuestionAnswering", () => new(ModelTask.QuestionAnswering, Classes(StatesRead.EveryToken, 2))));
        return new(input, stack, "num_hidden_layers", outputs, pad);
    }

    /// <summary>Which layers are local, and the two bases, in the keys of transformers 4 and 5.</summary>
    private static (bool[] IsLocal, double Global, double Local) Rope(ConfigReader c, int layers)
    {
        int every = c.Integer("global_attn_every_n_layers", 3, 1, Limits.Layers);
        var isLocal = Enumerable.Range(0, layers).Select(layer => layer % every != 0).ToArray();
        if (c["layer_types"] is { } types)
        {
            if (types.Kind != JsonKind.Array)
                c.Wrong($"layer_types is {types.Show()}, but must be a list of 'full_attention' and 'sliding_attention'");
            else if (types.Items.Count != layers)
                c.Wrong($"layer_types has {Text.Of(types.Items.Count)} entries, but num_hidden_layers is {Text.Of(layers)}");
            else if (types.Items.FirstOrDefault(t => t is not { Kind: JsonKind.String, Text: "full_attention" or "sliding_attention" }) is { } other)
                c.Unsupported($"layer_types {other.Show()} is not supported; supported are 'full_attention', 'sliding_attention'");
            else
                isLocal = types.Items.Select(t => t.Text == "sliding_attention").ToArray();
        }

        double global = c.Number("rope_theta", c.Number("global_rope_theta", 160000)), local = c.Number("local_rope_theta", 10000);
        if (c.IsNull("local_rope_theta"))
            local = global; // null: the same base everywhere
        if (c.Object("rope_parameters") is { } rope)
        {
            if (rope["full_attention"] is null && rope["sliding_attention"] is null && rope.Members.Count > 0)
                c.Unsupported($"rope_parameters {rope.Show()} is not supported; supported is an object with 'full_attention' and 'sliding_attention'");
            global = Theta("full_attention", global);
            local = Theta("sliding_attention", local);

            double Theta(string kind, double fallback)
            {
                if (rope[kind] is not { } own)
                    return fallback;
                if (own.Kind != JsonKind.Object)
                    c.Wrong($"rope_parameters.{kind} is {own.Show()}, but must be an object");
                Default(own, $"rope_parameters.{kind}");
                return c.Number(own["rope_theta"], $"rope_parameters.{kind}.rope_theta", fallback);
            }
        }

        if (c.Object("rope_scaling") is { } scaling)
        {
            Default(scaling, "rope_scaling");
            if (scaling["rope_theta"] is { } theta)
                c.Unsupported($"rope_scaling.rope_theta {theta.Show()} is not supported; supported are bases in rope_parameters, or global_rope_theta and local_rope_theta");
        }

        return (isLocal, global, local);

        void Default(JsonValue own, string where)
        {
            if ((own["rope_type"] ?? own["type"]) is { } type && type is not { Kind: JsonKind.String, Text: "default" })
                c.Unsupported($"{where}.{(own["rope_type"] is null ? "type" : "rope_type")} {type.Show()} is not supported; supported is \"default\"");
        }
    }
}
