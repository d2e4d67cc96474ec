using AttnGen.Generator.Parsing;
using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT without segments and pooler, under names of its own.</summary>
internal static class DistilBert
{
    public static readonly Architecture Row = new(
        ["distilbert"], ArchitectureKind.Encoder, "distilbert.", "embeddings.word_embeddings.weight", "transformer.layer.{0}.", ["embeddings.", "transformer."], ["embeddings.position_ids"], Describe);

    private static readonly LayerNames s_names = new(
        "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm");

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var d = c.SizeOf(768, "dim", "hidden_size");
        // The code of the architecture fixes ε; config.json has no key for it.
        var sizes = new EncoderSizes(
            c.Size("n_layers", 6, maximum: Limits.Layers), d, c.Heads("n_heads", 12, d, "dim"), c.Size("hidden_dim", 3072), c.Activation("activation", "gelu"), 1e-12);
        var vocabulary = c.Vocabulary(30522);
        var positions = c.Size("max_position_embeddings", 512);
        int pad = c.Integer("pad_token_id", 0, -1, vocabulary.Size - 1);
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: false, types: null);
        var stack = Stack(m, sizes, "transformer.layer.{0}.", s_names, positions.Size);
        HeadSpec? head = null;
        string task = "";
        switch (m.ClassName)
        {
            case "" or "DistilBertModel":
                break;
            case "DistilBertForMaskedLM":
                task = "MaskedLanguageModel";
                head = Head(HeadInput.EveryToken, vocabulary.Size,
                    Map(m.Map("vocab_transform", d, d), sizes.Activation), Norm(m.Norm("vocab_layer_norm", d, 1e-12)),
                    Map(Vocabulary(m, input.Table, vocabulary, d, "vocab_projector", "vocab_projector.bias")));
                break;
            case "DistilBertForSequenceClassification":
                task = "SequenceClassification";
                var labels = Labels(c);
                head = Head(HeadInput.FirstToken, labels.Size, Map(m.Map("pre_classifier", d, d), "Relu"), Map(m.Map("classifier", d, labels)));
                break;
            case "DistilBertForTokenClassification":
                task = "TokenClassification";
                labels = Labels(c);
                head = Head(HeadInput.EveryToken, labels.Size, Map(m.Map("classifier", d, labels)));
                break;
            case "DistilBertForQuestionAnswering":
                task = "QuestionAnswering";
                head = Head(HeadInput.EveryToken, 2, Map(m.Map("qa_outputs", d, 2)));
                break;
            default:
                UnknownClass(m, "DistilBert", "Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering");
                break;
        }

        return new(input, stack, "n_layers", null, head, task, pad);
    }
}
