using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>RoBERTa (Liu et al. 2019, arXiv:1907.11692), XLM-R and CamemBERT: BERT whose positions start after the padding id and skip padding.</summary>
internal static class Roberta
{
    public static readonly Architecture Row = new(
        ["roberta", "xlm-roberta", "camembert"], ArchitectureKind.Encoder, "roberta.", "embeddings.word_embeddings.weight", "encoder.layer.{0}.", ["embeddings.", "encoder."],
        ["embeddings.position_ids", "embeddings.token_type_ids"], Describe);

    private static readonly string[] s_families = ["XLMRoberta", "Camembert", "Roberta"];

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string family = c.Word("model_type", "roberta") switch { "xlm-roberta" => "XLMRoberta", "camembert" => "Camembert", _ => "Roberta" };
        var sizes = Sizes(c);
        var vocabulary = c.Vocabulary(family == "Roberta" ? 50265 : 30522);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        int pad = c.Integer("pad_token_id", 1, 0, vocabulary.Size - 1);
        RefuseDecoders(c);
        int tokens = TokensAfterPadding(c, positions, pad);
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: true, types);
        var stack = Stack(m, sizes, "encoder.layer.{0}.", LayerNames.Bert, tokens);
        HeadSpec? pooler = null, head = null;
        string task = "";
        // The three share their code, and transformers goes by model_type: the class may have a sister's name.
        string sister = s_families.FirstOrDefault(name => m.ClassName.StartsWith(name, StringComparison.Ordinal)) ?? "";
        switch (m.ClassName.Substring(sister.Length))
        {
            case "" or "Model":
                if (m.Has(m.Prefix + "pooler.dense.weight"))
                    pooler = Head(HeadInput.FirstToken, d.Size, Map(m.Map(m.Prefix + "pooler.dense", d, d), "Tanh"));
                break;
            case "ForMaskedLM":
                task = "MaskedLanguageModel";
                head = Head(HeadInput.EveryToken, vocabulary.Size,
                    Map(m.Map("lm_head.dense", d, d), "Gelu"), Norm(m.Norm("lm_head.layer_norm", d, sizes.Epsilon)),
                    Map(Vocabulary(m, input.Table, vocabulary, d, "lm_head.decoder", "lm_head.bias")));
                break;
            case "ForSequenceClassification":
                task = "SequenceClassification";
                var labels = Labels(c);
                head = Head(HeadInput.FirstToken, labels.Size, Map(m.Map("classifier.dense", d, d), "Tanh"), Map(m.Map("classifier.out_proj", d, labels)));
                break;
            case "ForTokenClassification":
                task = "TokenClassification";
                labels = Labels(c);
                head = Head(HeadInput.EveryToken, labels.Size, Map(m.Map("classifier", d, labels)));
                break;
            case "ForQuestionAnswering":
                task = "QuestionAnswering";
                head = Head(HeadInput.EveryToken, 2, Map(m.Map("qa_outputs", d, 2)));
                break;
            default:
                UnknownClass(m, family, "Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering");
                break;
        }

        return new(input, stack, "num_hidden_layers", pooler, head, task, pad);
    }
}
