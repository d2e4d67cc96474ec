using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>
/// T5 (Raffel et al. 2019, arXiv:1910.10683), mT5 (Xue et al. 2020, arXiv:2010.11934) and umT5 (Chung et al. 2023, arXiv:2304.09151):
/// pre-norm without means and biases, scores that are not scaled, and a bias by relative position, of the first layer for all or, in umT5, of each layer.
/// </summary>
internal static class T5
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["t5", "mt5", "umt5"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "transformer.", // of the token classifier, which alone keeps the encoder inside
        Probe = "encoder.block.0.layer.0.SelfAttention.q.weight",
        Layer = "encoder.block.{0}.",
        Body = ["shared.", "encoder."],
        // One tensor under several names, of which a file keeps any; and a table of the first checkpoints that nothing reads.
        Unused = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight", "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"],
        EncoderEndings = ["EncoderModel", "ForTokenClassification"],
        DecoderEndings = ["ForConditionalGeneration", "WithLMHeadModel", "Model"],
        DecoderBody = ["decoder.", "lm_head."],
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string type = c.Word("model_type", "t5"), family = type == "t5" ? "T5" : type == "mt5" ? "MT5" : "UMT5";
        bool first = type == "t5";
        // Each of these has BERT's key, too; where both are given, that one counts (the configuration's attribute_map sets it last).
        var d = c.Size(c.Either("hidden_size", "d_model"), 512);
        var layers = c.Size(c.Either("num_hidden_layers", "num_layers"), first ? 6 : 8, maximum: Limits.Layers);
        var heads = c.Size(c.Either("num_attention_heads", "num_heads"), first ? 8 : 6, maximum: Limits.Heads);
        var headDim = c.Size(c.Either("head_dim", "d_kv"), 64, maximum: Limits.HeadDim);
        var f = c.Size("d_ff", first ? 2048 : 1024);
        double epsilon = c.Epsilon("layer_norm_epsilon", 1e-6);
        var vocabulary = c.Vocabulary(first ? 32128 : 250112);
        int pad = c.PadToken(0, vocabulary);
        var (activation, gated) = FeedForward(c, first ? "relu" : "gated-gelu");
        var decoderLayers = c["num_decoder_layers"] is null ? layers : c.Size("num_decoder_layers", layers.Size, maximum: Limits.Layers);
        int start = c.Integer("decoder_start_token_id", pad, -1, vocabulary.Size - 1);
        var buckets = c.Size("relative_attention_num_buckets", 32, maximum: 1 << 16);
        int far = c.Integer("relative_attention_max_distance", 128, 1, 1 << 24), usual = c.Integer("n_positions", 512, 1, Limits.Tokens);
        // Half of the buckets are for each side, and half of those for near distances one by one; a logarithm shares out the rest up to the distance.
        if (!c.HasProblems && buckets.Size < 4)
            c.Unsupported($"relative_attention_num_buckets {Text.Of(buckets.Size)} is not supported; supported are 4 and more");
        else if (!c.HasProblems && far <= buckets.Size / 4)
            c.Unsupported($"relative_attention_max_distance {Text.Of(far)} is not supported beside relative_attention_num_buckets {Text.Of(buckets.Size)}; supported are more than {Text.Of(buckets.Size / 4)}, up to which each distance has a bucket");
        var inner = new Dim(heads.Size * headDim.Size, $"{heads.From}·({headDim.From})");
        if (!c.HasProblems && inner.Size > Limits.Width)
            c.Wrong($"{inner.From} is {Text.Of(inner.Size)}, but the limit of all heads together is {Text.Of(Limits.Width)}");

        string p = m.Prefix, layer = m.Layer;
        int n = layers.Size;
        string table = p + (m.Has(p + "shared.weight") || !m.Has(p + "encoder.embed_tokens.weight") ? "shared.weight" : "encoder.embed_tokens.weight");
        m.Whole(table, 0, vocabulary, d);
        string attention = layer + "layer.0.SelfAttention.", feedForward = layer + "layer.1.DenseReluDense.";
        LinearTensors Map(string name, Dim inputs, Dim outputs) => m.Map(name, inputs, outputs, bias: false, n);
        string bias = type == "umt5" ? attention + "relative_attention_bias.weight" : attention.Replace("{0}", "0") + "relative_attention_bias.weight";
        m.Whole(bias, type == "umt5" ? n : 0, buckets, heads);
        var score = new ScoreSpec(Causal: false, Window: 0, Scale: 1, Softcap: 0, PositionKind.None, RotaryDim: 0, RopeTheta: 10000, QkNormKind.None);
        var attends = new AttentionPart(
            Attention(d, heads, headDim.Size, Limits.RelativeTokens, score),
            new(Map(attention + "q", d, inner), Map(attention + "k", d, inner), Map(attention + "v", d, inner), Map(attention + "o", inner, d)),
            new(bias, buckets.Size, far));
        var attentionNorm = m.RmsNorm(layer + "layer.0.layer_norm", d, epsilon, n);
        var feeds = new FeedForwardPart(
            new(Map(feedForward + (gated ? "wi_0" : "wi"), d, f), gated ? Map(feedForward + "wi_1", d, f) : null, Map(feedForward + "wo", f, d)), activation);
        var feedForwardNorm = m.RmsNorm(layer + "layer.1.layer_norm", d, epsilon, n);
        var stack = new StackSpec(
            n, n, new[] { StageSpec.Of(attends, attentionNorm, normFirst: true), StageSpec.Of(feeds, feedForwardNorm, normFirst: true) }.ToEquatable(),
            EquatableArray<LayerSpec>.Empty, m.RmsNorm(p + "encoder.final_layer_norm", d, epsilon), LastStateIsNormed: true);
        var input = new TokenInputSpec(vocabulary.Size, d.Size, table, null, null, null, null);
        var outputs = OfClass(
            m, family,
            new("EncoderModel", () => Outputs.None),
            TokenClassification(m, d),
            // With both halves; or of a sentence-transformers folder, which takes the encoder alone. Without a head of its own it is what the class with one makes of the folder.
            new("Model", () => Outputs.None),
            new("ForConditionalGeneration", () => Outputs.None),
            new("WithLMHeadModel", () => Outputs.None));
        var parts = new TransformerParts(input, stack, "num_layers", outputs, pad) { UsualTokens = usual };
        return m.HasDecoder ? parts with { Decoder = Decoder(), Outputs = new(ModelTask.LanguageModel, null) } : parts;

        // Its own bias by relative position looks back only, and only its first attention has it.
        DecoderSpec Decoder()
        {
            int count = decoderLayers.Size;
            var (tied, scales) = T5Head.Of(m, type);
            string block = p + "decoder.block.{0}.layer.", self = block + "0.SelfAttention.", cross = block + "1.EncDecAttention.", feed = block + "2.DenseReluDense.";
            LinearTensors Linear(string name, Dim inputs, Dim outputs) => m.Map(name, inputs, outputs, bias: false, count);
            AttentionTensors Four(string name) => new(Linear(name + "q", d, inner), Linear(name + "k", d, inner), Linear(name + "v", d, inner), Linear(name + "o", inner, d));
            string own = type == "umt5" ? self + "relative_attention_bias.weight" : self.Replace("{0}", "0") + "relative_attention_bias.weight";
            m.Whole(own, type == "umt5" ? count : 0, buckets, heads);
            var reads = new AttentionPart(Attention(d, heads, headDim.Size, Limits.RelativeTokens, score), Four(cross)) { ReadsSource = true };
            var looks = new AttentionPart(
                Attention(d, heads, headDim.Size, Math.Min(usual, Limits.RelativeTokens), score with { Causal = true }), Four(self), new(own, buckets.Size, far) { LooksBack = true });
            var network = new FeedForwardPart(
                new(Linear(feed + (gated ? "wi_0" : "wi"), d, f), gated ? Linear(feed + "wi_1", d, f) : null, Linear(feed + "wo", f, d)), activation);
            NormTensors Normed(int part) => m.RmsNorm(block + Text.Of(part) + ".layer_norm", d, epsilon, count);
            var stages = new[] { StageSpec.Of(looks, Normed(0), normFirst: true), StageSpec.Of(reads, Normed(1), normFirst: true), StageSpec.Of(network, Normed(2), normFirst: true) };
            var layersOf = new StackSpec(count, count, stages.ToEquatable(), EquatableArray<LayerSpec>.Empty, m.RmsNorm(p + "decoder.final_layer_norm", d, epsilon), LastStateIsNormed: true) { KeepsKeys = true };
            string head = tied ? table : "lm_head.weight";
            m.Whole(head, tied, vocabulary, d);
            var logits = Head(StatesRead.EveryToken, vocabulary.Size, EncoderParts.Map(LinearTensors.Of(new(head, 0, vocabulary.Size), null, d.Size, vocabulary.Size)));
            return new(input, layersOf, logits with { Scale = scales ? Math.Pow(d.Size, -0.5) : 1 }, start);
        }
    }

    /// <summary>"relu", "gated-gelu" …: the activation, and whether a second map is multiplied in. The two keys that transformers derives of it win where they are written.</summary>
    private static (string Activation, bool Gated) FeedForward(ConfigReader c, string fallback)
    {
        string projection = c.Word("feed_forward_proj", fallback);
        bool gated = projection.StartsWith("gated-", StringComparison.Ordinal);
        string name = gated ? projection.Substring("gated-".Length) : projection;
        if (projection == "gated-gelu")
            name = "gelu_new";
        if (c["dense_act_fn"] is null && ActivationNames.Find(name) is null)
            c.Unsupported($"feed_forward_proj '{Text.Short(projection)}' is not supported; supported are {ActivationNames.Known}, alone or after 'gated-'");
        string activation = c["dense_act_fn"] is null ? ActivationNames.Find(name) ?? "Relu" : c.Activation("dense_act_fn", name);
        return (activation, c.Flag("is_gated_act", gated));
    }
}
