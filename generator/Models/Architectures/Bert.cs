using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>BERT (Devlin et al. 2018, arXiv:1810.04805): post-norm layers, learned positions and segments, a pooler on the first token.</summary>
internal static class Bert
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["bert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "bert.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.layer.{0}.",
        Body = ["embeddings.", "encoder."],
        Unused = ["embeddings.position_ids", "embeddings.token_type_ids"],
        Pooler = "pooler.dense",
        PairsHaveTokenTypes = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c);
        var vocabulary = c.Vocabulary(30522);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        int pad = c.PadToken(0, vocabulary);
        c.Choice("position_embedding_type", "absolute", "absolute");
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: false, types);
        var stack = Stack(m, sizes, LayerNames.Bert, positions.Size);

        OutputSpec Words() => Head(StatesRead.EveryToken, vocabulary.Size,
            Map(m.Map("cls.predictions.transform.dense", d, d), sizes.Activation), Norm(m.Norm("cls.predictions.transform.LayerNorm", d, sizes.Epsilon)),
            Map(Vocabulary(m, input.Table, vocabulary, d, "cls.predictions.decoder", "cls.predictions.bias")));
        var outputs = OfClass(
            m, "Bert",
            new("Model", () => Outputs.None with { Pooler = PoolerIfThere(m, d) }),
            new("ForMaskedLM", () => new(ModelTask.MaskedLanguageModel, Words())),
            new("ForPreTraining", () => new(ModelTask.MaskedLanguageModel, Words(), Pooler(m, d))),
            new("ForSequenceClassification", () => PooledClasses(m, d, Pooler(m, d), "classifier", Labels(c))),
            new("ForNextSentencePrediction", () => PooledClasses(m, d, Pooler(m, d), "cls.seq_relationship", 2)),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, "num_hidden_layers", outputs, pad);
    }
}
