using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>BERT (Devlin et al. 2018, arXiv:1810.04805): post-norm layers, learned positions and segments, a pooler on the first token.</summary>
internal static class Bert
{
    public static readonly Architecture Row = new(
        ["bert"], ArchitectureKind.Encoder, "bert.", "embeddings.word_embeddings.weight", "encoder.layer.{0}.", ["embeddings.", "encoder."], ["embeddings.position_ids", "embeddings.token_type_ids"], Describe);

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c);
        var vocabulary = c.Vocabulary(30522);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        int pad = c.Integer("pad_token_id", 0, -1, vocabulary.Size - 1);
        RefuseDecoders(c);
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: false, types);
        var stack = Stack(m, sizes, "encoder.layer.{0}.", LayerNames.Bert, positions.Size);

        HeadSpec Pooler() => Head(HeadInput.FirstToken, d.Size, Map(m.Map(m.Prefix + "pooler.dense", d, d), "Tanh"));
        HeadSpec? pooler = null, head = null;
        string task = "";
        switch (m.ClassName)
        {
            case "" or "BertModel":
                pooler = m.Has(m.Prefix + "pooler.dense.weight") ? Pooler() : null;
                break;
            case "BertForMaskedLM" or "BertForPreTraining":
                task = "MaskedLanguageModel";
                pooler = m.ClassName == "BertForPreTraining" ? Pooler() : null;
                head = Head(HeadInput.EveryToken, vocabulary.Size,
                    Map(m.Map("cls.predictions.transform.dense", d, d), sizes.Activation), Norm(m.Norm("cls.predictions.transform.LayerNorm", d, sizes.Epsilon)),
                    Map(Vocabulary(m, input.Table, vocabulary, d, "cls.predictions.decoder", "cls.predictions.bias")));
                break;
            case "BertForSequenceClassification":
                task = "SequenceClassification";
                pooler = Pooler();
                var labels = Labels(c);
                head = Head(HeadInput.FirstToken, labels.Size, pooler.Stages[0], Map(m.Map("classifier", d, labels)));
                break;
            case "BertForNextSentencePrediction":
                task = "SequenceClassification";
                pooler = Pooler();
                head = Head(HeadInput.FirstToken, 2, pooler.Stages[0], Map(m.Map("cls.seq_relationship", d, 2)));
                break;
            case "BertForTokenClassification":
                task = "TokenClassification";
                labels = Labels(c);
                head = Head(HeadInput.EveryToken, labels.Size, Map(m.Map("classifier", d, labels)));
                break;
            case "BertForQuestionAnswering":
                task = "QuestionAnswering";
                head = Head(HeadInput.EveryToken, 2, Map(m.Map("qa_outputs", d, 2)));
                break;
            default:
                UnknownClass(m, "Bert", "Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForNextSentencePrediction", "ForTokenClassification", "ForQuestionAnswering");
                break;
        }

        return new(input, stack, "num_hidden_layers", pooler, head, task, pad);
    }
}
