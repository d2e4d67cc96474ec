using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>RoBERTa (Liu et al. 2019, arXiv:1907.11692), XLM-R and CamemBERT: BERT whose positions start after the padding id and skip padding.</summary>
internal static class Roberta
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["roberta", "xlm-roberta", "camembert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "roberta.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.layer.{0}.",
        Body = ["embeddings.", "encoder."],
        Unused = ["embeddings.position_ids", "embeddings.token_type_ids"],
        Pooler = "pooler.dense",
        PairsHaveTokenTypes = false, // though there is a table of them, sometimes of more than one row
        Describe = Describe,
    };

    private static readonly string[] s_families = ["XLMRoberta", "Camembert", "Roberta"];

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string family = c.Word("model_type", "roberta") switch { "xlm-roberta" => "XLMRoberta", "camembert" => "Camembert", _ => "Roberta" };
        var sizes = Sizes(c);
        var vocabulary = c.Vocabulary(family == "Roberta" ? 50265 : 30522);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        int pad = c.PadToken(1, vocabulary, minimum: 0);
        c.Choice("position_embedding_type", "absolute", "absolute");
        int tokens = TokensAfterPadding(c, positions, pad);
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: true, types);
        var stack = Stack(m, sizes, LayerNames.Bert, tokens);
        // The three share their code, and transformers goes by model_type: the class may have a sister's name.
        string sister = s_families.FirstOrDefault(name => m.ClassName.StartsWith(name, StringComparison.Ordinal)) ?? family;
        var outputs = OfClass(
            m, sister,
            new("Model", () => Outputs.None with { Pooler = PoolerIfThere(m, d) }),
            MaskedLanguageModel(m, d, sizes, input.Table, vocabulary),
            SequenceClassification(m, d, "classifier.dense", "Tanh", "classifier.out_proj"),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, "num_hidden_layers", outputs, pad);
    }
}
