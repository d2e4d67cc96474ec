namespace AttnGen.Tool;

/// <summary>A case of an encoder–decoder: sources, padded at their ends, and texts that look at them.</summary>
internal sealed class SourceCase(GoldenContext context, string name, List<GoldenKey> keys) : GoldenCase(context, name, keys)
{
    private int _source;
    private int _text;

    /// <summary>The sources of a case.</summary>
    public static List<RowInput> ReadSources(CaseInputs inputs, ModelInfo info, out bool isBatch)
    {
        if (info.AudioBins > 0)
        {
            inputs.RefuseOthers("this case of a sound and a text", GoldenRole.Features, GoldenRole.DecoderIds);
            return inputs.SoundRows(inputs.One(GoldenRole.Features) ?? throw new GoldenException("there is no input_features"), info, out isBatch);
        }

        inputs.RefuseOthers("this case of a source and a text", GoldenRole.Ids, GoldenRole.TokenTypes, GoldenRole.Mask, GoldenRole.OtherInput, GoldenRole.DecoderIds);
        var rows = inputs.TextRows(inputs.One(GoldenRole.Ids) ?? throw new GoldenException("there is no input_ids"), info.TokenTypes, out isBatch);
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Real($"row {row}").GetOffsetAndLength(rows[row].Ids.Length).Offset > 0)
                throw new GoldenException($"row {row} of attention_mask begins with 0; sources are padded at their ends");
        }

        return rows;
    }

    protected override void RunRows(CancellationToken cancellation)
    {
        var info = Info;
        var sources = ReadSources(Inputs, info, out var isBatch);
        LeaveOut(GoldenRole.OtherInput, "the model counts positions itself, and a difference shows in the outputs");
        LeaveOut(GoldenRole.TokenTypes, "the model has no token types; all of them are 0");
        List<int[]>? texts = null;
        if (Inputs.One(GoldenRole.DecoderIds) is { } written)
        {
            texts = Inputs.Rows(written, out _);
            if (texts.Count != sources.Count)
                throw new GoldenException($"{Show.Name(written.Name)} is {Show.Shape(Context.Golden[written.Name].Shape)}, {Rows(texts.Count)}, but there {(sources.Count == 1 ? "is" : "are")} {Rows(sources.Count)} of sources; both must have as many");
            SequenceRunner.CheckRoom(info, texts[0].Length, "the ids of a text");
        }

        (_source, _text) = (Model.Tokens(sources[0]), texts?[0].Length ?? 0);
        Prepare([.. sources.Select(row => row.Mask)], isBatch);
        var trace = Compared.Any(output => output.Key.Role is GoldenRole.HiddenState or GoldenRole.HiddenStates or GoldenRole.Attention or GoldenRole.Attentions);
        List<string> infinite = [], padding = [], unequal = [];
        for (var row = 0; row < sources.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var encoded = Model.Run(sources[row], states: trace, attentions: trace);
            infinite.AddRange(encoded.NotFinite(info, sources[row].Mask).Select(output => $"row {row}: encoder's {output} holds NaN or infinity"));
            if (sources[row].Mask is not null)
                Padding.Compare(Model, sources[row], row, encoded, padding);
            var read = texts is null ? null : Read(sources[row].Mask is null ? sources[row] : sources[row].Unpadded(), texts[row], trace, row, unequal);
            if (read is not null && !Array.TrueForAll(read.Logits, float.IsFinite))
                infinite.Add($"row {row}: logits holds NaN or infinity");
            foreach (var output in Compared)
            {
                var of = output.Shape.HasNoPadding ? read! : encoded;
                output.Compare(row, sources[row].Mask, of.Of(output.Key, output.RowSize));
            }
        }

        Check("finite numbers", infinite, Rows(sources.Count));
        if (sources.Exists(source => source.Mask is not null))
            Check("padded = unpadded, bit for bit", padding, Rows(sources.Count));
        if (texts is not null && SequenceRunner.HasLogits(info))
            Check("token by token = at once, bit for bit", unequal, Rows(sources.Count));
    }

    private RowOutput Read(RowInput source, int[] text, bool trace, int row, List<string> unequal)
    {
        using TokenSequence sequence = Model.Encode(source, text.Length), again = Model.Encode(source, text.Length);
        var read = SequenceRunner.Extend(sequence, Info, text, states: true, attentions: trace);
        read.Hidden = read.States[^(text.Length * Info.HiddenSize)..];
        if (SequenceRunner.HasLogits(Info) && !Bits.Equal(read.Logits, SequenceRunner.OneByOne(again, Info, text)))
            unequal.Add($"row {row}: logits differ");

        // Weights on padding are 0.
        read.Cross = SequenceRunner.Framed(read.Cross, 1, Model.Tokens(source), 0, _source);
        return read;
    }

    protected override OutputShape Shape(GoldenKey key)
    {
        var (info, s, t, d) = (Info, _source, _text, Info.HiddenSize);
        if (key is { Half: GoldenHalf.Whole, Role: GoldenRole.HiddenState or GoldenRole.HiddenStates or GoldenRole.Attention or GoldenRole.Attentions })
            return OutputShape.None("the model has two halves; say whose it is, encoder_ or decoder_");
        if (key.Half == GoldenHalf.Encoder || key.Role == GoldenRole.Embedding)
            return Of(key, info.Layers, info.Heads, s, s, d, "encoder");
        if (key.Role is GoldenRole.Pooled or GoldenRole.StartLogits or GoldenRole.EndLogits or GoldenRole.ClassLogits or GoldenRole.DistillationLogits)
            return OutputShape.None("the model has no such output");
        if (t == 0)
            return OutputShape.None("there is no decoder_input_ids, the text that it is of");
        return Of(key, info.DecoderLayers, info.DecoderHeads, t, key.Half == GoldenHalf.Cross ? s : t, d, "decoder") with { HasNoPadding = true };
    }

    private OutputShape Of(GoldenKey key, int layers, int heads, int rows, int columns, int d, string half) => key.Role switch
    {
        GoldenRole.LastHiddenState => new([rows, d], d),
        GoldenRole.HiddenState => key.Layer <= layers ? new([rows, d], d) : OutputShape.None($"the {half} has {layers} layers"),
        GoldenRole.HiddenStates => new([rows, d], d) { Layers = layers + 1 },
        GoldenRole.Attention => key.Layer < layers ? new([heads, rows, columns], columns) : OutputShape.None($"the {half} has {layers} layers"),
        GoldenRole.Attentions => new([heads, rows, columns], columns) { Layers = layers },
        GoldenRole.Embedding when Model.HasEmbedding => new([Info.EmbeddingSize]),
        GoldenRole.Logits when SequenceRunner.HasLogits(Info) => new([rows, Info.LogitsSize], Info.LogitsSize),
        _ => OutputShape.None("the model has no such output"),
    };
}
