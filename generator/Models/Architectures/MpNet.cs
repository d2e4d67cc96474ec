using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>MPNet (Song et al. 2020, arXiv:2004.09297): RoBERTa's positions and, added to the scores of every layer, a bias by relative position.</summary>
internal static class MpNet
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["mpnet"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "mpnet.",
        Probe = "embeddings.word_embeddings.weight",
        Layer = "encoder.layer.{0}.",
        Body = ["embeddings.", "encoder."],
        Unused = ["embeddings.position_ids"],
        Pooler = "pooler.dense",
        Describe = Describe,
    };

    private static readonly LayerNames s_names = new(
        "attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c);
        var vocabulary = c.Vocabulary(30527);
        var positions = c.Size("max_position_embeddings", 512);
        int pad = c.PadToken(1, vocabulary, minimum: 0);
        // The published code fixes two numbers that config.json has keys for: positions start after id 1, and buckets are computed for a table of 32.
        const int positionPad = 1;
        int tokens = TokensAfterPadding(c, positions, positionPad);
        var buckets = c.Size("relative_attention_num_buckets", 32);
        if (!c.HasProblems && buckets.Size < 32)
            c.Unsupported($"relative_attention_num_buckets {buckets.Size} is not supported; supported are 32 and more, of which 32 are used");
        var d = sizes.Hidden;
        var input = Tokens(m, vocabulary, d, sizes.Epsilon, positions, positionPad, skipsPadding: true, types: null);
        string bias = m.Prefix + "encoder.relative_attention_bias.weight";
        m.Whole(bias, 0, buckets, sizes.Heads);
        var stack = Stack(m, sizes, s_names, tokens, relative: new(bias, 32, 128));
        var outputs = OfClass(
            m, "MPNet",
            new("Model", () => Outputs.None with { Pooler = PoolerIfThere(m, d) }),
            MaskedLanguageModel(m, d, sizes, input.Table, vocabulary),
            SequenceClassification(m, d, "classifier.dense", "Tanh", "classifier.out_proj"),
            TokenClassification(m, d),
            QuestionAnswering(m, d));
        return new(input, stack, "num_hidden_layers", outputs, pad);
    }
}
