using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>ALBERT (Lan et al. 2019, arXiv:1909.11942): few sets of layer weights used many times, and a narrow table of words with a map to the layers' width.</summary>
internal static class Albert
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["albert"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "albert.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.albert_layer_groups.{0}.",
        Body = ["embeddings.", "encoder."],
        Unused = ["embeddings.position_ids", "embeddings.token_type_ids"],
        Pooler = "pooler",
        PairsHaveTokenTypes = true,
        Describe = Describe,
    };

    // A group may hold several layers; published checkpoints have one.
    private const string Inner = "albert_layers.0.";

    private static readonly LayerNames s_names = new(
        Inner + "attention.query", Inner + "attention.key", Inner + "attention.value", Inner + "attention.dense", Inner + "attention.LayerNorm",
        Inner + "ffn", Inner + "ffn_output", Inner + "full_layer_layer_norm");

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c, hidden: 4096, heads: 64, feedForward: 16384, activation: "gelu_new");
        var vocabulary = c.Vocabulary(30000);
        var positions = c.Size("max_position_embeddings", 512);
        var types = c.Size("type_vocab_size", 2);
        var width = c.Size("embedding_size", 128);
        var groups = c.Size("num_hidden_groups", 1, maximum: Limits.Layers);
        var inner = c.Size("inner_group_num", 1, maximum: Limits.Layers);
        int pad = c.PadToken(0, vocabulary);
        c.Choice("position_embedding_type", "absolute", "absolute");
        if (!c.HasProblems && inner.Size != 1)
            c.Unsupported($"inner_group_num {inner.Size} is not supported; supported is 1");
        if (!c.HasProblems && groups.Size > sizes.Layers.Size)
            c.Wrong($"num_hidden_groups {groups.Size} is more than num_hidden_layers {sizes.Layers.Size}");
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, width, sizes.Epsilon, positions, pad, skipsPadding: false, types) with
        {
            Project = m.Map(m.Prefix + "encoder.embedding_hidden_mapping_in", width, d),
        };
        var stack = Stack(m, sizes, s_names, positions.Size, stored: groups.Size);
        OutputSpec Words() => Head(StatesRead.EveryToken, vocabulary.Size,
            Map(m.Map("predictions.dense", d, width), sizes.Activation), Norm(m.Norm("predictions.LayerNorm", width, sizes.Epsilon)),
            Map(Vocabulary(m, input.Table, vocabulary, width, "predictions.decoder", "predictions.bias")));
        var outputs = OfClass(
            m, "Albert",
            new("Model", () => Outputs.None with { Pooler = PoolerIfThere(m, d) }),
            new("ForMaskedLM", () => new(ModelTask.MaskedLanguageModel, Words())),
            new("ForPreTraining", () => new(ModelTask.MaskedLanguageModel, Words(), Pooler(m, d))),
            new("ForSequenceClassification", () => PooledClasses(m, d, Pooler(m, d), "classifier", Labels(c))),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, "num_hidden_groups", outputs, pad);
    }
}
