namespace AttnGen.Generator.Models;

/// <summary>The sizes that most decoders' config.json give.</summary>
internal sealed record DecoderSizes(Dim Layers, Dim Hidden, Dim Heads, Dim KvHeads, Dim HeadDim, Dim FeedForward, Dim Vocabulary, int Positions)
{
    /// <summary>All query heads together.</summary>
    public Dim Queries => new(Heads.Size * HeadDim.Size, $"{Heads.From}·({HeadDim.From})");

    /// <summary>All key heads together.</summary>
    public Dim Keys => new(KvHeads.Size * HeadDim.Size, $"{KvHeads.From}·({HeadDim.From})");

    /// <summary>Queries, keys and values in one map.</summary>
    public Dim Fused => new((Heads.Size + 2 * KvHeads.Size) * HeadDim.Size, $"({Heads.From} + 2·{KvHeads.From})·({HeadDim.From})");
}

/// <summary>What decoders have in common, for the descriptions of architectures.</summary>
internal static class DecoderParts
{
    /// <summary>The sizes under Llama's keys.</summary>
    public static DecoderSizes Sizes(ConfigReader c, int vocabulary, int hidden = 4096, int layers = 32, int heads = 32, int feedForward = 11008, int positions = 2048, int kvHeads = 0, int headDim = 0)
    {
        var d = c.Size("hidden_size", hidden);
        var count = c.Size("num_attention_heads", heads, maximum: Limits.Heads);
        // null is not the default, but as many as there are queries.
        var kv = c["num_key_value_heads"] is null && (kvHeads == 0 || c.IsNull("num_key_value_heads")) ? count : c.Size("num_key_value_heads", kvHeads == 0 ? count.Size : kvHeads, maximum: Limits.Heads);
        Grouped(c, count, kv, "num_attention_heads", "num_key_value_heads");
        return new(
            c.Size("num_hidden_layers", layers, maximum: Limits.Layers), d, count, kv, HeadDim(c, d, count, headDim), c.Size("intermediate_size", feedForward), c.Vocabulary(vocabulary),
            c.Integer("max_position_embeddings", positions, 1, Limits.Tokens));
    }

    /// <summary>Query heads share key heads evenly.</summary>
    public static void Grouped(ConfigReader c, Dim heads, Dim kvHeads, string headsKey, string kvKey)
    {
        if (!c.HasProblems && heads.Size % kvHeads.Size != 0)
            c.Wrong($"{headsKey} {Text.Of(heads.Size)} is not a multiple of {kvKey} {Text.Of(kvHeads.Size)}");
    }

    /// <summary>The size of a head: head_dim, or the width divided by the heads.</summary>
    public static Dim HeadDim(ConfigReader c, Dim d, Dim heads, int fallback = 0)
    {
        if (c["head_dim"] is not null || fallback > 0)
            return c.Size("head_dim", fallback == 0 ? 1 : fallback, maximum: Limits.HeadDim);
        if (!c.HasProblems && d.Size % heads.Size != 0)
            c.Wrong($"hidden_size {Text.Of(d.Size)} is not a multiple of num_attention_heads {Text.Of(heads.Size)}");
        else if (!c.HasProblems && d.Size / heads.Size > Limits.HeadDim)
            c.Wrong($"hidden_size {Text.Of(d.Size)} with num_attention_heads {Text.Of(heads.Size)} makes heads of {Text.Of(d.Size / heads.Size)}, but the limit is {Text.Of(Limits.HeadDim)}");
        return new(Math.Max(1, d.Size / heads.Size), $"{d.From}/{heads.From}");
    }

    /// <summary>The size of a head where it is the width divided by the heads, which has been checked.</summary>
    public static Dim HeadOf(Dim d, Dim heads) => new(Math.Max(1, d.Size / heads.Size), $"{d.From}/{heads.From}");

    /// <summary>A key beside another one that says the same: a value of its own is refused, because versions of transformers differ in which of the two they go by.</summary>
    public static void Same(ConfigReader c, string key, string other, double value)
    {
        if (c[key] is not null && !c.HasProblems && c.Number(key, value) is var found && found != value)
            c.Unsupported($"{key} {Text.Of(found)} is not supported beside {other} {Text.Of(value)}; supported is the same number: versions of transformers differ in which of the two they go by");
    }

    /// <summary>Scores of a causal attention.</summary>
    public static ScoreSpec Score(DecoderSizes s, Rope? rope = null, double scale = 0, int window = 0, double softcap = 0, PositionKind position = PositionKind.RotaryHalf) =>
        new(Causal: true, window, scale == 0 ? 1 / Math.Sqrt(s.HeadDim.Size) : scale, softcap, rope is null && position == PositionKind.RotaryHalf ? PositionKind.None : position, rope?.Dim ?? 0, rope?.Theta ?? 10000, QkNormKind.None);

    /// <summary>Attention of these sizes.</summary>
    public static AttentionSpec Attention(DecoderSizes s, ScoreSpec score) => new(
        Projections: true, s.Hidden.Size, s.Heads.Size, s.KvHeads.Size, s.HeadDim.Size, s.HeadDim.Size, s.Hidden.Size, s.Hidden.Size, Bias: false, BiasKv: false, ZeroAttn: false,
        Math.Min(s.Positions, Limits.Tokens), score);

    /// <summary>Maps of attention under Llama's names.</summary>
    public static AttentionTensors Projections(ModelDraft m, DecoderSizes s, Switch qkvBias, Switch outputBias, HeadTensors? heads = null, string output = "o_proj")
    {
        LinearTensors Map(string name, Dim inputs, Dim outputs, Switch bias) => m.Map(m.Layer + "self_attn." + name, inputs, outputs, bias, s.Layers.Size);
        return new(
            Map("q_proj", s.Hidden, s.Queries, qkvBias), Map("k_proj", s.Hidden, s.Keys, qkvBias), Map("v_proj", s.Hidden, s.Keys, qkvBias),
            Map(output, s.Queries, s.Hidden, outputBias), heads);
    }

    /// <summary>Queries, keys and values in one map, where each head of keys stands after the queries that share it: of one head of keys for each of queries, q, k and v take turns; of one for all, they follow each other.</summary>
    public static AttentionTensors InTurn(ModelDraft m, DecoderSizes s, string fused, string output, Switch qkvBias, Switch outputBias)
    {
        int size = s.HeadDim.Size, own = s.Heads.Size / Math.Max(1, s.KvHeads.Size) * size, stride = own + 2 * size, n = s.Layers.Size;
        LinearTensors Part(Dim outputs, int first, int group) => m.MapGroups(m.Layer + fused, s.Hidden, outputs, first, group, stride, s.Fused, qkvBias, n);
        return new(Part(s.Queries, 0, own), Part(s.Keys, own, size), Part(s.Keys, own + size, size), m.Map(m.Layer + output, s.Queries, s.Hidden, outputBias, n));
    }

    /// <summary>A feed-forward network with a gate, under Llama's names.</summary>
    public static FeedForwardPart Gated(ModelDraft m, DecoderSizes s, string activation, Switch bias)
    {
        LinearTensors Map(string name, Dim inputs, Dim outputs) => m.Map(m.Layer + "mlp." + name, inputs, outputs, bias, s.Layers.Size);
        return new(new(Map("gate_proj", s.Hidden, s.FeedForward), Map("up_proj", s.Hidden, s.FeedForward), Map("down_proj", s.FeedForward, s.Hidden)), activation);
    }

    /// <summary>A feed-forward network of two maps.</summary>
    public static FeedForwardPart Plain(ModelDraft m, DecoderSizes s, string first, string second, string activation, Switch? bias = null) => new(
        new(m.Map(m.Layer + first, s.Hidden, s.FeedForward, bias, s.Layers.Size), null, m.Map(m.Layer + second, s.FeedForward, s.Hidden, bias, s.Layers.Size)), activation);

    /// <summary>A stage of several branches, which read the same h.</summary>
    public static StageSpec Together(params BranchSpec[] branches) => new(branches.ToEquatable());

    /// <summary>The layers of a decoder.</summary>
    public static StackSpec Stack(DecoderSizes s, NormTensors? final, IEnumerable<StageSpec> stages, Rope? rope = null, IEnumerable<LayerSpec>? varies = null) =>
        new(s.Layers.Size, s.Layers.Size, stages.ToEquatable(), (varies ?? []).ToEquatable(), final, LastStateIsNormed: true)
        {
            KeepsKeys = true,
            Angles = rope is null ? EquatableArray<AnglesSpec>.Empty : new[] { rope.Angles }.ToEquatable(),
        };

    /// <summary>Each layer's window, where layers differ: layer_types, or what the architecture says of a layer.</summary>
    /// <param name="c">The file.</param>
    /// <param name="s">The sizes.</param>
    /// <param name="window">The window; 0: none.</param>
    /// <param name="slides">Whether a layer has it, where the file does not say.</param>
    public static List<bool> Slides(ConfigReader c, DecoderSizes s, int window, Func<int, bool> slides)
    {
        var layers = Enumerable.Range(0, s.Layers.Size);
        if (c["layer_types"] is not { } types)
            return layers.Select(layer => window > 0 && slides(layer)).ToList();
        if (types.Kind != Json.JsonKind.Array || types.Items.Count != s.Layers.Size || types.Items.Any(type => type.Kind != Json.JsonKind.String))
        {
            c.Wrong($"layer_types is {Text.Short(types.Show())}, but must be a list of {Text.Of(s.Layers.Size)} strings, one a layer");
            return layers.Select(_ => false).ToList();
        }

        if (types.Items.FirstOrDefault(type => type.Text is not ("full_attention" or "sliding_attention")) is { } other)
            c.Unsupported($"layer_types '{Text.Short(other.Text)}' is not supported; supported are 'full_attention', 'sliding_attention'");
        if (window == 0 && !c.HasProblems && types.Items.Any(type => type.Text == "sliding_attention"))
            c.Wrong("layer_types has 'sliding_attention', but sliding_window gives no window");
        return types.Items.Select(type => type.Text == "sliding_attention").ToList();
    }

    /// <summary>Windows of layers: one for all, or a list that says which have it.</summary>
    public static (int All, IEnumerable<LayerSpec>? Varies) Windows(List<bool> slides, int window, double theta = 10000) =>
        slides.All(slide => slide) ? (window, null) : slides.Any(slide => slide) ? (0, slides.Select(slide => new LayerSpec(slide ? window : 0, theta))) : (0, null);

    /// <summary>sliding_window; null and 0 are none.</summary>
    public static int Window(ConfigReader c, int fallback = 0) => c.IsNull("sliding_window") ? 0 : c.Integer("sliding_window", fallback, 0, int.MaxValue);

    /// <summary>A language model's logits: the table of words again, or a map of their own. Null: the file holds the base model alone.</summary>
    public static Outputs Language(ModelDraft m, DecoderSizes s, string table, Switch tied, string head = "lm_head", Switch? bias = null, double scale = 1, double softcap = 0,
        LinearTensors? before = null)
    {
        string weight = table;
        if (!m.Ties(tied, head + ".weight"))
        {
            weight = head + ".weight";
            m.Whole(weight, tied, s.Vocabulary, s.Hidden);
        }

        var biased = bias is { On: true } ? m.Vector(head + ".bias", s.Vocabulary) : null;
        var map = LinearTensors.Of(new(weight, 0, s.Vocabulary.Size), biased, s.Hidden.Size, s.Vocabulary.Size);
        return new(ModelTask.LanguageModel, EncoderParts.Head(StatesRead.EveryToken, s.Vocabulary.Size, before is null ? [EncoderParts.Map(map)] : [EncoderParts.Map(before), EncoderParts.Map(map)]) with { Scale = scale, Softcap = softcap });
    }

    /// <summary>The whole: words, layers, outputs.</summary>
    public static TransformerParts Model(
        ModelDraft m, DecoderSizes s, string table, StackSpec stack, Outputs outputs, Rope? rope = null, PositionTableSpec? positions = null, NormTensors? norm = null, double scale = 1,
        int pad = -1, Dim? words = null, LinearTensors? into = null)
    {
        var input = new TokenInputSpec(s.Vocabulary.Size, (words ?? s.Hidden).Size, table, positions, null, norm, into) { Scale = scale };
        int limit = rope is { Limit: > 0 } ? Math.Min(rope.Limit, s.Positions) : s.Positions;
        return new(input, stack.WithMaxTokens(limit), "num_hidden_layers", outputs, m.Config.PadToken(Math.Min(pad, s.Vocabulary.Size - 1), s.Vocabulary)) { Beyond = rope?.Beyond ?? "" };
    }

    /// <summary>The classes of a decoder: a language model under a name, or the base model. A file without the base model's prefix and without the head is the base model, whatever config.json says.</summary>
    public static Outputs OfClass(ModelDraft m, string family, string language, Switch tied, Func<Outputs> read, string head = "lm_head.weight", string model = "Model", ModelClass? more = null) => EncoderParts.OfClass(
        m, family, [
            new(model, () => Outputs.None),
            new(language, () => tied || m.Prefix.Length > 0 || m.Has(head) ? read() : Outputs.None),
            .. more is null ? [] : new[] { more }]);

    /// <summary>A text's classes, in one map of its last token.</summary>
    public static ModelClass Classes(ModelDraft m, DecoderSizes s) => new("ForSequenceClassification", () =>
    {
        var labels = EncoderParts.Labels(m.Config);
        return new(ModelTask.SequenceClassification, EncoderParts.Head(StatesRead.LastToken, labels.Size, EncoderParts.Map(m.Map("score", s.Hidden, labels, false))));
    });
}
