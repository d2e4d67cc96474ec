using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>
/// CLIP (Radford et al. 2021, arXiv:2103.00020): a causal model of texts and a ViT with a norm before its layers, whose projections lie in one space. A folder has both, of
/// which a class names one, or one of them.
/// </summary>
internal static class Clip
{
    public static readonly Architecture Text = new()
    {
        ModelTypes = ["clip_text_model"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "text_model.",
        Probe = "embeddings.token_embedding.weight",
        Layer = "encoder.layers.{0}.",
        Body = ["embeddings.", "encoder.", "final_layer_norm."],
        Unused = ["embeddings.position_ids"],
        Describe = DescribeText,
    };

    public static readonly Architecture Image = Text with
    {
        ModelTypes = ["clip_vision_model"],
        Prefix = "vision_model.",
        Probe = "embeddings.patch_embedding.weight",
        Body = ["embeddings.", "encoder.", "pre_layrnorm.", "post_layernorm."],
        Describe = DescribeImage,
    };

    public static readonly Architecture Whole = Text with
    {
        ModelTypes = ["clip"],
        Towers = [(TowerKind.Text, "text_config", "clip_text_model"), (TowerKind.Image, "vision_config", "clip_vision_model")],
    };

    private static readonly LayerNames s_names = new(
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "layer_norm1", "mlp.fc1", "mlp.fc2", "layer_norm2");

    private static TransformerParts? DescribeText(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c, hidden: 512, heads: 8, feedForward: 2048, activation: "quick_gelu", epsilon: 1e-5);
        var d = sizes.Hidden;
        var vocabulary = c.Vocabulary(49408);
        var positions = c.Size("max_position_embeddings", 77);
        int pad = c.Integer("pad_token_id", 1, 0, int.MaxValue), end = c.Integer("eos_token_id", 49407, 0, int.MaxValue);
        var projection = (c.Whole ?? c).Size("projection_dim", 512);
        string p = m.Prefix + "embeddings.";
        m.Whole(p + "token_embedding.weight", 0, vocabulary, d);
        m.Whole(p + "position_embedding.weight", 0, positions, d);
        var input = new TokenInputSpec(
            vocabulary.Size, d.Size, p + "token_embedding.weight", new(p + "position_embedding.weight", positions.Size, 0, SkipsPadding: false, 0), null, null, null);
        var stack = Stack(m, sizes, s_names, positions.Size, normFirst: true, finalNorm: m.Norm(m.Prefix + "final_layer_norm", d, sizes.Epsilon), causal: true);
        // Older configurations name 2, which is no end; there it is the largest id, which is the end's.
        OutputSpec AtEnd(int size, params OutputStage[] stages) => Head(StatesRead.EndToken, size, stages) with { EndId = end == 2 ? -1 : end };
        var pooler = AtEnd(d.Size);
        return new(input, stack, "num_hidden_layers", Classes(m, "Text", pooler, () => AtEnd(projection.Size, Map(m.Map("text_projection", d, projection, bias: false)))), pad < vocabulary.Size ? pad : -1);
    }

    private static TransformerParts? DescribeImage(ModelDraft m)
    {
        var c = m.Config;
        var sizes = Sizes(c, activation: "quick_gelu", epsilon: 1e-5);
        var d = sizes.Hidden;
        var side = c.Size("image_size", 224, maximum: 16384);
        var patch = c.Size("patch_size", 32, maximum: 16384);
        var channels = c.Size("num_channels", 3);
        var projection = (c.Whole ?? c).Size("projection_dim", 512);
        if (c.HasProblems)
            return null;
        if (patch.Size > side.Size)
        {
            c.Wrong($"{patch.From} is larger than {side.From}");
            return null;
        }

        string p = m.Prefix + "embeddings.";
        if ((long)channels.Size * side.Size * side.Size > Limits.SpanFloats || (long)(side.Size / patch.Size) * (side.Size / patch.Size) > Limits.Tokens)
        {
            c.Wrong($"{side.From} with {patch.From} makes more patches than fit into memory");
            return null;
        }

        m.Whole(p + "class_embedding", 0, d);
        m.Whole(p + "patch_embedding.weight", 0, d, channels, patch, patch);
        var patches = LinearTensors.Of(new(p + "patch_embedding.weight", 0, d.Size), null, channels.Size * patch.Size * patch.Size, d.Size);
        var input = new ImageInputSpec(
            channels.Size, side.Size, side.Size, patch.Size, patch.Size, patches, new(ImmutableArray.Create(p + "class_embedding")), p + "position_embedding.weight", m.Norm(m.Prefix + "pre_layrnorm", d, sizes.Epsilon));
        m.Whole(input.Positions, 0, new(input.SequenceLength, $"image_size and patch_size: {Generator.Text.Of(input.PatchRows)}·{Generator.Text.Of(input.PatchColumns)} patches + 1"), d);
        var stack = Stack(m, sizes, s_names, input.SequenceLength, normFirst: true);
        // The last norm is on the class's token alone, and hidden states are shown without it.
        var post = Norm(m.Norm(m.Prefix + "post_layernorm", d, sizes.Epsilon));
        var pooler = Head(StatesRead.FirstToken, d.Size, post);
        return new(input, stack, "num_hidden_layers", Classes(m, "Vision", pooler, () => Head(StatesRead.FirstToken, projection.Size, post, Map(m.Map("visual_projection", d, projection, bias: false)))), -1);
    }

    /// <summary>One tower alone, one with its projection, or both.</summary>
    private static Outputs Classes(ModelDraft m, string tower, OutputSpec pooler, Func<OutputSpec> projection)
    {
        Outputs Projected() => new("", null, pooler, projection());
        ModelClass alone = new(tower + "Model", () => new("", null, pooler)), projected = new(tower + "ModelWithProjection", Projected), whole = new("Model", Projected);
        return m.Config.Whole is null ? OfClass(m, "CLIP", alone, projected) : OfClass(m, "CLIP", whole, alone, projected);
    }
}
