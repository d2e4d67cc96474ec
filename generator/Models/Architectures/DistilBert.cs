using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT without segments and pooler, under names of its own.</summary>
internal static class DistilBert
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["distilbert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "distilbert.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "transformer.layer.{0}.",
        Body = ["embeddings.", "transformer."],
        Unused = ["embeddings.position_ids"],
        Describe = Describe,
    };

    private static readonly LayerNames s_names = new(
        "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm");

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        // Each size has two keys; where both are given, BERT's counts (the configuration's attribute_map sets it last).
        string width = c.Either("hidden_size", "dim"), layers = c.Either("num_hidden_layers", "n_layers");
        var d = c.Size(width, 768);
        // The code of the architecture fixes ε; config.json has no key for it.
        var sizes = new EncoderSizes(
            c.Size(layers, 6, maximum: Limits.Layers), d, c.Heads(c.Either("num_attention_heads", "n_heads"), 12, d, width), c.Size("hidden_dim", 3072), c.Activation("activation", "gelu"), 1e-12);
        c.MustBeHeadDim(d, sizes.Heads);
        var vocabulary = c.Vocabulary(30522);
        var positions = c.Size("max_position_embeddings", 512);
        int pad = c.PadToken(0, vocabulary);
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, pad, skipsPadding: false, types: null);
        var stack = Stack(m, sizes, s_names, positions.Size);
        var outputs = OfClass(
            m, "DistilBert",
            new("Model", () => Outputs.None),
            new("ForMaskedLM", () => new(ModelTask.MaskedLanguageModel, Head(StatesRead.EveryToken, vocabulary.Size,
                Map(m.Map("vocab_transform", d, d), sizes.Activation), Norm(m.Norm("vocab_layer_norm", d, 1e-12)),
                Map(Vocabulary(m, input.Table, vocabulary, d, "vocab_projector", "vocab_projector.bias"))))),
            SequenceClassification(m, d, "pre_classifier", "Relu", "classifier"),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, layers, outputs, pad);
    }
}
