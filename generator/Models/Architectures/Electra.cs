using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>ELECTRA (Clark et al. 2020, arXiv:2003.10555): BERT without a pooler, where the table of words may be narrower than the layers.</summary>
internal static class Electra
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["electra"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "electra.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.layer.{0}.",
        Body = ["embeddings.", "encoder.", "embeddings_project."],
        Unused = ["embeddings.position_ids", "embeddings.token_type_ids"],
        PairsHaveTokenTypes = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c, hidden: 256, heads: 4, feedForward: 1024);
        var vocabulary = c.Vocabulary(30522);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        var width = c.Size("embedding_size", 128);
        int pad = c.PadToken(0, vocabulary);
        c.Choice("position_embedding_type", "absolute", "absolute");
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, width, sizes.Epsilon, positions, pad, skipsPadding: false, types) with
        {
            Project = width.Size == d.Size ? null : m.Map(m.Prefix + "embeddings_project", width, d),
        };
        var stack = Stack(m, sizes, LayerNames.Bert, positions.Size);
        var outputs = OfClass(
            m, "Electra",
            new("Model", () => Outputs.None),
            new("ForPreTraining", () => new(ModelTask.ReplacedTokenDetection, Head(StatesRead.EveryToken, 1,
                Map(m.Map("discriminator_predictions.dense", d, d), sizes.Activation), Map(m.Map("discriminator_predictions.dense_prediction", d, 1))))),
            new("ForMaskedLM", () => new(ModelTask.MaskedLanguageModel, Head(StatesRead.EveryToken, vocabulary.Size,
                Map(m.Map("generator_predictions.dense", d, width), "Gelu"), Norm(m.Norm("generator_predictions.LayerNorm", width, sizes.Epsilon)),
                Map(Vocabulary(m, input.Table, vocabulary, width, "generator_lm_head", "generator_lm_head.bias"))))),
            SequenceClassification(m, d, "classifier.dense", "Gelu", "classifier.out_proj"),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, "num_hidden_layers", outputs, pad);
    }
}
