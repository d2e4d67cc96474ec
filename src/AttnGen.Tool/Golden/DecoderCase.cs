namespace AttnGen.Tool;

/// <summary>A case of a language model that reads texts: each row's real tokens alone, wherever its padding is.</summary>
internal sealed class DecoderCase(GoldenContext context, string name, List<GoldenKey> keys) : GoldenCase(context, name, keys)
{
    private int _tokens;

    /// <summary>The texts of a case, without their padding.</summary>
    public static List<(RowInput Row, int First, int[] Real)> Read(CaseInputs inputs, string name, ModelInfo info, out bool isBatch)
    {
        inputs.RefuseOthers("this case, which reads a text", GoldenRole.Ids, GoldenRole.TokenTypes, GoldenRole.Mask, GoldenRole.OtherInput);
        var rows = inputs.TextRows(inputs.One(GoldenRole.Ids) ?? throw new GoldenException("there is no input_ids"), info.TokenTypes, out isBatch);
        if (GoldenKey.Kind(name) == "leftpad" && inputs.One(GoldenRole.Mask) is null)
            throw new GoldenException("there is no attention_mask, which says where the padding of a leftpad case is; add it, or give the case another name");
        var read = new List<(RowInput, int, int[])>();
        foreach (var (row, i) in rows.Select((row, i) => (row, i)))
        {
            var (first, count) = row.Real($"row {i}").GetOffsetAndLength(row.Ids.Length);
            SequenceRunner.CheckRoom(info, count, $"the ids of row {i}");
            read.Add((row, first, row.Ids[first..(first + count)]));
        }

        if (inputs.One(GoldenRole.OtherInput) is { } positions)
            CheckPositions(positions.Name, inputs.Rows(positions, out _), [.. read.Select(row => (row.Item2, 0, row.Item3.Length))]);
        return read;
    }

    /// <summary>A sequence counts its positions itself; the file's must be the same.</summary>
    public static void CheckPositions(string name, List<int[]> positions, List<(int First, int Position, int Count)> rows)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var (first, position, count) = rows[row];
            for (var i = 0; i < count; i++)
            {
                if (positions[row][first + i] != position + i)
                    throw new GoldenException($"{Show.Name(name)} holds {positions[row][first + i]} at {first + i} of row {row}, where the token is at position {position + i} of its text; tokens of a text have positions that follow each other");
            }
        }
    }

    protected override void RunRows(CancellationToken cancellation)
    {
        var (info, model) = (Info, Model.Language!);
        var rows = Read(Inputs, Name, info, out var isBatch);
        LeaveOut(GoldenRole.OtherInput, "they are the positions that the model counts itself");
        LeaveOut(GoldenRole.TokenTypes, "the model has no token types; all of them are 0");
        _tokens = rows[0].Row.Ids.Length;
        Prepare([.. rows.Select(row => row.Row.Mask)], isBatch);
        var states = Compared.Any(output => output.Key.Role is GoldenRole.HiddenState or GoldenRole.HiddenStates);
        var attentions = Compared.Any(output => output.Key.Role is GoldenRole.Attention or GoldenRole.Attentions);
        List<string> infinite = [], unequal = [];
        var sequences = new List<TokenSequence>();
        try
        {
            var last = new List<float[]>();
            for (var row = 0; row < rows.Count; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (_, first, real) = rows[row];
                var whole = Model.Run(new RowInput { Ids = real }, states: states, attentions: attentions);
                using var sequence = model.CreateSequence(real.Length);
                var read = SequenceRunner.Extend(sequence, info, real, states, attentions);
                if (!Bits.Equal(whole.States, read.States) || !Bits.Equal(whole.Attentions, read.Attentions) || (Model.HasLogits && !Bits.Equal(whole.Logits, read.Logits)))
                    unequal.Add($"row {row} differs");
                infinite.AddRange(whole.NotFinite(info, null).Select(output => $"row {row}: {output} holds NaN or infinity"));
                last.Add(read.Logits.Length == 0 ? [] : read.Logits[^info.LogitsSize..]);
                sequences.Add(model.CreateSequence(real.Length));
                whole.Logits = read.Logits;
                Frame(whole, real.Length, first);
                foreach (var output in Compared)
                    output.Compare(row, rows[row].Row.Mask, whole.Of(output.Key, output.RowSize));
            }

            Check("finite numbers", infinite, Rows(rows.Count));
            Check("Forward = a sequence, bit for bit", unequal, Rows(rows.Count));
            if (rows.Count > 1 && SequenceRunner.HasLogits(info))
                Together([.. sequences], [.. rows.Select(row => row.Real)], last);
        }
        finally
        {
            sequences.ForEach(sequence => sequence.Dispose());
        }
    }

    private void Together(TokenSequence[] sequences, int[][] texts, List<float[]> last)
    {
        var logits = ModelRunner.Array((long)texts.Length * Info.LogitsSize);
        TokenSequence.Extend(sequences, [.. texts.Select(text => text.Length)], [.. texts.SelectMany(text => text)], logits);
        List<string> faults = [.. Enumerable.Range(0, texts.Length).Where(row => !Bits.Equal(last[row], logits.AsSpan(row * Info.LogitsSize, Info.LogitsSize))).Select(row => $"row {row}: logits differ")];
        Check("together = alone, bit for bit", faults, Rows(texts.Length));
    }

    private void Frame(RowOutput output, int real, int first)
    {
        if (real == _tokens)
            return;
        output.Hidden = SequenceRunner.Framed(output.Hidden, Info.HiddenSize, real, first, _tokens);
        output.States = SequenceRunner.Framed(output.States, Info.HiddenSize, real, first, _tokens);
        output.Logits = SequenceRunner.Framed(output.Logits, Info.LogitsSize, real, first, _tokens);
        output.Attentions = SequenceRunner.Framed(SequenceRunner.Framed(output.Attentions, 1, real, first, _tokens), _tokens, real, first, _tokens);
    }

    protected override OutputShape Shape(GoldenKey key)
    {
        var (info, t, d) = (Info, _tokens, Info.HiddenSize);
        return (key.Half == GoldenHalf.Whole ? key.Role : GoldenRole.Unknown) switch
        {
            GoldenRole.LastHiddenState => new([t, d], d),
            GoldenRole.HiddenState => key.Layer <= info.Layers ? new([t, d], d) : OutputShape.None($"the model has {info.Layers} layers"),
            GoldenRole.HiddenStates => new([t, d], d) { Layers = info.Layers + 1 },
            GoldenRole.Attention => key.Layer < info.Layers ? new([info.Heads, t, t], t) : OutputShape.None($"the model has {info.Layers} layers"),
            GoldenRole.Attentions => new([info.Heads, t, t], t) { Layers = info.Layers },
            GoldenRole.Embedding when Model.HasEmbedding => new([info.EmbeddingSize]),
            GoldenRole.Logits when SequenceRunner.HasLogits(info) => new([t, info.LogitsSize], info.LogitsSize),
            _ => OutputShape.None("the model has no such output"),
        };
    }
}

/// <summary>Tokens that are fed one by one after those of the case "prefill".</summary>
internal sealed class DecodeCase(GoldenContext context, string name, List<GoldenKey> keys) : GoldenCase(context, name, keys)
{
    private int _tokens;

    protected override void RunRows(CancellationToken cancellation)
    {
        var info = Info;
        Inputs.RefuseOthers("this case, which goes on with another's text", GoldenRole.Ids, GoldenRole.OtherInput);
        var before = GoldenKey.Beside(Name, "prefill");
        if (!Context.Cases.TryGetValue(before, out var keys) || !keys.Exists(key => key.Role == GoldenRole.Ids))
            throw new GoldenException($"it goes on after the text of the case {Show.Name(before)}, which the file does not have; add {before}.input_ids");
        var prompts = DecoderCase.Read(Context.Inputs(before), before, info, out _);
        var ids = Inputs.One(GoldenRole.Ids) ?? throw new GoldenException("there is no input_ids");
        var texts = Inputs.Rows(ids, out var isBatch);
        if (texts.Count != prompts.Count)
            throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(Context.Golden[ids.Name].Shape)}, {Rows(texts.Count)}, but {before}.input_ids has {Rows(prompts.Count)}; both must have as many");
        if (Inputs.One(GoldenRole.OtherInput) is { } positions)
        {
            var given = Inputs.Rows(positions, out _);
            if (given.Count != texts.Count || given[0].Length != texts[0].Length)
                throw new GoldenException($"{Show.Name(positions.Name)} is {Show.Shape(Context.Golden[positions.Name].Shape)}, but {Show.Name(ids.Name)} is {Show.Shape(Context.Golden[ids.Name].Shape)}; both must have one shape");
            DecoderCase.CheckPositions(positions.Name, given, [.. prompts.Select(prompt => (0, prompt.Real.Length, texts[0].Length))]);
            LeaveOut(GoldenRole.OtherInput, "they are the positions that the model counts itself");
        }

        _tokens = texts[0].Length;
        Prepare(new bool[]?[texts.Count], isBatch);
        List<string> unequal = [];
        for (var row = 0; row < texts.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] prompt = prompts[row].Real, all = [.. prompt, .. texts[row]];
            SequenceRunner.CheckRoom(info, all.Length, $"prompt and ids of row {row}");
            if (!SequenceRunner.HasLogits(info))
                throw new GoldenException("the model has no logits");
            using TokenSequence sequence = Model.Language!.CreateSequence(all.Length), whole = Model.Language!.CreateSequence(all.Length);
            sequence.Extend(prompt);
            var logits = SequenceRunner.OneByOne(sequence, info, texts[row]);
            if (!Bits.Equal(logits, SequenceRunner.Extend(whole, info, all).Logits.AsSpan(prompt.Length * info.LogitsSize)))
                unequal.Add($"row {row}: logits differ");
            foreach (var output in Compared)
                output.Compare(row, null, logits);
        }

        Check("token by token = at once, bit for bit", unequal, Rows(texts.Count));
    }

    protected override OutputShape Shape(GoldenKey key) => key is { Role: GoldenRole.Logits, Half: GoldenHalf.Whole } && SequenceRunner.HasLogits(Info)
        ? new([_tokens, Info.LogitsSize], Info.LogitsSize)
        : OutputShape.None("token by token, logits are compared; put what else there is into a case of the whole text");
}
