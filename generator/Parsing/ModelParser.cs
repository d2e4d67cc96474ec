using AttnGen.Generator.Diagnostics;

namespace AttnGen.Generator.Parsing;

/// <summary>Arguments to <see cref="ModelSpec"/>: one method for each attribute, and one for each group of arguments that several share.</summary>
internal static class ModelParser
{
    /// <summary>Null if anything was reported.</summary>
    public static ModelSpec? Parse(ShapeKind kind, AttributeArguments arguments)
    {
        ModelSpec? model = kind switch
        {
            ShapeKind.Attention => Attention(arguments),
            ShapeKind.DotProductAttention => DotProductAttention(arguments),
            ShapeKind.FeedForward => FeedForward(arguments),
            ShapeKind.EncoderLayer => EncoderLayer(arguments),
            ShapeKind.Encoder => Encoder(arguments),
            ShapeKind.Decoder => Decoder(arguments),
            ShapeKind.EncoderDecoder => EncoderDecoder(arguments),
            ShapeKind.Linear => Linear(arguments),
            ShapeKind.Softmax => Softmax(arguments),
            ShapeKind.LayerNorm => Norm(arguments, NormKind.LayerNorm),
            ShapeKind.RmsNorm => Norm(arguments, NormKind.RmsNorm),
            ShapeKind.TransformerModel => Transformer(arguments),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        if (model is not null)
            SizeChecks.Check(model, arguments);
        return arguments.Diagnostics.Count == 0 && arguments.MissingParameter is null ? model : null;
    }

    /// <summary>What the attribute asks; its folder's files are read in a later step of the pipeline.</summary>
    private static RequestSpec? Transformer(AttributeArguments arguments)
    {
        string folder = arguments.Word("folder");
        var maxTokens = arguments.Size("maxTokens", Limits.Tokens, "Give the longest sequence, or 0 for the longest that the model has positions for", minimum: 0);
        var pooling = arguments.Choice<PoolingKind>("pooling", "Pooling");
        var normalize = arguments.Choice<NormalizeKind>("normalize", "Normalization");
        var tower = arguments.Choice<TowerKind>("tower", "Tower");
        return maxTokens is { } tokens && pooling is { } pool && normalize is { } scale && tower is { } which ? new RequestSpec(folder, tokens, pool, scale, which) : null;
    }

    private static AttentionSpec? Attention(AttributeArguments arguments)
    {
        var keyDim = arguments.Size("keyDim", Limits.Width, "Give the width of the key input, or 0 for dModel", minimum: 0);
        var valueDim = arguments.Size("valueDim", Limits.Width, "Give the width of the value input, or 0 for dModel", minimum: 0);
        var biasKv = arguments.Flag("biasKv");
        var zeroAttn = arguments.Flag("zeroAttn");
        var attention = SelfAttention(arguments);
        if (attention is null || keyDim is not { } key || valueDim is not { } value)
            return null;

        foreach (var name in new[] { biasKv ? "biasKv" : null, zeroAttn ? "zeroAttn" : null })
        {
            if (name is not null && attention.Score.Position != PositionKind.None)
                arguments.Report(Descriptors.AppendedKeyHasNoPosition, name, name, $"Position.{attention.Score.Position}");
        }

        return attention with
        {
            KeyDim = key == 0 ? attention.DModel : key,
            ValueDim = value == 0 ? attention.DModel : value,
            BiasKv = biasKv,
            ZeroAttn = zeroAttn,
        };
    }

    /// <summary>What [Attention], [EncoderLayer] and [Encoder] share.</summary>
    private static AttentionSpec? SelfAttention(AttributeArguments arguments, bool isDecoder = false)
    {
        var dModel = Width(arguments);
        var heads = Heads(arguments);
        var kvHeads = KvHeads(arguments, heads);
        var headDim = arguments.Size("headDim", Limits.HeadDim, "Give the size of a head, or 0 for dModel / heads", minimum: 0);
        var maxTokens = MaxTokens(arguments);
        var bias = arguments.Flag("bias");

        if (headDim == 0)
        {
            headDim = null;
            if (dModel is { } width && heads is { } count)
            {
                if (width % count != 0)
                {
                    arguments.Report(Descriptors.HeadsDoNotDivide, "heads", Text.Of(count), Text.Of(width), Neighbours(count, width, Limits.Heads));
                }
                else if (width / count > Limits.HeadDim)
                {
                    arguments.Report(Descriptors.Size, "heads", "The size of a head, dModel / heads,", Text.Of(width / count), "1", Text.Of(Limits.HeadDim), "Choose more heads");
                }
                else
                {
                    headDim = width / count;
                }
            }
        }

        var score = Score(arguments, headDim, isDecoder);
        return dModel is { } d && heads is { } h && kvHeads is { } kv && headDim is { } size && maxTokens is { } tokens && score is not null
            ? new AttentionSpec(
                Projections: true, d, h, kv, size, ValueHeadDim: size, KeyDim: d, ValueDim: d,
                bias, BiasKv: false, ZeroAttn: false, tokens, score)
            : null;
    }

    private static AttentionSpec? DotProductAttention(AttributeArguments arguments)
    {
        var heads = Heads(arguments);
        var kvHeads = KvHeads(arguments, heads);
        var headDim = arguments.Size("headDim", Limits.HeadDim, "Give the size of a query and key head");
        var valueHeadDim = arguments.Size("valueHeadDim", Limits.HeadDim, "Give the size of a value head, or 0 for headDim", minimum: 0);
        var maxTokens = MaxTokens(arguments);
        var score = Score(arguments, headDim);
        if (heads is not { } h || kvHeads is not { } kv || headDim is not { } size || valueHeadDim is not { } valueSize || maxTokens is not { } tokens || score is null)
            return null;
        if (valueSize == 0)
            valueSize = size;
        return new AttentionSpec(
            Projections: false, DModel: h * size, h, kv, size, valueSize, KeyDim: kv * size, ValueDim: kv * valueSize,
            Bias: false, BiasKv: false, ZeroAttn: false, tokens, score);
    }

    private static ScoreSpec? Score(AttributeArguments arguments, int? headDim, bool isDecoder = false)
    {
        const double DefaultTheta = 10000;
        var causal = isDecoder || arguments.Flag("causal");
        var window = arguments.Size("window", Limits.Tokens, "Give the number of keys that a query sees, itself included, or 0 for no window", minimum: 0);
        var scale = arguments.Number("scale", "1/√headDim", "Give the factor of the scores");
        var softcap = arguments.Number("softcap", "none", "Give the bound of the scores");
        var position = arguments.Choice<PositionKind>("position", "Position");
        var rotaryDim = arguments.Size("rotaryDim", Limits.HeadDim, "Give the number of features that are rotated, or 0 for the whole head", minimum: 0);
        var theta = arguments.Number("ropeTheta", zero: null, "The usual base is 10000");
        var qkNorm = arguments.Choice<QkNormKind>("qkNorm", "QkNorm");

        if (position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved)
        {
            if (headDim is { } size && rotaryDim is { } rotated)
            {
                var place = rotated == 0 ? "position" : "rotaryDim";
                if (rotated == 0)
                    rotaryDim = rotated = size;
                if (rotated % 2 != 0 || rotated > size)
                {
                    arguments.Report(
                        Descriptors.RotaryDim, place,
                        place == "position" ? "The whole head would be rotated" : $"rotaryDim is {Text.Of(rotated)}", Text.Of(size),
                        size < 2 ? "Choose a head of at least 2" : $"Give an even rotaryDim between 2 and {Text.Of(size / 2 * 2)}");
                    rotaryDim = null;
                }
            }
        }
        else if (position is { } other)
        {
            if (rotaryDim is > 0 and { } rotated)
                arguments.Report(Descriptors.NeedsRotary, "rotaryDim", "rotaryDim", Text.Of(rotated), $"Position.{other}");
            if (theta is { } given && given != DefaultTheta)
                arguments.Report(Descriptors.NeedsRotary, "ropeTheta", "ropeTheta", Text.Of(given), $"Position.{other}");
        }

        return headDim is { } dim && window is { } w && scale is { } s && softcap is { } cap && position is { } p && rotaryDim is { } r && theta is { } t && qkNorm is { } norm
            ? new ScoreSpec(causal, w, s == 0 ? 1 / Math.Sqrt(dim) : s, cap, p, r, t, norm)
            : null;
    }

    private static FeedForwardSpec? FeedForward(AttributeArguments arguments)
    {
        var dModel = Width(arguments);
        var hidden = arguments.Size("feedForward", Limits.Width, "Give the width of the hidden layer");
        var activation = arguments.MemberName("activation", "Activation");
        var gated = arguments.Flag("gated");
        var bias = arguments.Flag("bias");
        var maxTokens = MaxTokens(arguments);
        return dModel is { } d && hidden is { } f && activation is { } act && maxTokens is { } tokens
            ? new FeedForwardSpec(d, f, act, gated, bias, tokens)
            : null;
    }

    private static EncoderLayerSpec? EncoderLayer(AttributeArguments arguments, bool isDecoder = false)
    {
        var attention = SelfAttention(arguments, isDecoder);
        var feedForward = FeedForward(arguments); // Reads dModel, bias and maxTokens again; what is wrong with them is reported once.
        var norm = arguments.Choice<NormKind>("norm", "Norm");
        var epsilon = Epsilon(arguments);
        var normFirst = arguments.Flag("normFirst");
        return attention is not null && feedForward is not null && norm is { } kind && epsilon is { } e
            ? new EncoderLayerSpec(attention, feedForward, new NormSpec(kind, attention.DModel, e, Bias: kind == NormKind.LayerNorm && attention.Bias), normFirst)
            : null;
    }

    private static EncoderSpec? Encoder(AttributeArguments arguments)
    {
        var layers = arguments.Size("layers", Limits.Layers, "Give the number of layers");
        var layer = EncoderLayer(arguments);
        var finalNorm = arguments.Flag("finalNorm");
        var positions = arguments.Choice<PositionsKind>("inputPosition", "InputPosition");
        return layers is { } count && layer is not null && positions is { } kind ? new EncoderSpec(count, layer, finalNorm, kind) : null;
    }

    private static LanguageSpec? Decoder(AttributeArguments arguments)
    {
        var layers = arguments.Size("layers", Limits.Layers, "Give the number of layers");
        var layer = EncoderLayer(arguments, isDecoder: true);
        var vocabulary = arguments.Size("vocabulary", Limits.Vocabulary, "Give the number of ids");
        var finalNorm = arguments.Flag("finalNorm");
        var tied = arguments.Flag("tied");
        var positions = arguments.Choice<PositionsKind>("inputPosition", "InputPosition");
        return layers is { } count && layer is not null && vocabulary is { } ids && positions is { } kind ? new LanguageSpec(count, layer, ids, tied, finalNorm, kind) : null;
    }

    private static TranslationSpec? EncoderDecoder(AttributeArguments arguments)
    {
        var read = arguments.Size("encoderLayers", Limits.Layers, "Give the number of the encoder's layers");
        var written = arguments.Size("decoderLayers", Limits.Layers, "Give the number of the decoder's layers");
        var layer = EncoderLayer(arguments, isDecoder: true);
        var vocabulary = arguments.Size("vocabulary", Limits.Vocabulary, "Give the number of ids");
        var finalNorm = arguments.Flag("finalNorm");
        var tied = arguments.Flag("tied");
        var positions = arguments.Choice<PositionsKind>("inputPosition", "InputPosition");
        return read is { } encoder && written is { } decoder && layer is not null && vocabulary is { } ids && positions is { } kind ? new TranslationSpec(encoder, decoder, layer, ids, tied, finalNorm, kind) : null;
    }

    private static LinearSpec? Linear(AttributeArguments arguments)
    {
        var inputs = arguments.Size("inputs", Limits.Width, "Give the width of the input");
        var outputs = arguments.Size("outputs", Limits.Width, "Give the width of the output");
        var bias = arguments.Flag("bias");
        var activation = arguments.MemberName("activation", "Activation");
        var maxTokens = MaxTokens(arguments);
        return inputs is { } k && outputs is { } n && activation is { } act && maxTokens is { } tokens
            ? new LinearSpec(k, n, bias, act, tokens)
            : null;
    }

    private static SoftmaxSpec? Softmax(AttributeArguments arguments) =>
        RowLength(arguments) is { } dim ? new SoftmaxSpec(dim) : null;

    private static NormSpec? Norm(AttributeArguments arguments, NormKind kind)
    {
        var dim = RowLength(arguments);
        var epsilon = Epsilon(arguments);
        var bias = kind == NormKind.LayerNorm && arguments.Flag("bias");
        return dim is { } length && epsilon is { } e ? new NormSpec(kind, length, e, bias) : null;
    }

    private static int? Width(AttributeArguments arguments) =>
        arguments.Size("dModel", Limits.Width, "Give the width of a token's vector");

    private static int? Heads(AttributeArguments arguments) =>
        arguments.Size("heads", Limits.Heads, "Give the number of query heads");

    private static int? KvHeads(AttributeArguments arguments, int? heads)
    {
        var kvHeads = arguments.Size("kvHeads", Limits.Heads, "Give the number of key and value heads, or 0 for as many as heads", minimum: 0);
        if (kvHeads is not { } kv || heads is not { } h)
            return kvHeads;
        if (kv == 0)
            return h;
        if (h % kv == 0)
            return kv;
        arguments.Report(Descriptors.KvHeadsDoNotDivide, "kvHeads", Text.Of(kv), Text.Of(h), Neighbours(kv, h, h));
        return null;
    }

    private static int? MaxTokens(AttributeArguments arguments) =>
        arguments.Size("maxTokens", Limits.Tokens, "Give the length of the longest sequence");

    private static int? RowLength(AttributeArguments arguments) =>
        arguments.Size("dim", Limits.RowLength, "Give the length of a row");

    private static double? Epsilon(AttributeArguments arguments) =>
        arguments.Number("epsilon", "none", "The usual value is 1e-5");

    /// <summary>The divisors of <paramref name="total"/> on either side of <paramref name="wrong"/>.</summary>
    private static string Neighbours(int wrong, int total, int maximum)
    {
        var items = new List<string>();
        for (var below = Math.Min(wrong - 1, Math.Min(total, maximum)); below >= 1; below--)
        {
            if (total % below != 0)
                continue;
            items.Add(Text.Of(below));
            break;
        }

        for (var above = wrong + 1; above <= Math.Min(total, maximum); above++)
        {
            if (total % above != 0)
                continue;
            items.Add(Text.Of(above));
            break;
        }

        return Text.AnyOf(items);
    }
}
