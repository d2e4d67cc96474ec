using AttnGen.Generator.Json;
using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>
/// NomicBERT (Nussbaum et al. 2024, arXiv:2402.01613): BERT's post-norm layers with rotary positions and gated feed-forward networks. Its checkpoints come with code of
/// their own, whose configuration has GPT-2's keys; transformers 5 has the same model under BERT's keys. The tensors have two spellings, too, with either keys.
/// </summary>
internal static class NomicBert
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["nomic_bert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "bert.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.layers.{0}.",
        Body = ["embeddings.", "emb_ln.", "encoder.", "layers."],
        Unused = ["embeddings.position_ids", "embeddings.token_type_ids", "*.rotary_emb.inv_freq", "rotary_emb.inv_freq"],
        Pooler = "pooler.dense",
        PairsHaveTokenTypes = true,
        HubCode = "hf_nomic_bert.",
        Describe = Describe,
    };

    private static readonly string[] s_hubKeys = ["n_embd", "n_head", "n_layer", "n_inner", "n_positions", "activation_function", "rotary_emb_fraction"];

    /// <summary>What differs between the two codes, read from either's keys.</summary>
    private sealed record Variant(
        bool IsHub, Dim FeedForward, bool Gated, string Activation, string HeadActivation, double Epsilon, Switch QkvBias, Switch Bias1, Switch Bias2, int RotaryDim, bool Interleaved, double Theta, int HeadDim);

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        // Where both are given, BERT's counts (GPT-2's configuration sets it last).
        string width = c.Either("hidden_size", "n_embd");
        var d = c.Size(width, 768);
        var layers = c.Size(c.Either("num_hidden_layers", "n_layer"), 12, maximum: Limits.Layers);
        var heads = c.Heads(c.Either("num_attention_heads", "n_head"), 12, d, width);
        var v = Read(c, d, heads);
        var types = c.Size("type_vocab_size", 2, minimum: 0);
        var vocabulary = Vocabulary(c, v.IsHub ? 50257 : 30528);
        int pad = c.PadToken(v.IsHub ? -1 : 0, vocabulary);
        var trained = c.Size("max_trained_positions", 2048, maximum: Limits.Tokens);
        var positions = c["max_position_embeddings"] is null ? trained : c.Size("max_position_embeddings", 2048, maximum: Limits.Tokens);
        positions = c["n_positions"] is null ? positions : c.Size("n_positions", 2048, maximum: Limits.Tokens);
        double factor = c["rotary_scaling_factor"] is null ? 0 : c.Number("rotary_scaling_factor", 1);
        c.Flag("tie_word_embeddings", true); // the published heads are tied whatever it says
        Refuse(c, heads);
        if (c.HasProblems)
            return null;

        string p = m.Prefix;
        bool oldNames = v.IsHub ? m.Has(p + "emb_ln.weight") || !m.Has(p + "embeddings.LayerNorm.weight") : !m.Has(p + "embeddings.LayerNorm.weight") && m.Has(p + "emb_ln.weight");
        string layer = oldNames ? m.Layer : p + "layers.{0}.";
        int n = layers.Size;
        bool rotary = v.RotaryDim > 0;
        m.Whole(p + "embeddings.word_embeddings.weight", 0, vocabulary, d);
        if (!rotary)
            m.Whole(p + "embeddings.position_embeddings.weight", 0, positions, d);
        if (types.Size > 0)
            m.Whole(p + "embeddings.token_type_embeddings.weight", 0, types, d);
        var input = new TokenInputSpec(
            vocabulary.Size, d.Size, p + "embeddings.word_embeddings.weight",
            rotary ? null : new(p + "embeddings.position_embeddings.weight", positions.Size, 0, SkipsPadding: false, 0),
            types.Size > 0 ? new(p + "embeddings.token_type_embeddings.weight", types.Size) : null,
            m.Norm(p + (oldNames ? "emb_ln" : "embeddings.LayerNorm"), d, v.Epsilon), null);

        var inner = new Dim(heads.Size * v.HeadDim, v.HeadDim * heads.Size == d.Size ? d.From : $"{heads.From}·head_dim={Text.Of(v.HeadDim)}");
        LinearTensors Qkv(int part, string name) => oldNames
            ? m.MapRows(layer + "attn.Wqkv", d, inner, part * inner.Size, 3 * inner, v.QkvBias, n) : m.Map(layer + "self_attn." + name, d, inner, v.QkvBias, n);
        LinearTensors Mlp(string old, string name, Dim inputs, Dim outputs, Switch bias) => m.Map(layer + "mlp." + (oldNames ? old : name), inputs, outputs, bias, n);
        var score = new ScoreSpec(
            Causal: false, Window: 0, 1 / Math.Sqrt(v.HeadDim), Softcap: 0, !rotary ? PositionKind.None : v.Interleaved ? PositionKind.RotaryInterleaved : PositionKind.RotaryHalf, v.RotaryDim, v.Theta, QkNormKind.None);
        int limit = !rotary ? positions.Size : factor > 0 ? trained.Size : Limits.Tokens;
        var attends = new AttentionPart(
            Attention(d, heads, v.HeadDim, limit, score),
            new(Qkv(0, "q_proj"), Qkv(1, "k_proj"), Qkv(2, "v_proj"), m.Map(layer + (oldNames ? "attn.out_proj" : "self_attn.o_proj"), inner, d, v.QkvBias, n)));
        var attentionNorm = m.Norm(layer + (oldNames ? "norm1" : "post_attention_layernorm"), d, v.Epsilon, layers: n);
        // The activation is on the second map of the old names.
        var feeds = new FeedForwardPart(
            new(Mlp(v.Gated ? "fc12" : "fc1", "gate_proj", d, v.FeedForward, v.Bias1), v.Gated ? Mlp("fc11", "up_proj", d, v.FeedForward, v.Bias1) : null, Mlp("fc2", "down_proj", v.FeedForward, d, v.Bias2)), v.Activation);
        var feedForwardNorm = m.Norm(layer + (oldNames ? "norm2" : "post_mlp_layernorm"), d, v.Epsilon, layers: n);
        var stack = new StackSpec(
            n, n, new[] { StageSpec.Of(attends, attentionNorm, normFirst: false), StageSpec.Of(feeds, feedForwardNorm, normFirst: false) }.ToEquatable(),
            EquatableArray<LayerSpec>.Empty, null, LastStateIsNormed: false);

        Outputs Words() => new(ModelTask.MaskedLanguageModel, Head(StatesRead.EveryToken, vocabulary.Size,
            Map(m.Map("cls.predictions.transform.dense", d, d, v.IsHub ? v.Bias1 : true), v.HeadActivation), Norm(m.Norm("cls.predictions.transform.layer_norm", d, v.Epsilon)),
            Map(Decoder())));
        LinearTensors Decoder()
        {
            string bias = v.IsHub || !m.Has("cls.predictions.bias") ? "cls.predictions.decoder.bias" : "cls.predictions.bias";
            if (v.IsHub && !v.Bias1)
                return LinearTensors.Of(new(input.Table, 0, vocabulary.Size), null, d.Size, vocabulary.Size);
            m.Whole(bias, 0, vocabulary);
            return LinearTensors.Of(new(input.Table, 0, vocabulary.Size), new(bias, 0, vocabulary.Size), d.Size, vocabulary.Size);
        }

        var outputs = OfClass(
            m, "NomicBert",
            new("Model", () => Outputs.None with { Pooler = PoolerIfThere(m, d) }),
            new("ForPreTraining", Words),
            new("ForMaskedLM", Words),
            new("ForSequenceClassification", () => PooledClasses(m, d, Pooler(m, d), "classifier", Labels(c))),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, v.IsHub ? "n_layer" : "num_hidden_layers", outputs, pad)
        {
            UsualTokens = rotary ? positions.Size : 0,
            Beyond = rotary && factor > 0 ? $"rotary_scaling_factor {c["rotary_scaling_factor"]!.Show()} turns texts of more than max_trained_positions {Text.Of(trained.Size)} tokens by angles that depend on their length" : "",
        };
    }

    private static Variant Read(ConfigReader c, Dim d, Dim heads)
    {
        bool hub = s_hubKeys.Any(key => c[key] is not null);
        int headDim = c.Integer("head_dim", Math.Max(1, d.Size / heads.Size), 1, Limits.HeadDim);
        var intermediate = c.Size("intermediate_size", 3072);
        string activation = c.Activation("hidden_act", "silu");
        double epsilon = c.Epsilon("layer_norm_eps", 1e-12), hubEpsilon = c.Epsilon("layer_norm_epsilon", 1e-5);
        string function = c.Choice("activation_function", "gelu_new", "gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "swiglu", "geglu", "glu");
        Switch qkv = c.Flag("qkv_proj_bias", true), bias1 = c.Flag("mlp_fc1_bias", true), bias2 = c.Flag("mlp_fc2_bias", true), interleaved = c.Flag("rotary_emb_interleaved", false);
        double fraction = c["rotary_emb_fraction"] is { } given && given.TryGetNumber(out double zero) && zero == 0 ? 0 : c.Number("rotary_emb_fraction", 0);
        double theta = Theta(c, hub);
        var inner = c["n_inner"] is null ? new Dim(0, "") : c.Size("n_inner", 3072);
        if (!hub)
        {
            if (headDim % 2 != 0 && !c.HasProblems)
                c.Wrong($"head_dim {Text.Of(headDim)} is odd, but rotary positions turn pairs of features");
            return new(false, intermediate, true, activation, activation, epsilon, false, false, false, headDim, false, theta, headDim);
        }

        if (!c.HasProblems && headDim != d.Size / heads.Size)
            c.Unsupported($"head_dim {Text.Of(headDim)} is not supported beside n_embd; supported is {Text.Of(d.Size / heads.Size)}: {d.From} divided by {heads.From}");
        double rotated = fraction * headDim;
        if (!c.HasProblems && fraction > 0 && (fraction > 1 || rotated != Math.Floor(rotated) || rotated % 2 != 0))
            c.Unsupported($"rotary_emb_fraction {c["rotary_emb_fraction"]!.Show()} of heads of {Text.Of(headDim)} is not supported; supported is what makes an even number of features, 0 to {Text.Of(headDim)}");
        bool gated = function is "swiglu" or "geglu" or "glu";
        if (inner.Size == 0)
            inner = gated ? new(Math.Max(1, (int)(8L * d.Size / 3)), $"8·{d.From}/3") : 4 * d;
        if (gated && inner.Size % 256 != 0)
        {
            int up = (inner.Size + 255) / 256 * 256;
            inner = new(up, $"{inner.From}, rounded up to a multiple of 256");
        }

        // Without a gate the published layers have the exact GELU, whichever of the four is named; only the head for words has the named one.
        bool approximate = function is "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh";
        return new(
            true, inner, gated, function switch { "swiglu" => "Silu", "glu" => "Sigmoid", _ => "Gelu" }, function == "swiglu" ? "Silu" : approximate ? "GeluTanh" : "Gelu",
            hubEpsilon, qkv, bias1, bias2, c.HasProblems ? 0 : (int)rotated, interleaved, theta, headDim);
    }

    /// <summary>The base of the rotary positions: one key of the hub's code, another of transformers 5, or both with one value.</summary>
    private static double Theta(ConfigReader c, bool hub)
    {
        double native = c.Number("rope_theta", 0);
        if (c.Object("rope_parameters") is { } rope)
        {
            if ((rope["rope_type"] ?? rope["type"]) is { } type && type is not { Kind: JsonKind.String, Text: "default" })
                c.Unsupported($"rope_parameters.{(rope["rope_type"] is null ? "type" : "rope_type")} {type.Show()} is not supported; supported is \"default\"");
            if (rope["partial_rotary_factor"] is { } part && !(part.TryGetNumber(out double all) && all == 1))
                c.Unsupported($"rope_parameters.partial_rotary_factor {part.Show()} is not supported; supported is 1");
            native = c.Number(rope["rope_theta"], "rope_parameters.rope_theta", native);
        }

        c.MustBeEmpty("rope_scaling");
        double own = c.Number("rotary_emb_base", 0);
        if (own > 0 && native > 0 && own != native)
            c.Unsupported($"rotary_emb_base {c["rotary_emb_base"]!.Show()} is not supported beside a rope_theta of {Text.Of(native)}; supported are two of one value: the hub's code goes by the first, transformers 5 by the second");
        return own > 0 ? own : native > 0 ? native : hub ? 10000 : 1000;
    }

    /// <summary>The hub's table of words has rows up to a multiple.</summary>
    private static Dim Vocabulary(ConfigReader c, int fallback)
    {
        var size = c.Vocabulary(fallback);
        int unit = c.Integer("pad_vocab_size_multiple", 1, 1, 1 << 16);
        return size.Size % unit == 0 ? size : new(checked((size.Size + unit - 1) / unit * unit), $"{size.From}, rounded up to a multiple of pad_vocab_size_multiple={Text.Of(unit)}");
    }

    private static void Refuse(ConfigReader c, Dim heads)
    {
        foreach (string key in new[] { "prenorm", "parallel_block", "parallel_block_tied_norm", "use_rms_norm", "causal", "norm_mlp", "rotary_head_dim" })
            c.MustBe(key, false);
        if (c["rotary_emb_scale_base"] is { } scale)
            c.Unsupported($"rotary_emb_scale_base {scale.Show()} is not supported; supported is null");
        int kvHeads = c.Integer("num_heads_kv", heads.Size, 1, Limits.Heads), every = c.Integer("moe_every_n_layers", 0, 0, Limits.Layers);
        if (kvHeads != heads.Size && !c.HasProblems)
            c.Unsupported($"num_heads_kv {Text.Of(kvHeads)} is not supported; supported is the number of heads, {Text.Of(heads.Size)}");
        if (every > 0)
            c.Unsupported($"moe_every_n_layers {Text.Of(every)} (a mixture of experts) is not supported; supported is 0; choose a NomicBERT without experts, such as nomic-embed-text-v1.5");
    }
}
