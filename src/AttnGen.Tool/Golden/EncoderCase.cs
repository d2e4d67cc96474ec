namespace AttnGen.Tool;

/// <summary>A case of a model that reads a text or an image whole.</summary>
internal sealed class EncoderCase(GoldenContext context, string name, List<GoldenKey> keys) : GoldenCase(context, name, keys)
{
    private long _tokens;

    protected override void RunRows(CancellationToken cancellation)
    {
        var rows = ReadRows(out var isBatch);
        LeaveOut(GoldenRole.OtherInput, "the model counts positions itself, and a difference shows in the outputs");
        if (Info.TokenTypes == 0)
            LeaveOut(GoldenRole.TokenTypes, "the model has no token types; all of them are 0");
        _tokens = Model.Tokens(rows[0]);
        Prepare([.. rows.Select(row => row.Mask)], isBatch);
        var states = Compared.Any(output => output.Key.Role is GoldenRole.HiddenState or GoldenRole.HiddenStates);
        var attentions = Compared.Any(output => output.Key.Role is GoldenRole.Attention or GoldenRole.Attentions);
        var padded = 0;
        List<string> unequal = [], infinite = [];
        for (var row = 0; row < rows.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (rows.Count > 8)
                Context.Console.Progress($"case {Name}, row {row + 1} of {rows.Count} …");
            if (rows[row].Mask is { } mask && Array.IndexOf(mask, true) < 0)
            {
                Context.Report.Problems.Add($"case {Show.Name(Name)}: row {row} of attention_mask has no 1; remove the row");
                continue;
            }

            var got = Model.Run(rows[row], MaskForm.Automatic, states, attentions);
            foreach (var output in Compared)
                output.Compare(row, rows[row].Mask, got.Of(output.Key, output.RowSize));
            infinite.AddRange(got.NotFinite(Info, rows[row].Mask).Select(output => $"row {row}: {output} holds NaN or infinity"));
            if (rows[row].Mask is not null && rows[row].RealPrefix >= 0)
            {
                padded++;
                Padding.Compare(Model, rows[row], row, got, unequal);
            }
        }

        if (infinite.Count > 0)
            Check("finite numbers", infinite, "");
        if (padded > 0)
            Check("padded = unpadded, bit for bit", unequal, Rows(padded));
    }

    private List<RowInput> ReadRows(out bool isBatch)
    {
        var ids = Inputs.One(GoldenRole.Ids);
        var pixels = Inputs.One(GoldenRole.Pixels);
        if (Model.IsText ? ids is null : pixels is null)
        {
            throw new GoldenException(Model.IsText
                ? $"there is no input_ids (or ids){(pixels is null ? "" : ", but pixel_values, and the model reads text")}"
                : $"there is no pixel_values{(ids is null ? "" : ", but input_ids, and the model reads images")}");
        }

        if (!Model.IsText)
        {
            Inputs.RefuseOthers("this model, which reads images", GoldenRole.Pixels);
            return Inputs.ImageRows(pixels!, Info, out isBatch);
        }

        Inputs.RefuseOthers("this model, which reads text", GoldenRole.Ids, GoldenRole.TokenTypes, GoldenRole.Mask, GoldenRole.OtherInput);
        return Inputs.TextRows(ids!, Info.TokenTypes, out isBatch);
    }

    protected override OutputShape Shape(GoldenKey key)
    {
        var info = Info;
        var (t, d) = (_tokens, info.HiddenSize);
        return (key.Half == GoldenHalf.Whole ? key.Role : GoldenRole.Unknown) switch
        {
            GoldenRole.LastHiddenState => new([t, d], d),
            GoldenRole.HiddenState => key.Layer <= info.Layers ? new([t, d], d) : OutputShape.None($"the model has {info.Layers} layers"),
            GoldenRole.HiddenStates => new([t, d], d) { Layers = info.Layers + 1 },
            GoldenRole.Attention => key.Layer < info.Layers ? new([info.Heads, t, t], (int)t) : OutputShape.None($"the model has {info.Layers} layers"),
            GoldenRole.Attentions => new([info.Heads, t, t], (int)t) { Layers = info.Layers },
            GoldenRole.Pooled when Model.HasPooler => new([info.PooledSize]),
            GoldenRole.Embedding when Model.HasEmbedding => new([info.EmbeddingSize]),
            GoldenRole.Logits when Model.HasLogits => info.LogitsPerToken ? new([t, info.LogitsSize], info.LogitsSize) : new([info.LogitsSize]),
            GoldenRole.StartLogits or GoldenRole.EndLogits when Model.HasLogits && info is { LogitsPerToken: true, LogitsSize: 2 } => new([t], 1),
            GoldenRole.ClassLogits or GoldenRole.DistillationLogits when Model.Teacher is not null => new([info.LogitsSize]),
            _ => OutputShape.None("the model has no such output"),
        };
    }
}

/// <summary>Padding changes nothing.</summary>
internal static class Padding
{
    /// <summary>Compares a row with itself without its padding, and with flags.</summary>
    public static void Compare(ModelRunner model, RowInput padded, int row, RowOutput byLength, List<string> unequal)
    {
        var alone = model.Run(padded.Unpadded());
        var byFlags = model.Run(padded, MaskForm.Flags);
        foreach (var ((name, values), (_, length), (_, flags)) in alone.Results().Zip(byLength.Results(), byFlags.Results()))
        {
            // What belongs to tokens is longer where there is padding; the real ones come first.
            if (!Bits.Equal(values, length.AsSpan(0, values.Length)))
                unequal.Add($"row {row}: {name} by key length differs");
            if (!Bits.Equal(values, flags.AsSpan(0, values.Length)))
                unequal.Add($"row {row}: {name} by key flags differs");
        }
    }
}
