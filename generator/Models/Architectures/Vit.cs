using AttnGen.Generator.Json;
using static AttnGen.Generator.Models.EncoderParts;

namespace AttnGen.Generator.Models;

/// <summary>ViT (Dosovitskiy et al. 2020, arXiv:2010.11929) and DeiT (Touvron et al. 2020, arXiv:2012.12877): an image in patches through pre-norm layers.</summary>
internal static class Vit
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["vit"],
        Kind = ArchitectureKind.Encoder,
        Prefix = "vit.",
        Probe = "embeddings.patch_embeddings.projection.weight",
        Layer = "encoder.layer.{0}.",
        Body = ["embeddings.", "encoder.", "layernorm."],
        Unused = ["embeddings.mask_token"], // of masked-image training
        Pooler = "pooler.dense",
        Describe = m => Describe(m, "ViT", ["cls_token"]),
    };

    public static readonly Architecture Deit = Row with
    {
        ModelTypes = ["deit"],
        Prefix = "deit.",
        Describe = m => Describe(m, "DeiT", ["cls_token", "distillation_token"]),
    };

    private static readonly LayerNames s_names = new(
        "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense", "layernorm_before",
        "intermediate.dense", "output.dense", "layernorm_after");

    private static TransformerParts? Describe(ModelDraft m, string family, string[] tokens)
    {
        var c = m.Config;
        var sizes = Sizes(c);
        var d = sizes.Hidden;
        var (height, width) = Pair(c, "image_size", 224);
        var (patchHeight, patchWidth) = Pair(c, "patch_size", 16);
        var channels = c.Size("num_channels", 3);
        var qkvBias = c.Flag("qkv_bias", true);
        if (c.HasProblems)
            return null;
        if (patchHeight > height || patchWidth > width)
        {
            c.Wrong($"patch_size [{Text.Of(patchHeight)},{Text.Of(patchWidth)}] is larger than image_size [{Text.Of(height)},{Text.Of(width)}]");
            return null;
        }

        string p = m.Prefix + "embeddings.";
        var inputs = new Dim(channels.Size * patchHeight * patchWidth, "");
        m.Whole(p + "patch_embeddings.projection.weight", 0, d, channels, new(patchHeight, "patch_size"), new(patchWidth, "patch_size"));
        m.Whole(p + "patch_embeddings.projection.bias", 0, d);
        var patches = LinearTensors.Of(new(p + "patch_embeddings.projection.weight", 0, d.Size), new(p + "patch_embeddings.projection.bias", 0, d.Size), inputs.Size, d.Size);
        foreach (string token in tokens)
            m.Whole(p + token, 0, 1, 1, d);
        var input = new ImageInputSpec(channels.Size, height, width, patchHeight, patchWidth, patches, tokens.Select(token => p + token).ToEquatable(), p + "position_embeddings");
        if ((long)channels.Size * height * width > Limits.SpanFloats || (long)input.PatchRows * input.PatchColumns > Limits.Tokens)
        {
            c.Wrong($"image_size [{Text.Of(height)},{Text.Of(width)}] with patch_size [{Text.Of(patchHeight)},{Text.Of(patchWidth)}] makes more patches than fit into memory");
            return null;
        }

        m.Whole(input.Positions, 0, 1, new(input.SequenceLength, $"image_size and patch_size: {Text.Of(input.PatchRows)}·{Text.Of(input.PatchColumns)} patches + {Text.Of(tokens.Length)}"), d);
        var final = m.Norm(m.Prefix + "layernorm", d, sizes.Epsilon);
        var stack = Stack(m, sizes, s_names, input.SequenceLength, normFirst: true, qkvBias: qkvBias, finalNorm: final);
        var outputs = OfClass(m, family, [new("Model", Base), new("ForImageClassification", Classes), .. tokens.Length > 1 ? new[] { new ModelClass("ForImageClassificationWithTeacher", TwoHeads) } : []]);
        return new(input, stack, "num_hidden_layers", outputs, -1);

        Outputs Base()
        {
            var pooled = c.Size("pooler_output_size", d.Size);
            return Outputs.None with
            {
                Pooler = m.Has(m.Pooler + ".weight") ? Head(StatesRead.FirstToken, pooled.Size, Map(m.Map(m.Pooler, d, pooled), c.Activation("pooler_act", "tanh"))) : null,
            };
        }

        Outputs Classes()
        {
            var labels = Labels(c);
            return new(ModelTask.ImageClassification, Head(StatesRead.FirstToken, labels.Size, Map(m.Map("classifier", d, labels))));
        }

        // The mean of two heads, one on each learned token.
        Outputs TwoHeads()
        {
            var labels = Labels(c);
            return new(ModelTask.ImageClassification, Head(StatesRead.FirstToken, labels.Size, Map(m.Map("cls_classifier", d, labels))) with { Second = m.Map("distillation_classifier", d, labels) });
        }
    }

    /// <summary>A number for both sides, or [height, width].</summary>
    private static (int Height, int Width) Pair(ConfigReader c, string key, int fallback)
    {
        const int Largest = 16384;
        if (c[key] is not { Kind: JsonKind.Array } pair)
        {
            int side = c.Integer(key, fallback, 1, Largest);
            return (side, side);
        }

        if (pair.Items.Count == 2 && pair.Items[0].TryGetInteger(out long height) && pair.Items[1].TryGetInteger(out long width)
            && height is >= 1 and <= Largest && width is >= 1 and <= Largest)
            return ((int)height, (int)width);
        c.Wrong($"{key} is {pair.Show()}, but must be an integer or [height, width], each between 1 and {Text.Of(Largest)}");
        return (fallback, fallback);
    }
}
