using AttnGen.Generator.Diagnostics;

namespace AttnGen.Generator.Parsing;

/// <summary>Sizes that are valid one by one but not together: matrices or sequences that exceed the limits.</summary>
internal static class SizeChecks
{
    public static void Check(ModelSpec model, AttributeArguments arguments)
    {
        switch (model)
        {
            case AttentionSpec attention:
                Weights(arguments, Matrices(attention), layers: 1);
                Tokens(arguments, attention.MaxTokens, Rows(attention));
                break;
            case FeedForwardSpec feedForward:
                Weights(arguments, Matrices(feedForward), layers: 1);
                Tokens(arguments, feedForward.MaxTokens, Rows(feedForward));
                break;
            case EncoderLayerSpec layer:
                Weights(arguments, Matrices(layer), layers: 1);
                Tokens(arguments, layer.Attention.MaxTokens, Rows(layer));
                break;
            case EncoderSpec encoder:
                Weights(arguments, Matrices(encoder.Layer), encoder.Layers);
                Tokens(arguments, encoder.Layer.Attention.MaxTokens, Rows(encoder.Layer));
                break;
            case LanguageSpec language:
                Weights(arguments, [new("The table of words", language.Vocabulary, language.Layer.Attention.DModel, "vocabulary")], layers: 1);
                Weights(arguments, Matrices(language.Layer), language.Layers);
                Tokens(arguments, language.Layer.Attention.MaxTokens, Rows(language.Layer));
                break;
            case TranslationSpec both:
                Weights(arguments, [new("The table of words", both.Vocabulary, both.Layer.Attention.DModel, "vocabulary")], layers: 1);
                Weights(arguments, Matrices(both.Layer).Concat(Matrices(both.Layer.Attention)), both.EncoderLayers + both.DecoderLayers, "decoderLayers");
                Tokens(arguments, both.Layer.Attention.MaxTokens, Rows(both.Layer));
                break;
            case LinearSpec linear:
                Weights(arguments, [new("The weight matrix", linear.Outputs, linear.Inputs, "outputs")], layers: 1);
                Tokens(arguments, linear.MaxTokens, Math.Max(linear.Inputs, linear.Outputs));
                break;
            case NormSpec or SoftmaxSpec or RequestSpec:
                break;
        }
    }

    private readonly record struct Matrix(string Name, long Rows, long Columns, string Blame);

    private static IEnumerable<Matrix> Matrices(EncoderLayerSpec layer) => Matrices(layer.Attention).Concat(Matrices(layer.FeedForward));

    private static IEnumerable<Matrix> Matrices(AttentionSpec a) => !a.Projections ? [] :
    [
        new("The projection of the queries", a.Heads * (long)a.HeadDim, a.DModel, "heads"),
        new("The projection of the keys", a.KvHeads * (long)a.HeadDim, a.KeyDim, "heads"),
        new("The projection of the values", a.KvHeads * (long)a.ValueHeadDim, a.ValueDim, "heads"),
        new("The output projection", a.DModel, a.Heads * (long)a.ValueHeadDim, "heads"),
    ];

    private static IEnumerable<Matrix> Matrices(FeedForwardSpec f) =>
    [
        new("The first matrix of the feed-forward network", f.Hidden * (f.Gated ? 2L : 1L), f.DModel, "feedForward"),
        new("The last matrix of the feed-forward network", f.DModel, f.Hidden, "feedForward"),
    ];

    private static long Rows(EncoderLayerSpec layer) => Math.Max(Rows(layer.Attention), Rows(layer.FeedForward));

    private static long Rows(AttentionSpec a) =>
        new[]
        {
            a.DModel, a.KeyDim, a.ValueDim, a.Heads * (long)a.ValueHeadDim,
            a.Heads * (long)a.HeadDim + a.KvHeads * (long)(a.HeadDim + a.ValueHeadDim),
        }.Max();

    private static long Rows(FeedForwardSpec f) => Math.Max(f.DModel, f.Hidden * (f.Gated ? 2L : 1L));

    private static void Weights(AttributeArguments arguments, IEnumerable<Matrix> matrices, int layers, string blame = "layers")
    {
        long total = 0;
        foreach (var matrix in matrices)
        {
            var floats = matrix.Rows * matrix.Columns;
            total += floats;
            if (floats > Limits.MatrixFloats)
            {
                arguments.Report(Descriptors.TooManyWeights, matrix.Blame, matrix.Name, Text.Of(floats), Text.Of(Limits.MatrixFloats), matrix.Blame);
                return;
            }
        }

        if (total * layers > Limits.ModelFloats)
            arguments.Report(Descriptors.TooManyWeights, blame, "The model", Text.Of(total * layers), Text.Of(Limits.ModelFloats), blame);
    }

    private static void Tokens(AttributeArguments arguments, int maxTokens, long width)
    {
        if (maxTokens * width > Limits.SpanFloats)
            arguments.Report(Descriptors.TooManyTokens, "maxTokens", Text.Of(maxTokens), Text.Of(width), Text.Of(maxTokens * width), Text.Of(Limits.SpanFloats / width));
    }
}
