namespace AttnGen.Generator.Models;

/// <summary>The names of a layer's parts, after the layer's prefix.</summary>
internal sealed record LayerNames(string Query, string Key, string Value, string Output, string AttentionNorm, string In, string Out, string OutputNorm)
{
    /// <summary>BERT's, which RoBERTa and ELECTRA share.</summary>
    public static LayerNames Bert { get; } = new(
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
        "intermediate.dense", "output.dense", "output.LayerNorm");
}

/// <summary>The sizes that every encoder's config.json gives.</summary>
internal sealed record EncoderSizes(Dim Layers, Dim Hidden, Dim Heads, Dim FeedForward, string Activation, double Epsilon);

/// <summary>What encoders have in common, for the descriptions of architectures.</summary>
internal static class EncoderParts
{
    /// <summary>The sizes under BERT's keys.</summary>
    public static EncoderSizes Sizes(ConfigReader c, int hidden = 768, int heads = 12, int feedForward = 3072, string activation = "gelu", double epsilon = 1e-12)
    {
        var width = c.Size("hidden_size", hidden);
        var sizes = new EncoderSizes(
            c.Size("num_hidden_layers", 12, maximum: Limits.Layers), width, c.Heads("num_attention_heads", heads, width, "hidden_size"),
            c.Size("intermediate_size", feedForward), c.Activation("hidden_act", activation), c.Epsilon("layer_norm_eps", epsilon));
        c.MustBeHeadDim(width, sizes.Heads);
        return sizes;
    }

    /// <summary>Attention of a whole encoder: every token sees every token, or, causal, itself and those before it.</summary>
    public static AttentionSpec Attention(EncoderSizes s, int maxTokens, PositionKind position = PositionKind.None, double theta = 10000, bool causal = false)
    {
        int dim = Math.Max(1, s.Hidden.Size / s.Heads.Size);
        var score = new ScoreSpec(causal, Window: 0, 1 / Math.Sqrt(dim), Softcap: 0, position, position == PositionKind.None ? 0 : dim, theta, QkNormKind.None);
        return new(Projections: true, s.Hidden.Size, s.Heads.Size, s.Heads.Size, dim, dim, s.Hidden.Size, s.Hidden.Size, Bias: true, BiasKv: false, ZeroAttn: false, maxTokens, score);
    }

    /// <summary>Attention whose heads together may be wider or narrower than the layers, without what is between its projections.</summary>
    public static AttentionSpec Attention(Dim d, Dim heads, int headDim, int maxTokens, ScoreSpec score) =>
        new(Projections: true, d.Size, heads.Size, heads.Size, headDim, headDim, d.Size, d.Size, Bias: false, BiasKv: false, ZeroAttn: false, maxTokens, score);

    /// <summary>A stack of layers; the architecture's row says where they are.</summary>
    public static StackSpec Stack(
        ModelDraft m, EncoderSizes s, LayerNames names, int maxTokens, bool normFirst = false, Switch? qkvBias = null, int stored = 0, RelativeBiasSpec? relative = null, NormTensors? finalNorm = null, bool causal = false)
    {
        int files = stored == 0 ? s.Layers.Size : stored;
        string p = m.Layer;
        LinearTensors Map(string name, Dim inputs, Dim outputs, Switch? bias = null) => m.Map(p + name, inputs, outputs, bias, files);
        var attention = new AttentionPart(
            Attention(s, maxTokens, causal: causal),
            new(Map(names.Query, s.Hidden, s.Hidden, qkvBias), Map(names.Key, s.Hidden, s.Hidden, qkvBias), Map(names.Value, s.Hidden, s.Hidden, qkvBias), Map(names.Output, s.Hidden, s.Hidden)),
            relative);
        var attentionNorm = m.Norm(p + names.AttentionNorm, s.Hidden, s.Epsilon, layers: files);
        var feedForward = new FeedForwardPart(new(Map(names.In, s.Hidden, s.FeedForward), null, Map(names.Out, s.FeedForward, s.Hidden)), s.Activation);
        var outputNorm = m.Norm(p + names.OutputNorm, s.Hidden, s.Epsilon, layers: files);
        return new(
            s.Layers.Size, files, new[] { StageSpec.Of(attention, attentionNorm, normFirst), StageSpec.Of(feedForward, outputNorm, normFirst) }.ToEquatable(),
            EquatableArray<LayerSpec>.Empty, finalNorm, LastStateIsNormed: false);
    }

    /// <summary>Words, positions and segments under BERT's names.</summary>
    public static TokenInputSpec Tokens(ModelDraft m, Dim vocabulary, Dim width, double epsilon, Dim positions, int padId, bool skipsPadding, Dim? types)
    {
        string p = m.Prefix + "embeddings.";
        m.Whole(p + "word_embeddings.weight", 0, vocabulary, width);
        m.Whole(p + "position_embeddings.weight", 0, positions, width);
        if (types is { } segments)
            m.Whole(p + "token_type_embeddings.weight", 0, segments, width);
        return new(
            vocabulary.Size, width.Size, p + "word_embeddings.weight",
            new(p + "position_embeddings.weight", positions.Size, skipsPadding ? padId + 1 : 0, skipsPadding, padId),
            types is { } count ? new(p + "token_type_embeddings.weight", count.Size) : null,
            m.Norm(p + "LayerNorm", width, epsilon), null);
    }

    /// <summary>Positions that start after the padding id: how many are left for tokens.</summary>
    public static int TokensAfterPadding(ConfigReader c, Dim positions, int padId)
    {
        int tokens = positions.Size - padId - 1;
        if (tokens >= 1)
            return tokens;
        c.Wrong($"{positions.From} leaves no position: they start after pad_token_id={Text.Of(padId)}");
        return 1;
    }

    // ---- heads ----

    public static OutputStage Map(LinearTensors map, string activation = "None") => new(map, activation, null);

    public static OutputStage Norm(NormTensors norm) => new(null, "None", norm);

    public static OutputSpec Head(StatesRead input, int size, params OutputStage[] stages) => new(input, stages.ToEquatable(), size);

    /// <summary>The number of classes: the length of id2label, or num_labels, or 2.</summary>
    public static Dim Labels(ConfigReader c)
    {
        if (c.Object("id2label") is not { } labels)
            return c.Size("num_labels", 2);
        int count = labels.Members.Select(label => label.Key).Distinct().Count();
        if (count == 0)
            c.Wrong("id2label is {}, but must name at least one class");
        return new(Math.Max(count, 1), $"id2label of {Text.Of(count)}");
    }

    /// <summary>A masked-language-model head's last map: the table of words again, or, untied, a tensor of its own; and a bias.</summary>
    public static LinearTensors Vocabulary(ModelDraft m, string table, Dim vocabulary, Dim width, string decoder, string bias)
    {
        string weight = table;
        if (m.Config.Flag("tie_word_embeddings", true) is { On: false } untied)
        {
            weight = decoder + ".weight";
            m.Whole(weight, untied, vocabulary, width);
        }

        // One tensor under two names; a file keeps either.
        if (!m.Has(bias) && m.Has(decoder + ".bias"))
            bias = decoder + ".bias";
        m.Whole(bias, 0, vocabulary);
        return LinearTensors.Of(new(weight, 0, vocabulary.Size), new(bias, 0, vocabulary.Size), width.Size, vocabulary.Size);
    }

    /// <summary>BERT's pooler, a map and tanh on the first token; null in a file without one.</summary>
    public static OutputSpec? PoolerIfThere(ModelDraft m, Dim d) => m.Has(m.Pooler + ".weight") ? Pooler(m, d) : null;

    /// <summary>The same where a head needs it.</summary>
    public static OutputSpec Pooler(ModelDraft m, Dim d) => Head(StatesRead.FirstToken, d.Size, Map(m.Map(m.Pooler, d, d), "Tanh"));

    // ---- classes ----

    /// <summary>The outputs of the class that config.json names; none names the base model, which is the first. A class that is not among them is refused.</summary>
    public static Outputs OfClass(ModelDraft m, string family, params ModelClass[] classes)
    {
        var found = m.ClassName.Length == 0 ? classes[0] : classes.FirstOrDefault(candidate => m.ClassName == family + candidate.Ending);
        if (found is not null)
            return found.Read();
        m.Config.Unsupported($"architectures ['{Text.Short(m.ClassName)}'] is not supported; supported are {string.Join(", ", classes.Select(known => $"'{family}{known.Ending}'"))}");
        return Outputs.None;
    }

    /// <summary>Each token's word, under RoBERTa's names.</summary>
    public static ModelClass MaskedLanguageModel(ModelDraft m, Dim d, EncoderSizes sizes, string table, Dim vocabulary) => new("ForMaskedLM", () =>
        new(ModelTask.MaskedLanguageModel, Head(StatesRead.EveryToken, vocabulary.Size,
            Map(m.Map("lm_head.dense", d, d), "Gelu"), Norm(m.Norm("lm_head.layer_norm", d, sizes.Epsilon)),
            Map(Vocabulary(m, table, vocabulary, d, "lm_head.decoder", "lm_head.bias")))));

    /// <summary>A text's classes, in one map of the pooler's output.</summary>
    public static Outputs PooledClasses(ModelDraft m, Dim d, OutputSpec pooler, string name, Dim classes) =>
        new(ModelTask.SequenceClassification, Head(StatesRead.FirstToken, classes.Size, pooler.Stages[0], Map(m.Map(name, d, classes))), pooler);

    /// <summary>A text's classes from its first token, in two maps.</summary>
    public static ModelClass SequenceClassification(ModelDraft m, Dim d, string first, string activation, string second) => new("ForSequenceClassification", () =>
    {
        var labels = Labels(m.Config);
        return new(ModelTask.SequenceClassification, Head(StatesRead.FirstToken, labels.Size, Map(m.Map(first, d, d), activation), Map(m.Map(second, d, labels))));
    });

    /// <summary>Each token's classes.</summary>
    public static ModelClass TokenClassification(ModelDraft m, Dim d) => new("ForTokenClassification", () =>
    {
        var labels = Labels(m.Config);
        return new(ModelTask.TokenClassification, Head(StatesRead.EveryToken, labels.Size, Map(m.Map("classifier", d, labels))));
    });

    /// <summary>Two numbers a token: whether the answer starts or ends there.</summary>
    public static ModelClass QuestionAnswering(ModelDraft m, Dim d) => new("ForQuestionAnswering", () =>
        new(ModelTask.QuestionAnswering, Head(StatesRead.EveryToken, 2, Map(m.Map("qa_outputs", d, 2)))));
}
